"""督查情况: what every organisation owes, what it has done, and of what it was reminded (R24).

Kept are facts only. What is due or overdue depends on the day, which is given when the board is
read (`supervision_board_answer`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from service.domain.consolidation import QuarterConsolidated, SymposiumHeld
from service.domain.event import SHANGHAI, Event
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.half_year_summary import HalfYearSummarised
from service.domain.inspection import DiscrepancyFound, DiscrepancyResolved, InspectionConfirmed
from service.domain.membership import MemberEnrolled
from service.domain.organisation import OrganisationKind, OrganisationRegistered
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.domain.period import Quarter, Task
from service.domain.quarterly_report import QuarterReported
from service.domain.registration import MemberDeregistered, RegistrationAccepted
from service.domain.reminder import SupervisionReminded
from service.eventstore.mapping import Recorded
from service.projections.supervision_board_tables import (
    ABOUT_MEMBERS,
    DISCREPANCIES,
    DUTIES,
    ENTRIES,
    FEEDBACK,
    MEMBERS,
    ORGANISATIONS,
    TABLES,
    DiscrepancyRow,
    DutyRow,
    EntryRow,
    FeedbackRow,
    MemberRow,
    OrganisationRow,
)
from service.projections.view import Build, Folds, View

_Entered = ParticipationRecorded | ParticipationCorrected


@dataclass(slots=True)
class _State:
    organisations: dict[str, OrganisationRow]
    duties: dict[str, DutyRow]
    members: dict[str, MemberRow]
    entries: dict[str, EntryRow]
    discrepancies: dict[str, DiscrepancyRow]
    feedback: dict[str, FeedbackRow] = field(default_factory=dict)


_folds = Folds[_State]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    entries = await build.load(
        ENTRIES,
        _folds.ids(batch, "participation_id", ParticipationCorrected, ParticipationVoided),
    )
    state = _State(
        await build.load(ORGANISATIONS, _parents(batch)),
        await build.load(DUTIES, _duty_ids(batch)),
        await build.load(
            MEMBERS,
            _folds.ids(
                batch,
                "member_id",
                RegistrationAccepted,
                MemberDeregistered,
                ParticipationRecorded,
                QuarterlyFeedbackGiven,
                DiscrepancyFound,
            ),
        ),
        entries,
        await build.load(DISCREPANCIES, _folds.ids(batch, "discrepancy_id", DiscrepancyResolved)),
    )
    called_for = {entry.feedback_id for entry in entries.values() if entry.feedback_id}
    state.feedback = await build.load(FEEDBACK, called_for | _feedback_ids(batch))
    _folds.fold(state, batch)
    await build.save(ORGANISATIONS, state.organisations)
    await build.save(DUTIES, state.duties)
    await build.save(MEMBERS, state.members)
    await build.save(ENTRIES, state.entries)
    await build.save(FEEDBACK, state.feedback)
    await build.save(DISCREPANCIES, state.discrepancies)


VIEW = View(
    "supervision_board",
    version=1,
    tables=TABLES,
    apply=_apply,
    about_members=ABOUT_MEMBERS,
    concerned=_folds.concern,
)


def _day(recorded: Recorded) -> date:
    """The day in Beijing on which it reached the record."""
    return recorded.recorded_at.astimezone(SHANGHAI).date()


@_folds.on(OrganisationRegistered)
def _(state: _State, event: OrganisationRegistered, at: Recorded) -> None:
    committee = event.kind is OrganisationKind.AGENCY_COMMITTEE
    state.organisations[event.organisation_id] = OrganisationRow(
        event.organisation_id,
        event.kind.value,
        event.name,
        [event.organisation_id, *event.ancestors],
        at.position,
        None if committee else _day(at),
    )
    above = state.organisations.get(event.parent_id or "")
    if event.kind is OrganisationKind.BRANCH and above is not None and above.owing_since is None:
        above.owing_since = _day(at)


def _parents(batch: Sequence[Recorded]) -> set[str]:
    return _folds.ids(batch, "parent_id", OrganisationRegistered) - {None}


# What is done or reminded of: one row for organisation, task and period.


def duty_id(organisation_id: str, task: Task, period: str) -> str:
    """The key of what one organisation owes for one period."""
    return f"{organisation_id}/{task}/{period}"


_DONE_BY: dict[type[Event], tuple[Task, str, str]] = {
    InspectionConfirmed: (Task.INSPECTION, "branch_id", "month"),
    QuarterReported: (Task.REPORT, "branch_id", "quarter"),
    QuarterConsolidated: (Task.CONSOLIDATION, "committee_id", "quarter"),
    SymposiumHeld: (Task.SYMPOSIUM, "committee_id", "quarter"),
    HalfYearSummarised: (Task.SUMMARY, "organisation_id", "half"),
}
"""What a task is done with, and the fields that say whose it is and for which period."""


def _duty_of(event: Event) -> str:
    """The duty that an event does, or reminds of."""
    if isinstance(event, SupervisionReminded):
        return duty_id(event.organisation_id, event.task, event.period)
    task, owner, period = _DONE_BY[type(event)]
    return duty_id(getattr(event, owner), task, getattr(event, period))


def _duty_ids(batch: Sequence[Recorded]) -> set[str]:
    touched = {*_DONE_BY, SupervisionReminded}
    return {_duty_of(each.event) for each in batch if type(each.event) in touched}


def _duty(state: _State, event: Event) -> DutyRow:
    found = _duty_of(event)
    return state.duties.setdefault(found, DutyRow(found))


def _done(state: _State, event: Event, at: Recorded) -> None:
    row = _duty(state, event)
    row.done_on = row.done_on or _day(at)


for _doing in _DONE_BY:
    _folds.on(_doing)(_done)


@_folds.on(SupervisionReminded)
def _(state: _State, event: SupervisionReminded, _at: Recorded) -> None:
    row = _duty(state, event)
    row.reminders, row.reminded_on = event.number, event.reminded_on


# Feedback: owed about every registered member of whom the community recorded something.


@_folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, _at: Recorded) -> None:
    state.members[event.member_id] = MemberRow(event.member_id)


@_folds.on(RegistrationAccepted)
def _(state: _State, event: RegistrationAccepted, _at: Recorded) -> None:
    if event.member_id in state.members:
        state.members[event.member_id].community_id = event.community_id


@_folds.on(MemberDeregistered)
def _(state: _State, event: MemberDeregistered, _at: Recorded) -> None:
    if event.member_id in state.members:
        state.members[event.member_id].community_id = None


def _quarter(event: _Entered) -> str:
    return str(Quarter.of_day(event.starts_at.astimezone(SHANGHAI).date()))


def _feedback_id(event: _Entered | QuarterlyFeedbackGiven) -> str:
    quarter = event.quarter if isinstance(event, QuarterlyFeedbackGiven) else _quarter(event)
    return f"{event.community_id}/{quarter}/{event.member_id}"


def _feedback_ids(batch: Sequence[Recorded]) -> set[str]:
    naming = {ParticipationRecorded, ParticipationCorrected, QuarterlyFeedbackGiven}
    events: list[Any] = [each.event for each in batch if type(each.event) in naming]
    return {_feedback_id(event) for event in events}


def _row(state: _State, event: _Entered | QuarterlyFeedbackGiven, quarter: str) -> FeedbackRow:
    found = _feedback_id(event)
    return state.feedback.setdefault(
        found, FeedbackRow(found, event.community_id, event.member_id, quarter)
    )


@_folds.on(ParticipationRecorded)
def _(state: _State, event: ParticipationRecorded, _at: Recorded) -> None:
    if event.member_id in state.members:
        _enter(state, event)


@_folds.on(ParticipationCorrected)
def _(state: _State, event: ParticipationCorrected, _at: Recorded) -> None:
    if _take_out(state, event.participation_id):
        _enter(state, event)


@_folds.on(ParticipationVoided)
def _(state: _State, event: ParticipationVoided, _at: Recorded) -> None:
    _take_out(state, event.participation_id)


def _enter(state: _State, event: _Entered) -> None:
    row = _row(state, event, _quarter(event))
    row.entries += 1
    state.entries[event.participation_id] = EntryRow(
        event.participation_id, event.member_id, row.feedback_id
    )


def _take_out(state: _State, participation_id: str) -> bool:
    """Whether it stood."""
    entry = state.entries.get(participation_id)
    if entry is None or entry.feedback_id is None:
        return False
    state.feedback[entry.feedback_id].entries -= 1
    entry.feedback_id = None
    return True


@_folds.on(QuarterlyFeedbackGiven)
def _(state: _State, event: QuarterlyFeedbackGiven, at: Recorded) -> None:
    if event.member_id in state.members:
        row = _row(state, event, event.quarter)
        row.given_on = row.given_on or _day(at)


@_folds.on(DiscrepancyFound)
def _(state: _State, event: DiscrepancyFound, at: Recorded) -> None:
    if event.member_id in state.members:
        state.discrepancies[event.discrepancy_id] = DiscrepancyRow(
            event.discrepancy_id, event.branch_id, event.member_id, _day(at)
        )


@_folds.on(DiscrepancyResolved)
def _(state: _State, event: DiscrepancyResolved, _at: Recorded) -> None:
    if event.discrepancy_id in state.discrepancies:
        state.discrepancies[event.discrepancy_id].resolved = True
