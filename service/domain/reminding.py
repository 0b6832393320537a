"""催办意见: an overdue opinion is asked for again, and at last from the subdistrict too (R26)."""

from dataclasses import dataclass, field
from datetime import date, datetime

from service.domain.consultation import (
    AlreadyEscalated,
    ConsultationEscalated,
    OpinionAlreadyReminded,
    OpinionNotOverdue,
    OpinionReminded,
    OpinionRemindedTooSoon,
    ReminderOrdered,
    RemindersNotExhausted,
    UnknownConsultation,
)
from service.domain.consultation_standing import Consultation, Consultations
from service.domain.event import SHANGHAI, Command, Selector
from service.domain.officer import Officers
from service.domain.opinion_standing import Opinions, require_unanswered
from service.domain.organisation import Organisations, UnknownOrganisation
from service.domain.reminder import AGAIN_AFTER, REMINDERS


@dataclass(kw_only=True)
class OrderReminder(Command):
    """要求催办: whoever asked has the community reminded, at most once a day (R26)."""

    consultation_id: str
    officers: Officers = field(init=False, default_factory=Officers)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)

    def consistency_boundary(self) -> list[Selector]:
        return [*_standing(self.consultation_id), *self.officers.acting(self.by)]

    def execute(self) -> None:
        known = self.consultations.asked_by(self.by.organisation_id, self.consultation_id)
        person = self.officers.appointment(self.by).person
        event = _reminded(self, known)
        if known.reminded_on and event.reminded_on <= known.reminded_on[-1]:
            raise OpinionAlreadyReminded("今天已经催办，不再重复。")
        self.happened(
            ReminderOrdered(
                consultation_id=self.consultation_id,
                member_id=known.member_id,
                organisation_id=self.by.organisation_id,
                ordered_by=self.by.person,
                ordered_by_person=person,
            )
        )
        self.happened(event)


@dataclass(kw_only=True)
class RemindOfOpinion(Command):
    """催办意见: what the service does by itself, from its list of what is overdue (R26).

    ``number`` is the reminder's, from 1; one that was ordered counts as well.
    """

    consultation_id: str
    number: int
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)

    def consistency_boundary(self) -> list[Selector]:
        return _standing(self.consultation_id)

    def execute(self) -> None:
        known = _known(self)
        event = _reminded(self, known)
        if self.number < event.number or self.number > REMINDERS:
            raise OpinionAlreadyReminded
        too_soon = any(event.reminded_on < each + AGAIN_AFTER for each in known.reminded_on)
        if self.number > event.number or too_soon:
            raise OpinionRemindedTooSoon
        self.happened(event)


@dataclass(kw_only=True)
class EscalateConsultation(Command):
    """提请街道督办: what the service does by itself, a while after the second reminder (R26)."""

    consultation_id: str
    organisations: Organisations = field(init=False, default_factory=Organisations)
    consultations: Consultations = field(init=False, default_factory=Consultations)
    opinions: Opinions = field(init=False, default_factory=Opinions)

    def consistency_boundary(self) -> list[Selector]:
        known = self.consultations.known.values()
        return [
            *_standing(self.consultation_id),
            *(Organisations.about(each.community_id) for each in known),
        ]

    def execute(self) -> None:
        known, today = _known(self), _day(self.at)
        require_unanswered(known, self.opinions)
        if known.escalated_to is not None:
            raise AlreadyEscalated
        reminders = known.reminded_on[:REMINDERS]
        if len(reminders) < REMINDERS or today < reminders[-1] + AGAIN_AFTER:
            raise RemindersNotExhausted
        _, *above = self.organisations.line_of(known.community_id)
        if not above:
            raise UnknownOrganisation("该社区没有上级组织，无法提请督办。")
        self.happened(
            ConsultationEscalated(
                consultation_id=self.consultation_id,
                member_id=known.member_id,
                community_id=known.community_id,
                subdistrict_id=above[0],
                escalated_on=today,
            )
        )


def _standing(consultation_id: str) -> list[Selector]:
    """Selects the consultation and its opinions."""
    return [Consultations.about(consultation_id), Opinions.about(consultation_id)]


def _known(command: RemindOfOpinion | EscalateConsultation) -> Consultation:
    known = command.consultations.known.get(command.consultation_id)
    if known is None:
        raise UnknownConsultation
    return known


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _reminded(command: OrderReminder | RemindOfOpinion, known: Consultation) -> OpinionReminded:
    """The next reminder; refused unless the opinion is overdue."""
    today = _day(command.at)
    require_unanswered(known, command.opinions)
    if today <= known.due_on:
        raise OpinionNotOverdue
    return OpinionReminded(
        consultation_id=command.consultation_id,
        member_id=known.member_id,
        community_id=known.community_id,
        number=len(known.reminded_on) + 1,
        due_on=known.due_on,
        reminded_on=today,
    )
