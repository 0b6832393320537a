"""What a unit came to does not change when one of its members is erased (R32, R34, R40)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.domain.event import SHANGHAI
from tests.api.clock import SettableClock
from tests.api.eraser import WINDOW, confirmed, state
from tests.api.town import Town


@pytest.fixture
def clock() -> SettableClock:
    # The database has a clock of its own: to it the window must have passed as well.
    clock = SettableClock()
    clock.now = datetime.now(SHANGHAI) - timedelta(days=30)
    return clock


async def as_of(town: Town, position: int, year: int) -> dict[str, Any]:
    head = await town.serving.log.head()
    path = f"/organisations/{town.id('branch')}/evaluations"
    answer = await town.get("branch", f"{path}?year={year}&as_of_position={position}", head)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_r32_an_erased_member_stays_in_the_count_and_leaves_the_list(
    town: Town, clock: SettableClock
) -> None:
    member_id, other = await town.registered(1), await town.registered(2)
    until = clock.now - timedelta(hours=1)
    since = until - timedelta(hours=1)
    await town.endorsed(member_id, since.isoformat(), until.isoformat())
    year, position = clock.now.year, await town.serving.log.head()
    before = await as_of(town, position, year)
    erasure_id = await confirmed(town, member_id)
    clock.now += WINDOW
    await town.member(999)  # whatever is written wakes the worker
    await state(town, erasure_id, "erased")
    after = await as_of(town, position, year)
    [unit] = after["units"]
    assert (unit["members"], unit["registered"], unit["completed"]) == (2, 2, 1)
    assert after["units"] == before["units"]
    assert {each["member_id"] for each in before["items"]} == {member_id, other}
    assert [each["member_id"] for each in after["items"]] == [other]
