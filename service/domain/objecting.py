"""办理异议: the member objects, the organisation answers, and a late answer goes up (R39)."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from service.domain.event import SHANGHAI, Actor, Command, Selector
from service.domain.membership import Memberships, UnknownMember
from service.domain.objection import (
    ANSWER_WITHIN,
    MAY_OBJECT,
    AlreadyObjectedTo,
    AnsweredByResponsiblePerson,
    AnswerNotOverdue,
    EscalatedAlready,
    NothingAbove,
    NothingToObjectTo,
    Objection,
    ObjectionAnswered,
    ObjectionAnsweredBefore,
    ObjectionBeforeNotice,
    ObjectionEscalated,
    ObjectionOutcome,
    ObjectionRaised,
    Objections,
    ObjectionSubject,
    ObjectionTooLate,
    ObjectionWithdrawn,
    UnknownObjection,
)
from service.domain.objection_subject import ActsOnSubject, acting_on
from service.domain.officer import OfficerRole, Officers
from service.domain.organisation import Organisations
from service.domain.separation import Act, require_apart


@dataclass(frozen=True)
class Said:
    """What is objected to, as the log has it: the last event that said it about the member."""

    event_id: str
    organisation_id: str
    """Who said it, and owes the answer."""
    notified_on: date
    """The day in Beijing on which it reached the record, and so the member."""


@dataclass(kw_only=True)
class RaiseObjection(Command):
    """提出异议: by the member, or on paper through their branch, within 30 days of notice (R39).

    ``said`` is None where nothing was said about the member under this subject.
    """

    objection_id: str
    member_id: str
    against: ObjectionSubject
    subject_id: str
    said: Said | None
    text: str
    on_paper: bool = False
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    objections: Objections = field(init=False, default_factory=Objections)

    def consistency_boundary(self) -> list[Selector]:
        return [
            *_taking_down(self),
            Memberships.about(self.member_id),
            Objections.of_member(self.member_id),
        ]

    def execute(self) -> None:
        _require_own(self, self.member_id)
        said = self.said
        if said is None:
            raise NothingToObjectTo(pointer="/subject_id")
        today = self.at.astimezone(SHANGHAI).date()
        if today < said.notified_on:
            raise ObjectionBeforeNotice(f"得知之日为{said.notified_on}。")
        if today - said.notified_on > MAY_OBJECT:
            last = said.notified_on + MAY_OBJECT
            raise ObjectionTooLate(
                f"得知之日为{said.notified_on}，最迟应于{last}提出，今天是{today}。"
            )
        self._require_new(said)
        self.happened(
            ObjectionRaised(
                objection_id=self.objection_id,
                member_id=self.member_id,
                organisation_id=said.organisation_id,
                against=self.against,
                subject_id=self.subject_id,
                against_event_id=said.event_id,
                notified_on=said.notified_on,
                raised_on=today,
                answer_due_on=today + ANSWER_WITHIN,
                text=self.text,
                on_paper=self.on_paper,
                raised_by=self.by.person,
            )
        )

    def _require_new(self, said: Said) -> None:
        """Refused while an objection to the same is open, and where this was answered already."""
        for objection_id, each in self.objections.raised.items():
            if (each.against, each.subject_id) != (self.against, self.subject_id):
                continue
            if objection_id in self.objections.due:
                raise AlreadyObjectedTo(pointer="/subject_id")
            if objection_id in self.objections.answered and (
                each.against_event_id == said.event_id
            ):
                raise ObjectionAnsweredBefore(pointer="/subject_id")


@dataclass(kw_only=True)
class WithdrawObjection(Command):
    """撤回异议: by the member, or on paper through their branch, while it is open (R39)."""

    objection_id: str
    on_paper: bool = False
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    objections: Objections = field(init=False, default_factory=Objections)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [*_taking_down(self), Objections.about(self.objection_id)]
        known = self.objections.raised.get(self.objection_id)
        return boundary if known is None else [*boundary, Memberships.about(known.member_id)]

    def execute(self) -> None:
        known = self.objections.raised.get(self.objection_id)
        if known is None:
            raise UnknownObjection
        try:
            _require_own(self, known.member_id)
        except UnknownMember:
            # Of somebody else's objection nothing is learnt.
            raise UnknownObjection from None
        self.objections.require_open(self.objection_id)
        self.happened(
            ObjectionWithdrawn(
                **_about(self.objection_id, known),
                on_paper=self.on_paper,
                withdrawn_by=self.by.person,
            )
        )


def _taking_down(command: RaiseObjection | WithdrawObjection) -> list[Selector]:
    """Selects the officer who takes down what was handed in on paper."""
    return command.officers.acting(command.by) if command.on_paper else []


def _require_own(command: RaiseObjection | WithdrawObjection, member_id: str) -> None:
    """Refused unless the member acts, or, on paper, an officer of their branch."""
    branch_id = command.memberships.branch_acting(command.by, member_id, "/member_id")
    if command.on_paper:
        command.officers.appointment(command.by)
    elif (command.by.person, command.by.organisation_id) != (member_id, branch_id):
        raise UnknownMember


def _about(objection_id: str, objection: Objection) -> dict[str, Any]:
    return {
        "objection_id": objection_id,
        "member_id": objection.member_id,
        "organisation_id": objection.organisation_id,
        "against": objection.against,
        "subject_id": objection.subject_id,
    }


@dataclass(kw_only=True)
class AnswerObjection(Command):
    """答复异议: by a responsible person of the organisation objected to, or above it (R39).

    Nobody answers in their own matter, and nobody judges their own word.
    """

    objection_id: str
    outcome: ObjectionOutcome
    text: str
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    objections: Objections = field(init=False, default_factory=Objections)
    acts: ActsOnSubject = field(init=False, default_factory=ActsOnSubject)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Objections.about(self.objection_id), *self.officers.acting(self.by)]
        known = self.objections.raised.get(self.objection_id)
        if known is not None:
            boundary += [
                Organisations.about(known.organisation_id),
                Memberships.about(known.member_id),
                acting_on(known.against, known.subject_id),
            ]
        return boundary

    def execute(self) -> None:
        known = self.objections.raised.get(self.objection_id)
        if known is None or self.by.organisation_id not in (
            self.organisations.line_of(known.organisation_id)
        ):
            raise UnknownObjection
        person = _responsible(self.officers, self.by)
        self.objections.require_open(self.objection_id)
        served = known.member_id, self.memberships.persons.get(known.member_id)
        identities = frozenset({self.by.person, person})
        require_apart(Act.OBJECTION_ANSWERED, identities, {Act.SERVED: served, **self.acts.done})
        self.happened(
            ObjectionAnswered(
                **_about(self.objection_id, known),
                answering_id=self.by.organisation_id,
                outcome=self.outcome,
                text=self.text,
                answered_by=self.by.person,
                answered_by_person=person,
            )
        )


def _responsible(officers: Officers, by: Actor) -> str:
    """Who acts as a natural person; refused unless they are a responsible person."""
    appointment = officers.appointment(by)
    if appointment.role is not OfficerRole.RESPONSIBLE or not by.responsible:
        raise AnsweredByResponsiblePerson
    return appointment.person


@dataclass(kw_only=True)
class EscalateObjection(Command):
    """异议提级: what the service does by itself on the day after the answer was due, once (R39)."""

    objection_id: str
    organisations: Organisations = field(init=False, default_factory=Organisations)
    objections: Objections = field(init=False, default_factory=Objections)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Objections.about(self.objection_id)]
        known = self.objections.raised.get(self.objection_id)
        return (
            boundary if known is None else [*boundary, Organisations.about(known.organisation_id)]
        )

    def execute(self) -> None:
        known = self.objections.require_open(self.objection_id)
        today = self.at.astimezone(SHANGHAI).date()
        if self.objection_id in self.objections.escalated:
            raise EscalatedAlready
        if today <= self.objections.due[self.objection_id]:
            raise AnswerNotOverdue
        _, *above = self.organisations.line_of(known.organisation_id)
        if not above:
            raise NothingAbove
        self.happened(
            ObjectionEscalated(
                **_about(self.objection_id, known),
                above_id=above[0],
                escalated_on=today,
                answer_due_on=today + ANSWER_WITHIN,
            )
        )
