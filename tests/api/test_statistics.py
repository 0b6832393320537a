"""The statistics over the API: now, of a past day, as of a position."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.clock import SettableClock
from tests.api.town import Town


async def shown(town: Town, name: str, query: str, position: int = 0) -> dict[str, Any]:
    path = f"/organisations/{town.id(name)}/statistics{query}"
    answer = await town.get(name, path, position)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["X-Position"] == str(found["as_of_position"])
    return found


@pytest.mark.parametrize("name", ["branch", "authority", "community"])
async def test_any_past_position_and_any_past_day(
    town: Town, clock: SettableClock, name: str
) -> None:
    member_id = await town.registered()
    _, position = await town.endorsed(
        member_id, "2026-03-04T16:00:00+08:00", "2026-03-04T18:30:00+08:00"
    )
    now = await shown(town, name, "?year=2026", position)
    [sort] = now["participations"]["by_sort"]
    assert (sort["times"], sort["members"], sort["outside_minutes"]) == (1, 1, 90)
    assert sort["inside_minutes"] == 60
    assert now["completion"]["numerator"] == 1

    before = await shown(town, name, f"?year=2026&as_of_position={position - 1}", position)
    assert before["as_of_position"] == position - 1
    assert before["participations"]["by_sort"] == []
    assert (before["completion"]["numerator"], before["members"]) == (0, 1)

    yesterday = clock.now.date() - timedelta(days=1)
    assert (await shown(town, name, f"?year=2026&on={yesterday}", position))["members"] == 0


async def test_a_position_that_is_not_reached_is_not_answered_for(town: Town) -> None:
    await town.registered()
    path = f"/api/v1/organisations/{town.id('branch')}/statistics?as_of_position=100000"
    answer = await town.http.get(path, headers=town.headers("branch"))
    assert answer.status_code == 425
