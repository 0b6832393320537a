"""转移与注销报到: a registered member moves house, or leaves the community's rolls (R10)."""

from dataclasses import dataclass, field

from service.domain.event import Command, Selector
from service.domain.membership import Memberships
from service.domain.organisation import OrganisationKind, Organisations
from service.domain.phone_number import InvalidPhone, valid_phone
from service.domain.registration import (
    AlreadyInCommunity,
    DeregistrationReason,
    MemberDeregistered,
    RegistrationNotActive,
    RegistrationRequests,
    Registrations,
    RegistrationTransferRequested,
    Standing,
    TransferInFlight,
    UnknownRegistration,
)


def require_active(asked: Standing, registrations: Registrations) -> None:
    """Refused unless this is the member's accepted registration (R10)."""
    active = registrations.active.get(asked.member_id)
    if active is None or active.registration_id != asked.registration_id:
        raise RegistrationNotActive


@dataclass(kw_only=True)
class RequestTransfer(Command):
    """申请转移报到: the branch, the old or the new community asks for it (R10)."""

    registration_id: str
    transferred_from: str
    community_id: str
    residence: str
    phone: str
    memberships: Memberships = field(init=False, default_factory=Memberships)
    requests: RegistrationRequests = field(init=False, default_factory=RegistrationRequests)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    organisations: Organisations = field(init=False, default_factory=Organisations)

    def consistency_boundary(self) -> list[Selector]:
        return [
            *self.requests.boundary(self.transferred_from),
            Organisations.about(self.community_id),
        ]

    def execute(self) -> None:
        asked = self.requests.asked(self.transferred_from)
        branch_id = self.memberships.branch_of(asked.member_id)
        if self.by.organisation_id not in {branch_id, asked.community_id, self.community_id}:
            raise UnknownRegistration
        require_active(asked, self.registrations)
        self.organisations.require(self.community_id, OrganisationKind.COMMUNITY, "/community_id")
        if self.community_id == asked.community_id:
            raise AlreadyInCommunity(pointer="/community_id")
        if asked.member_id in self.registrations.waiting:
            raise TransferInFlight
        if not valid_phone(self.phone):
            raise InvalidPhone(pointer="/phone")
        self.happened(
            RegistrationTransferRequested(
                registration_id=self.registration_id,
                transferred_from=self.transferred_from,
                member_id=asked.member_id,
                branch_id=branch_id,
                community_id=self.community_id,
                from_community_id=asked.community_id,
                residence=self.residence,
                phone=self.phone,
            )
        )


@dataclass(kw_only=True)
class DeregisterMember(Command):
    """注销报到: the branch or the community ends the registration, for a reason (R10)."""

    registration_id: str
    reason_code: DeregistrationReason
    note: str | None = None
    memberships: Memberships = field(init=False, default_factory=Memberships)
    requests: RegistrationRequests = field(init=False, default_factory=RegistrationRequests)
    registrations: Registrations = field(init=False, default_factory=Registrations)

    def consistency_boundary(self) -> list[Selector]:
        return self.requests.boundary(self.registration_id)

    def execute(self) -> None:
        asked = self.requests.asked(self.registration_id)
        branch_id = self.memberships.branch_of(asked.member_id)
        if self.by.organisation_id not in {branch_id, asked.community_id}:
            raise UnknownRegistration
        require_active(asked, self.registrations)
        self.happened(
            MemberDeregistered(
                registration_id=self.registration_id,
                member_id=asked.member_id,
                branch_id=branch_id,
                community_id=asked.community_id,
                reason_code=self.reason_code,
                note=self.note,
            )
        )
