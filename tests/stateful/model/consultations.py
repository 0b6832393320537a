"""The community is asked, reminded, and asked no more; the subdistrict hears of silence (R26)."""

from datetime import date, timedelta

from service.domain.consulting import AskOpinion, WithdrawConsultation
from service.domain.event import Actor
from service.domain.recusing import DeclareRecusal
from service.domain.reminding import EscalateConsultation, OrderReminder, RemindOfOpinion
from tests.stateful.model.decision_periods import wrong_period
from tests.stateful.model.deliberated import Consultation
from tests.stateful.model.inspections import not_appointed
from tests.stateful.model.prediction import Expected, Prediction, broken, predicts, refused
from tests.stateful.model.rule_packs import is_not_responsible
from tests.stateful.model.town import Town
from tests.stateful.model.working_days import is_published, is_worked, working_day_after
from tests.stateful.papers import OPEN_TEXTS

A_WEEK, SIXTY_DAYS = timedelta(days=7), timedelta(days=60)


def happen(*events: Expected) -> Prediction:
    """Accepted: these events, one after the other."""
    return Prediction(events=events)


def _wrongly_due(today: date, due: date) -> dict[str, bool]:
    """A working day, not before the third from now and not after two months (ours)."""
    third = working_day_after(today, 3)
    return {
        "DueTooLate": due > today + SIXTY_DAYS,
        "CalendarNotPublished": third is None or not is_published(due),
        "DueTooSoon": third is not None and due < third,
        "DueNotOnWorkingDay": is_published(due) and not is_worked(due),
    }


@predicts(AskOpinion)
def ask_opinion(town: Town, command: AskOpinion) -> Prediction:
    """By the branch, before a vetting by an authority above it; one question at a time (R26)."""
    by, member, purpose = command.by, command.member_id, command.purpose.value
    branch, asker, today = town.branches.get(member, ""), by.organisation_id, command.at.date()
    line = town.lines.get(branch, ())
    is_authority = asker in line and town.kinds[asker] == "personnel_authority"
    if not branch or (asker != branch and not is_authority):
        return refused("UnknownMember")
    community = town.checked_in.get(member)
    question = member, asker, purpose, command.period
    if wrong := broken(
        AskedByOther=is_authority is not (purpose == "vetting"),
        OfficerNotAppointed=not_appointed(town, by),
        NeverCheckedIn=community is None,
        AlreadyAsked=any(
            (each.member, each.asker, each.purpose, each.period) == question
            and not each.withdrawn
            and town.answer_to(name) is None
            for name, each in town.consultations.items()
        ),
        **wrong_period(purpose, command.period, today, ahead="PeriodNotBegun"),
        **_wrongly_due(today, command.due_on),
    ):
        return wrong
    assert community is not None
    town.consultations[command.consultation_id] = Consultation(
        member, asker, community, purpose, command.period, command.due_on, command.masked
    )
    names: dict[str, object] = {
        "purpose": command.purpose,
        "period": command.period,
        "document_no": command.document_no,
        "document_title": command.document_title,
    }
    told = dict.fromkeys(names) if command.masked else names
    return happen(
        ("ConsultationAsked", {**names, "organisation_id": asker, "to_community_id": community}),
        (
            "OpinionRequested",
            {
                **told,
                "member_id": member,
                "community_id": community,
                "due_on": command.due_on,
                "asking_id": None if command.masked else asker,
            },
        ),
    )


def _asked_by(town: Town, by: Actor, consultation_id: str) -> Consultation | None:
    known = town.consultations.get(consultation_id)
    return known if known is not None and known.asker == by.organisation_id else None


def put_to(town: Town, by: Actor, consultation_id: str) -> Consultation | None:
    """The consultation, if this organisation may answer it: the community, or whoever is over it
    once it went up.
    """
    known = town.consultations.get(consultation_id)
    may = known is not None and by.organisation_id in {known.community, known.escalated_to}
    return known if may else None


def _over(town: Town, consultation_id: str) -> dict[str, bool]:
    return {
        "ConsultationIsWithdrawn": town.consultations[consultation_id].withdrawn,
        "ConsultationAnswered": town.answer_to(consultation_id) is not None,
    }


