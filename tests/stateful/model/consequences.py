"""What is proposed, concluded and taken back about members and units (R18, R28, R31)."""

from collections.abc import Mapping
from datetime import date

from service.domain.concluding import ConcludeCommendation, ConcludeDisqualification
from service.domain.dismissing import DismissProposal
from service.domain.event import Actor
from service.domain.proposing import ProposeConsequences
from service.domain.revoking import RevokeCommendation, RevokeDisqualification
from tests.stateful.model.inspections import is_the_member, not_appointed
from tests.stateful.model.organisations import UNITS
from tests.stateful.model.prediction import (
    Expected,
    Prediction,
    broken,
    happens,
    predicts,
    refused,
)
from tests.stateful.model.rule_packs import is_not_responsible
from tests.stateful.model.supervised import Conclusion, Proposal
from tests.stateful.model.town import Town
from tests.stateful.papers import OPEN_TEXTS

Whose = Proposal | Conclusion


@predicts(ProposeConsequences)
def propose_consequences(town: Town, command: ProposeConsequences) -> Prediction:
    """Each once, about members and units below whoever proposes; nothing follows from it (R28)."""
    by = command.by
    if wrong := broken(
        PeriodNotOver=command.year > command.at.year, OfficerNotAppointed=not_appointed(town, by)
    ):
        return wrong
    events: list[Expected] = []
    for each in command.findings:
        member, unit = each.subject.member_id, each.subject.organisation_id
        name = each.proposal_id(command.year)
        stands = town.branches.get(member) or None if member is not None else unit
        if (
            name in town.proposals
            or town.kinds.get(stands or "") not in UNITS
            or by.organisation_id not in town.lines[stands or ""]
            or (member is not None and stands != each.branch_id)
        ):
            continue
        outcome = each.outcome.value
        town.proposals[name] = Proposal(member, unit, command.year, outcome, each.document_no)
        said: dict[str, object] = {
            "proposal_id": name,
            "member_id": member,
            "branch_id": each.branch_id,
            "organisation_id": unit,
            "year": command.year,
            "outcome": outcome,
        }
        events.append(("ConsequenceProposed", said))
    return Prediction(events=tuple(events)) if events else refused("NothingToPropose")


def _not_to_conclude(town: Town, by: Actor, about: Whose | None) -> dict[str, bool] | None:
    """What speaks against this person's word about somebody; None where nobody is known."""
    if about is None:
        return None
    stands = about.unit if about.member is None else town.branches.get(about.member)
    if (
        town.kinds.get(stands or "") not in UNITS
        or by.organisation_id not in town.lines[stands or ""]
    ):
        return None
    return {
        "UnitConcludesOnItself": about.unit == by.organisation_id,
        "OfficerNotAppointed": not_appointed(town, by),
        "ConcludedByResponsiblePerson": is_not_responsible(town, by),
        "NotInOwnMatter": is_the_member(town, by, about.member),
    }


def _named(town: Town, about: Whose) -> dict[str, object]:
    return {
        "member_id": about.member,
        "branch_id": None if about.member is None else town.branches[about.member],
        "organisation_id": about.unit,
    }


def _worded(about: Whose, reason: str | None) -> dict[str, object]:
    """About a member it is sealed, about a unit open."""
    if about.member is None:
        return {"reason": None, "open_reason": reason}
    return {"reason": reason, "open_reason": None}


def _says_too_much(about: Whose, reason: str | None) -> bool:
    return about.member is None and not OPEN_TEXTS[reason]


@predicts(DismissProposal)
def dismiss_proposal(town: Town, command: DismissProposal) -> Prediction:
    """By whoever might have concluded on it, once (R28)."""
    known = town.proposals.get(command.proposal_id)
    rules = _not_to_conclude(town, command.by, known)
    if known is None or rules is None:
        return refused("UnknownProposal")
    if wrong := broken(
        **rules,
        ProposalAnswered=known.answered,
        PersonalDataInOpenText=_says_too_much(known, command.reason),
    ):
        return wrong
    known.answered = True
    return happens("ProposalDismissed", **_named(town, known), **_worded(known, command.reason))


def _standing(
    conclusions: Mapping[str, Conclusion], member: str | None, unit: str | None, year: int
) -> list[Conclusion]:
    return [
        each
        for each in conclusions.values()
        if not each.revoked and (each.member, each.unit, each.year) == (member, unit, year)
    ]


