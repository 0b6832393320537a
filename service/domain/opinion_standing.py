"""How opinions stand: which count, who had a part in them, what was objected to (R27, R39)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from service.domain.consultation import (
    ConsultationAnswered,
    ConsultationIsWithdrawn,
    RecusalDeclared,
)
from service.domain.consultation_standing import Consultation
from service.domain.event import Fact, Selector, on
from service.domain.objection import (
    ObjectionAnswered,
    ObjectionOutcome,
    ObjectionRaised,
    ObjectionSubject,
    ObjectionWithdrawn,
)
from service.domain.opinion import Conduct, OpinionCountersigned, OpinionGiven, OpinionWithdrawn
from service.domain.separation import Act

AXES = ("社会公德", "社区公约", "作风形象", "总体评价")
"""What an opinion speaks of, in the order of `Views`."""


class Views(NamedTuple):
    """What an opinion says: on each of the three axes, and overall."""

    social_morality: Conduct
    community_pledge: Conduct
    bearing: Conduct
    overall: Conduct

    def worse_than(self, before: "Views") -> list[str]:
        """On what it is worse for the member, as a person reads it (R39).

        No basis to judge never counts against the member (R27), so it is never worse, and where
        there was none before, only ``poor`` is.
        """
        both = zip(AXES, self, before, strict=True)
        return [axis for axis, now, then in both if _is_worse(now, then)]


_ORDER = (Conduct.GOOD, Conduct.FAIR, Conduct.POOR)


def _is_worse(now: Conduct, before: Conduct) -> bool:
    if now is Conduct.NO_BASIS:
        return False
    if before is Conduct.NO_BASIS:
        return now is Conduct.POOR
    return _ORDER.index(now) > _ORDER.index(before)


@dataclass(slots=True)
class Opinion:
    """An opinion as it stands."""

    consultation_id: str
    replying_id: str
    views: Views
    comment_digest: str | None
    event_id: str
    """The event that said it last: it was given, or countersigned."""
    counted: bool = False
    """Whether a second person signed it, be it withdrawn since or not."""
    withdrawn: bool = False


@dataclass
class Opinions(Fact):
    """The opinions, who had a part in them, and what the member objected to."""

    subject: ClassVar[str] = "consultation"
    known: dict[str, Opinion] = field(default_factory=dict)
    """By id, in the order they were given."""
    done: dict[str, dict[Act, set[str | None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    """Which natural persons did what, by consultation. Not their accounts: two organisations may
    reply, and each gives out ids of its own."""
    counted: dict[str, list[Views]] = field(default_factory=lambda: defaultdict(list))
    """What those said that counted, by consultation, in this order, be they withdrawn since or
    not."""
    objected: dict[str, tuple[str, int]] = field(default_factory=dict)
    """By objection that is open or was not rejected: the consultation, and how many of its opinions
    had counted when it was raised."""

    @on(OpinionGiven)
    def _(  # noqa: PLR0913, PLR0917 - the fields of the event
        self,
        opinion_id: str,
        consultation_id: str,
        replying_id: str,
        social_morality: Conduct,
        community_pledge: Conduct,
        bearing: Conduct,
        overall: Conduct,
        comment_digest: str | None,
        event_id: str,
        given_by_person: str,
    ) -> None:
        views = Views(social_morality, community_pledge, bearing, overall)
        self.known[opinion_id] = Opinion(
            consultation_id, replying_id, views, comment_digest, event_id
        )
        self.done[consultation_id][Act.OPINION_SIGNED].add(given_by_person)

    @on(OpinionCountersigned)
    def _(
        self,
        opinion_id: str,
        consultation_id: str,
        event_id: str,
        countersigned_by_person: str,
    ) -> None:
        known = self.known[opinion_id]
        known.counted, known.event_id = True, event_id
        self.counted[consultation_id].append(known.views)
        self.done[consultation_id][Act.OPINION_COUNTERSIGNED].add(countersigned_by_person)

    @on(OpinionWithdrawn)
    def _(self, opinion_id: str) -> None:
        self.known[opinion_id].withdrawn = True

    @on(RecusalDeclared)
    def _(self, consultation_id: str, officer_person: str) -> None:
        self.done[consultation_id][Act.RECUSED].add(officer_person)

    @on(ObjectionRaised)
    def _(self, objection_id: str, against: ObjectionSubject, subject_id: str) -> None:
        if against is ObjectionSubject.OPINION:
            self.objected[objection_id] = subject_id, len(self.counted[subject_id])

    @on(ObjectionAnswered)
    def _(self, objection_id: str, outcome: ObjectionOutcome) -> None:
        if outcome is ObjectionOutcome.REJECTED:
            self.objected.pop(objection_id, None)

    @on(ObjectionWithdrawn)
    def _(self, objection_id: str) -> None:
        self.objected.pop(objection_id, None)

    @classmethod
    def of(cls, member_id: str) -> Selector:
        """Selects every opinion about a member, and what they objected to."""
        return Selector(cls.projected_types, [f"member:{member_id}"])

    def in_force(self, consultation_id: str) -> str | None:
        """The opinion that counts, by id: two signed it and nobody took it back."""
        for opinion_id, each in self._of(consultation_id):
            if each.counted and not each.withdrawn:
                return opinion_id
        return None

    def is_waiting(self, consultation_id: str, replying_id: str) -> bool:
        """Whether an opinion of this organisation waits for its second signature."""
        return any(
            each.replying_id == replying_id and not each.counted and not each.withdrawn
            for _, each in self._of(consultation_id)
        )

    def withdrawn_last(self, consultation_id: str) -> str | None:
        """The opinion a new one takes the place of, by id."""
        gone = [opinion_id for opinion_id, each in self._of(consultation_id) if each.withdrawn]
        return gone[-1] if gone else None

    def limits(self, consultation_id: str) -> list[Views]:
        """Than which no new opinion may be worse: what was objected to, and what took its place."""
        first = [count - 1 for of, count in self.objected.values() if of == consultation_id]
        return self.counted[consultation_id][max(min(first), 0) :] if first else []

    def _of(self, consultation_id: str) -> list[tuple[str, Opinion]]:
        return [each for each in self.known.items() if each[1].consultation_id == consultation_id]


def require_unanswered(known: Consultation, opinions: Opinions) -> None:
    """Refused once the consultation is withdrawn, and while an opinion counts."""
    if known.withdrawn:
        raise ConsultationIsWithdrawn
    if opinions.in_force(known.consultation_id) is not None:
        raise ConsultationAnswered
