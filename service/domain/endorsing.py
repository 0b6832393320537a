"""办理认定: a responsible person endorses, declines or revokes (R6, R17, R18)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.domain.certificate import Certificates
from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementDeclineReason,
    EndorsementIdTaken,
    EndorsementNotInForce,
    EndorsementRevoked,
    Endorsements,
    ParticipationEndorsed,
    Performance,
    UnknownEndorsement,
    standing,
)
from service.domain.event import Command, Rejection, Selector, on
from service.domain.membership import Memberships
from service.domain.officer import Officers
from service.domain.organisation import Organisations
from service.domain.participation import Participations, UnknownParticipation
from service.domain.responsibility import require_certificate, require_entitled
from service.domain.separation import Act, require_outside_line
from service.domain.signed import OwnSignature, salted
from service.domain.signing_key import SigningKeys


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
    own: OwnSignature | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        signed = [self.endorsement_id] if self.own else []
        return [*standing([self.participation_id]), *of_those_concerned(self), *under(signed)]

    def execute(self) -> None:
        self.happened(endorsed(self, self.participation_id, self.endorsement_id, self.own))


@dataclass(kw_only=True)
class EndorseParticipations(Command):
    """批量认定: all participations of one activity's list or none, in one request (R17).

    ``endorsement_ids`` are those of the endorsements, in the order of the participations, and so
    are ``owns``, the organisation's own signatures, if there are any.
    """

    activity_id: str
    participation_ids: Sequence[str]
    endorsement_ids: Sequence[str]
    performance: Performance
    comment: str | None = None
    owns: Sequence[OwnSignature] = ()
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    signing_keys: SigningKeys = field(init=False, default_factory=SigningKeys)

    def consistency_boundary(self) -> list[Selector]:
        signed = self.endorsement_ids if self.owns else []
        return [*standing(self.participation_ids), *of_those_concerned(self), *under(signed)]

    def execute(self) -> None:
        happened: dict[str, ParticipationEndorsed] = {}
        faults: list[tuple[str, str]] = []
        owns: Sequence[OwnSignature | None] = self.owns or [None] * len(self.participation_ids)
        rows = zip(self.participation_ids, self.endorsement_ids, owns, strict=True)
        for row, (participation_id, endorsement_id, own) in enumerate(rows):
            try:
                if participation_id in happened:
                    raise NamedTwice
                event = endorsed(self, participation_id, endorsement_id, own)
                if event.activity_id != self.activity_id:
                    raise UnknownParticipation
            except Rejection as fault:
                faults.append((f"/participation_ids/{row}", fault.detail))
            else:
                happened[participation_id] = event
                self.endorsements.taken.add(endorsement_id)
        if faults or not happened:
            raise BatchNotEndorsed(
                f"{len(faults)}条参加记录不能认定，全部未认定。" if faults else "名单是空的。",
                "/participation_ids",
                faults,
            )
        for event in happened.values():
            self.happened(event)


def of_those_concerned(command: EndorseParticipation | EndorseParticipations) -> list[Selector]:
    """Selects who acts, with which keys and, once it is known whose participations they are, the
    members' certificates and branches, and where these and the community stand."""
    known = command.participations.participations.values()
    boundary = command.officers.acting(command.by)
    boundary.append(SigningKeys.about(command.by.organisation_id))
    # Of most members the branch of the record is the only one: naming it here saves a third read.
    branches = dict.fromkeys(each.branch_id for each in known)
    for member_id in dict.fromkeys(each.member_id for each in known):
        boundary += [Certificates.about(member_id), Memberships.about(member_id)]
        branches.update(dict.fromkeys(command.memberships.ever(member_id)))
    if branches:
        lines = dict.fromkeys((command.by.organisation_id, *branches))
        boundary += map(Organisations.about, lines)
    return boundary


def under(endorsement_ids: Sequence[str]) -> list[Selector]:
    """Selects endorsements under these ids: what was signed once is not recorded twice."""
    return [Selector([ParticipationEndorsed], [f"endorsement:{each}"]) for each in endorsement_ids]


def endorsed(
    command: EndorseParticipation | EndorseParticipations,
    participation_id: str,
    endorsement_id: str,
    own: OwnSignature | None,
) -> ParticipationEndorsed:
    """The endorsement of one participation; refused by the first rule that speaks against it."""
    by = command.by
    known = command.participations.require(participation_id, by.organisation_id)
    behind = require_entitled(
        Act.ENDORSED,
        by,
        command.at,
        known.member_id,
        command.officers,
        command.memberships,
        command.endorsements.done[participation_id],
    )
    command.endorsements.require_open(participation_id)
    branches = known.branch_id, *command.memberships.ever(known.member_id)
    require_outside_line(command.organisations, known.community_id, branches)
    if own is not None and endorsement_id in command.endorsements.taken:
        raise EndorsementIdTaken(pointer="/signature")
    comment_salt, comment_digest = salted(command.comment, own)
    event = ParticipationEndorsed(
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
        comment_salt=comment_salt,
        comment_digest=comment_digest,
        endorsed_by=by.person,
        endorsed_by_person=behind.person,
        delegated_by_person=behind.delegated_by_person,
    )
    return command.signing_keys.signed(event, by, command.at, own)


def _members(participations: Participations) -> list[Selector]:
    """Selects who the member is, once it is known whose participation it is."""
    return [Memberships.about(each.member_id) for each in participations.participations.values()]


@dataclass(kw_only=True)
class DeclineEndorsement(Command):
    """不予认定: by somebody who might have endorsed it, with a reason code (R17).

    It is not the last word: a participation that was declined may still be endorsed.
    """

    participation_id: str
    reason_code: EndorsementDeclineReason
    note: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)

    def consistency_boundary(self) -> list[Selector]:
        return [
            *standing([self.participation_id]),
            *self.officers.acting(self.by),
            *_members(self.participations),
        ]

    def execute(self) -> None:
        known = self.participations.require(self.participation_id, self.by.organisation_id)
        behind = require_entitled(
            Act.DECLINED,
            self.by,
            self.at,
            known.member_id,
            self.officers,
            self.memberships,
            self.endorsements.done[self.participation_id],
        )
        self.endorsements.require_open(self.participation_id)
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
                declined_by_person=behind.person,
                delegated_by_person=behind.delegated_by_person,
            )
        )


@dataclass(kw_only=True)
class RevokeEndorsement(Command):
    """撤销认定: by a responsible person of the community, with a reason (R17, R18)."""

    endorsement_id: str
    reason: str
    participation_id: str = field(init=False, default="")
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)

    def consistency_boundary(self) -> list[Selector]:
        found = [self.participation_id] if self.participation_id else []
        return [
            Selector([ParticipationEndorsed], [f"endorsement:{self.endorsement_id}"]),
            *standing(found),
            *self.officers.acting(self.by),
            *_members(self.participations),
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
        behind = require_entitled(
            Act.REVOKED, self.by, self.at, known.member_id, self.officers, self.memberships
        )
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
                revoked_by_person=behind.person,
                delegated_by_person=behind.delegated_by_person,
            )
        )
