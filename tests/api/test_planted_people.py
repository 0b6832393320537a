"""Fifty planted people: after their erasure no place holds any of their texts (R40)."""

import asyncio
import logging
from datetime import datetime, timedelta

import pytest

from service.api.opening import DESTROYED
from service.api.periods import last_period
from service.domain.event import SHANGHAI
from service.domain.period import Month
from service.trust.master_key import MasterKey
from tests.api import planted
from tests.api.clock import SettableClock
from tests.api.eraser import WINDOW, confirmed, state
from tests.api.haystack import holding, opened, tables
from tests.api.planted import Planted
from tests.api.town import Town
from tests.database import Database

PEOPLE = 50


@pytest.fixture
def clock() -> SettableClock:
    # The database has a clock of its own: to it the window must have passed as well.
    clock = SettableClock()
    clock.now = datetime.now(SHANGHAI) - timedelta(days=30)
    return clock


async def test_nothing_of_fifty_planted_people_is_left(
    town: Town,
    clock: SettableClock,
    database: Database,
    master_key: MasterKey,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    people = [Planted(number) for number in range(PEOPLE)]
    await planted.enrol(town, people)
    await asyncio.gather(*[planted.live(town, person) for person in people])
    await planted.gather(town, people)
    await planted.supervise(town, people)
    texts = {text for person in people for text in person.texts.values()}
    assert len(texts) > 15 * PEOPLE

    # Before: nothing in clear, and with the keys in the database every single text.
    stored = await tables(database.owner_url)
    assert holding(stored, texts) == {}
    numbers = [person.member_no for person in people]
    assert set(holding(stored, numbers)["log.events"]) == set(numbers)
    assert texts <= set(await opened(database.owner_url, master_key, stored.values()))
    answered = await answers(town, people)
    shown = {text for held in holding(answered, texts).values() for text in held}
    assert {person.texts["name"] for person in people} <= shown
    for what in ("更正内容", "月查差异", "差异处理"):
        assert {person.texts[what] for person in people} <= shown
    assert {person.texts["季度反馈"] for person in people if person.number % 5} <= shown
    before = await town.serving.log.stored(after=0, limit=1_000_000)

    erasures = [await confirmed(town, person.member_id) for person in people]
    preview = await tables(database.owner_url)
    clock.now += WINDOW
    await town.member(999)
    for erasure_id in erasures:
        await state(town, erasure_id, "erased")

    stored = await tables(database.owner_url)
    assert holding(stored, texts) == {}
    left = set(await opened(database.owner_url, master_key, stored.values()))
    assert left.isdisjoint(texts)
    # The scan can find: who stays is found, and the erased ones as numbers without a name.
    assert "王小明" in left
    assert set(holding(stored, numbers)["log.events"]) == set(numbers)
    views = {name: rows for name, rows in stored.items() if name.startswith("views.")}
    ids = [person.member_id for person in people]
    for table in ("membership_member", "off_duty_member", "off_duty_entry"):
        assert holding({table: preview[f"views.{table}"]}, ids)
        assert not holding({table: views[f"views.{table}"]}, ids)
    # A copy of before, e.g. the log of an old backup, is opened by none of the keys there are now.
    copied = b"\n".join(data for _, data in before)
    assert set(await opened(database.owner_url, master_key, [copied])).isdisjoint(texts)

    answered = await answers(town, people)
    answered["metrics"] = (await town.http.get("/metrics")).content
    lines = [record for record in caplog.records if not record.name.startswith("httpx")]
    answered["log lines"] = "\n".join(
        f"{r.getMessage()} {r.args} {r.exc_text}" for r in lines
    ).encode()
    assert holding(answered, texts) == {}
    assert DESTROYED.encode() not in answered["branch application/json"]
    # Not a byte of the log has changed.
    assert (await town.serving.log.stored(after=0, limit=1_000_000))[: len(before)] == before


async def answers(town: Town, people: list[Planted]) -> dict[str, bytes]:
    """What everybody is answered, in every form there is."""
    head = await town.serving.log.head()
    year = (town.serving.clock() - timedelta(days=3)).year
    found: dict[str, bytes] = {}

    async def ask(name: str, who: str, path: str, accept: str = "application/json") -> None:
        found[f"{name} {accept}"] = b""
        token = ""
        while True:
            query = f"{path}{'&' if '?' in path else '?'}page_token={token}" if token else path
            answer = await town.get(who, query, head, Accept=accept)
            found[f"{name} {accept}"] += answer.content
            token = (
                "" if accept != "application/json" else answer.json().get("next_page_token") or ""
            )
            if not token:
                return

    for accept in ("application/json", "application/x-ndjson", "text/csv"):
        await ask("branch", "branch", f"/branches/{town.id('branch')}/members", accept)
        for community in ("community", "other_community"):
            path = f"/communities/{town.id(community)}/members"
            await ask(community, community, path, accept)
        await ask("audit", "authority", "/audit-trail", accept)
        await ask("discrepancies", "branch", f"/branches/{town.id('branch')}/discrepancies", accept)
    month = last_period(Month, town.serving.clock())
    path = f"/branches/{town.id('branch')}/inspection-worksheet?month={month}"
    await ask("worksheet", "branch", path)
    await ask("statistics", "authority", f"/organisations/{town.id('authority')}/statistics")
    for person in people:
        member = f"/members/{person.member_id}"
        await ask(f"{person.number} member", "branch", member)
        await ask(f"{person.number} record", "branch", f"{member}/off-duty-record?year={year}")
        await ask(f"{person.number} feedback", "branch", f"{member}/feedback")
        await ask(f"{person.number} audit", "branch", f"/audit-trail?member_id={person.member_id}")
    return found
