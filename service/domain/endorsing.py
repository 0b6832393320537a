"""办理认定: a responsible person endorses, declines or revokes (R6, R17, R18)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.domain.certificate import Certificates
from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementDeclineReason,
    EndorsementNotInForce,
    EndorsementRevoked,
    Endorsements,
    ParticipationEndorsed,
    Performance,
    UnknownEndorsement,
    standing,
)
from service.domain.event import Command, Rejection, Selector, on
from service.domain.participation import Participations, UnknownParticipation
from service.domain.responsibility import require_certificate, require_responsible


class BatchNotEndorsed(Rejection):
    """名单中有不能认定的参加记录，全部未认定。"""

    rule = "R17"


class NamedTwice(Rejection):
    """名单中重复。"""

    rule = "R17"


@dataclass(kw_only=True)
class EndorseParticipation(Command):
    """认定: by a responsible person of the community, neither recorder nor member (R17)."""

    endorsement_id: str
    participation_id: str
    performance: Performance
    comment: str | None = None
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)
    certificates: Certificates = field(init=False, default_factory=Certificates)

    def consistency_boundary(self) -> list[Selector]:
        return [*standing([self.participation_id]), *cards(self.participations)]

    def execute(self) -> None:
        self.happened(endorsed(self, self.participation_id, self.endorsement_id))


@dataclass(kw_only=True)
class EndorseParticipations(Command):
    """批量认定: all participations of one activity's list or none, in one request (R17).

    ``endorsement_ids`` are those of the endorsements, in the order of the participations.
    """

    activity_id: str
    participation_ids: Sequence[str]
    endorsement_ids: Sequence[str]
    performance: Performance
    comment: str | None = None
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)
    certificates: Certificates = field(init=False, default_factory=Certificates)

    def consistency_boundary(self) -> list[Selector]:
        return [*standing(self.participation_ids), *cards(self.participations)]

    def execute(self) -> None:
        happened: dict[str, ParticipationEndorsed] = {}
        faults: list[tuple[str, str]] = []
        pairs = zip(self.participation_ids, self.endorsement_ids, strict=True)
        for row, (participation_id, endorsement_id) in enumerate(pairs):
            try:
                if participation_id in happened:
                    raise NamedTwice
                event = endorsed(self, participation_id, endorsement_id)
                if event.activity_id != self.activity_id:
                    raise UnknownParticipation
            except Rejection as fault:
                faults.append((f"/participation_ids/{row}", fault.detail))
            else:
                happened[participation_id] = event
        if faults or not happened:
            raise BatchNotEndorsed(
                f"{len(faults)}条参加记录不能认定，全部未认定。" if faults else "名单是空的。",
                "/participation_ids",
                faults,
            )
        for event in happened.values():
            self.happened(event)


def cards(participations: Participations) -> list[Selector]:
    """Selects the certificates of the members, once it is known whose participations they are."""
    members = dict.fromkeys(each.member_id for each in participations.participations.values())
    return [Certificates.about(member_id) for member_id in members]


def endorsed(
    command: EndorseParticipation | EndorseParticipations,
    participation_id: str,
    endorsement_id: str,
) -> ParticipationEndorsed:
    """The endorsement of one participation; refused by the first rule that speaks against it."""
    by = command.by
    known = command.participations.require(participation_id, by.organisation_id)
    command.endorsements.require_open_to(by, participation_id, known.member_id)
    return ParticipationEndorsed(
        endorsement_id=endorsement_id,
        participation_id=participation_id,
        member_id=known.member_id,
        branch_id=known.branch_id,
        community_id=known.community_id,
        activity_id=known.activity_id,
        certificate_no=require_certificate(command.certificates, known.member_id),
        endorses=known.version,
        performance=command.performance,
        comment=command.comment,
        endorsed_by=by.person,
    )


@dataclass(kw_only=True)
class DeclineEndorsement(Command):
    """不予认定: by somebody who might have endorsed it, with a reason code (R17).

    It is not the last word: a participation that was declined may still be endorsed.
    """

    participation_id: str
    reason_code: EndorsementDeclineReason
    note: str | None = None
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)

    def consistency_boundary(self) -> list[Selector]:
        return standing([self.participation_id])

    def execute(self) -> None:
        known = self.participations.require(self.participation_id, self.by.organisation_id)
        self.endorsements.require_open_to(self.by, self.participation_id, known.member_id)
        self.happened(
            EndorsementDeclined(
                participation_id=self.participation_id,
                member_id=known.member_id,
                branch_id=known.branch_id,
                community_id=known.community_id,
                endorses=known.version,
                reason_code=self.reason_code,
                note=self.note,
                declined_by=self.by.person,
            )
        )


@dataclass(kw_only=True)
class RevokeEndorsement(Command):
    """撤销认定: by a responsible person of the community, with a reason (R17, R18)."""

    endorsement_id: str
    reason: str
    participation_id: str = field(init=False, default="")
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)

    def consistency_boundary(self) -> list[Selector]:
        found = [self.participation_id] if self.participation_id else []
        return [
            Selector([ParticipationEndorsed], [f"endorsement:{self.endorsement_id}"]),
            *standing(found),
        ]

    @on(ParticipationEndorsed)
    def _(self, endorsement_id: str, participation_id: str) -> None:
        if endorsement_id == self.endorsement_id:
            self.participation_id = participation_id

    def execute(self) -> None:
        participation = self.participations.participations.get(self.participation_id)
        if participation is None or participation.community_id != self.by.organisation_id:
            raise UnknownEndorsement
        known = self.participations.require(self.participation_id, self.by.organisation_id)
        require_responsible(self.by, known.member_id)
        endorsement_id, event_id = self.endorsements.in_force.get(self.participation_id, ("", ""))
        if endorsement_id != self.endorsement_id:
            raise EndorsementNotInForce
        self.happened(
            EndorsementRevoked(
                endorsement_id=self.endorsement_id,
                participation_id=self.participation_id,
                member_id=known.member_id,
                branch_id=known.branch_id,
                community_id=known.community_id,
                corrects=event_id,
                reason=self.reason,
                revoked_by=self.by.person,
            )
        )
