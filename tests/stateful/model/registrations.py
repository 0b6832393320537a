"""Registration, its answer, transfer and end: at most one active one per member (R8, R9, R10)."""

from service.domain.registration_answer import AcceptRegistration, DeclineRegistration
from service.domain.registration_request import RegisterMember
from service.domain.registration_transfer import DeregisterMember, RequestTransfer
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Registration, Town
from tests.stateful.papers import PHONES


@predicts(RegisterMember)
def register_member(town: Town, command: RegisterMember) -> Prediction:
    """With a valid certificate, where the member lives or the unit is paired (R8, R9)."""
    member, community = command.member_id, command.community_id
    branch = town.branches.get(member)
    if branch is None or command.by.organisation_id not in {branch, community}:
        return refused("UnknownMember")
    line = town.lines.get(branch, ())
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(community) != "community",
        CertificateNotValid=town.valid.get(member) != command.certificate_no,
        AlreadyRegistered=any(town.registration(member, each) for each in ("active", "waiting")),
        UnitNotPaired=command.basis == "paired_unit"
        and not any((each, community) in town.paired for each in line),
        InvalidPhone=not PHONES[command.phone],
    ):
        return wrong
    town.registrations[command.registration_id] = Registration(member, community)
    town.stated[member].update(command.specialities)
    nearest = [town.deadlines[each] for each in line if each in town.deadlines]
    return happens("MemberRegistered", branch_id=branch, deadline=nearest[0] if nearest else None)


@predicts(AcceptRegistration)
def accept_registration(town: Town, command: AcceptRegistration) -> Prediction:
    """By the community that was asked; the registration moved from ends with it (R9, R10)."""
    asked = town.registrations.get(command.registration_id)
    if asked is None or asked.community != command.by.organisation_id:
        return refused("UnknownRegistration")
    if asked.state != "waiting":
        return refused("RegistrationNotWaiting")
    left = town.registration(asked.member, "active")
    if left is not None:
        left.state = "over"
    asked.state = "active"
    town.checked_in[asked.member] = asked.community
    return happens(
        "RegistrationAccepted",
        member_id=asked.member,
        community_id=asked.community,
        branch_id=town.branches[asked.member],
        transferred_from=asked.moved_from,
        from_community_id=left.community if left else None,
    )


@predicts(DeclineRegistration)
def decline_registration(town: Town, command: DeclineRegistration) -> Prediction:
    """By the community that was asked; the member stays where they were (R9, R10)."""
    asked = town.registrations.get(command.registration_id)
    if asked is None or asked.community != command.by.organisation_id:
        return refused("UnknownRegistration")
    if asked.state != "waiting":
        return refused("RegistrationNotWaiting")
    asked.state = "over"
    return happens(
        "RegistrationDeclined",
        member_id=asked.member,
        branch_id=town.branches[asked.member],
        transferred_from=asked.moved_from,
    )


@predicts(RequestTransfer)
def request_transfer(town: Town, command: RequestTransfer) -> Prediction:
    """The old community is responsible until the new one accepts (R10)."""
    old = town.registrations.get(command.transferred_from)
    if old is None:
        return refused("UnknownRegistration")
    branch = town.branches[old.member]
    if command.by.organisation_id not in {branch, old.community, command.community_id}:
        return refused("UnknownRegistration")
    if wrong := broken(
        RegistrationNotActive=old.state != "active",
        UnknownOrganisation=town.kinds.get(command.community_id) != "community",
        AlreadyInCommunity=command.community_id == old.community,
        TransferInFlight=town.registration(old.member, "waiting") is not None,
        InvalidPhone=not PHONES[command.phone],
    ):
        return wrong
    town.registrations[command.registration_id] = Registration(
        old.member, command.community_id, command.transferred_from
    )
    return happens(
        "RegistrationTransferRequested",
        member_id=old.member,
        branch_id=branch,
        from_community_id=old.community,
    )


@predicts(DeregisterMember)
def deregister_member(town: Town, command: DeregisterMember) -> Prediction:
    """Ends the registration, and a transfer of it that waits lapses (R10)."""
    registration = town.registrations.get(command.registration_id)
    if registration is None:
        return refused("UnknownRegistration")
    branch = town.branches[registration.member]
    if command.by.organisation_id not in {branch, registration.community}:
        return refused("UnknownRegistration")
    if registration.state != "active":
        return refused("RegistrationNotActive")
    registration.state = "over"
    if moving := town.registration(registration.member, "waiting"):
        moving.state = "over"
    return happens("MemberDeregistered", member_id=registration.member, branch_id=branch)
