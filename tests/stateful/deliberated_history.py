"""What holds of consultations, decisions and objections, from the events alone (R26, R27, R39)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from service.domain.event import Event

BEST_FIRST = {
    "selection": ("selected", "not_selected"),
    "appraisal": ("outstanding", "qualified", "basically_qualified", "unqualified"),
    "assessment": ("excellent", "competent", "basically_competent", "incompetent"),
    "vetting": ("suitable", "deferred", "unsuitable"),
}
AXES = ("social_morality", "community_pledge", "bearing", "overall")
GOOD_TO_POOR = ("good", "fair", "poor")


@dataclass
class Deliberation:
    """A history so far, as far as somebody was asked, decided or objected."""

    natural: dict[str, str] = field(default_factory=dict)
    checked_in: set[str] = field(default_factory=set)
    explained: set[str] = field(default_factory=set)
    asked: dict[str, Any] = field(default_factory=dict)
    """Consultations that nobody withdrew."""
    given: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    """The opinion in force, by consultation."""
    signers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By consultation, or by decision those who concluded it."""
    recused: set[tuple[str, str]] = field(default_factory=set)
    opened: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    """What said last how a decision came out."""
    frozen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    open: dict[str, Any] = field(default_factory=dict)
    """Objections that nobody answered."""
    upheld: dict[str, Any] = field(default_factory=dict)
    objected: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """By objection that was not rejected, to which opinion of which consultation."""
    last_opinion: dict[str, Any] = field(default_factory=dict)
    """The one that counted last by consultation, be it withdrawn since."""

    def learn(self, event: Event) -> None:
        """One more event; fails where it may not follow the ones before it."""
        self._is_masked(event)
        handler = getattr(self, f"_{event.event_type}", None)
        if handler is not None:
            handler(event)

    def _is_masked(self, event: Any) -> None:
        """What a community finds by its tag tells nothing of a question that is masked (R27)."""
        if not any(each.startswith("community:") for each in event.tags()):
            return
        asked = self.asked.get(getattr(event, "consultation_id", ""))
        if asked is not None and asked.masked:
            secret = {
                asked.organisation_id,
                asked.purpose.value,
                asked.period,
                asked.document_no,
                asked.document_title,
            }
            told = secret & set(_words(event.model_dump(mode="json", exclude={"event_id"})))
            assert not told, f"{event} tells {told}"

    def _MemberEnrolled(self, event: Any) -> None:  # noqa: N802 - named after the event
        self.natural[event.member_id] = event.person

    def _RegistrationAccepted(self, event: Any) -> None:  # noqa: N802
        self.checked_in.add(event.member_id)

    def _AbsenceExplained(self, event: Any) -> None:  # noqa: N802
        assert event.member_id not in self.checked_in, "nobody explains what was not so"
        self.explained.add(event.member_id)

    def _ConsultationAsked(self, event: Any) -> None:  # noqa: N802
        assert event.member_id in self.checked_in, "there is a community to ask"
        self.asked[event.consultation_id] = event

    def _ConsultationWithdrawn(self, event: Any) -> None:  # noqa: N802
        asked = self.asked.pop(event.consultation_id)
        assert event.corrects == asked.event_id
        assert event.consultation_id not in self.counts, "an answer is not thrown away"

    def _RecusalDeclared(self, event: Any) -> None:  # noqa: N802
        assert event.officer_person not in self.signers[event.consultation_id]
        self.recused.add((event.consultation_id, event.officer_person))

    def _signs(self, event: Any, person: str) -> None:
        assert event.consultation_id in self.asked, "nobody answers what is asked no more"
        assert (event.consultation_id, person) not in self.recused
        assert person != self.natural[event.member_id], "of oneself nobody says anything"
        assert event.consultation_id not in self.counts, "one opinion counts"
        self.signers[event.consultation_id].add(person)

    def _OpinionGiven(self, event: Any) -> None:  # noqa: N802
        self._signs(event, event.given_by_person)
        self.given[event.opinion_id] = event

    def _OpinionCountersigned(self, event: Any) -> None:  # noqa: N802
        given = self.given[event.opinion_id]
        assert event.countersigned_by_person != given.given_by_person, "two persons"
        for name in (*AXES, "comment_digest", "consultation_id", "replying_id", "member_id"):
            assert getattr(event, name) == getattr(given, name), f"the same words: {name}"
        self._signs(event, event.countersigned_by_person)
        for consultation, before in self.objected.values():
            if consultation == event.consultation_id:
                assert not _is_worse(event, before), "objecting never worsens"
        self.counts[event.consultation_id] = self.last_opinion[event.consultation_id] = event

    def _OpinionWithdrawn(self, event: Any) -> None:  # noqa: N802
        counting = self.counts.get(event.consultation_id)
        if counting is not None and counting.opinion_id == event.opinion_id:
            del self.counts[event.consultation_id]

    def _opens(self, event: Any) -> None:
        purpose = getattr(event, "purpose", "vetting")
        by = event.organisation_id if purpose == "vetting" else None
        what = event.member_id, purpose, event.period, by
        assert what not in self.opened.values(), "decided once"
        self.opened[event.decision_id] = what

    _DecisionOpened = _opens

    def _VettingOpened(self, event: Any) -> None:  # noqa: N802
        assert len(set(event.team)) > 1, "a team is more than one"
        self._opens(event)

    def _EvidenceFrozen(self, event: Any) -> None:  # noqa: N802
        self.frozen[event.decision_id] = event.opinion_ids

    def _GateOverridden(self, event: Any) -> None:  # noqa: N802
        assert event.decision_id not in self.results
        assert event.conditions, "an override lets something pass"
        self.overrides[event.override_id] = event

    def _DecisionConcluded(self, event: Any) -> None:  # noqa: N802
        decided = event.member_id, event.purpose, event.period
        assert self.opened[event.decision_id][:3] == decided
        assert event.decision_id not in self.results, "concluded once"
        assert event.concluded_by_person != self.natural[event.member_id]
        overrides = [self.overrides[each] for each in event.override_ids]
        for each in self.overrides.values():
            if each.decision_id == event.decision_id:
                assert each.overridden_by_person != event.concluded_by_person, "two persons"
        assert set(event.overridden) <= {each for it in overrides for each in it.conditions}
        if not event.overridden and event.member_id in self.checked_in:
            self._was_heard(event)
        elif not event.overridden:
            assert event.member_id in self.explained, "neither heard nor explained"
        if event.purpose == "vetting":
            assert set(event.opinion_ids) <= set(self.frozen[event.decision_id])
        self.results[event.decision_id] = event
        self.signers[event.decision_id].add(event.concluded_by_person)

    def _was_heard(self, event: Any) -> None:
        """The community's word is there, for this and nothing else, and nobody disputes it."""
        assert event.opinion_ids, "concluded on nothing"
        for consultation, counting in self.counts.items():
            if counting.opinion_id not in event.opinion_ids:
                continue
            asked = self.asked[consultation]
            assert (asked.member_id, asked.purpose, asked.period) == (
                event.member_id,
                event.purpose,
                event.period,
            )
            assert event.purpose != "vetting" or asked.organisation_id == event.organisation_id
            assert not self._is_disputed("opinion", consultation)
        in_force = {each.opinion_id for each in self.counts.values()}
        assert set(event.opinion_ids) <= in_force, "an opinion that counts no more"

    def _is_disputed(self, against: str, subject: str) -> bool:
        return any(
            (each.against, each.subject_id) == (against, subject) for each in self.open.values()
        )

    def _DecisionRevised(self, event: Any) -> None:  # noqa: N802
        before = self.results[event.decision_id]
        assert event.corrects == before.event_id
        objection = self.upheld.pop(event.objection_id)
        assert (objection.against, objection.subject_id) == ("decision", event.decision_id)
        assert not self._is_disputed("decision", event.decision_id)
        order = BEST_FIRST[event.purpose]
        assert order.index(event.result) <= order.index(before.result), "objecting never worsens"
        self.results[event.decision_id] = event
        self.signers[event.decision_id].add(event.revised_by_person)

    def _CommendationConcluded(self, event: Any) -> None:  # noqa: N802
        if event.member_id is None:
            return
        selected = [
            decision
            for decision, each in self.results.items()
            if (each.member_id, each.period, each.result)
            == (event.member_id, str(event.year), "selected")
        ]
        assert selected, "nobody is commended who was not selected"
        assert not any(self._is_disputed("decision", each) for each in selected)

    def _ObjectionRaised(self, event: Any) -> None:  # noqa: N802
        assert not self._is_disputed(event.against, event.subject_id), "one at a time"
        assert 0 <= (event.raised_on - event.notified_on).days <= 30, "in time"
        self.open[event.objection_id] = event
        if event.against == "opinion":
            said = self.last_opinion[event.subject_id]
            self.objected[event.objection_id] = event.subject_id, said

    def _ObjectionWithdrawn(self, event: Any) -> None:  # noqa: N802
        del self.open[event.objection_id]
        self.objected.pop(event.objection_id, None)

    def _ObjectionAnswered(self, event: Any) -> None:  # noqa: N802
        raised = self.open.pop(event.objection_id)
        person = event.answered_by_person
        assert person != self.natural[event.member_id], "nobody answers themselves"
        if event.against in {"opinion", "decision"}:
            assert person not in self.signers[event.subject_id], "nobody judges their own word"
        if event.outcome == "rejected":
            self.objected.pop(event.objection_id, None)
        else:
            self.upheld[event.objection_id] = raised


def _is_worse(now: Any, before: Any) -> bool:
    """Worse on some axis; to find no basis is neither worse nor better than anything."""
    pairs = [(getattr(now, axis), getattr(before, axis)) for axis in AXES]
    return any(
        GOOD_TO_POOR.index(one) > GOOD_TO_POOR.index(other)
        for one, other in pairs
        if "no_basis" not in {one, other}
    )


def _words(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _words(each)
    elif isinstance(value, str):
        yield value
