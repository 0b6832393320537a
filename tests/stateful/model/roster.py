"""Roster, moves between branches and exemptions (R2, R3, R4)."""

from datetime import timedelta

from service.domain.branch_transfer import (
    AcceptBranchTransfer,
    RefuseBranchTransfer,
    RequestBranchTransfer,
)
from service.domain.exemption import EndExemption, ExemptMember
from service.domain.roster import EnrolMember, Enrolment, PublishRoster
from tests.stateful.model.prediction import Expected, Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Exemption, Town, Transfer
from tests.stateful.papers import ID_NUMBERS, PHONES


def _faults(
    enrolment: EnrolMember | Enrolment, member_nos: set[str], persons: set[str]
) -> dict[str, bool]:
    return {
        "MemberNoTaken": enrolment.member_no in member_nos,
        "PersonAlreadyEnrolled": enrolment.person in persons,
        "InvalidIdNumber": not ID_NUMBERS[enrolment.id_number],
        "InvalidPhone": not PHONES[enrolment.phone],
    }


def _enrol(town: Town, branch: str, enrolment: EnrolMember | Enrolment) -> None:
    town.branches[enrolment.member_id] = branch
    town.member_nos.add(enrolment.member_no)
    town.persons.add(enrolment.person)
    town.natural[enrolment.member_id] = enrolment.person
    town.stated[enrolment.member_id] = set(enrolment.specialities)


@predicts(EnrolMember)
def enrol_member(town: Town, command: EnrolMember) -> Prediction:
    """One member, whose number and person are nobody else's (R2)."""
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(command.branch_id) != "branch",
        **_faults(command, town.member_nos, town.persons),
    ):
        return wrong
    _enrol(town, command.branch_id, command)
    return happens("MemberEnrolled", branch_id=command.branch_id)


@predicts(PublishRoster)
def publish_roster(town: Town, command: PublishRoster) -> Prediction:
    """All rows or none; the stated head count is the listed one or explained (R2)."""
    if town.kinds.get(command.branch_id) != "branch":
        return refused("UnknownOrganisation")
    member_nos, persons, faulty = set(town.member_nos), set(town.persons), False
    for row in command.enrolments:
        faulty = faulty or any(_faults(row, member_nos, persons).values())
        member_nos.add(row.member_no)
        persons.add(row.person)
    listed = list(town.branches.values()).count(command.branch_id) + len(command.enrolments)
    explanation = (command.difference_explained or "").strip() or None
    differs = listed != command.stated_head_count
    if wrong := broken(RosterRowsRefused=faulty, HeadCountDiffers=differs and explanation is None):
        return wrong
    for row in command.enrolments:
        _enrol(town, command.branch_id, row)
    published: dict[str, object] = {
        "listed_head_count": listed,
        "difference_explained": explanation if differs else None,
    }
    events: list[Expected] = [
        ("MemberEnrolled", {"member_id": row.member_id, "branch_id": command.branch_id})
        for row in command.enrolments
    ]
    return Prediction(events=(*events, ("RosterPublished", published)))


@predicts(RequestBranchTransfer)
def request_branch_transfer(town: Town, command: RequestBranchTransfer) -> Prediction:
    """By the member's branch, to another one, one at a time (R4)."""
    branch = town.branches.get(command.member_id)
    if branch is None or branch != command.by.organisation_id:
        return refused("UnknownMember")
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(command.to_branch_id) != "branch",
        AlreadyInBranch=command.to_branch_id == branch,
        BranchTransferInFlight=any(
            each.member == command.member_id and not each.answered
            for each in town.transfers.values()
        ),
    ):
        return wrong
    town.transfers[command.transfer_id] = Transfer(command.member_id, branch, command.to_branch_id)
    return happens("BranchTransferRequested", branch_id=branch)


def _answer(town: Town, transfer_id: str, acting: str) -> Transfer | Prediction:
    transfer = town.transfers.get(transfer_id)
    if transfer is None or transfer.target != acting:
        return refused("UnknownBranchTransfer")
    if transfer.answered:
        return refused("BranchTransferAnswered")
    transfer.answered = True
    return transfer


@predicts(AcceptBranchTransfer)
def accept_branch_transfer(town: Town, command: AcceptBranchTransfer) -> Prediction:
    """From now on, and not before, the new branch is responsible (R4)."""
    transfer = _answer(town, command.transfer_id, command.by.organisation_id)
    if isinstance(transfer, Prediction):
        return transfer
    town.branches[transfer.member] = transfer.target
    return happens(
        "BranchTransferAccepted",
        member_id=transfer.member,
        branch_id=transfer.origin,
        to_branch_id=transfer.target,
    )


@predicts(RefuseBranchTransfer)
def refuse_branch_transfer(town: Town, command: RefuseBranchTransfer) -> Prediction:
    """The old branch stays responsible (R4)."""
    transfer = _answer(town, command.transfer_id, command.by.organisation_id)
    if isinstance(transfer, Prediction):
        return transfer
    return happens("BranchTransferRefused", member_id=transfer.member, branch_id=transfer.origin)


@predicts(ExemptMember)
def exempt_member(town: Town, command: ExemptMember) -> Prediction:
    """For a term, of which no day is in another (R3)."""
    branch = town.branches.get(command.member_id)
    if branch is None or branch != command.by.organisation_id:
        return refused("UnknownMember")
    exemption = Exemption(command.member_id, command.starts_on, command.ends_on)
    if wrong := broken(
        ExemptionTermReversed=not exemption.days(),
        ExemptionsOverlap=any(
            each.member == command.member_id and each.days() & exemption.days()
            for each in town.exemptions.values()
        ),
    ):
        return wrong
    town.exemptions[command.exemption_id] = exemption
    return happens("MemberExempted", branch_id=branch)


@predicts(EndExemption)
def end_exemption(town: Town, command: EndExemption) -> Prediction:
    """Earlier than the term said; the day before it starts takes all of it back (R3)."""
    exemption = town.exemptions.get(command.exemption_id)
    if exemption is None or town.branches[exemption.member] != command.by.organisation_id:
        return refused("UnknownExemption")
    day_before = exemption.first - timedelta(days=1)
    if command.ended_on < day_before or command.ended_on >= exemption.last:
        return refused("ExemptionEndOutsideTerm")
    exemption.last = command.ended_on
    return happens("ExemptionEnded", member_id=exemption.member)
