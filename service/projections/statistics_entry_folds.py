"""How participations, and when people are at work, change the minutes in the statistics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import cast

import orjson

from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementRevoked,
    ParticipationEndorsed,
)
from service.domain.event import SHANGHAI
from service.domain.evidence import Grade, grade
from service.domain.interval import Interval
from service.domain.membership import SubjectErased
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.domain.working_schedule import (
    DutyShift,
    LeaveApproved,
    ShiftsAssigned,
    TimetableAdopted,
)
from service.eventstore.mapping import Recorded
from service.projections import statistics_entries, statistics_served
from service.projections.statistics_entries import Entries, Window
from service.projections.statistics_minutes import Entry, credit
from service.projections.statistics_served import Key
from service.projections.statistics_tables import (
    ABSENCES,
    STANDS,
    TIMETABLES,
    Absences,
    Claim,
    Exemption,
    Member,
    Organisation,
    Post,
    Timetables,
)
from service.projections.statistics_versions import Versions
from service.projections.view import Build, Folds


@dataclass(slots=True)
class State:
    """What the view holds about whatever a batch touches."""

    members: Versions[Member, str]
    exemptions: Versions[Exemption, str]
    claims: Versions[Claim, str]
    entries: Entries
    organisations: dict[str, Organisation] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)
    """Position by member."""


folds = Folds[State]()

_OF_ENTRIES = (
    ParticipationCorrected,
    ParticipationVoided,
    ParticipationEndorsed,
    EndorsementDeclined,
    EndorsementRevoked,
)
_OF_ABSENCES = (LeaveApproved, ShiftsAssigned)
_EVER = datetime(1900, 1, 1, tzinfo=SHANGHAI), datetime(2200, 1, 1, tzinfo=SHANGHAI)


async def entries_of(build: Build, batch: Sequence[Recorded]) -> Entries:
    """Whatever the batch may change the minutes of, with what they depend on."""
    named: set[tuple[str, str]] = set()
    windows: list[Window] = []
    adopting: dict[str, datetime] = {}
    members, branches = set(), set()
    keys: set[Key] = set()
    for each in batch:
        kind, said = type(each.event), vars(each.event)
        if kind in _OF_ENTRIES:
            named.add((said["member_id"], said["participation_id"]))
        if kind is ParticipationRecorded or kind is ParticipationCorrected:
            windows.append((said["member_id"], said["starts_at"], said["starts_at"]))
            members.add(said["member_id"])
            branches.add(said["branch_id"])
            whose = said["member_id"], said["branch_id"], said["community_id"]
            years = _years(said["starts_at"], said["ends_at"])
            keys |= {Key(*whose, year) for year in years}
        elif kind is LeaveApproved:
            windows.append((said["member_id"], said["starts_at"], said["ends_at"]))
        elif kind is ShiftsAssigned:
            windows += [
                (said["member_id"], around.start, around.end) for around in _dates(said["shifts"])
            ]
        elif kind is SubjectErased:
            windows.append((said["member_id"], *_EVER))
        elif kind is TimetableAdopted:
            from_then = datetime.combine(said["valid_from"], time(), SHANGHAI)
            adopting[said["branch_id"]] = min(from_then, adopting.get(said["branch_id"], from_then))
    standing = await statistics_entries.load(build, named, windows, adopting)
    members |= {entry.member_id for entry in standing.values()}
    branches |= {entry.branch_id for entry in standing.values()}
    for entry in standing.values():
        # Also where it has no minutes left now: it may get them back.
        until = entry.credited.end if entry.credited else entry.starts_at
        whose = entry.member_id, entry.branch_id, entry.community_id
        keys |= {Key(*whose, year) for year in _years(entry.starts_at, until)}
    return Entries(
        standing,
        await build.load(ABSENCES, members | folds.ids(batch, "member_id", *_OF_ABSENCES)),
        await build.load(TIMETABLES, branches | adopting.keys()),
        await statistics_served.load(build, keys),
    )


def _years(starts_at: datetime, ends_at: datetime) -> set[int]:
    return {starts_at.astimezone(SHANGHAI).year, ends_at.astimezone(SHANGHAI).year}


@folds.on(ParticipationRecorded)
def _(state: State, event: ParticipationRecorded, at: Recorded) -> None:
    if event.member_id not in state.erased:
        state.entries.become(_entry(event, at.position, at.position, at.recorded_at))


@folds.on(ParticipationCorrected)
def _(state: State, event: ParticipationCorrected, at: Recorded) -> None:
    # An endorsement of the version before lapses.
    before = _before(state, event)
    if before is not None:
        state.entries.become(_entry(event, at.position, before.position, before.recorded_at))


def _entry(
    event: ParticipationRecorded | ParticipationCorrected,
    since: int,
    position: int,
    recorded_at: datetime,
) -> Entry:
    """What stands, as a recording or a correction says it; first recorded at that position."""
    # Never None, because it is asked for as if it were endorsed.
    worth = cast(
        Grade,
        grade(
            kind=event.kind,
            ends_at=event.ends_at,
            recorded_at=recorded_at,
            signed_in_at=event.signed_in_at,
            signed_out_at=event.signed_out_at,
            endorsed=True,
        ),
    )
    return Entry(
        participation_id=event.participation_id,
        since=since,
        member_id=event.member_id,
        position=position,
        recorded_at=recorded_at,
        branch_id=event.branch_id,
        community_id=event.community_id,
        kind=event.kind,
        category=event.category,
        ledger=event.ledger,
        grade=worth,
        starts_at=event.starts_at,
        credited=credit(event),
    )


def _before(
    state: State,
    event: ParticipationCorrected
    | ParticipationVoided
    | ParticipationEndorsed
    | EndorsementDeclined
    | EndorsementRevoked,
) -> Entry | None:
    """The participation as it stood; None of an erased member, of whom nothing more is said."""
    if event.member_id in state.erased:
        return None
    return state.entries.standing.get(event.participation_id)


@folds.on(ParticipationVoided)
def _(state: State, event: ParticipationVoided, at: Recorded) -> None:
    if _before(state, event) is not None:
        state.entries.vanish(event.participation_id, at.position)


def _answered(
    state: State,
    event: ParticipationEndorsed | EndorsementDeclined | EndorsementRevoked,
    at: Recorded,
) -> None:
    before = _before(state, event)
    if before is not None:
        endorsed = event.event_id if type(event) is ParticipationEndorsed else None
        state.entries.become(
            replace(
                before,
                since=at.position,
                until=STANDS,
                endorsement=endorsed,
                # Whoever takes their word back has yet to answer.
                waiting=type(event) is EndorsementRevoked,
            )
        )


folds.on(ParticipationEndorsed)(_answered)
folds.on(EndorsementDeclined)(_answered)
folds.on(EndorsementRevoked)(_answered)


@folds.on(LeaveApproved)
def _(state: State, event: LeaveApproved, at: Recorded) -> None:
    absences = _absences(state, event.member_id)
    leaves = [*orjson.loads(absences.leaves), [event.starts_at, event.ends_at]]
    state.entries.absences[event.member_id] = replace(absences, leaves=orjson.dumps(leaves))
    _recount(state, event.member_id, Interval(event.starts_at, event.ends_at), at)


@folds.on(ShiftsAssigned)
def _(state: State, event: ShiftsAssigned, at: Recorded) -> None:
    absences = _absences(state, event.member_id)
    shifts = [*orjson.loads(absences.shifts), *([s.starts_at, s.ends_at] for s in event.shifts)]
    state.entries.absences[event.member_id] = replace(absences, shifts=orjson.dumps(shifts))
    for around in _dates(event.shifts):
        _recount(state, event.member_id, around, at)


def _dates(shifts: Iterable[DutyShift]) -> list[Interval]:
    """The days the shifts lie on: there the timetable does not count."""
    day = timedelta(days=1)
    return [Interval(each.starts_at - day, each.ends_at + day) for each in shifts]


def _absences(state: State, member_id: str) -> Absences:
    return state.entries.absences.get(member_id) or Absences(member_id, b"[]", b"[]")


def _recount(state: State, member_id: str, interval: Interval, at: Recorded) -> None:
    state.entries.recount(state.entries.overlapping(member_id, interval), at.position)


@folds.on(TimetableAdopted)
def _(state: State, event: TimetableAdopted, at: Recorded) -> None:
    branch_id = event.branch_id
    before = state.entries.timetables.get(branch_id) or Timetables(branch_id, b"[]")
    hours = [[each.starts_at, each.ends_at] for each in event.hours]
    adopted = orjson.dumps([*orjson.loads(before.adopted), [event.valid_from, hours]])
    state.entries.timetables[branch_id] = Timetables(branch_id, adopted)
    state.entries.recount(
        [
            each
            for each in state.entries.standing.values()
            if each.branch_id == branch_id
            and each.days[-1].day >= event.valid_from
            and each.member_id not in state.erased
        ],
        at.position,
    )
