"""Where the member belongs and is registered, and what was found and told of them (R29)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from service.domain.certificate import (
    CertificateIssued,
    CertificateReportedFull,
    CertificateReportedLost,
    CertificateWithdrawn,
)
from service.domain.exemption import ExemptionEnded, MemberExempted
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.inspection import (
    DiscrepancyDismissed,
    DiscrepancyFound,
    DiscrepancyResolved,
    InspectionConfirmed,
)
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.registration import (
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
    RegistrationTransferRequested,
)
from service.domain.registration_deadline import is_late
from service.eventstore.mapping import Recorded
from service.projections.vetting_evidence_statement import Item, ended, said, signature
from service.projections.view import Folds


@dataclass(slots=True)
class _State:
    member: Item = field(default_factory=dict)
    exemptions: dict[str, Item] = field(default_factory=dict)
    certificates: dict[str, Item] = field(default_factory=dict)
    registrations: dict[str, Item] = field(default_factory=dict)
    inspections: list[Item] = field(default_factory=list)
    discrepancies: dict[str, Item] = field(default_factory=dict)
    feedback: list[Item] = field(default_factory=list)


folds = Folds[_State]()


def standing(recorded: Iterable[Recorded]) -> Item:
    """The sections ``member`` to ``registrations`` and ``inspections`` to ``feedback``.

    Among the events are inspections of branches at other times; they are left out.
    """
    state = _State()
    folds.fold(state, folds.relevant(list(recorded)))
    return {
        "member": state.member | {"exemptions": list(state.exemptions.values())},
        "certificates": list(state.certificates.values()),
        "registrations": list(state.registrations.values()),
        "inspections": state.inspections,
        "discrepancies": list(state.discrepancies.values()),
        "feedback": state.feedback,
    }


@folds.on(MemberEnrolled)
def _(state: _State, event: MemberEnrolled, at: Recorded) -> None:
    state.member = {
        "member_id": event.member_id,
        "member_no": event.member_no,
        "name": event.name,
        "branches": [{"branch_id": event.branch_id, "since": said(at)}],
    }


@folds.on(BranchTransferAccepted)
def _(state: _State, event: BranchTransferAccepted, at: Recorded) -> None:
    state.member["branches"].append({"branch_id": event.to_branch_id, "since": said(at)})


@folds.on(MemberExempted)
def _(state: _State, event: MemberExempted, at: Recorded) -> None:
    state.exemptions[event.exemption_id] = {
        "exemption_id": event.exemption_id,
        "reason_code": event.reason_code,
        "starts_on": event.starts_on,
        "ends_on": event.ends_on,
        "granted": said(at),
        "ended": None,
    }


@folds.on(ExemptionEnded)
def _(state: _State, event: ExemptionEnded, at: Recorded) -> None:
    state.exemptions[event.exemption_id] |= {"ends_on": event.ended_on, "ended": ended(at)}


@folds.on(CertificateIssued)
def _(state: _State, event: CertificateIssued, at: Recorded) -> None:
    replaced = state.certificates.get(event.replaces or "")
    if replaced is not None and replaced["state"] == "valid":
        replaced |= {"state": "replaced", "ended": ended(at)}
    state.certificates[event.certificate_no] = {
        "certificate_no": event.certificate_no,
        "branch_id": event.branch_id,
        "state": "valid",
        "issued": said(at),
        "signature": signature(event.signature),
        "ended": None,
    }


_Ending = CertificateReportedLost | CertificateReportedFull | CertificateWithdrawn


def _end_certificate(state: _State, event: _Ending, at: Recorded) -> None:
    state.certificates[event.certificate_no] |= {
        "state": _ENDINGS[type(event)],
        "ended": ended(at),
    }


_ENDINGS: dict[type[_Ending], str] = {
    CertificateReportedLost: "lost",
    CertificateReportedFull: "full",
    CertificateWithdrawn: "withdrawn",
}
folds.on(CertificateReportedLost)(_end_certificate)
folds.on(CertificateReportedFull)(_end_certificate)
folds.on(CertificateWithdrawn)(_end_certificate)


def _registration(event: MemberRegistered | RegistrationTransferRequested, at: Recorded) -> Item:
    return {
        "registration_id": event.registration_id,
        "community_id": event.community_id,
        "certificate_no": None,
        "transferred_from": None,
        "state": "waiting",
        "deadline": None,
        "late": False,
        "receipt_no": None,
        "presented": said(at),
        "answered": None,
        "ended": None,
    }


@folds.on(MemberRegistered)
def _(state: _State, event: MemberRegistered, at: Recorded) -> None:
    state.registrations[event.registration_id] = _registration(event, at) | {
        "certificate_no": event.certificate_no,
        "deadline": event.deadline,
        "late": is_late(at.occurred_at, event.deadline),
    }


@folds.on(RegistrationTransferRequested)
def _(state: _State, event: RegistrationTransferRequested, at: Recorded) -> None:
    state.registrations[event.registration_id] = _registration(event, at) | {
        "transferred_from": event.transferred_from
    }


@folds.on(RegistrationAccepted)
def _(state: _State, event: RegistrationAccepted, at: Recorded) -> None:
    state.registrations[event.registration_id] |= {
        "state": "accepted",
        "receipt_no": event.receipt_no,
        "answered": ended(at),
    }
    if event.transferred_from is not None:
        state.registrations[event.transferred_from] |= {"state": "transferred", "ended": ended(at)}


@folds.on(RegistrationDeclined)
def _(state: _State, event: RegistrationDeclined, at: Recorded) -> None:
    state.registrations[event.registration_id] |= {"state": "declined", "answered": ended(at)}


@folds.on(MemberDeregistered)
def _(state: _State, event: MemberDeregistered, at: Recorded) -> None:
    state.registrations[event.registration_id] |= {"state": "deregistered", "ended": ended(at)}


@folds.on(InspectionConfirmed)
def _(state: _State, event: InspectionConfirmed, at: Recorded) -> None:
    # Branches are inspected before the member comes and after they have left as well.
    if not state.member or state.member["branches"][-1]["branch_id"] != event.branch_id:
        return
    state.inspections.append(
        {
            "inspection_id": event.inspection_id,
            "branch_id": event.branch_id,
            "month": event.month,
            "confirmed": said(at),
        }
    )


def _discrepancy(event: DiscrepancyFound | DiscrepancyDismissed, at: Recorded) -> Item:
    return {
        "discrepancy_id": event.discrepancy_id,
        "inspection_id": event.inspection_id,
        "participation_id": event.participation_id,
        "kind": event.kind,
        "state": "open",
        "note": None,
        "reason_code": None,
        "resolution": None,
        "found": said(at),
        "resolved": None,
    }


@folds.on(DiscrepancyFound)
def _(state: _State, event: DiscrepancyFound, at: Recorded) -> None:
    found = _discrepancy(event, at)
    state.discrepancies[event.discrepancy_id] = found | {"note": event.note}


@folds.on(DiscrepancyDismissed)
def _(state: _State, event: DiscrepancyDismissed, at: Recorded) -> None:
    found = _discrepancy(event, at)
    state.discrepancies[event.discrepancy_id] = found | {
        "state": "dismissed",
        "reason_code": event.reason_code,
    }


@folds.on(DiscrepancyResolved)
def _(state: _State, event: DiscrepancyResolved, at: Recorded) -> None:
    state.discrepancies[event.discrepancy_id] |= {
        "state": "resolved",
        "resolution": event.resolution,
        "resolved": ended(at),
    }


@folds.on(QuarterlyFeedbackGiven)
def _(state: _State, event: QuarterlyFeedbackGiven, at: Recorded) -> None:
    state.feedback.append(
        {
            "feedback_id": event.feedback_id,
            "community_id": event.community_id,
            "quarter": event.quarter,
            "performance": event.performance,
            "text": event.text,
            "given": said(at),
        }
    )
