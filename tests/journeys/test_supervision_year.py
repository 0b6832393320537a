"""One year of 月查、季报、半年一总结 over the API; every count is taken from its answers."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from service.api.app import create_app
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.data.rulepacks import shipped_rule_packs
from service.domain.event import SHANGHAI
from service.domain.period import Half, Month, Quarter
from service.supervision.amendments import amend
from service.supervision.reminders import remind
from service.trust.master_key import MasterKey
from tests.api.clock import SettableClock
from tests.database import Database
from tests.journeys.supervised_committee import (
    BRANCHES,
    COMMUNITIES,
    Committee,
    after,
    founded,
    moment,
)

LATE = "branch_8"
"""Does one inspection only after it was reminded."""
IDLE = 2
"""Which member of each branch serves for a shorter time than the others."""
NEW_YEAR = datetime(2026, 1, 1, 8, tzinfo=SHANGHAI)


@pytest.fixture
async def committee(database: Database, master_key: MasterKey) -> AsyncIterator[Committee]:
    """Founded on New Year's Day, so that it owes the whole year."""
    clock = SettableClock()
    clock.now = NEW_YEAR
    calendars = published_calendars()
    app = create_app()
    async with (
        Serving.on(database.app_url, master_key, calendars, clock) as serving,
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://eighthours"
        ) as http,
    ):
        app.state.serving = serving
        yield await founded(http, serving)


def pack(name: str, **rule: Any) -> dict[str, Any]:
    """A shipped rule pack as it is sent, its first rule changed."""
    document = shipped_rule_packs()[name].model_dump(mode="json")
    document["rules"][0] |= rule
    return document


async def adopt(committee: Committee, document: dict[str, Any], query: str = "") -> httpx.Response:
    path = f"/organisations/{committee.id('authority')}/rule-packs{query}"
    return await committee.post("authority", path, {"pack": document})


def minutes_of(member: int) -> int:
    """How long a member serves each time."""
    return 90 if member == IDLE else 120


async def serve_a_month(committee: Committee, month: Month) -> None:
    """One member of each branch, in turn, on the first Saturday."""
    first = month.first_day
    saturday = first + timedelta(days=(5 - first.weekday()) % 7)
    member = month.number % 3
    committee.clock.now = moment(saturday + timedelta(days=2), 18)

    async def serve(branch: str) -> None:
        member_id = committee.members[branch][member]
        await committee.serve(branch, member_id, moment(saturday, 13), minutes_of(member))

    await committee.each(BRANCHES, serve)


