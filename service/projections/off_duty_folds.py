"""How each event changes the tables of `off_duty_record`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import orjson

from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementRevoked,
    ParticipationEndorsed,
)
from service.domain.event import SHANGHAI, Event
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.domain.registration import (
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
)
from service.domain.working_schedule import LeaveApproved, ShiftsAssigned, TimetableAdopted
from service.eventstore.mapping import Recorded
from service.projections.off_duty_tables import (
    ENTRIES,
    MEMBERS,
    TIMETABLES,
    BranchTimetable,
    Document,
    Entry,
    Member,
    registered_with,
)
from service.projections.view import Build, Folds


@dataclass(slots=True)
class _Entry:
    """An entry while a batch is folded: its document is taken apart once."""

    member_id: str
    position: int
    starts_at: datetime
    ends_at: datetime
    document: Document


@dataclass(slots=True)
class _State:
    members: dict[str, Document]
    entries: dict[str, _Entry]
    timetables: dict[str, BranchTimetable] = field(default_factory=dict)


folds = Folds[_State]()


async def apply(build: Build, batch: Sequence[Recorded]) -> None:
    """Changes the rows that a batch touches."""
    batch = folds.relevant(batch)
    changed: dict[str, int] = {}
    members, entries = set(), set()
    for each in batch:
        fields = vars(each.event)
        if (participation := _participation(each.event)) is not None:
            changed[participation] = each.position
            if type(each.event) is not ParticipationRecorded:
                entries.add(participation)
        elif (member := fields.get("member_id")) is not None:
            changed[member] = each.position
            members.add(member)
    state = _State(
        {
            key: orjson.loads(row.document)
            for key, row in (await build.load(MEMBERS, members)).items()
        },
        {
            key: _Entry(
                row.member_id,
                row.position,
                row.starts_at,
                row.ends_at,
                orjson.loads(row.document),
            )
            for key, row in (await build.load(ENTRIES, entries)).items()
        },
    )
    folds.fold(state, _kept(state, batch))
    await build.save(
        MEMBERS,
        {
            key: Member(
                key,
                document["branch_id"],
                registered_with(document["registration"]),
                changed[key],
                orjson.dumps(document),
            )
            for key, document in state.members.items()
        },
    )
    await build.save(
        ENTRIES,
        {
            key: Entry(
                key,
                entry.member_id,
                entry.position,
                entry.starts_at,
                entry.ends_at,
                changed[key],
                orjson.dumps(entry.document),
            )
            for key, entry in state.entries.items()
        },
    )
    await build.append(TIMETABLES, state.timetables.values())


class Facts(NamedTuple):
    """What the tables would hold after these events and no others."""

    member: bytes
    """The member's document."""
    entries: list[tuple[str, bytes]]
    """Participations with their documents, in the order recorded."""
    timetables: list[BranchTimetable]
    """In the order adopted."""


def facts_of(member_id: str, events: Sequence[Recorded]) -> Facts:
    """From everything that happened to a member, their enrolment included, and the timetables."""
    state = _State({}, {})
    folds.fold(state, _kept(state, folds.relevant(events)))
    return Facts(
        orjson.dumps(state.members[member_id]),
        [(key, orjson.dumps(entry.document)) for key, entry in state.entries.items()],
        list(state.timetables.values()),
    )


def _kept(state: _State, batch: Sequence[Recorded]) -> list[Recorded]:
    """The batch without what is still said about erased members, of whom there is no row."""
    events = [each.event for each in batch]
    known: set[str] = {*state.members, *state.entries}
    known |= {event.member_id for event in events if isinstance(event, MemberEnrolled)}
    known |= {
        event.participation_id for event in events if isinstance(event, ParticipationRecorded)
    }
    return [each for each in batch if _subject(each) in known or _subject(each) is None]


def _subject(recorded: Recorded) -> str | None:
    found: str | None = _participation(recorded.event)
    return getattr(recorded.event, "member_id", None) if found is None else found


_OBJECTING = {ObjectionRaised, ObjectionAnswered, ObjectionWithdrawn}


def _participation(event: Event) -> str | None:
    """The entry an event is about. What an objection is about need not be one: it has no row."""
    name = "subject_id" if type(event) in _OBJECTING else "participation_id"
    found: str | None = vars(event).get(name)
    return found


def _said(at: Recorded, **facts: object) -> Document:
    """A fact with the event that states it and when it was stated."""
    return {
        "event_id": at.event.event_id,
        "occurred_at": at.occurred_at.astimezone(SHANGHAI),
        "recorded_at": at.recorded_at.astimezone(SHANGHAI),
        **facts,
    }


@folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, _at: Recorded) -> None:
    state.members[event.member_id] = {
        "branch_id": event.branch_id,
        "registration": None,
        "leaves": [],
        "shifts": [],
    }


@folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, _at: Recorded) -> None:
    state.members[event.member_id]["branch_id"] = event.to_branch_id


@folds.on(MemberRegistered)
def _(state: _State, event: MemberRegistered, at: Recorded) -> None:
    state.members[event.member_id]["registration"] = {
        "registration_id": event.registration_id,
        "community_id": event.community_id,
        "state": "waiting",
        "registered_at": at.occurred_at.astimezone(SHANGHAI),
        "accepted_at": None,
        "receipt_no": None,
    }


