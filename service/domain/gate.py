"""先征求意见，后作结论: the gate before a member is decided on (R26, R27).

Selection, appraisal, assessment and vetting pass the same one. It refuses, holds or opens, and says
which condition failed. It asks whether the community was heard, never what it said: an opinion
opens it whatever its words are (R28), one that finds no basis to judge like any other (R27).

Objecting never worsens (R39): of an objection the gate knows only that it is undecided, and then it
waits. Once it is answered or withdrawn the gate stands as if nobody had objected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

from service.domain.consultation import (
    ConsultationAsked,
    ConsultationEscalated,
    ConsultationWithdrawn,
    OpinionReminded,
)
from service.domain.decision import AbsenceExplained, GateOverridden
from service.domain.decision_purpose import DecisionPurpose, period_word
from service.domain.event import Fact, on
from service.domain.gate_condition import Condition, Obstacle
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.opinion import OpinionCountersigned, OpinionWithdrawn
from service.domain.registration import RegistrationAccepted

OPINION_VALID_FOR = timedelta(days=180)
"""An opinion counts from its countersignature on, for so long (ours; R26 names none)."""
EXPLANATION_VALID_FOR = OPINION_VALID_FOR
"""So long the explanation stands in the place of an opinion."""


class GateState(StrEnum):
    """先行程序的状态: whether a decision may be concluded."""

    REFUSED = "refused"
    HELD = "held"
    OPEN = "open"

    @property
    def word(self) -> str:
        return {"refused": "不得作出结论", "held": "暂缓作出结论", "open": "可以作出结论"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the gate stands for one decision on one day, overrides left aside."""

    obstacles: tuple[Obstacle, ...] = ()
    """What keeps it shut; what refuses comes before what only holds."""
    notices: tuple[Condition, ...] = ()
    """What is to be said beside the decision all the same."""
    opinion_ids: tuple[str, ...] = ()
    """The opinions the decision rests on."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(each.condition for each in self.obstacles)

    @property
    def state(self) -> GateState:
        if not self.obstacles:
            return GateState.OPEN
        held = all(each.condition.holds for each in self.obstacles)
        return GateState.HELD if held else GateState.REFUSED


@dataclass(frozen=True, slots=True)
class Passage:
    """What a decision that passed the gate says of it: fields of ``DecisionConcluded``."""

    opinion_ids: tuple[str, ...]
    notices: tuple[str, ...]
    overridden: tuple[str, ...]
    override_ids: tuple[str, ...]


def require_open(verdict: Verdict, overrides: Mapping[str, str]) -> Passage:
    """Refused by the first condition that nobody overrode.

    ``overrides`` is the override's id by condition, as ``Gate.overrides`` knows it.
    """
    for each in verdict.obstacles:
        if each.condition not in overrides:
            raise each.condition.refusal(each.detail)
    return Passage(
        opinion_ids=verdict.opinion_ids,
        notices=verdict.notices,
        overridden=verdict.conditions,
        override_ids=tuple(dict.fromkeys(overrides[each] for each in verdict.conditions)),
    )


@dataclass
class Asked:
    """One consultation and what became of it."""

    asking_id: str
    purpose: DecisionPurpose
    period: str
    due_on: date
    withdrawn: bool = False
    reminders: int = 0
    escalated: bool = False
    opinions: dict[str, date] = field(default_factory=dict)
    """Those in force, by id, with the day each counts from."""
    taken_back: bool = False
    """Whether an opinion that counted was withdrawn."""

    def stands_for(self, purpose: DecisionPurpose, period: str, authority_id: str | None) -> bool:
        """Whether such a decision may rest on it."""
        return (self.purpose, self.period) == (purpose, period) and self.known_to(authority_id)

    def known_to(self, authority_id: str | None) -> bool:
        """A vetting is known to its authority and to no one else: the gate of another decision must
        not tell that there is one (R27)."""
        return self.purpose is not DecisionPurpose.VETTING or self.asking_id == authority_id

    def obstacle(self, today: date) -> Obstacle:
        """Why no opinion of it counts."""
        due = f"答复期限为{_day(self.due_on)}"
        if self.opinions:
            last = max(self.opinions.values()) + OPINION_VALID_FOR
            return Obstacle(Condition.EXPIRED, f"社区意见的有效期至{_day(last)}为止，须重新征求。")
        if self.taken_back:
            return Obstacle(Condition.WITHDRAWN, "社区党组织已撤回意见，尚未重新出具。")
        if today <= self.due_on:
            return Obstacle(Condition.NO_OPINION, f"社区党组织尚未答复，{due}。")
        reminded = f"已催办{self.reminders}次" if self.reminders else "尚未催办"
        beyond = "，已提请上级党组织督办" if self.escalated else ""
        return Obstacle(
            Condition.SILENT_PAST_DUE, f"社区党组织逾期未答复，{due}，{reminded}{beyond}。"
        )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass
class Gate(Fact):
    """What the gate looks at, by member."""

    subject: ClassVar[str] = "member"
    asked: dict[str, dict[str, Asked]] = field(default_factory=dict)
    """Consultations by member, then by id, the last one last."""
    disputes: dict[str, dict[str, str]] = field(default_factory=dict)
    """The consultation whose opinion is objected to, by member, then by undecided objection."""
    checked_in: set[str] = field(default_factory=set)
    """Members whom a community accepted at some time."""
    explained: dict[str, date] = field(default_factory=dict)
    """When it was last explained that a member never checked in."""
    overrides: dict[str, dict[str, str]] = field(default_factory=dict)
    """By decision, the override's id by condition."""

    @on(RegistrationAccepted)
    def _(self, member_id: str) -> None:
        self.checked_in.add(member_id)

    @on(AbsenceExplained)
    def _(self, member_id: str, explained_on: date) -> None:
        self.explained[member_id] = explained_on

    @on(ConsultationAsked)
    def _(
        self,
        consultation_id: str,
        member_id: str,
        organisation_id: str,
        purpose: DecisionPurpose,
        period: str,
        due_on: date,
    ) -> None:
        asked = Asked(organisation_id, purpose, period, due_on)
        self.asked.setdefault(member_id, {})[consultation_id] = asked

    @on(ConsultationWithdrawn)
    def _(self, consultation_id: str, member_id: str) -> None:
        self.asked[member_id][consultation_id].withdrawn = True

    @on(OpinionReminded)
    def _(self, consultation_id: str, member_id: str, number: int) -> None:
        self.asked[member_id][consultation_id].reminders = number

    @on(ConsultationEscalated)
    def _(self, consultation_id: str, member_id: str) -> None:
        self.asked[member_id][consultation_id].escalated = True

    @on(OpinionCountersigned)
    def _(
        self, consultation_id: str, member_id: str, opinion_id: str, countersigned_on: date
    ) -> None:
        self.asked[member_id][consultation_id].opinions[opinion_id] = countersigned_on

    @on(OpinionWithdrawn)
    def _(self, consultation_id: str, member_id: str, opinion_id: str) -> None:
        asked = self.asked[member_id][consultation_id]
        # One that was never countersigned is withdrawn as well: it had not counted.
        asked.taken_back |= asked.opinions.pop(opinion_id, None) is not None

    @on(ObjectionRaised)
    def _(
        self, objection_id: str, member_id: str, against: ObjectionSubject, subject_id: str
    ) -> None:
        if against is ObjectionSubject.OPINION:
            self.disputes.setdefault(member_id, {})[objection_id] = subject_id

    @on(ObjectionAnswered)
    def _(self, objection_id: str, member_id: str) -> None:
        self.disputes.get(member_id, {}).pop(objection_id, None)

    @on(ObjectionWithdrawn)
    def _(self, objection_id: str, member_id: str) -> None:
        self.disputes.get(member_id, {}).pop(objection_id, None)

    @on(GateOverridden)
    def _(self, decision_id: str, override_id: str, conditions: tuple[str, ...]) -> None:
        of_decision = self.overrides.setdefault(decision_id, {})
        of_decision.update(dict.fromkeys(conditions, override_id))

    def verdict(
        self,
        member_id: str,
        purpose: DecisionPurpose,
        period: str,
        authority_id: str | None,
        today: date,
    ) -> Verdict:
        """How the gate stands for a decision about a member on a day in Beijing time.

        ``authority_id`` is that of a vetting, which must have asked itself; None for the other
        purposes, for which only the member's branch can have asked.
        """
        if member_id not in self.checked_in:
            return self._unheard(member_id, today)
        fitting = {
            consultation_id: each
            for consultation_id, each in self.asked.get(member_id, {}).items()
            if each.stands_for(purpose, period, authority_id)
        }
        standing = [each for each in fitting.values() if not each.withdrawn]
        opinion_ids = tuple(
            opinion_id
            for each in standing
            for opinion_id, counts_from in each.opinions.items()
            if today <= counts_from + OPINION_VALID_FOR
        )
        obstacles = []
        if not opinion_ids:
            obstacles.append(
                standing[-1].obstacle(today)
                if standing
                else self._never_asked(member_id, purpose, period, authority_id)
            )
        # An opinion asked for a second time does not get round the objection to the first.
        if not fitting.keys().isdisjoint(self.disputes.get(member_id, {}).values()):
            obstacles.append(
                Obstacle(Condition.OBJECTION_OPEN, "党员对社区意见提出的异议尚未答复。")
            )
        return Verdict(obstacles=tuple(obstacles), opinion_ids=opinion_ids)

    def _unheard(self, member_id: str, today: date) -> Verdict:
        """For a member whom no community knows: their unit explains in its place."""
        explained_on = self.explained.get(member_id)
        if explained_on is not None and today <= explained_on + EXPLANATION_VALID_FOR:
            return Verdict(notices=(Condition.NEVER_CHECKED_IN,))
        outdated = "" if explained_on is None else f"（{_day(explained_on)}的说明已超过有效期）"
        detail = f"该党员从未到社区报到，所在支部须作出书面说明并提出意见{outdated}。"
        return Verdict(obstacles=(Obstacle(Condition.NEVER_CHECKED_IN, detail),))

    def _never_asked(
        self, member_id: str, purpose: DecisionPurpose, period: str, authority_id: str | None
    ) -> Obstacle:
        """Why nothing fits: perhaps the community was heard, but on something else."""
        heard = [
            each
            for each in self.asked.get(member_id, {}).values()
            if each.opinions and not each.withdrawn and each.known_to(authority_id)
        ]
        wanted = f"尚未就{period_word(period)}的{purpose.word}征求社区党组织意见"
        for each in heard:
            if each.purpose is purpose:
                said = f"已有的意见针对{period_word(each.period)}"
                return Obstacle(Condition.OTHER_PERIOD, f"{wanted}，{said}。")
        if heard:
            said = f"已有的意见是为{heard[-1].purpose.word}征求的"
            return Obstacle(Condition.OTHER_PURPOSE, f"{wanted}，{said}。")
        return Obstacle(Condition.NO_OPINION, f"{wanted}。")
