"""The view of reports: who owes what, what is looked at again, and the same rows when rebuilt."""

from datetime import date, datetime, timedelta

import pytest

from service.data.calendars import published_calendars
from service.domain.event import SHANGHAI, Event
from service.domain.half_year_summary import HalfYearSummarised, Owed
from service.domain.organisation import OrganisationKind
from service.domain.period import Half, Quarter
from service.eventstore import EventLog
from service.projections import organisation_statistics, reports
from service.projections.rebuild import rebuild
from service.projections.reports_amendable import amendable
from service.projections.reports_answer import CONSOLIDATION, REPORT, SUMMARY, find, under
from service.projections.reports_owed import Unit, branches, owed, reporting, tree_of
from service.projections.view import checksum, position
from service.supervision.amendments import amend
from tests.domain.reporting import (
    CALENDAR,
    FIRST,
    HALF,
    POSITION,
    SECOND,
    amended,
    consolidated,
    figures,
    reported,
    served,
)
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    OTHER_BRANCH,
    SETTLED,
    person,
)
from tests.eventstore.history import given
from tests.projections.service_year import corrected, endorsed, kept_up, recorded, voided

VIEWS = (organisation_statistics.VIEW, reports.VIEW)
JANUARY, MAY = date(2026, 1, 10), date(2026, 5, 10)
BRANCHES, UNIT = OrganisationKind.BRANCH, OrganisationKind.AGENCY_COMMITTEE
TREE = [
    Unit("top", None, OrganisationKind.PERSONNEL_AUTHORITY, JANUARY),
    Unit("committee", "top", UNIT, JANUARY),
    Unit("empty-committee", "top", UNIT, JANUARY),
    Unit("early", "committee", BRANCHES, FIRST.last_day),
    Unit("late", "committee", BRANCHES, FIRST.last_day + timedelta(days=1)),
    Unit("of-the-top", "top", BRANCHES, MAY),
    Unit("district", "top", OrganisationKind.PERSONNEL_AUTHORITY, JANUARY),
]


def test_r23_whoever_came_after_a_quarter_reports_nothing_for_it() -> None:
    assert reporting(TREE, "committee", FIRST) == ["early"]
    assert reporting(TREE, "committee", SECOND) == ["early", "late"]
    # Whoever stands further below reports to somebody else.
    assert reporting(TREE, "top", SECOND) == ["of-the-top"]


@pytest.mark.parametrize(
    ("organisation_id", "expected"),
    [
        ("early", [("early", FIRST), ("early", SECOND)]),
        ("late", [("late", SECOND)]),
        ("committee", [("committee", FIRST), ("committee", SECOND)]),
        ("empty-committee", []),
        ("top", [("committee", FIRST), ("committee", SECOND), ("of-the-top", SECOND)]),
    ],
)
def test_r24_a_summary_rests_on_what_was_owed(
    organisation_id: str, expected: list[tuple[str, Quarter]]
) -> None:
    assert owed(TREE, organisation_id, HALF) == [Owed(*each) for each in expected]
    assert owed(TREE, organisation_id, Half(2025, 2)) == []


SUMMARISED = HalfYearSummarised(
    summary_id="summary",
    organisation_id=COMMITTEE,
    above_id=AUTHORITY,
    half=str(HALF),
    as_of_position=POSITION,
    calendar=CALENDAR,
    figures=figures(),
    summarised_by="clerk",
    summarised_by_person=person("clerk"),
)
ONE, OTHER = reported(), reported(OTHER_BRANCH)
DOCUMENTS: tuple[Event, ...] = (
    *SETTLED,
    ONE,
    OTHER,
    amended(OTHER, served(240, 2)),
    consolidated(FIRST, ONE, OTHER).model_copy(update={"amendments": (0, 1)}),
    SUMMARISED,
    reported(FOREIGN_BRANCH, committee_id="foreign-committee"),
)