@folds.on(RegistrationAccepted)
def _(state: _State, event: RegistrationAccepted, at: Recorded) -> None:
    # A transfer keeps the moment of the first registration.
    state.members[event.member_id]["registration"] |= {
        "registration_id": event.registration_id,
        "community_id": event.community_id,
        "state": "accepted",
        "accepted_at": at.occurred_at.astimezone(SHANGHAI),
        "receipt_no": event.receipt_no,
    }


@folds.on(RegistrationDeclined)
def _(state: _State, event: RegistrationDeclined, _at: Recorded) -> None:
    if event.transferred_from is None:
        state.members[event.member_id]["registration"]["state"] = "declined"


@folds.on(MemberDeregistered)
def _(state: _State, event: MemberDeregistered, _at: Recorded) -> None:
    state.members[event.member_id]["registration"]["state"] = "deregistered"


@folds.on(LeaveApproved)
def _(state: _State, event: LeaveApproved, _at: Recorded) -> None:
    state.members[event.member_id]["leaves"].append([event.starts_at, event.ends_at])


@folds.on(ShiftsAssigned)
def _(state: _State, event: ShiftsAssigned, _at: Recorded) -> None:
    state.members[event.member_id]["shifts"] += [[s.starts_at, s.ends_at] for s in event.shifts]


@folds.on(TimetableAdopted)
def _(state: _State, event: TimetableAdopted, at: Recorded) -> None:
    key = f"{event.branch_id}/{at.position}"
    state.timetables[key] = BranchTimetable(
        key,
        event.branch_id,
        at.position,
        event.valid_from,
        orjson.dumps([[hours.starts_at, hours.ends_at] for hours in event.hours]),
    )


def _version(event: ParticipationRecorded | ParticipationCorrected, at: Recorded) -> Document:
    """What stands, as a recording or a correction says it."""
    return {
        "version": event.event_id,
        "version_recorded_at": at.recorded_at.astimezone(SHANGHAI),
        "activity_id": event.activity_id,
        "branch_id": event.branch_id,
        "community_id": event.community_id,
        "kind": event.kind,
        "category": event.category,
        "ledger": event.ledger,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "window_starts_at": event.window_starts_at,
        "window_ends_at": event.window_ends_at,
        "signed_in_at": event.signed_in_at,
        "signed_out_at": event.signed_out_at,
        "content": event.content,
        "recorded_by": event.recorded_by,
        "endorsement": None,
        "declined": None,
    }


@folds.on(ParticipationRecorded)
def _(state: _State, event: ParticipationRecorded, at: Recorded) -> None:
    state.entries[event.participation_id] = _Entry(
        event.member_id,
        at.position,
        event.starts_at,
        event.ends_at,
        _version(event, at)
        | {
            "recorded_at": at.recorded_at.astimezone(SHANGHAI),
            "disputed": False,
            "corrections": [],
            "revocations": [],
            "voided": None,
        },
    )


@folds.on(ParticipationCorrected)
def _(state: _State, event: ParticipationCorrected, at: Recorded) -> None:
    entry = state.entries[event.participation_id]
    entry.starts_at, entry.ends_at = event.starts_at, event.ends_at
    entry.document |= _version(event, at)
    entry.document["corrections"].append(_said(at, corrects=event.corrects, reason=event.reason))


@folds.on(ParticipationVoided)
def _(state: _State, event: ParticipationVoided, at: Recorded) -> None:
    state.entries[event.participation_id].document["voided"] = _said(
        at, corrects=event.corrects, reason=event.reason
    )


@folds.on(ParticipationEndorsed)
def _(state: _State, event: ParticipationEndorsed, at: Recorded) -> None:
    document = state.entries[event.participation_id].document
    document["declined"] = None
    document["endorsement"] = {
        "endorsement_id": event.endorsement_id,
        "event_id": event.event_id,
        "performance": event.performance,
        "comment": event.comment,
        "endorsed_at": at.occurred_at.astimezone(SHANGHAI),
        "endorsed_by": event.endorsed_by,
    }


@folds.on(EndorsementDeclined)
def _(state: _State, event: EndorsementDeclined, at: Recorded) -> None:
    state.entries[event.participation_id].document["declined"] = _said(
        at, reason_code=event.reason_code, note=event.note, declined_by=event.declined_by
    )


@folds.on(EndorsementRevoked)
def _(state: _State, event: EndorsementRevoked, at: Recorded) -> None:
    document = state.entries[event.participation_id].document
    document["endorsement"] = None
    document["revocations"].append(
        _said(
            at,
            corrects=event.corrects,
            reason=event.reason,
            endorsement_id=event.endorsement_id,
            revoked_by=event.revoked_by,
        )
    )


def _dispute(
    state: _State,
    event: ObjectionRaised | ObjectionAnswered | ObjectionWithdrawn,
    *,
    disputed: bool,
) -> None:
    if event.against is ObjectionSubject.PARTICIPATION:
        state.entries[event.subject_id].document["disputed"] = disputed


@folds.on(ObjectionRaised)
def _(state: _State, event: ObjectionRaised, _at: Recorded) -> None:
    _dispute(state, event, disputed=True)


@folds.on(ObjectionAnswered)
def _(state: _State, event: ObjectionAnswered, _at: Recorded) -> None:
    _dispute(state, event, disputed=False)


@folds.on(ObjectionWithdrawn)
def _(state: _State, event: ObjectionWithdrawn, _at: Recorded) -> None:
    _dispute(state, event, disputed=False)
