"""季度反馈: what communities told the units about members, and whom they still owe it (R25).

Feedback is due for each member who is registered with a community and has a record of it in the
quarter. Texts stay sealed here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.domain.event import SHANGHAI
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.objection import ObjectionSubject
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.domain.registration import MemberDeregistered, RegistrationAccepted
from service.eventstore.mapping import Recorded
from service.projections.disputed import marking, objected_to
from service.projections.fence import belonging, of_member
from service.projections.view import Build, Folds, Table, View


@dataclass(slots=True)
class _Member:
    member_id: str
    position: int
    branch_id: str
    community_id: str | None = None
    """Where the member is registered."""


@dataclass(slots=True)
class _Record:
    participation_id: str
    member_id: str
    community_id: str
    began_on: date
    voided: bool = False


@dataclass(slots=True)
class _Feedback:
    feedback_id: str
    position: int
    member_id: str
    branch_id: str
    community_id: str
    quarter: str
    performance: str
    text: str | None
    given_by: str
    given_at: datetime
    disputed: bool = False


_MEMBERS = Table(
    "feedback_member",
    _Member,
    """
    member_id text PRIMARY KEY,
    position bigint NOT NULL,
    branch_id text NOT NULL,
    community_id text
    """,
    ("(community_id, position)",),
    belonging("branch_id", "community_id"),
)
_RECORDS = Table(
    "feedback_record",
    _Record,
    """
    participation_id text PRIMARY KEY,
    member_id text NOT NULL,
    community_id text NOT NULL,
    began_on date NOT NULL,
    voided boolean NOT NULL
    """,
    ("(member_id, community_id, began_on)",),
    belonging("community_id"),
)
_FEEDBACK = Table(
    "feedback_given",
    _Feedback,
    """
    feedback_id text PRIMARY KEY,
    position bigint NOT NULL,
    member_id text NOT NULL,
    branch_id text NOT NULL,
    community_id text NOT NULL,
    quarter text NOT NULL,
    performance text NOT NULL,
    text text,
    given_by text NOT NULL,
    given_at timestamptz NOT NULL,
    disputed boolean NOT NULL
    """,
    ("(member_id, position)", "(community_id, quarter)"),
    # It goes with the member, and whoever gave it keeps sight of it.
    f"{belonging('community_id')} OR {of_member('feedback_member', 'feedback_given')}",
)


@dataclass(slots=True)
class _State:
    members: dict[str, _Member]
    records: dict[str, _Record]
    feedback: dict[str, _Feedback]


_folds = Folds[_State]()
marking(_folds, ObjectionSubject.FEEDBACK, lambda state: state.feedback)


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    changing = (ParticipationCorrected, ParticipationVoided)
    state = _State(
        await build.load(_MEMBERS, {vars(each.event).get("member_id", "") for each in batch}),
        await build.load(_RECORDS, _folds.ids(batch, "participation_id", *changing)),
        await build.load(_FEEDBACK, objected_to(batch, ObjectionSubject.FEEDBACK)),
    )
    # Of an erased member there is no row any more, whatever is still said about them.
    known = state.members.keys() | _folds.ids(batch, "member_id", MemberEnrolled)
    _folds.fold(state, [each for each in batch if getattr(each.event, "member_id", "") in known])
    await build.save(_MEMBERS, state.members)
    await build.save(_RECORDS, state.records)
    await build.save(_FEEDBACK, state.feedback)


_TABLES = (_MEMBERS, _RECORDS, _FEEDBACK)
VIEW = View(
    "quarterly_feedback",
    version=2,
    tables=_TABLES,
    apply=_apply,
    about_members=_TABLES,
    concerned=_folds.concern,
)


@_folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, at: Recorded) -> None:
    state.members[event.member_id] = _Member(event.member_id, at.position, event.branch_id)


@_folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, _at: Recorded) -> None:
    state.members[event.member_id].branch_id = event.to_branch_id


@_folds.on(RegistrationAccepted)
def _(state: _State, event: RegistrationAccepted, _at: Recorded) -> None:
    state.members[event.member_id].community_id = event.community_id


@_folds.on(MemberDeregistered)
def _(state: _State, event: MemberDeregistered, _at: Recorded) -> None:
    state.members[event.member_id].community_id = None


def _began_on(event: ParticipationRecorded | ParticipationCorrected) -> date:
    return event.starts_at.astimezone(SHANGHAI).date()


@_folds.on(ParticipationRecorded)
def _(state: _State, event: ParticipationRecorded, _at: Recorded) -> None:
    state.records[event.participation_id] = _Record(
        event.participation_id, event.member_id, event.community_id, _began_on(event)
    )


@_folds.on(ParticipationCorrected)
def _(state: _State, event: ParticipationCorrected, _at: Recorded) -> None:
    state.records[event.participation_id].began_on = _began_on(event)


@_folds.on(ParticipationVoided)
def _(state: _State, event: ParticipationVoided, _at: Recorded) -> None:
    state.records[event.participation_id].voided = True


@_folds.on(QuarterlyFeedbackGiven)
def _(state: _State, event: QuarterlyFeedbackGiven, at: Recorded) -> None:
    state.feedback[event.feedback_id] = _Feedback(
        event.feedback_id,
        at.position,
        event.member_id,
        event.branch_id,
        event.community_id,
        event.quarter,
        event.performance.value,
        event.text,
        event.given_by,
        at.occurred_at,
    )
