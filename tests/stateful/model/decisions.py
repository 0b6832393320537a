"""What is decided about members, behind the gate, and revised after an objection (R26, R39)."""

from service.domain.deciding import ConcludeDecision, ExplainAbsence, OpenDecision, OverrideGate
from service.domain.event import Actor
from service.domain.reconsidering import ReviseDecision
from tests.stateful.model.decision_periods import RESULTS, wrong_period
from tests.stateful.model.deliberated import Decision
from tests.stateful.model.gate import REFUSED_AS, Gate, gate
from tests.stateful.model.inspections import is_the_member, not_appointed
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.rule_packs import is_not_responsible
from tests.stateful.model.town import Town
from tests.stateful.papers import OPEN_TEXTS


@predicts(OpenDecision)
def open_decision(town: Town, command: OpenDecision) -> Prediction:
    """By the member's branch, one of a purpose for a period that has begun (R26)."""
    by, member, purpose = command.by, command.member_id, command.purpose.value
    if by.organisation_id != (town.branches.get(member) or None):
        return refused("UnknownMember")
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, by),
        VettingOpenedByAuthority=purpose == "vetting",
        DecisionAlreadyOpened=any(
            (each.member, each.purpose, each.period) == (member, purpose, command.period)
            for each in town.decisions.values()
        ),
        **wrong_period(purpose, command.period, command.at.date(), ahead="PeriodNotOver"),
    ):
        return wrong
    town.decisions[command.decision_id] = Decision(member, purpose, command.period)
    return happens("DecisionOpened", member_id=member, branch_id=by.organisation_id)


def may_not_decide(town: Town, by: Actor, member: str) -> dict[str, bool]:
    """What speaks against this person's deciding on the member at all (R6, R26)."""
    return {
        "OfficerNotAppointed": not_appointed(town, by),
        "DecisionByResponsiblePerson": is_not_responsible(town, by),
        "NotInOwnMatter": is_the_member(town, by, member),
    }


def person_of(town: Town, by: Actor) -> str:
    """Who acts, as a natural person; nobody's if they are not appointed."""
    officer = town.officers.get((by.organisation_id, by.person))
    return officer.person if officer else ""


@predicts(ExplainAbsence)
def explain_absence(town: Town, command: ExplainAbsence) -> Prediction:
    """By the branch of somebody whom no community ever accepted (R26)."""
    by, member = command.by, command.member_id
    if by.organisation_id != (town.branches.get(member) or None):
        return refused("UnknownMember")
    if wrong := broken(
        **may_not_decide(town, by, member), MemberHasCheckedIn=member in town.checked_in
    ):
        return wrong
    town.explained[member] = command.at.date()
    return happens(
        "AbsenceExplained",
        member_id=member,
        branch_id=by.organisation_id,
        explained_on=command.at.date(),
    )


def _decided_by(town: Town, by: Actor, decision_id: str) -> Decision | None:
    """The decision, if the one who decides acts or one above it; of nobody who was erased."""
    known = town.decisions.get(decision_id)
    branch = town.branches[known.member] if known else None
    if known is None or not branch:
        return None
    return known if by.organisation_id in town.lines[known.authority or branch] else None


def _named(town: Town, by: Actor, known: Decision) -> dict[str, object]:
    return {
        "member_id": known.member,
        "organisation_id": by.organisation_id,
        "branch_id": None if known.authority else town.branches[known.member],
    }


@predicts(OverrideGate)
def override_gate(town: Town, command: OverrideGate) -> Prediction:
    """What fails now and was not overridden before; another person concludes (R26)."""
    by, known = command.by, _decided_by(town, command.by, command.decision_id)
    if known is None:
        return refused("UnknownDecision")
    shut = gate(town, known, command.at.date()).shut
    if wrong := broken(
        **may_not_decide(town, by, known.member),
        DecisionAlreadyConcluded=known.result is not None,
        NothingToOverride=set(shut) <= known.overridden.keys(),
    ):
        return wrong
    known.overriders.add(person_of(town, by))
    known.overridden.update(dict.fromkeys(shut, command.override_id))
    return happens("GateOverridden", conditions=tuple(shut), **_named(town, by, known))


def concluding(
    town: Town, by: Actor, known: Decision, result: str, document_no: str, stands: Gate
) -> dict[str, bool]:
    """What speaks against concluding: who, what, and the gate (R26)."""
    return {
        **may_not_decide(town, by, known.member),
        "ConcludedByOverrider": person_of(town, by) in known.overriders,
        "DecisionAlreadyConcluded": known.result is not None,
        "ResultNotOfPurpose": result not in RESULTS[known.purpose],
        "PersonalDataInOpenText": not OPEN_TEXTS[document_no],
        **{REFUSED_AS[each]: each not in known.overridden for each in stands.shut},
    }


def concluded(
    town: Town, by: Actor, known: Decision, result: str, stands: Gate
) -> dict[str, object]:
    """The decision has this result now; what its event says of the gate."""
    known.result = result
    known.concluders.add(person_of(town, by))
    return {
        **_named(town, by, known),
        "purpose": known.purpose,
        "period": known.period,
        "result": result,
        "opinion_ids": stands.opinions,
        "notices": stands.notices,
        "overridden": tuple(stands.shut),
        "override_ids": tuple(dict.fromkeys(known.overridden[each] for each in stands.shut)),
    }


@predicts(ConcludeDecision)
def conclude_decision(town: Town, command: ConcludeDecision) -> Prediction:
    """By the branch or above it, once, the gate being open or overridden by another (R26)."""
    by, known = command.by, _decided_by(town, command.by, command.decision_id)
    if known is None or known.authority is not None:
        return refused("UnknownDecision")
    stands, result = gate(town, known, command.at.date()), command.result.value
    if wrong := broken(**concluding(town, by, known, result, command.document_no, stands)):
        return wrong
    return happens("DecisionConcluded", **concluded(town, by, known, result, stands))


@predicts(ReviseDecision)
def revise_decision(town: Town, command: ReviseDecision) -> Prediction:
    """Once for an objection that was upheld, at least partly, and never for the worse (R39)."""
    by, result = command.by, command.result.value
    known = _decided_by(town, by, command.decision_id)
    if known is None:
        return refused("UnknownDecision")
    upheld = {
        name: each
        for name, each in town.objections.items()
        if (each.against, each.subject) == ("decision", command.decision_id)
        and each.state in {"upheld", "partly"}
        and not each.followed
    }
    best_first = RESULTS[known.purpose]
    if wrong := broken(
        **may_not_decide(town, by, known.member),
        ConcludedByOverrider=person_of(town, by) in known.overriders,
        DecisionNotConcluded=known.result is None,
        ResultNotOfPurpose=result not in best_first,
        DecisionDisputed=town.is_disputed("decision", command.decision_id),
        ObjectionNotUpheld=not upheld,
        WorseAfterObjection=known.result is not None
        and result in best_first
        and best_first.index(result) > best_first.index(known.result),
    ):
        return wrong
    for each in upheld.values():
        each.followed = True
    known.result = result
    known.concluders.add(person_of(town, by))
    return happens(
        "DecisionRevised",
        **_named(town, by, known),
        result=result,
        objection_id=list(upheld)[-1],
    )
