"""记录: a community writes down what a member did, corrects and voids it (R6, R15, R18, R19)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from service.domain.activity import Activities, Activity, ActivityKind
from service.domain.attendance import Attendances
from service.domain.certificate import Certificates
from service.domain.endorsement import Endorsements
from service.domain.event import Command, Rejection, Selector, on
from service.domain.membership import Memberships
from service.domain.officer import Officers
from service.domain.participation import (
    Ledger,
    ParticipationCorrected,
    ParticipationRecorded,
    Participations,
    ParticipationVoided,
    require_interval,
)
from service.domain.registration import Registrations
from service.domain.responsibility import (
    require_certificate,
    require_entitled,
    require_registered_here,
)
from service.domain.separation import Act


class KindDiffersFromActivity(Rejection):
    """参加记录的类型与所参加活动的类型不一致；个人自发的服务不属于任何活动。"""

    rule = "R13"


class AlreadyRecorded(Rejection):
    """该党员的这次参加已经记录过了。"""

    rule = "R15"


class Seen(TypedDict):
    """The planned window and the signed times: what events say, never typed in (R15, R16)."""

    window_starts_at: datetime | None
    window_ends_at: datetime | None
    signed_in_at: datetime | None
    signed_out_at: datetime | None


def seen(activity: Activity | None, attendances: Attendances, member_id: str) -> Seen:
    """What is known of the member at the activity, at this moment."""
    return {
        "window_starts_at": activity.starts_at if activity else None,
        "window_ends_at": activity.ends_at if activity else None,
        "signed_in_at": attendances.first_in.get(member_id),
        "signed_out_at": attendances.last_out.get(member_id),
    }


@dataclass(kw_only=True)
class RecordParticipation(Command):
    """参加记录: by the community's responsible person, of a member registered there (R6, R15).

    The community that is responsible for the member when the entry is written answers for it, so
    after a transfer the old one enters nothing more: what it saw it enters before it lets go.
    """

    participation_id: str
    community_id: str
    member_id: str
    kind: ActivityKind
    starts_at: datetime
    ends_at: datetime
    content: str
    ledger: Ledger
    activity_id: str | None = None
    category: str | None = None
    """By default that of the activity; of something of the member's own, what kind it is."""
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    activities: Activities = field(init=False, default_factory=Activities)
    attendances: Attendances = field(init=False, default_factory=Attendances)
    recorded: dict[str, object] = field(init=False, default_factory=dict)
    """What makes a participation the same as another one, by participation."""

    def consistency_boundary(self) -> list[Selector]:
        boundary = [
            Memberships.about(self.member_id),
            Registrations.about(self.member_id),
            Certificates.about(self.member_id),
            *self.officers.acting(self.by),
        ]
        same = [f"member:{self.member_id}"]
        if self.activity_id is not None:
            same.append(f"activity:{self.activity_id}")
            boundary += [
                Activities.about(self.activity_id),
                Attendances.at(self.activity_id, self.member_id),
            ]
        return [
            *boundary,
            Selector([ParticipationRecorded, ParticipationCorrected, ParticipationVoided], same),
        ]

    @on(ParticipationRecorded)
    def _(
        self,
        participation_id: str,
        activity_id: str | None,
        starts_at: datetime,
        ends_at: datetime,
    ) -> None:
        self.recorded[participation_id] = activity_id or (starts_at, ends_at)

    @on(ParticipationCorrected)
    def _(
        self,
        participation_id: str,
        activity_id: str | None,
        starts_at: datetime,
        ends_at: datetime,
    ) -> None:
        self.recorded[participation_id] = activity_id or (starts_at, ends_at)

    @on(ParticipationVoided)
    def _(self, participation_id: str) -> None:
        self.recorded.pop(participation_id, None)

    def execute(self) -> None:
        require_registered_here(self.registrations, self.by, self.community_id, self.member_id)
        standing = require_entitled(
            Act.RECORDED, self.by, self.at, self.member_id, self.officers, self.memberships
        )
        require_certificate(self.certificates, self.member_id, "/member_id")
        activity = self._activity()
        require_interval(self.starts_at, self.ends_at)
        if (self.activity_id or (self.starts_at, self.ends_at)) in self.recorded.values():
            raise AlreadyRecorded(pointer="/activity_id" if activity else "/starts_at")
        self.happened(
            ParticipationRecorded(
                participation_id=self.participation_id,
                member_id=self.member_id,
                branch_id=self.memberships.branch_of(self.member_id),
                community_id=self.community_id,
                activity_id=self.activity_id,
                kind=self.kind,
                category=self.category or (activity.category if activity else self.kind.word),
                starts_at=self.starts_at,
                ends_at=self.ends_at,
                **seen(activity, self.attendances, self.member_id),
                content=self.content,
                ledger=self.ledger,
                recorded_by=self.by.person,
                recorded_by_person=standing.person,
                delegated_by_person=standing.delegated_by_person,
            )
        )

    def _activity(self) -> Activity | None:
        if self.activity_id is None:
            return None
        pointer = "/activity_id"
        activity = self.activities.require(self.activity_id, self.community_id, pointer)
        activity.require_took_place(pointer)
        if activity.kind is not self.kind:
            raise KindDiffersFromActivity(pointer="/kind")
        return activity