async def close_a_quarter(committee: Committee, quarter: Quarter) -> None:
    """Feedback and visits, reports, consolidation, symposium; after a half-year the summaries."""
    committee.clock.now = after(quarter, 9)
    await committee.each(COMMUNITIES, partial(committee.give_feedback, quarter=quarter))
    await committee.each(BRANCHES, committee.visit)
    committee.clock.now = after(quarter, 14)
    await committee.each(BRANCHES, partial(committee.report, quarter=quarter))
    committee.clock.now = after(quarter, 22)
    await committee.consolidate(quarter)
    committee.clock.now = after(quarter, 27)
    await committee.hold_symposium(quarter)
    if quarter.number % 2 == 0:
        half = str(Half(quarter.year, quarter.number // 2))
        await committee.each(BRANCHES, partial(committee.summarise, half=half))


async def inspect_late(committee: Committee, month: Month) -> None:
    """Seven branches in time; the eighth is overdue, is reminded once, and does it then."""
    committee.clock.now = after(month, 13)
    overdue = (await committee.board(state="overdue"))["items"]
    assert [(each["organisation_id"], each["title"], each["days_late"]) for each in overdue] == [
        (committee.id(LATE), "2026年5月月查", 3)
    ]
    for _ in range(2):
        await remind(committee.serving.log, committee.clock())
    [item] = (await committee.board(state="overdue"))["items"]
    assert (item["reminders"], item["for_above"]) == (1, False)
    notices = f"/organisations/{committee.id(LATE)}/notices"
    assert any("2026年5月月查" in str(each) for each in await committee.listed(LATE, notices))
    await committee.inspect(LATE, month)


async def a_later_correction(committee: Committee) -> None:
    """In May the community corrects a record of March: the report of the quarter is amended."""
    branch, month = BRANCHES[0], Month(2026, 3)
    path = f"/branches/{committee.id(branch)}/quarterly-reports"
    [report] = await committee.listed(branch, path)
    assert report["amendments"] == []
    member_id = committee.members[branch][month.number % 3]
    record = await committee.read(branch, f"/members/{member_id}/off-duty-record?year=2026")
    [entry] = record["entries"]
    corrected = {
        "starts_at": entry["starts_at"],
        "ends_at": (datetime.fromisoformat(entry["ends_at"]) + timedelta(minutes=30)).isoformat(),
        "content": "看望孤寡老人",
        "ledger": "voluntary",
        "reason": "漏记了返程前的半小时。",
    }
    participation = f"/participations/{entry['participation_id']}"
    await committee.done(committee.home[branch], f"{participation}/corrections", corrected)
    await committee.endorse(branch, entry["participation_id"])
    # The worker goes by the statistics: by now they have seen the correction and its endorsement.
    await committee.read(branch, f"/organisations/{committee.id(branch)}/statistics")
    for _ in range(2):
        await amend(committee.serving.log, committee.clock(), committee.serving.calendars)

    [amended] = await committee.listed(branch, path)
    assert amended["figures"] == report["figures"]
    [amendment] = amended["amendments"]
    assert amendment["number"] == 1
    minutes = [each for each in amendment["differences"] if each["figure"].endswith("minutes")]
    assert [each["after"] - each["before"] for each in minutes] == [30]
    others = await committee.listed(
        "committee", f"/organisations/{committee.id('committee')}/quarterly-reports"
    )
    assert [len(each["amendments"]) for each in others].count(0) == len(BRANCHES) - 1


async def test_a_year_of_supervision(committee: Committee) -> None:
    await committee.enrol()
    assert (await adopt(committee, pack("hours-2026", at_least=300))).status_code == 201
    before = {
        "inspection": (0, 0, 96, 0),
        "report": (0, 0, 32, 0),
        "consolidation": (0, 0, 4, 0),
        "symposium": (0, 0, 4, 0),
        "summary": (0, 0, 16, 0),
    }
    assert await committee.totals() == before

    for month in Month.of_year(2026):
        await serve_a_month(committee, month)
        if month.number == 5:
            await a_later_correction(committee)
        committee.clock.now = after(month, 8)
        in_time = [each for each in BRANCHES if (each, month.number) != (LATE, 5)]
        await committee.each(in_time, partial(committee.inspect, month=month))
        if month.number == 5:
            await inspect_late(committee, month)
        if month.number % 3 == 0:
            await close_a_quarter(committee, Quarter(2026, month.number // 3))

    assert await committee.totals() == {
        "inspection": (96, 1, 0, 0),
        "report": (32, 0, 0, 0),
        "consolidation": (4, 0, 0, 0),
        "symposium": (4, 0, 0, 0),
        "summary": (16, 0, 0, 0),
    }
    assert (await committee.board(state="overdue"))["items"] == []
    await everything_is_there_and_recomputes(committee)
    await a_higher_bar_would_fail_the_idle(committee)


async def everything_is_there_and_recomputes(committee: Committee) -> None:
    """The counts of the source, and every frozen figure computed again."""
    inspections = [
        inspection
        for branch in BRANCHES
        for inspection in await committee.listed(
            "committee", f"/branches/{committee.id(branch)}/inspections"
        )
    ]
    assert len(inspections) == 96
    assert sum(each["entries"] for each in inspections) == 96
    counts = {"quarterly-reports": 32, "consolidated-reports": 4, "half-year-summaries": 16}
    ids = {
        "quarterly-reports": "report_id",
        "consolidated-reports": "consolidation_id",
        "half-year-summaries": "summary_id",
    }
    under = f"/organisations/{committee.id('committee')}"
    for kind, expected in counts.items():
        documents = await committee.listed("committee", f"{under}/{kind}")
        assert len(documents) == expected, kind

        async def recomputed(document: dict[str, Any], kind: str = kind) -> Any:
            path = f"/{kind}/{document[ids[kind]]}/recomputation"
            return await committee.read("committee", path)

        for document, again in zip(
            documents, await committee.each(documents, recomputed), strict=True
        ):
            assert (again["equal"], again["differences"]) == (True, []), document
            assert again["figures"] == document["figures"]
            assert all(each["equal"] for each in again.get("amendments", ()))
    assert len(await committee.listed("committee", f"{under}/symposiums")) == 4


async def a_higher_bar_would_fail_the_idle(committee: Committee) -> None:
    """Tried out and not adopted: it names those whose result would change, and records nothing."""
    head = await committee.serving.log.head()
    await committee.board()
    answer = await adopt(committee, pack("hours-2026", at_least=400), "?dry_run=true&year=2026")
    assert answer.status_code == 200, answer.text
    trial = answer.json()
    idle = {committee.members[branch][IDLE] for branch in BRANCHES}
    assert {each["member_id"] for each in trial["differing"]} == idle
    for each in trial["differing"]:
        assert (each["before"]["passes"], each["after"]["passes"]) == (True, False)
        assert [finding["measured"] for finding in each["after"]["findings"]] == [360]
    assert (trial["passing_before"], trial["passing_after"]) == (24, 16)
    assert await committee.serving.log.head() == head


def faults(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, code and the pointers of a refusal."""
    problem = answer.json()
    code = problem["type"].removeprefix("urn:eighthours:problem:")
    return answer.status_code, code, [each["pointer"] for each in problem["errors"]]


async def test_bad_input_is_refused_with_the_place_of_the_fault(committee: Committee) -> None:
    committee.clock.now = moment(date(2026, 2, 8))
    own, other = (f"/branches/{committee.id(name)}" for name in BRANCHES[:2])
    branch = BRANCHES[0]

    future = await committee.post(branch, f"{own}/quarterly-reports", {"quarter": "2026-Q1"})
    assert faults(future) == (409, "period-not-over", ["/quarter"])
    uninspected = await committee.post(branch, f"{own}/inspections", {"month": "2026-02"})
    assert faults(uninspected) == (409, "period-not-over", ["/month"])
    foreign = await committee.post(branch, f"{other}/inspections", {"month": "2026-01"})
    assert foreign.status_code == 404
    no_quarter = await committee.post(branch, f"{own}/quarterly-reports", {"quarter": "2026-Q5"})
    assert (no_quarter.status_code, faults(no_quarter)[2]) == (422, ["/quarter"])

    assert (await adopt(committee, pack("stars-2026"))).status_code == 201
    again = await adopt(committee, pack("stars-2026"))
    assert faults(again) == (409, "pack-overlaps", ["/pack/valid_from"])
    bands = pack("points-2026")["rules"][0]["bands"]
    bands[1] = {**bands[1], "at_least": 3060}
    hole = await adopt(committee, pack("points-2026", bands=bands))
    assert faults(hole) == (422, "bands-leave-hole", ["/pack/rules/0/bands/1/at_least"])
    unknown = await adopt(committee, pack("visits-2026", at_most=9))
    assert (unknown.status_code, faults(unknown)[2][0]) == (422, "/pack/rules/0/at_most")
