"""Who a member is becomes unreadable, on two persons' word; and who read what (R40)."""

import re
from datetime import timedelta

from service.domain.erasing import CancelErasure, ConfirmErasure, EraseSubject, RequestErasure
from service.domain.reading_seal import SealReadings
from tests.stateful.model.officers import not_responsible
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import ERASED, Erasure, Town

SEVEN_DAYS = timedelta(days=7)
_DOCUMENT_NO = re.compile("[一-鿿]{1,20}〔[0-9]{4}〕[0-9]{1,5}号")


@predicts(RequestErasure)
def request_erasure(town: Town, command: RequestErasure) -> Prediction:
    """By somebody appointed in the member's branch or above it, never in their own matter."""
    by, member = command.by, command.member_id
    branch = town.branches.get(member) or None
    if branch is None or by.organisation_id not in town.lines[branch]:
        return refused("UnknownMember")
    officer = town.officers.get((by.organisation_id, by.person))
    if wrong := broken(
        OfficerNotAppointed=officer is None,
        ErasureInOwnMatter=officer is not None and officer.person == town.natural[member],
        DocumentNoMalformed=_DOCUMENT_NO.fullmatch(command.document_no) is None,
        ErasureUnderWay=any(
            each.member == member and each.state in {"asked", "confirmed"}
            for each in town.erasures.values()
        ),
    ):
        return wrong
    assert officer is not None
    town.erasures[command.erasure_id] = Erasure(member, branch, officer.person)
    return happens("ErasureRequested", branch_id=branch, requested_by_person=officer.person)


def _in_charge(town: Town, command: ConfirmErasure | CancelErasure) -> Erasure | None:
    """The erasure, if the branch it was asked for acts or one above that."""
    erasure = town.erasures.get(command.erasure_id)
    in_charge = erasure is not None and command.by.organisation_id in town.lines[erasure.branch]
    return erasure if in_charge else None


@predicts(ConfirmErasure)
def confirm_erasure(town: Town, command: ConfirmErasure) -> Prediction:
    """By a responsible person who is neither who asked nor the member; then a week passes."""
    erasure = _in_charge(town, command)
    if erasure is None:
        return refused("UnknownErasure")
    officer = town.officers.get((command.by.organisation_id, command.by.person))
    if wrong := broken(
        **not_responsible(town, command.by),
        ErasureNotOpen=erasure.state != "asked",
        ErasureConfirmedByRequester=officer is not None and officer.person == erasure.requester,
        ErasureInOwnMatter=officer is not None and officer.person == town.natural[erasure.member],
    ):
        return wrong
    erasure.state, erasure.due = "confirmed", command.at + SEVEN_DAYS
    return happens("ErasureConfirmed", member_id=erasure.member, due_at=erasure.due)


@predicts(CancelErasure)
def cancel_erasure(town: Town, command: CancelErasure) -> Prediction:
    """By anybody appointed there, until the week has passed."""
    erasure = _in_charge(town, command)
    if erasure is None:
        return refused("UnknownErasure")
    by = command.by.organisation_id, command.by.person
    if wrong := broken(
        OfficerNotAppointed=by not in town.officers,
        ErasureNotOpen=erasure.state in {"cancelled", "erased"},
        CancelWindowClosed=erasure.due is not None and command.at >= erasure.due,
    ):
        return wrong
    erasure.state = "cancelled"
    return happens("ErasureCancelled", member_id=erasure.member, branch_id=erasure.branch)


@predicts(EraseSubject)
def erase_subject(town: Town, command: EraseSubject) -> Prediction:
    """By the service, when the week has passed: nobody's branch, nobody's account any more."""
    erasure = town.erasures.get(command.erasure_id)
    if erasure is None:
        return refused("UnknownErasure")
    if wrong := broken(
        ErasureNotOpen=erasure.state in {"cancelled", "erased"},
        ErasureNotDue=erasure.due is None or command.at < erasure.due,
    ):
        return wrong
    member, erasure.state = erasure.member, "erased"
    branch, town.branches[member] = town.branches[member], ERASED
    town.persons.discard(town.natural[member])
    for account in town.accounts.values():
        if account.member == member:
            account.state = "closed"
    return happens(
        "SubjectErased",
        member_id=member,
        branch_id=branch,
        person=town.natural[member],
        key_fingerprints=command.key_fingerprints,
    )


@predicts(SealReadings)
def seal_readings(town: Town, command: SealReadings) -> Prediction:
    """The next ones, once (R40)."""
    if wrong := broken(
        ReadingsAlreadySealed=command.first <= town.sealed,
        ReadingsOutOfOrder=command.first != town.sealed + 1 or command.last < command.first,
    ):
        return wrong
    town.sealed = command.last
    return happens("ReadingsSealed", first=command.first, last=command.last)