async def test_documents_are_shown_with_the_amendments_they_do_not_count(log: EventLog) -> None:
    await given(log, *DOCUMENTS)
    await kept_up(log, VIEWS)
    seen = log.pool
    found = await find(seen, REPORT, OTHER.report_id)
    assert found is not None
    assert [each.number for each in found[0].amendments] == [1]
    unamended = await find(seen, REPORT, ONE.report_id)
    assert unamended is not None
    assert unamended[0].amendments == []
    assert found[0].reported_at.utcoffset() == timedelta(hours=8)
    [consolidation] = (await under(seen, CONSOLIDATION, AUTHORITY)).items
    assert ([each.amendments for each in consolidation.reports], consolidation.amendments) == (
        [0, 1],
        [],
    )
    # It was summed up at a position that this amendment is ahead of.
    [summary] = (await under(seen, SUMMARY, COMMITTEE)).items
    assert [each.report_id for each in summary.amendments] == [OTHER.report_id]
    await given(log, amended(ONE, served(60, 1)))
    await kept_up(log, VIEWS)
    [consolidation] = (await under(seen, CONSOLIDATION, AUTHORITY)).items
    assert [each.report_id for each in consolidation.amendments] == [ONE.report_id]
    assert await find(seen, REPORT, "nowhere") is None


async def test_documents_are_listed_from_above_page_by_page(log: EventLog) -> None:
    await given(log, *DOCUMENTS)
    await kept_up(log, VIEWS)
    first = await under(log.pool, REPORT, COMMITTEE, limit=1)
    assert [each.report_id for each in first.items] == [ONE.report_id]
    assert first.next_after is not None
    second = await under(log.pool, REPORT, COMMITTEE, after=first.next_after, limit=1)
    assert ([each.report_id for each in second.items], second.next_after) == (
        [OTHER.report_id],
        None,
    )
    assert (await under(log.pool, REPORT, COMMITTEE, str(SECOND))).items == []
    assert len((await under(log.pool, REPORT, BRANCH, str(FIRST))).items) == 1


async def test_a_tree_is_that_of_a_position(log: EventLog) -> None:
    before = await given(log, *SETTLED)
    await kept_up(log, VIEWS)
    tree = await tree_of(log.pool, COMMITTEE, before)
    assert branches(tree) == [BRANCH, OTHER_BRANCH]
    assert branches(await tree_of(log.pool, COMMITTEE, 3)) == [BRANCH]


async def test_a_rebuild_gives_the_same_rows(log: EventLog) -> None:
    for event in DOCUMENTS:
        await given(log, event)
    await kept_up(log, VIEWS)
    before = await checksum(log.pool, reports.VIEW)
    await rebuild(log, [reports.VIEW])
    assert await checksum(log.pool, reports.VIEW) == before


NOW = datetime(2026, 4, 20, tzinfo=SHANGHAI)
EVENING = recorded("evening", "2026-03-07T19:00", "2026-03-07T21:00")


async def look(log: EventLog, looked: dict[str, int]) -> tuple[list[str], int]:
    """Which reports are looked at, and how many are amended."""
    await kept_up(log, VIEWS)
    found = [each.report_id for each in await amendable(log.pool, looked)]
    return found, await amend(log, NOW, published_calendars(), looked)


async def test_r23_what_changed_in_the_quarter_is_looked_at_again_and_nothing_else(
    log: EventLog,
) -> None:
    looked: dict[str, int] = {}
    nothing = figures(served(0, 0).model_copy(update={
        "served": (), "members": 0, "members_voluntary": 0, "inside_minutes": 0, "unendorsed": 0,
    }))  # fmt: skip
    of_branch = reported(figures=nothing, as_of_position=1)
    of_other = reported(OTHER_BRANCH, figures=nothing, as_of_position=1)
    await given(log, *SETTLED, of_branch, of_other)
    both = [of_branch.report_id, of_other.report_id]
    assert await look(log, looked) == (both, 0)
    assert await look(log, looked) == ([], 0)
    later = recorded("later", "2026-04-07T19:00", "2026-04-07T21:00")
    await given(log, later, endorsed(later))
    assert await look(log, looked) == ([], 0)
    assert looked[both[0]] < await position(log.pool, reports.VIEW)
    await given(log, EVENING)
    assert await look(log, looked) == ([both[0]], 1)
    moved = corrected(EVENING, starts_at=later.starts_at, ends_at=later.ends_at)
    await given(log, moved)
    assert await look(log, looked) == ([both[0]], 1), "it is gone from the quarter"
    # It came and went: looked at, and nothing is different.
    again = recorded("again", "2026-03-08T19:00", "2026-03-08T21:00")
    await given(log, again, voided(again))
    assert await look(log, looked) == ([both[0]], 0)
    # What another community recorded for a member of the branch is the branch's as well.
    elsewhere = recorded(
        "elsewhere", "2026-03-09T19:00", "2026-03-09T21:00", community_id="other-community"
    )
    assert elsewhere.community_id != COMMUNITY
    await given(log, elsewhere, endorsed(elsewhere))
    assert await look(log, looked) == ([both[0]], 1)
