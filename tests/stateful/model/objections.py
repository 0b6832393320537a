"""Objections: raised in time, answered by somebody else, taken up higher when late (R39)."""

from datetime import timedelta

from service.domain.event import Actor
from service.domain.objecting import (
    AnswerObjection,
    EscalateObjection,
    RaiseObjection,
    WithdrawObjection,
)
from tests.stateful.model.decisions import person_of
from tests.stateful.model.deliberated import Objection
from tests.stateful.model.inspections import is_the_member, not_appointed
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.rule_packs import is_not_responsible
from tests.stateful.model.town import Town

THIRTY_DAYS = timedelta(days=30)


def _is_own(town: Town, by: Actor, member: str, *, on_paper: bool) -> bool:
    """Whether the member acts or, on paper, somebody of their branch; an erased one is nobody."""
    branch = town.branches.get(member) or None
    return by.organisation_id == branch and (on_paper or by.person == member)


@predicts(RaiseObjection)
def raise_objection(town: Town, command: RaiseObjection) -> Prediction:
    """Within 30 days of notice, one to the same at a time, and not after its answer (R39)."""
    by, member, said, today = command.by, command.member_id, command.said, command.at.date()
    if not _is_own(town, by, member, on_paper=command.on_paper):
        return refused("UnknownMember")
    against, subject = command.against.value, command.subject_id
    before = [
        each
        for each in town.objections.values()
        if (each.against, each.subject) == (against, subject)
    ]
    if wrong := broken(
        OfficerNotAppointed=command.on_paper and not_appointed(town, by),
        NothingToObjectTo=said is None,
        ObjectionBeforeNotice=said is not None and today < said.notified_on,
        ObjectionTooLate=said is not None and today > said.notified_on + THIRTY_DAYS,
        AlreadyObjectedTo=any(each.state == "open" for each in before),
        ObjectionAnsweredBefore=said is not None
        and any(
            each.event == said.event_id and each.state in {"upheld", "partly", "rejected"}
            for each in before
        ),
    ):
        return wrong
    assert said is not None
    heard = town.consultations[subject].said if against == "opinion" else []
    town.objections[command.objection_id] = Objection(
        member,
        said.organisation_id,
        against,
        subject,
        said.event_id,
        today + THIRTY_DAYS,
        first=len(heard) - 1,
    )
    return happens(
        "ObjectionRaised",
        member_id=member,
        organisation_id=said.organisation_id,
        raised_on=today,
        answer_due_on=today + THIRTY_DAYS,
    )


def _about(known: Objection) -> dict[str, object]:
    return {
        "member_id": known.member,
        "organisation_id": known.organisation,
        "against": known.against,
        "subject_id": known.subject,
    }


@predicts(WithdrawObjection)
def withdraw_objection(town: Town, command: WithdrawObjection) -> Prediction:
    """By the member, or on paper, while nobody has answered (R39)."""
    by, known = command.by, town.objections.get(command.objection_id)
    if known is None or not _is_own(town, by, known.member, on_paper=command.on_paper):
        return refused("UnknownObjection")
    if wrong := broken(
        OfficerNotAppointed=command.on_paper and not_appointed(town, by),
        ObjectionNotOpen=known.state != "open",
    ):
        return wrong
    known.state = "withdrawn"
    return happens("ObjectionWithdrawn", **_about(known))


def _judges(town: Town, known: Objection) -> set[str]:
    """Natural persons whose own word it is that is objected to."""
    if known.against == "opinion":
        asked = town.consultations[known.subject]
        return asked.signers | asked.countersigners
    if known.against == "decision":
        return town.decisions[known.subject].concluders
    return town.judges.get((known.against, known.subject), set())


@predicts(AnswerObjection)
def answer_objection(town: Town, command: AnswerObjection) -> Prediction:
    """By a responsible person there or above, whose word it was not (R39)."""
    by, known = command.by, town.objections.get(command.objection_id)
    if known is None or by.organisation_id not in town.lines[known.organisation]:
        return refused("UnknownObjection")
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, by),
        AnsweredByResponsiblePerson=is_not_responsible(town, by),
        ObjectionNotOpen=known.state != "open",
        NotInOwnMatter=is_the_member(town, by, known.member),
        AnsweredByObjectedTo=person_of(town, by) in _judges(town, known),
    ):
        return wrong
    known.state = command.outcome.value
    return happens("ObjectionAnswered", answering_id=by.organisation_id, **_about(known))


@predicts(EscalateObjection)
def escalate_objection(town: Town, command: EscalateObjection) -> Prediction:
    """By the service, the day after the answer was due, once, and as long again (R39)."""
    known, today = town.objections.get(command.objection_id), command.at.date()
    if known is None:
        return refused("UnknownObjection")
    above = town.lines[known.organisation][1:]
    if wrong := broken(
        ObjectionNotOpen=known.state != "open",
        EscalatedAlready=known.escalated,
        AnswerNotOverdue=today <= known.due,
        NothingAbove=not above,
    ):
        return wrong
    known.escalated, known.due = True, today + THIRTY_DAYS
    return happens(
        "ObjectionEscalated", above_id=above[0], answer_due_on=known.due, **_about(known)
    )
