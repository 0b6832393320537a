"""异议对象: which events say what a member may object to, and who had part in them (R39)."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar

from service.domain.decision import DecisionConcluded, DecisionRevised
from service.domain.disqualification import DisqualificationConcluded, DisqualificationRevoked
from service.domain.endorsement import (
    EndorsementDeclined,
    EndorsementRevoked,
    ParticipationEndorsed,
)
from service.domain.event import Event, Fact, Selector, on
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.inspection import DiscrepancyFound, DiscrepancyResolved
from service.domain.objection import ObjectionSubject
from service.domain.opinion import OpinionCountersigned, OpinionGiven
from service.domain.participation import (
    ParticipationCorrected,
    ParticipationRecorded,
    ParticipationVoided,
)
from service.domain.separation import Act

SAYING: dict[ObjectionSubject, tuple[type[Event], ...]] = {
    ObjectionSubject.PARTICIPATION: (
        ParticipationRecorded,
        ParticipationCorrected,
        ParticipationVoided,
        ParticipationEndorsed,
        EndorsementDeclined,
        EndorsementRevoked,
    ),
    # An opinion says nothing before the second person has signed.
    ObjectionSubject.OPINION: (OpinionCountersigned,),
    ObjectionSubject.DECISION: (DecisionConcluded, DecisionRevised),
    ObjectionSubject.DISQUALIFICATION: (DisqualificationConcluded,),
    ObjectionSubject.FEEDBACK: (QuarterlyFeedbackGiven,),
    ObjectionSubject.DISCREPANCY: (DiscrepancyFound, DiscrepancyResolved),
}
"""The events that tell the member something to object to; the last one counts from its notice."""

_ACTING: dict[ObjectionSubject, tuple[type[Event], ...]] = {
    ObjectionSubject.OPINION: (OpinionGiven,),
    ObjectionSubject.DISQUALIFICATION: (DisqualificationRevoked,),
}
"""Acts of office on it besides those."""

_KINDS = {ObjectionSubject.OPINION: "consultation"}
"""Kind of the tag a subject is found by, where it is another than its own word."""


def saying(against: ObjectionSubject, subject_id: str, member_id: str) -> Selector:
    """Selects what was said about the member under this subject."""
    return Selector(SAYING[against], [_tag(against, subject_id), f"member:{member_id}"])


def acting_on(against: ObjectionSubject, subject_id: str) -> Selector:
    """Selects who did what on a subject."""
    types = (*SAYING[against], *_ACTING.get(against, ()))
    return Selector(types, [_tag(against, subject_id)])


def _tag(against: ObjectionSubject, subject_id: str) -> str:
    return f"{_KINDS.get(against, against.value)}:{subject_id}"


@dataclass
class ActsOnSubject(Fact):
    """Who endorsed, signed, concluded or gave feedback: they do not answer the objection (R39)."""

    subject: ClassVar[str] = "subject"
    done: dict[Act, set[str | None]] = field(default_factory=lambda: defaultdict(set))
    """Natural persons, also those on whose delegation somebody acted. Only where a stored event of
    an older version does not say who it was it is the account: an id that two organisations gave
    out is two people."""

    @on(ParticipationEndorsed)
    def _(
        self, endorsed_by: str, endorsed_by_person: str | None, delegated_by_person: str | None
    ) -> None:
        self.done[Act.ENDORSED] |= {endorsed_by_person or endorsed_by, delegated_by_person}

    @on(EndorsementDeclined)
    def _(
        self, declined_by: str, declined_by_person: str | None, delegated_by_person: str | None
    ) -> None:
        self.done[Act.DECLINED] |= {declined_by_person or declined_by, delegated_by_person}

    @on(EndorsementRevoked)
    def _(
        self, revoked_by: str, revoked_by_person: str | None, delegated_by_person: str | None
    ) -> None:
        self.done[Act.REVOKED] |= {revoked_by_person or revoked_by, delegated_by_person}

    @on(OpinionGiven)
    def _(self, given_by_person: str) -> None:
        self.done[Act.OPINION_SIGNED].add(given_by_person)

    @on(OpinionCountersigned)
    def _(self, countersigned_by_person: str) -> None:
        self.done[Act.OPINION_COUNTERSIGNED].add(countersigned_by_person)

    @on(DecisionConcluded)
    def _(self, concluded_by_person: str) -> None:
        self.done[Act.CONCLUDED].add(concluded_by_person)

    @on(DecisionRevised)
    def _(self, revised_by_person: str) -> None:
        self.done[Act.CONCLUDED].add(revised_by_person)

    @on(DisqualificationConcluded)
    def _(self, concluded_by_person: str) -> None:
        self.done[Act.CONCLUDED].add(concluded_by_person)

    @on(DisqualificationRevoked)
    def _(self, revoked_by_person: str) -> None:
        self.done[Act.CONCLUDED].add(revoked_by_person)

    @on(QuarterlyFeedbackGiven)
    def _(self, given_by_person: str) -> None:
        self.done[Act.FEEDBACK_GIVEN].add(given_by_person)
