"""答复报到: the addressed community accepts or declines, registrations and transfers (R9, R10)."""

from dataclasses import dataclass, field

from service.domain.event import Actor, Command, Selector
from service.domain.membership import Memberships
from service.domain.registration import (
    DeclineReason,
    RegistrationAccepted,
    RegistrationDeclined,
    RegistrationNotWaiting,
    RegistrationRequests,
    Registrations,
    Standing,
    UnknownRegistration,
)


def to_answer(by: Actor, asked: Standing, registrations: Registrations) -> None:
    """Refused unless the addressed community acts and the registration still waits (R9)."""
    if by.organisation_id != asked.community_id:
        raise UnknownRegistration
    if registrations.waiting.get(asked.member_id) != asked:
        raise RegistrationNotWaiting


@dataclass(kw_only=True)
class AcceptRegistration(Command):
    """接收报到: the member is registered here from now on, and nowhere else (R9, R10)."""

    registration_id: str
    receipt_no: str
    note: str | None = None
    memberships: Memberships = field(init=False, default_factory=Memberships)
    requests: RegistrationRequests = field(init=False, default_factory=RegistrationRequests)
    registrations: Registrations = field(init=False, default_factory=Registrations)

    def consistency_boundary(self) -> list[Selector]:
        return self.requests.boundary(self.registration_id)

    def execute(self) -> None:
        asked = self.requests.asked(self.registration_id)
        to_answer(self.by, asked, self.registrations)
        self.happened(
            RegistrationAccepted(
                registration_id=self.registration_id,
                member_id=asked.member_id,
                branch_id=self.memberships.branch_of(asked.member_id),
                community_id=asked.community_id,
                receipt_no=self.receipt_no,
                transferred_from=asked.transferred_from,
                from_community_id=self.registrations.community_of(asked.member_id),
                note=self.note,
            )
        )


@dataclass(kw_only=True)
class DeclineRegistration(Command):
    """不予接收: for a reason; a declined transfer leaves the member where they were (R9, R10)."""

    registration_id: str
    reason_code: DeclineReason
    note: str | None = None
    memberships: Memberships = field(init=False, default_factory=Memberships)
    requests: RegistrationRequests = field(init=False, default_factory=RegistrationRequests)
    registrations: Registrations = field(init=False, default_factory=Registrations)

    def consistency_boundary(self) -> list[Selector]:
        return self.requests.boundary(self.registration_id)

    def execute(self) -> None:
        asked = self.requests.asked(self.registration_id)
        to_answer(self.by, asked, self.registrations)
        self.happened(
            RegistrationDeclined(
                registration_id=self.registration_id,
                member_id=asked.member_id,
                branch_id=self.memberships.branch_of(asked.member_id),
                community_id=asked.community_id,
                reason_code=self.reason_code,
                note=self.note,
                transferred_from=asked.transferred_from,
            )
        )
