"""撤销结论: a commendation or disqualification is taken back, with a reason (R18, R31)."""

from dataclasses import dataclass, field

from service.domain.commendation import (
    CommendationNotInForce,
    CommendationRevoked,
    Commendations,
    UnknownCommendation,
)
from service.domain.concluder import of_those_concerned, require_concluder
from service.domain.disqualification import (
    DisqualificationNotInForce,
    DisqualificationRevoked,
    Disqualifications,
    UnknownDisqualification,
)
from service.domain.event import Command, Selector
from service.domain.membership import Memberships
from service.domain.officer import Officers
from service.domain.organisation import Organisations


@dataclass(kw_only=True)
class RevokeCommendation(Command):
    """撤销评优: by whoever might have concluded it, once (R18)."""

    commendation_id: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    commendations: Commendations = field(init=False, default_factory=Commendations)

    def consistency_boundary(self) -> list[Selector]:
        known = self.commendations.concluded.get(self.commendation_id)
        subject = None if known is None else known.subject
        return [
            Commendations.about(self.commendation_id),
            *of_those_concerned(self.by, subject, self.officers, self.memberships),
        ]

    def execute(self) -> None:
        known = self.commendations.concluded.get(self.commendation_id)
        if known is None:
            raise UnknownCommendation
        concluder = require_concluder(
            self.by,
            known.subject,
            self.officers,
            self.memberships,
            self.organisations,
            UnknownCommendation(),
        )
        if self.commendation_id in self.commendations.revoked:
            raise CommendationNotInForce
        reason, open_reason = known.subject.worded(self.reason)
        self.happened(
            CommendationRevoked(
                commendation_id=self.commendation_id,
                member_id=known.subject.member_id,
                branch_id=concluder.branch_id,
                organisation_id=known.subject.organisation_id,
                corrects=known.event_id,
                reason=reason,
                open_reason=open_reason,
                revoked_by=self.by.person,
                revoked_by_person=concluder.person,
            )
        )


@dataclass(kw_only=True)
class RevokeDisqualification(Command):
    """恢复资格: by whoever might have concluded it, once (R18)."""

    disqualification_id: str
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    disqualifications: Disqualifications = field(init=False, default_factory=Disqualifications)

    def consistency_boundary(self) -> list[Selector]:
        known = self.disqualifications.concluded.get(self.disqualification_id)
        subject = None if known is None else known.subject
        return [
            Disqualifications.about(self.disqualification_id),
            *of_those_concerned(self.by, subject, self.officers, self.memberships),
        ]

    def execute(self) -> None:
        known = self.disqualifications.concluded.get(self.disqualification_id)
        if known is None:
            raise UnknownDisqualification
        concluder = require_concluder(
            self.by,
            known.subject,
            self.officers,
            self.memberships,
            self.organisations,
            UnknownDisqualification(),
        )
        if self.disqualification_id in self.disqualifications.revoked:
            raise DisqualificationNotInForce
        reason, open_reason = known.subject.worded(self.reason)
        self.happened(
            DisqualificationRevoked(
                disqualification_id=self.disqualification_id,
                member_id=known.subject.member_id,
                branch_id=concluder.branch_id,
                organisation_id=known.subject.organisation_id,
                corrects=known.event_id,
                reason=reason,
                open_reason=open_reason,
                revoked_by=self.by.person,
                revoked_by_person=concluder.person,
            )
        )
