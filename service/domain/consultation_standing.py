"""How consultations stand: what was asked, and what became of it (R26)."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, NamedTuple

from service.domain.consultation import (
    ConsultationAsked,
    ConsultationEscalated,
    ConsultationIsWithdrawn,
    ConsultationWithdrawn,
    OpinionReminded,
    UnknownConsultation,
)
from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import Fact, Selector, on


class Question(NamedTuple):
    """Who asks about whom, before which decision and about which days.

    It may be asked more than once: when an answer has expired, or when it was withdrawn.
    """

    asking_id: str
    member_id: str
    purpose: DecisionPurpose
    period: str


@dataclass(slots=True)
class Consultation:
    """A consultation as it stands."""

    consultation_id: str
    question: Question
    community_id: str
    due_on: date
    masked: bool
    event_id: str
    reminded_on: list[date] = field(default_factory=list)
    """The days of the reminders, the first first."""
    escalated_to: str | None = None
    withdrawn: bool = False

    @property
    def member_id(self) -> str:
        return self.question.member_id

    def seems_like(self, other: "Consultation") -> bool:
        """Whether the community may not tell the two questions apart. Of a masked one it must not
        find out by trying whether it is one it was asked before (R27)."""
        same = self.masked or other.masked or self.question == other.question
        return same and (self.member_id, self.community_id) == (other.member_id, other.community_id)

    def may_reply(self, organisation_id: str) -> bool:
        """Whether this organisation may answer: the community, or whoever it was escalated to."""
        return organisation_id in {self.community_id, self.escalated_to}


@dataclass
class Consultations(Fact):
    """The consultations and what became of them, but for the opinions."""

    subject: ClassVar[str] = "consultation"
    known: dict[str, Consultation] = field(default_factory=dict)
    """By id."""

    @on(ConsultationAsked)
    def _(  # noqa: PLR0913, PLR0917 - the fields of the event
        self,
        consultation_id: str,
        organisation_id: str,
        to_community_id: str,
        member_id: str,
        purpose: DecisionPurpose,
        period: str,
        due_on: date,
        masked: bool,  # noqa: FBT001 - as every handler, it gets the fields in order
        event_id: str,
    ) -> None:
        question = Question(organisation_id, member_id, purpose, period)
        self.known[consultation_id] = Consultation(
            consultation_id, question, to_community_id, due_on, masked, event_id
        )

    @on(OpinionReminded)
    def _(self, consultation_id: str, reminded_on: date) -> None:
        self.known[consultation_id].reminded_on.append(reminded_on)

    @on(ConsultationEscalated)
    def _(self, consultation_id: str, subdistrict_id: str) -> None:
        self.known[consultation_id].escalated_to = subdistrict_id

    @on(ConsultationWithdrawn)
    def _(self, consultation_id: str) -> None:
        self.known[consultation_id].withdrawn = True

    @classmethod
    def of(cls, member_id: str) -> Selector:
        """Selects every consultation about a member."""
        return Selector(cls.projected_types, [f"member:{member_id}"])

    def asked_by(self, organisation_id: str, consultation_id: str) -> Consultation:
        """The consultation; refused unless it is this organisation that asked."""
        known = self.known.get(consultation_id)
        if known is None or known.question.asking_id != organisation_id:
            raise UnknownConsultation
        return known

    def put_to(self, organisation_id: str, consultation_id: str) -> Consultation:
        """The consultation; refused unless this organisation may answer it, or once it is
        withdrawn."""
        known = self.known.get(consultation_id)
        if known is None or not known.may_reply(organisation_id):
            raise UnknownConsultation
        if known.withdrawn:
            raise ConsultationIsWithdrawn
        return known