@predicts(WithdrawConsultation)
def withdraw_consultation(town: Town, command: WithdrawConsultation) -> Prediction:
    """By whoever asked, with a reason that names nobody, until an opinion counts (R26)."""
    known = _asked_by(town, command.by, command.consultation_id)
    if known is None:
        return refused("UnknownConsultation")
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, command.by),
        PersonalDataInOpenText=not OPEN_TEXTS[command.reason],
        **_over(town, command.consultation_id),
    ):
        return wrong
    known.withdrawn = True
    return happen(
        ("ConsultationWithdrawn", {"member_id": known.member, "organisation_id": known.asker}),
        (
            "OpinionRequestCancelled",
            {"member_id": known.member, "community_id": known.community},
        ),
    )


def _remind(known: Consultation, today: date) -> Expected:
    known.reminders.append(today)
    return "OpinionReminded", {
        "member_id": known.member,
        "community_id": known.community,
        "number": len(known.reminders),
        "due_on": known.due,
        "reminded_on": today,
    }


@predicts(OrderReminder)
def order_reminder(town: Town, command: OrderReminder) -> Prediction:
    """By whoever asked, once a day, when the answer is overdue (R26)."""
    known, today = _asked_by(town, command.by, command.consultation_id), command.at.date()
    if known is None:
        return refused("UnknownConsultation")
    if wrong := broken(
        OfficerNotAppointed=not_appointed(town, command.by),
        OpinionNotOverdue=today <= known.due,
        OpinionAlreadyReminded=today in known.reminders,
        **_over(town, command.consultation_id),
    ):
        return wrong
    ordered: Expected = "ReminderOrdered", {"organisation_id": known.asker}
    return happen(ordered, _remind(known, today))


@predicts(RemindOfOpinion)
def remind_of_opinion(town: Town, command: RemindOfOpinion) -> Prediction:
    """By the service: the day after it was due, and again after a week; never more (R26)."""
    known, today = town.consultations.get(command.consultation_id), command.at.date()
    if known is None:
        return refused("UnknownConsultation")
    following = len(known.reminders) + 1
    if wrong := broken(
        OpinionNotOverdue=today <= known.due,
        OpinionAlreadyReminded=command.number < following or command.number > 2,
        OpinionRemindedTooSoon=command.number > following
        or any(today < each + A_WEEK for each in known.reminders),
        **_over(town, command.consultation_id),
    ):
        return wrong
    return happen(_remind(known, today))


@predicts(EscalateConsultation)
def escalate_consultation(town: Town, command: EscalateConsultation) -> Prediction:
    """By the service, a week after the second reminder, once, to whoever is over it (R26)."""
    known, today = town.consultations.get(command.consultation_id), command.at.date()
    if known is None:
        return refused("UnknownConsultation")
    reminders = known.reminders
    if wrong := broken(
        AlreadyEscalated=known.escalated_to is not None,
        RemindersNotExhausted=len(reminders) < 2 or today < reminders[1] + A_WEEK,
        **_over(town, command.consultation_id),
    ):
        return wrong
    known.escalated_to = town.lines[known.community][1]
    return happen(
        (
            "ConsultationEscalated",
            {
                "member_id": known.member,
                "community_id": known.community,
                "subdistrict_id": known.escalated_to,
                "escalated_on": today,
            },
        )
    )


@predicts(DeclareRecusal)
def declare_recusal(town: Town, command: DeclareRecusal) -> Prediction:
    """For oneself, or by a responsible person for a colleague, before signing anything (R27)."""
    by = command.by
    known = put_to(town, by, command.consultation_id)
    if known is None:
        return refused("UnknownConsultation")
    recused = town.officers.get((by.organisation_id, command.officer_id))
    if wrong := broken(
        ConsultationIsWithdrawn=known.withdrawn,
        OfficerNotAppointed=not_appointed(town, by),
        RecusalByOther=command.officer_id != by.person and is_not_responsible(town, by),
        UnknownOfficer=recused is None,
        AlreadyRecused=recused is not None and recused.person in known.recused,
        RecusedAfterSigning=recused is not None
        and recused.person in known.signers | known.countersigners,
    ):
        return wrong
    assert recused is not None
    known.recused.add(recused.person)
    return happen(
        (
            "RecusalDeclared",
            {
                "member_id": known.member,
                "community_id": known.community,
                "officer_person": recused.person,
            },
        )
    )