def _grounds(
    town: Town, command: ConcludeCommendation | ConcludeDisqualification, outcome: str
) -> tuple[Proposal, dict[str, bool]] | Prediction:
    """What is to be concluded on, and what speaks against concluding anything on it (R31)."""
    unknown = "UnknownProposal"
    if command.proposal_id is not None:
        known = town.proposals.get(command.proposal_id)
        causes = True
    else:
        assert command.stated is not None
        stated, subject = command.stated, command.stated.subject
        unknown = "UnknownOrganisation" if subject.member_id is None else "UnknownMember"
        causes = bool(stated.cause_event_ids)
        known = Proposal(
            subject.member_id, subject.organisation_id, stated.year, outcome, stated.document_no
        )
    rules = _not_to_conclude(town, command.by, known)
    if known is None or rules is None:
        return refused(unknown)
    return known, {
        **rules,
        "PeriodNotOver": known.year > command.at.year,
        "DocumentMissing": not known.document_no.strip(),
        "CauseMissing": not causes,
        "ProposalAnswered": known.answered,
        "ProposalDoesNotFit": known.outcome != outcome,
        "PersonalDataInOpenText": _says_too_much(known, command.reason),
    }


def _selection(town: Town, member: str | None, year: int) -> str | None:
    """The decision by which the member was selected for a year."""
    for name, each in town.decisions.items():
        if (each.member, each.purpose, each.period) == (member, "selection", str(year)):
            return name if each.result == "selected" else None
    return None


@predicts(ConcludeCommendation)
def conclude_commendation(town: Town, command: ConcludeCommendation) -> Prediction:
    """With a rule and events, once a title and year, unless the eligibility was taken (R31).

    Of a member, once they were selected for the year and nobody disputes that (R26, R39).
    """
    grounds = _grounds(town, command, "recommended")
    if isinstance(grounds, Prediction):
        return grounds
    known, rules = grounds
    case = known.member, known.unit, known.year
    rules["PersonalDataInOpenText"] |= not OPEN_TEXTS[command.title]
    selection = _selection(town, known.member, known.year)
    if wrong := broken(
        **rules,
        EligibilityLost=bool(_standing(town.disqualifications, *case)),
        AlreadyCommended=any(
            each.title == command.title for each in _standing(town.commendations, *case)
        ),
        NotSelected=known.member is not None and selection is None,
        SelectionDisputed=selection is not None and town.is_disputed("decision", selection),
    ):
        return wrong
    known.answered = True
    town.commendations[command.commendation_id] = Conclusion(*case, command.title)
    return happens(
        "CommendationConcluded",
        **_named(town, known),
        **_worded(known, command.reason),
        year=known.year,
        document_no=known.document_no,
    )


@predicts(ConcludeDisqualification)
def conclude_disqualification(town: Town, command: ConcludeDisqualification) -> Prediction:
    """Of nobody of whom nothing is demanded, and of nobody who is commended (R3, R31)."""
    grounds = _grounds(town, command, "ineligible")
    if isinstance(grounds, Prediction):
        return grounds
    known, rules = grounds
    case = known.member, known.unit, known.year
    judged_on = min(date(known.year, 12, 31), command.at.date()).toordinal()
    if wrong := broken(
        **rules,
        NothingDemandedOfExempt=any(
            each.member == known.member and judged_on in each.days()
            for each in town.exemptions.values()
        ),
        AlreadyDisqualified=bool(_standing(town.disqualifications, *case)),
        CommendationInForce=bool(_standing(town.commendations, *case)),
    ):
        return wrong
    known.answered = True
    town.disqualifications[command.disqualification_id] = Conclusion(*case)
    _judge(town, command.by, command.disqualification_id)
    return happens(
        "DisqualificationConcluded",
        **_named(town, known),
        **_worded(known, command.reason),
        year=known.year,
        document_no=known.document_no,
    )


def _taken_back(
    town: Town,
    command: RevokeCommendation | RevokeDisqualification,
    known: Conclusion | None,
    kind: str,
) -> Prediction:
    """By whoever might have concluded it, once (R18)."""
    rules = _not_to_conclude(town, command.by, known)
    if known is None or rules is None:
        return refused(f"Unknown{kind}")
    if wrong := broken(
        **rules,
        **{f"{kind}NotInForce": known.revoked},
        PersonalDataInOpenText=_says_too_much(known, command.reason),
    ):
        return wrong
    known.revoked = True
    return happens(f"{kind}Revoked", **_named(town, known), **_worded(known, command.reason))


@predicts(RevokeCommendation)
def revoke_commendation(town: Town, command: RevokeCommendation) -> Prediction:
    """The title is free again."""
    known = town.commendations.get(command.commendation_id)
    return _taken_back(town, command, known, "Commendation")


@predicts(RevokeDisqualification)
def revoke_disqualification(town: Town, command: RevokeDisqualification) -> Prediction:
    """The eligibility is there again."""
    known = town.disqualifications.get(command.disqualification_id)
    prediction = _taken_back(town, command, known, "Disqualification")
    if not prediction.refusals:
        _judge(town, command.by, command.disqualification_id)
    return prediction


def _judge(town: Town, by: Actor, disqualification_id: str) -> None:
    """It was this person's word as well, if the member objects to it."""
    person = town.officers[by.organisation_id, by.person].person
    town.judged("disqualification", disqualification_id, person)
