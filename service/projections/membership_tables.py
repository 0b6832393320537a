"""The tables of `membership` and how each event changes them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from service.domain.branch_transfer import BranchTransferRefused, BranchTransferRequested
from service.domain.certificate import (
    CertificateIssued,
    CertificateReportedFull,
    CertificateReportedLost,
    CertificateWithdrawn,
)
from service.domain.exemption import ExemptionEnded, MemberExempted
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.registration import (
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
    RegistrationTransferRequested,
)
from service.eventstore.mapping import Recorded
from service.projections.fence import belonging, of_member
from service.projections.view import Build, Folds, Table

RegistrationState = Literal["none", "waiting", "accepted", "declined", "deregistered"]
CertificateState = Literal["valid", "lost", "full", "withdrawn"]


@dataclass(slots=True)
class _Member:
    member_id: str
    position: int
    branch_id: str
    member_no: str
    name: str
    id_number: str
    phone: str
    specialities: list[str]
    joining_branch_id: str | None = None
    certificate_no: str | None = None
    certificate_state: str | None = None
    registration_state: str = "none"
    registration_id: str | None = None
    community_id: str | None = None
    registered_at: datetime | None = None
    deadline: datetime | None = None
    accepted_at: datetime | None = None
    receipt_no: str | None = None
    residence: str | None = None
    contact_phone: str | None = None
    service_intentions: list[str] = field(default_factory=list)
    transfer_registration_id: str | None = None
    transfer_community_id: str | None = None


@dataclass(slots=True)
class _Exemption:
    exemption_id: str
    member_id: str
    reason_code: str
    starts_on: date
    ends_on: date


_MEMBERS = Table(
    "membership_member",
    _Member,
    """
    member_id text PRIMARY KEY,
    position bigint NOT NULL,
    branch_id text NOT NULL,
    member_no text NOT NULL,
    name text NOT NULL,
    id_number text NOT NULL,
    phone text NOT NULL,
    specialities text[] NOT NULL,
    joining_branch_id text,
    certificate_no text,
    certificate_state text,
    registration_state text NOT NULL,
    registration_id text,
    community_id text,
    registered_at timestamptz,
    deadline timestamptz,
    accepted_at timestamptz,
    receipt_no text,
    residence text,
    contact_phone text,
    service_intentions text[] NOT NULL,
    transfer_registration_id text,
    transfer_community_id text
    """,
    ("(branch_id, position)", "(community_id, position)", "(transfer_community_id, position)"),
    belonging(
        "branch_id",
        "CASE WHEN registration_state IN ('waiting', 'accepted') THEN community_id END",
        "transfer_community_id",
    ),
)
_EXEMPTIONS = Table(
    "membership_exemption",
    _Exemption,
    """
    exemption_id text PRIMARY KEY,
    member_id text NOT NULL,
    reason_code text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL
    """,
    ("(member_id)",),
    of_member("membership_member", "membership_exemption"),
)


@dataclass(slots=True)
class _State:
    members: dict[str, _Member]
    exemptions: dict[str, _Exemption]


folds = Folds[_State]()


async def apply(build: Build, batch: Sequence[Recorded]) -> None:
    """Changes the rows that a batch touches."""
    batch = folds.relevant(batch)
    state = _State(
        await build.load(_MEMBERS, {vars(each.event).get("member_id", "") for each in batch}),
        await build.load(_EXEMPTIONS, folds.ids(batch, "exemption_id", ExemptionEnded)),
    )
    # Of an erased member there is no row any more, whatever is still said about them.
    known = state.members.keys() | {
        each.event.member_id for each in batch if isinstance(each.event, MemberEnrolled)
    }
    folds.fold(state, [e for e in batch if getattr(e.event, "member_id", "") in known])
    await build.save(_MEMBERS, state.members)
    await build.save(_EXEMPTIONS, state.exemptions)


TABLES: tuple[Table[Any], ...] = (_MEMBERS, _EXEMPTIONS)


@folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, at: Recorded) -> None:
    state.members[event.member_id] = _Member(
        event.member_id,
        at.position,
        event.branch_id,
        event.member_no,
        event.name,
        event.id_number,
        event.phone,
        list(event.specialities),
    )


@folds.on(BranchTransferRequested)
def _(state: _State, event: BranchTransferRequested, _at: Recorded) -> None:
    state.members[event.member_id].joining_branch_id = event.to_branch_id


@folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, _at: Recorded) -> None:
    member = state.members[event.member_id]
    member.branch_id, member.joining_branch_id = event.to_branch_id, None


@folds.on(BranchTransferRefused)
def _(state: _State, event: BranchTransferRefused, _at: Recorded) -> None:
    state.members[event.member_id].joining_branch_id = None


@folds.on(MemberExempted)
def _(state: _State, event: MemberExempted, _at: Recorded) -> None:
    state.exemptions[event.exemption_id] = _Exemption(
        event.exemption_id, event.member_id, event.reason_code, event.starts_on, event.ends_on
    )


@folds.on(ExemptionEnded)
def _(state: _State, event: ExemptionEnded, _at: Recorded) -> None:
    state.exemptions[event.exemption_id].ends_on = event.ended_on


@folds.on(CertificateIssued)
def _(state: _State, event: CertificateIssued, _at: Recorded) -> None:
    member = state.members[event.member_id]
    member.certificate_no, member.certificate_state = event.certificate_no, "valid"


_CertificateEnded = CertificateReportedLost | CertificateReportedFull | CertificateWithdrawn
_CERTIFICATE_STATES: dict[type, CertificateState] = {
    CertificateReportedLost: "lost",
    CertificateReportedFull: "full",
    CertificateWithdrawn: "withdrawn",
}


def _end_certificate(state: _State, event: _CertificateEnded, _at: Recorded) -> None:
    member = state.members[event.member_id]
    if member.certificate_no == event.certificate_no:
        member.certificate_state = _CERTIFICATE_STATES[type(event)]


folds.on(CertificateReportedLost)(_end_certificate)
folds.on(CertificateReportedFull)(_end_certificate)
folds.on(CertificateWithdrawn)(_end_certificate)


@folds.on(MemberRegistered)
def _(state: _State, event: MemberRegistered, at: Recorded) -> None:
    member = state.members[event.member_id]
    member.registration_state = "waiting"
    member.registration_id, member.community_id = event.registration_id, event.community_id
    member.registered_at, member.deadline = at.occurred_at, event.deadline
    member.accepted_at = member.receipt_no = None
    member.residence, member.contact_phone = event.residence, event.phone
    member.service_intentions = list(event.service_intentions)


@folds.on(RegistrationTransferRequested)
def _(state: _State, event: RegistrationTransferRequested, _at: Recorded) -> None:
    member = state.members[event.member_id]
    member.transfer_registration_id = event.registration_id
    member.transfer_community_id = event.community_id
    # The new address is where the member is to be found from now on, whoever is responsible.
    member.residence, member.contact_phone = event.residence, event.phone


@folds.on(RegistrationAccepted)
def _(state: _State, event: RegistrationAccepted, at: Recorded) -> None:
    member = state.members[event.member_id]
    # A transfer keeps the moment of the first registration: moving house makes nobody late.
    member.registration_state = "accepted"
    member.registration_id, member.community_id = event.registration_id, event.community_id
    member.accepted_at, member.receipt_no = at.occurred_at, event.receipt_no
    member.transfer_registration_id = member.transfer_community_id = None


@folds.on(RegistrationDeclined)
def _(state: _State, event: RegistrationDeclined, _at: Recorded) -> None:
    member = state.members[event.member_id]
    if event.transferred_from is None:
        member.registration_state = "declined"
    member.transfer_registration_id = member.transfer_community_id = None


@folds.on(MemberDeregistered)
def _(state: _State, event: MemberDeregistered, _at: Recorded) -> None:
    member = state.members[event.member_id]
    member.registration_state = "deregistered"
    member.transfer_registration_id = member.transfer_community_id = None
