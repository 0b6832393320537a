"""What happens around one activity: from the plan to the endorsements, as commands of the story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from service.demonstration.step import Script, ident, next_weekday, officer
from service.domain.activity import ActivityKind
from service.domain.activity_planning import CompleteActivity, PlanActivity, PublishActivity
from service.domain.attendance import AbsenceReason, Method, RollCallException, SignIn, SignOut
from service.domain.endorsement import Performance
from service.domain.endorsing import EndorseParticipations
from service.domain.participation import Ledger
from service.domain.recording import RecordParticipation
from service.domain.roll_call import CallRoll
from service.domain.sign_up import SignUp


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """An activity that takes place."""

    key: str
    community_id: str
    title: str
    category: str
    content: str
    starts_at: datetime
    ends_at: datetime
    place: str
    kind: ActivityKind = ActivityKind.COMMUNITY
    ledger: Ledger = "voluntary"
    branch_id: str | None = None
    capacity: int | None = None
    risky: bool = False
    records_at: datetime | None = None
    """When the community writes it down; by default the same evening, or the next one."""
    endorses_at: datetime | None = None
    """When another officer endorses; by default on the Tuesday after."""

    @property
    def activity_id(self) -> str:
        return ident("activity", self.key)

    @property
    def recording(self) -> datetime:
        """When the community writes the participations down."""
        if self.records_at is not None:
            return self.records_at
        if self.ends_at.hour < 18:
            return self.ends_at.replace(hour=18, minute=0)
        return self.ends_at.replace(hour=9, minute=0) + timedelta(days=1)

    @property
    def endorsing(self) -> datetime:
        """When the participations are endorsed."""
        return self.endorses_at or next_weekday(self.recording, 1, 9, 40)

    def participation_id(self, member_id: str) -> str:
        """The record of a member's participation."""
        return ident("participation", self.key, member_id)

    def endorsement_id(self, member_id: str) -> str:
        """The endorsement of a member's participation."""
        return ident("endorsement", self.key, member_id)


def plan(script: Script, activity: Gathering, planned_at: datetime, published_at: datetime) -> None:
    """The community plans the activity and publishes it."""
    by = officer(activity.community_id)
    script.add(
        f"plan/{activity.key}",
        PlanActivity(
            by=by,
            at=planned_at,
            activity_id=activity.activity_id,
            community_id=activity.community_id,
            title=activity.title,
            kind=activity.kind,
            category=activity.category,
            starts_at=activity.starts_at,
            ends_at=activity.ends_at,
            place=activity.place,
            capacity=activity.capacity,
            branch_id=activity.branch_id,
            risky=activity.risky,
            risk_notes="注意安全，听从现场负责人安排。" if activity.risky else None,
        ),
    )
    script.add(
        f"publish/{activity.key}",
        PublishActivity(
            by=by,
            at=published_at,
            activity_id=activity.activity_id,
            insurance="已为参加人员投保志愿服务意外险。" if activity.risky else None,
        ),
    )


def sign_up(script: Script, activity: Gathering, members: Sequence[str], at: datetime) -> None:
    """Members sign up, one after another."""
    for number, member_id in enumerate(members):
        script.add(
            f"sign-up/{activity.key}/{member_id}",
            SignUp(
                by=officer(activity.community_id),
                at=at + timedelta(seconds=20 * number),
                activity_id=activity.activity_id,
                member_id=member_id,
            ),
        )


Attended = dict[str, tuple[datetime, datetime]]
"""From when to when each member was there."""


def sign(
    script: Script,
    activity: Gathering,
    members: Sequence[str],
    luck: Random,
    method: Method = "qr",
) -> Attended:
    """Everybody signs when they come and when they go."""
    attended: Attended = {}
    for member_id in members:
        came = activity.starts_at + timedelta(minutes=luck.choice((-9, -6, -4, -2, -1, 3)))
        left = activity.ends_at + timedelta(minutes=luck.choice((-12, -2, 0, 1, 3)))
        attended[member_id] = came, left
        by, activity_id = officer(activity.community_id), activity.activity_id
        script.add(
            f"sign-in/{activity.key}/{member_id}",
            SignIn(
                by=by,
                at=came,
                activity_id=activity_id,
                member_id=member_id,
                signed_at=came,
                method=method,
            ),
        )
        script.add(
            f"sign-out/{activity.key}/{member_id}",
            SignOut(
                by=by,
                at=left,
                activity_id=activity_id,
                member_id=member_id,
                signed_at=left,
                method=method,
            ),
        )
    return attended


def call_roll(
    script: Script, activity: Gathering, members: Sequence[str], absent: Sequence[str]
) -> Attended:
    """The roll is called at the end; ``absent`` were expected."""
    reasons = list(AbsenceReason)
    script.add(
        f"roll/{activity.key}",
        CallRoll(
            by=officer(activity.community_id),
            at=activity.ends_at,
            activity_id=activity.activity_id,
            present=tuple(members),
            exceptions=tuple(
                RollCallException(member_id=member_id, reason_code=reasons[number % 3])
                for number, member_id in enumerate(absent)
            ),
        ),
    )
    return attended_throughout(activity, members)


def attended_throughout(activity: Gathering, members: Sequence[str]) -> Attended:
    """Everybody was there for the whole window."""
    return dict.fromkeys(members, (activity.starts_at, activity.ends_at))


def write_down(script: Script, activity: Gathering, attended: Attended) -> None:
    """The activity is completed and the participations recorded by one officer."""
    by, at = officer(activity.community_id), activity.recording
    script.add(
        f"complete/{activity.key}",
        CompleteActivity(by=by, at=at, activity_id=activity.activity_id),
    )
    for number, (member_id, (came, left)) in enumerate(attended.items()):
        script.add(
            f"record/{activity.key}/{member_id}",
            RecordParticipation(
                by=by,
                at=at + timedelta(seconds=15 * number),
                participation_id=activity.participation_id(member_id),
                community_id=activity.community_id,
                member_id=member_id,
                kind=activity.kind,
                starts_at=came,
                ends_at=left,
                content=activity.content,
                ledger=activity.ledger,
                activity_id=activity.activity_id,
            ),
        )


def endorse(
    script: Script,
    activity: Gathering,
    members: Sequence[str],
    performance: Performance = Performance.GOOD,
) -> None:
    """Another officer endorses the whole list in one request."""
    script.add(
        f"endorse/{activity.key}",
        EndorseParticipations(
            by=officer(activity.community_id, 2),
            at=activity.endorsing,
            activity_id=activity.activity_id,
            participation_ids=tuple(map(activity.participation_id, members)),
            endorsement_ids=tuple(map(activity.endorsement_id, members)),
            performance=performance,
        ),
    )
