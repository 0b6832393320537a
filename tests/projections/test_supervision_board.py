"""The board: what every organisation owes, has done, and is late with, on any day (R22-R25)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from service.domain.event import Event
from service.domain.membership import SubjectErased
from service.domain.organisation import OrganisationKind
from service.domain.period import Half, Month, Quarter, Task
from service.domain.registration import DeregistrationReason, MemberDeregistered
from service.domain.reminder import SupervisionReminded, reminder_id_of
from service.eventstore import EventLog
from service.eventstore.mapping import encode
from service.projections.feed import Feed
from service.projections.rebuild import build_next
from service.projections.supervision_board import VIEW
from service.projections.supervision_board_answer import BoardPage, TaskTotals, fetch
from service.projections.supervision_board_owed import DutyState, OverdueDuty, to_be_reminded
from service.projections.view import Sight, checksum
from tests.domain.duties import (
    consolidated,
    fed_back,
    found,
    inspected,
    quarter_reported,
    resolved,
    summarised,
    symposium_held,
)
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    REGISTRATION,
    SETTLED,
    SUBDISTRICT,
    TOWN,
    WANG,
    accepted,
    organisation,
    person,
)
from tests.eventstore.history import SOMEBODY, given
from tests.projections.service_year import at, corrected, kept_up, recorded, voided

NEW_YEAR = at("2026-01-01T08:00")
"""Whoever is registered now owes the whole year."""


async def shown(
    log: EventLog,
    today: str,
    organisation_id: str = AUTHORITY,
    year: int = 2026,
    **which: Any,
) -> BoardPage:
    await kept_up(log, (VIEW,))
    return await fetch(log.pool, organisation_id, year, date.fromisoformat(today), **which)


def totals(page: BoardPage) -> dict[Task, TaskTotals]:
    return {each.task: each for each in page.totals}


async def owed(
    log: EventLog, today: str, task: Task, organisation_id: str = AUTHORITY
) -> list[tuple[str, DutyState, int]]:
    """Period, state and days late, in order."""
    page = await shown(log, today, organisation_id)
    return [(each.period, each.state, each.days_late) for each in page.items if each.task is task]


def a_committee(branches: int) -> list[Event]:
    kind = OrganisationKind.BRANCH
    return [
        organisation("city", OrganisationKind.PERSONNEL_AUTHORITY),
        organisation("agency", OrganisationKind.AGENCY_COMMITTEE, "city"),
        *(organisation(f"branch-{n}", kind, "agency", "city") for n in range(branches)),
    ]


async def test_r22_r23_what_eight_branches_owe_in_a_year(log: EventLog) -> None:
    await given(log, *a_committee(8), at=NEW_YEAR)
    page = await shown(log, "2026-01-01", "city")
    assert {task: each.expected for task, each in totals(page).items()} == {
        Task.INSPECTION: 96,
        Task.REPORT: 32,
        Task.CONSOLIDATION: 4,
        Task.SYMPOSIUM: 4,
        Task.SUMMARY: 16,
        Task.FEEDBACK: 0,
    }
    assert all(each.due == each.expected for each in page.totals)
    at_the_end = totals(await shown(log, "2027-02-01", "city"))
    assert at_the_end[Task.INSPECTION].overdue == 96


async def test_r24_due_then_overdue_with_the_days(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    march = 2
    for today, state, late in (
        ("2026-03-15", DutyState.DUE, 0),
        ("2026-04-10", DutyState.DUE, 0),
        ("2026-04-11", DutyState.OVERDUE, 1),
        ("2026-05-10", DutyState.OVERDUE, 30),
    ):
        found = await owed(log, today, Task.INSPECTION, BRANCH)
        assert found[march] == ("2026-03", state, late), today


async def test_r24_done_on_time_and_done_late(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    await given(log, inspected("2026-01"), at=at("2026-02-10T23:59"))
    await given(log, inspected("2026-02"), at=at("2026-03-11T00:00"))
    found = await owed(log, "2026-03-20", Task.INSPECTION, BRANCH)
    assert found[:3] == [
        ("2026-01", DutyState.DONE, 0),
        ("2026-02", DutyState.DONE, 1),
        ("2026-03", DutyState.DUE, 0),
    ]
    counted = totals(await shown(log, "2026-03-20", BRANCH))[Task.INSPECTION]
    assert (counted.expected, counted.done, counted.late, counted.due, counted.overdue) == (
        12, 2, 1, 10, 0,
    )  # fmt: skip


async def test_r24_lateness_goes_by_the_day_of_record_whatever_day_was_stated(
    log: EventLog,
) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    stated, recorded_at = at("2026-02-01T08:00"), at("2026-03-01T08:00")
    event = encode(inspected("2026-01"), SOMEBODY, stated, recorded_at, log.keyring)
    await log.append([event])
    found = await owed(log, "2026-03-20", Task.INSPECTION, BRANCH)
    assert found[0] == ("2026-01", DutyState.DONE, 19)


async def test_every_task_is_done_by_its_event(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    events = (
        quarter_reported("2026-Q1"),
        consolidated("2026-Q1"),
        symposium_held("2026-Q1"),
        summarised("2026-H1"),
    )
    await given(log, *events, at=at("2026-07-09T08:00"))
    done = (await shown(log, "2026-07-10", COMMITTEE, state=DutyState.DONE)).items
    assert [(each.organisation_id, each.title, each.days_late) for each in done] == [
        (BRANCH, "2026年第一季度季报", 85),
        (COMMITTEE, "2026年第一季度汇总", 75),
        (COMMITTEE, "2026年第一季度座谈会", 70),
        (BRANCH, "2026年上半年总结", 0),
    ]


async def test_nothing_is_due_before_an_organisation_was_registered(log: EventLog) -> None:
    await given(log, *TOWN, at=at("2026-05-31T12:00"))
    for task, first in (
        (Task.INSPECTION, "2026-05"),
        (Task.REPORT, "2026-Q2"),
        (Task.SUMMARY, "2026-H1"),
    ):
        assert (await owed(log, "2026-06-01", task, BRANCH))[0][0] == first
    assert (await shown(log, "2026-06-01", BRANCH, year=2025)).items == []
    assert len((await shown(log, "2026-06-01", BRANCH, year=2027)).items) == 18


async def test_a_committee_owes_nothing_before_it_has_a_branch(log: EventLog) -> None:
    agency = organisation("agency", OrganisationKind.AGENCY_COMMITTEE)
    await given(log, agency, at=NEW_YEAR)
    assert (await shown(log, "2026-12-31", "agency")).items == []
    branch = organisation("first", OrganisationKind.BRANCH, "agency")
    await given(log, branch, at=at("2026-08-01T08:00"))
    owing = await owed(log, "2026-12-31", Task.SYMPOSIUM, "agency")
    assert [period for period, _, _ in owing] == ["2026-Q3", "2026-Q4"]


async def test_an_organisation_sees_what_is_its_own_and_below(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    owners = {}
    for organisation_id in (AUTHORITY, COMMITTEE, BRANCH, FOREIGN_BRANCH, SUBDISTRICT):
        page = await shown(log, "2026-12-31", organisation_id)
        owners[organisation_id] = {each.organisation_id for each in page.items}
    assert owners == {
        AUTHORITY: {COMMITTEE, BRANCH, OTHER_BRANCH},
        COMMITTEE: {COMMITTEE, BRANCH, OTHER_BRANCH},
        BRANCH: {BRANCH},
        FOREIGN_BRANCH: {FOREIGN_BRANCH},
        SUBDISTRICT: set(),
    }


ONE = recorded("one", "2026-01-10T09:00", "2026-01-10T11:00")
TWO = recorded("two", "2026-04-11T09:00", "2026-04-11T11:00")


async def feedback(log: EventLog, today: str = "2026-04-20") -> dict[str, Any]:
    """State, expected and given by quarter, of the community."""
    page = await shown(log, today, COMMUNITY)
    return {each.period: (each.state.value, each.expected, each.given) for each in page.items}


async def test_r25_feedback_is_owed_about_each_registered_member_with_a_record(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, accepted(WANG, registration_id="of-wang"), at=NEW_YEAR)
    assert await feedback(log) == {}
    of_wang = recorded("of-wang", "2026-02-01T09:00", "2026-02-01T11:00", member_id=WANG)
    await given(log, ONE, TWO, of_wang)
    assert await feedback(log) == {"2026-Q1": ("overdue", 2, 0), "2026-Q2": ("due", 1, 0)}
    await given(log, fed_back("2026-Q1"), at=at("2026-04-09T08:00"))
    assert await feedback(log) == {"2026-Q1": ("overdue", 2, 1), "2026-Q2": ("due", 1, 0)}
    await given(log, fed_back("2026-Q1", WANG), at=at("2026-04-12T08:00"))
    [first, _] = (await shown(log, "2026-04-20", COMMUNITY)).items
    assert (first.state, first.done_on, first.days_late) == (DutyState.DONE, date(2026, 4, 12), 2)


async def test_r25_no_feedback_about_who_has_no_record_there_any_more(log: EventLog) -> None:
    await given(log, *SETTLED, ONE, TWO, at=NEW_YEAR)
    correction = corrected(ONE, starts_at=at("2026-04-12T09:00"), ends_at=at("2026-04-12T10:00"))
    await given(log, correction)
    assert await feedback(log) == {"2026-Q2": ("due", 1, 0)}
    await given(log, voided(correction), voided(TWO))
    assert await feedback(log) == {}


async def test_r25_what_a_member_did_elsewhere_is_not_for_the_community(log: EventLog) -> None:
    elsewhere = recorded(
        "one", "2026-01-10T09:00", "2026-01-10T11:00", community_id=OTHER_COMMUNITY
    )
    await given(log, *SETTLED, elsewhere, at=NEW_YEAR)
    assert (await shown(log, "2026-04-20", SUBDISTRICT)).items == []


async def test_r25_a_member_who_left_is_not_waited_for_but_what_was_given_stays(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, ONE, TWO, fed_back("2026-Q1"), at=NEW_YEAR)
    left = MemberDeregistered(
        registration_id=REGISTRATION,
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        reason_code=DeregistrationReason.LEFT,
    )
    await given(log, left)
    assert await feedback(log) == {"2026-Q1": ("done", 1, 1)}


async def test_r22_open_discrepancies_with_their_age(log: EventLog) -> None:
    await given(log, *SETTLED, at=NEW_YEAR)
    first, second, third = found("a"), found("b"), found("c", WANG, OTHER_BRANCH)
    await given(log, first, at=at("2026-02-05T08:00"))
    await given(log, second, third, at=at("2026-03-05T08:00"))
    open_ones = (await shown(log, "2026-03-10", COMMITTEE)).discrepancies
    assert [(each.branch_id, each.open, each.oldest_days) for each in open_ones] == [
        (BRANCH, 2, 33),
        (OTHER_BRANCH, 1, 5),
    ]
    await given(log, resolved(first), resolved(third))
    [left] = (await shown(log, "2026-03-10", COMMITTEE)).discrepancies
    assert (left.branch_id, left.open, left.oldest_on) == (BRANCH, 1, date(2026, 3, 5))


async def test_members_are_counted_for_those_only_who_may_see_them(log: EventLog) -> None:
    await given(log, *SETTLED, ONE, found("a"), at=NEW_YEAR)
    await kept_up(log, (VIEW,))

    async def seen(by: str, of: str) -> tuple[int, int]:
        sight = Sight(log.fenced, by)
        page = await fetch(sight, of, 2026, date(2026, 4, 20))
        return totals(page)[Task.FEEDBACK].expected, len(page.discrepancies)

    assert await seen(SUBDISTRICT, SUBDISTRICT) == (1, 0)
    assert await seen(AUTHORITY, AUTHORITY) == (0, 1)
    assert await seen(FOREIGN_BRANCH, SUBDISTRICT) == (0, 0)
    assert await seen(FOREIGN_BRANCH, AUTHORITY) == (0, 0)


async def test_pages_follow_one_another_whatever_happens_between_them(log: EventLog) -> None:
    await given(log, *TOWN, at=NEW_YEAR)
    everything = (await shown(log, "2026-06-01")).items
    first = await shown(log, "2026-06-01", limit=7)
    assert first.next_after is not None
    # What is on the first page already no longer belongs to what is asked for.
    await given(log, inspected("2026-01"), inspected("2026-02"))
    items, after = list(first.items), first.next_after
    while after:
        page = await shown(log, "2026-06-01", after=after, limit=7)
        items, after = [*items, *page.items], page.next_after or 0
    keys = [(each.organisation_id, each.task, each.period) for each in items]
    assert keys == [(each.organisation_id, each.task, each.period) for each in everything]
    assert [each.due_on for each in items] == sorted(each.due_on for each in items)


@pytest.mark.parametrize("state", list(DutyState))
async def test_one_state_alone(log: EventLog, state: DutyState) -> None:
    await given(log, *TOWN, inspected("2026-01"), at=NEW_YEAR)
    page = await shown(log, "2026-04-16", state=state)
    assert {each.state for each in page.items} == {state}
    assert len(page.items) == sum(getattr(each, state.value) for each in page.totals)


def reminded(number: int, on: date, period: str = "2026-01") -> SupervisionReminded:
    return SupervisionReminded(
        reminder_id=reminder_id_of(BRANCH, Task.INSPECTION, Month.parse(period), number),
        organisation_id=BRANCH,
        above_id=COMMITTEE,
        task=Task.INSPECTION,
        period=period,
        number=number,
        due_on=date(2026, 2, 10),
        reminded_on=on,
    )


async def test_r24_after_the_last_reminder_it_is_for_those_above(log: EventLog) -> None:
    await given(log, *TOWN, reminded(1, date(2026, 2, 11)), at=NEW_YEAR)
    first = (await shown(log, "2026-02-20", BRANCH)).items[0]
    assert (first.reminders, first.reminded_on, first.for_above) == (1, date(2026, 2, 11), False)
    await given(log, reminded(2, date(2026, 2, 18)))
    first = (await shown(log, "2026-02-20", BRANCH)).items[0]
    assert (first.reminders, first.for_above) == (2, True)
    await given(log, inspected("2026-01"))
    assert not (await shown(log, "2026-02-20", BRANCH)).items[0].for_above


async def test_r24_the_workers_list(log: EventLog) -> None:
    await given(log, *SETTLED, ONE, at=NEW_YEAR)

    async def listed(today: str, since: str = "2026-01-01") -> list[OverdueDuty]:
        await kept_up(log, (VIEW,))
        days = map(date.fromisoformat, (since, today))
        return [
            each
            for each in await to_be_reminded(log.pool, *days)
            if each.organisation_id in {BRANCH, COMMUNITY}
        ]

    january = OverdueDuty(BRANCH, Task.INSPECTION, Month(2026, 1), 1, None)
    february = OverdueDuty(BRANCH, Task.INSPECTION, Month(2026, 2), 1, None)
    assert await listed("2026-02-10") == []
    assert await listed("2026-02-11") == [january]
    assert await listed("2026-03-11", since="2026-02-11") == [february]
    await given(log, reminded(1, date(2026, 2, 11)))
    assert await listed("2026-02-17") == []
    assert await listed("2026-02-18") == [january._replace(number=2)]
    await given(log, reminded(2, date(2026, 2, 18)))
    assert await listed("2026-03-10") == []
    await given(log, inspected("2026-02"), inspected("2026-03"))
    assert await listed("2026-04-13") == [
        OverdueDuty(COMMUNITY, Task.FEEDBACK, Quarter(2026, 1), 1, LI)
    ]
    await given(log, fed_back("2026-Q1"), quarter_reported("2026-Q1"))
    assert await listed("2026-04-30") == []
    late = await listed("2027-01-31", since="2027-01-30")
    assert late == [OverdueDuty(BRANCH, Task.SUMMARY, Half(2026, 2), 1, None)]


def history() -> Sequence[Event]:
    correction = corrected(ONE, starts_at=at("2026-04-12T09:00"), ends_at=at("2026-04-12T10:00"))
    return [
        *SETTLED, ONE, TWO, fed_back("2026-Q1"), correction, inspected("2026-01"),
        reminded(1, date(2026, 3, 11), "2026-02"), voided(TWO), found("a"), found("b"),
        inspected("2026-02"), resolved(found("a")), quarter_reported("2026-Q1"),
        reminded(2, date(2026, 3, 18), "2026-02"), fed_back("2026-Q2"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_however_batches_are_cut_the_rows_are_the_same(log: EventLog, size: int) -> None:
    moment = NEW_YEAR
    for event in history():
        moment += timedelta(days=1)
        await given(log, event, at=moment)
    await kept_up(log, (VIEW,))
    before = await checksum(log.pool, VIEW)
    await build_next(log, Feed(log, size=size), VIEW, afresh=True)
    assert await checksum(log.pool, VIEW) == before


async def test_r40_an_erased_member_is_owed_no_feedback(log: EventLog) -> None:
    erased = SubjectErased(
        erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
    )
    discrepancy = found("a")
    await given(log, *SETTLED, ONE, discrepancy, erased, at=NEW_YEAR)
    await kept_up(log, (VIEW,))
    await given(
        log, voided(ONE), resolved(discrepancy), found("b"), corrected(TWO), fed_back("2026-Q1")
    )
    assert await feedback(log) == {}
    assert (await shown(log, "2026-04-20", BRANCH)).discrepancies == []
    for table in VIEW.about_members:
        rows = await log.pool.fetchval(
            f"SELECT count(*) FROM views.{table.name} WHERE member_id = $1",  # noqa: S608 - our own
            LI,
        )
        assert rows == 0, table.name