@dataclass(kw_only=True)
class CorrectParticipation(Command):
    """更正参加记录: what stands from now on, with a reason (R18).

    The window and the signed times are looked up again. It asks for no valid certificate: what is
    wrong is put right also when the card is lost, only an endorsement needs one again.
    """

    participation_id: str
    starts_at: datetime
    ends_at: datetime
    content: str
    ledger: Ledger
    reason: str
    category: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)
    activities: Activities = field(init=False, default_factory=Activities)
    attendances: Attendances = field(init=False, default_factory=Attendances)
    kind: ActivityKind = field(init=False, default=ActivityKind.OWN)
    former_category: str = field(init=False, default="")

    def consistency_boundary(self) -> list[Selector]:
        boundary = [
            Participations.about(self.participation_id),
            Endorsements.about(self.participation_id),
            *self.officers.acting(self.by),
        ]
        known = self.participations.participations.get(self.participation_id)
        if known is not None:
            boundary.append(Memberships.about(known.member_id))
        if known is not None and known.activity_id is not None:
            boundary += [
                Activities.about(known.activity_id),
                Attendances.at(known.activity_id, known.member_id),
            ]
        return boundary

    @on(ParticipationRecorded)
    def _(self, kind: ActivityKind, category: str) -> None:
        self.kind, self.former_category = kind, category

    @on(ParticipationCorrected)
    def _(self, category: str) -> None:
        self.former_category = category

    def execute(self) -> None:
        known = self.participations.require(self.participation_id, self.by.organisation_id)
        standing = require_entitled(
            Act.CORRECTED,
            self.by,
            self.at,
            known.member_id,
            self.officers,
            self.memberships,
            self.endorsements.done[self.participation_id],
        )
        require_interval(self.starts_at, self.ends_at)
        activity = self.activities.activities.get(known.activity_id or "")
        self.happened(
            ParticipationCorrected(
                participation_id=self.participation_id,
                member_id=known.member_id,
                branch_id=known.branch_id,
                community_id=known.community_id,
                activity_id=known.activity_id,
                kind=self.kind,
                category=self.category or self.former_category,
                starts_at=self.starts_at,
                ends_at=self.ends_at,
                **seen(activity, self.attendances, known.member_id),
                content=self.content,
                ledger=self.ledger,
                recorded_by=self.by.person,
                recorded_by_person=standing.person,
                delegated_by_person=standing.delegated_by_person,
                corrects=known.version,
                reason=self.reason,
            )
        )


@dataclass(kw_only=True)
class VoidParticipation(Command):
    """作废参加记录: for good, with a reason; what did happen is recorded again (R18)."""

    participation_id: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    participations: Participations = field(init=False, default_factory=Participations)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Participations.about(self.participation_id), *self.officers.acting(self.by)]
        if known := self.participations.participations.get(self.participation_id):
            boundary.append(Memberships.about(known.member_id))
        return boundary

    def execute(self) -> None:
        known = self.participations.require(self.participation_id, self.by.organisation_id)
        standing = require_entitled(
            Act.VOIDED, self.by, self.at, known.member_id, self.officers, self.memberships
        )
        self.happened(
            ParticipationVoided(
                participation_id=self.participation_id,
                member_id=known.member_id,
                branch_id=known.branch_id,
                community_id=known.community_id,
                activity_id=known.activity_id,
                corrects=known.version,
                reason=self.reason,
                voided_by_person=standing.person,
                delegated_by_person=standing.delegated_by_person,
            )
        )
