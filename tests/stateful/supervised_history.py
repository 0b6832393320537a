"""What holds of supervision and its consequences, read from the events alone (R22 to R34)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.domain.event import Event
from tests.stateful.model.periods import last_day, months


def _whole_numbers(figures: Any) -> dict[str, int]:
    return {name: value for name, value in figures if isinstance(value, int)}


@dataclass
class Supervision:
    """A history so far, as far as somebody looked after others."""

    natural: dict[str, str] = field(default_factory=dict)
    once: set[tuple[str, ...]] = field(default_factory=set)
    """What happens once, with its subjects."""
    open: dict[str, Any] = field(default_factory=dict)
    """Discrepancies that nobody settled."""
    figures: dict[str, Any] = field(default_factory=dict)
    """By report, as amended last."""
    amended: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    reminded: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    packs: dict[str, Any] = field(default_factory=dict)
    proposals: dict[str, Any] = field(default_factory=dict)
    """Those that nobody answered."""
    concluded: dict[str, Any] = field(default_factory=dict)
    """Commendations and disqualifications in force."""
    nominated: dict[str, Any] = field(default_factory=dict)
    agreed: set[str] = field(default_factory=set)

    def learn(self, event: Event) -> None:
        """One more event; fails where it may not follow the ones before it."""
        handler = getattr(self, f"_{event.event_type}", None)
        if handler is not None:
            handler(event)

    def _first(self, *what: str) -> None:
        assert what not in self.once, f"{what} happens once"
        self.once.add(what)

    def _not_oneself(self, event: Any, person: str) -> None:
        if event.member_id is not None:
            assert person != self.natural[event.member_id], f"{event} is about whoever did it"

    def _MemberEnrolled(self, event: Any) -> None:  # noqa: N802 - named after the event
        self.natural[event.member_id] = event.person

    def _InspectionConfirmed(self, event: Any) -> None:  # noqa: N802
        self._first("inspected", event.branch_id, event.month)

    def _DiscrepancyFound(self, event: Any) -> None:  # noqa: N802
        self._first("found", event.branch_id, event.discrepancy_id)
        self.open[event.discrepancy_id] = event

    def _DiscrepancyDismissed(self, event: Any) -> None:  # noqa: N802
        self._first("found", event.branch_id, event.discrepancy_id)

    def _DiscrepancyResolved(self, event: Any) -> None:  # noqa: N802
        found = self.open.pop(event.discrepancy_id)
        assert (found.branch_id, found.member_id) == (event.branch_id, event.member_id)
        self._not_oneself(event, event.resolved_by_person)

    def _CommunityVisited(self, event: Any) -> None:  # noqa: N802
        self._first("visited", event.organisation_id, event.community_id, str(event.visited_on))

    def _QuarterlyFeedbackGiven(self, event: Any) -> None:  # noqa: N802
        self._first("feedback", event.community_id, event.member_id, event.quarter)
        self._not_oneself(event, event.given_by_person)

    def _QuarterReported(self, event: Any) -> None:  # noqa: N802
        self._first("reported", event.branch_id, event.quarter)
        for month in months(event.quarter):
            assert ("inspected", event.branch_id, month) in self.once, f"{month} was not inspected"
        self.figures[event.report_id] = event.figures

    def _QuarterlyReportAmended(self, event: Any) -> None:  # noqa: N802
        before = self.figures[event.report_id]
        assert event.differences, "an amendment says what is different"
        self.amended[event.report_id] += 1
        assert event.number == self.amended[event.report_id]
        self.figures[event.report_id] = before.model_copy(update={"service": event.service})

    def _QuarterConsolidated(self, event: Any) -> None:  # noqa: N802
        self._first("consolidated", event.committee_id, event.quarter)
        parts = [self.figures[each] for each in event.report_ids]
        for name in ("standing", "service", "supervision"):
            for each, total in _whole_numbers(getattr(event.figures, name)).items():
                assert total == sum(getattr(getattr(part, name), each) for part in parts), each
        assert sum(each.times for each in event.figures.service.served) == sum(
            each.times for part in parts for each in part.service.served
        )

    def _SymposiumHeld(self, event: Any) -> None:  # noqa: N802
        assert ("consolidated", event.committee_id, event.quarter) in self.once
        self._first("symposium", event.committee_id, event.quarter)

    def _HalfYearSummarised(self, event: Any) -> None:  # noqa: N802
        self._first("summarised", event.organisation_id, event.half)

    def _SupervisionReminded(self, event: Any) -> None:  # noqa: N802
        what = event.organisation_id, event.task.value, event.period
        self._first("reminded", *what, str(event.number))
        assert last_day(event.period) < event.due_on < event.reminded_on
        before = self.reminded.get(what)
        assert event.number == (before.number + 1 if before else 1)
        assert not before or event.reminded_on - before.reminded_on >= timedelta(days=7)
        self.reminded[what] = event

    def _RulePackAdopted(self, event: Any) -> None:  # noqa: N802
        for other in self.packs.values():
            same = (other.organisation_id, other.pack.code) == (
                event.organisation_id,
                event.pack.code,
            )
            days = [other.pack.valid_from, event.pack.valid_from]
            assert not same or not all(
                each.valid_on(max(days)) for each in (other.pack, event.pack)
            ), "one pack of a code at a time"
        self.packs[event.pack_id] = event

    def _RulePackRepealed(self, event: Any) -> None:  # noqa: N802
        adopted = self.packs[event.pack_id]
        assert adopted.organisation_id == event.organisation_id
        self._first("repealed", event.pack_id)
        pack = adopted.pack.model_copy(update={"valid_to": event.valid_to})
        self.packs[event.pack_id] = adopted.model_copy(update={"pack": pack})

    def _ConsequenceProposed(self, event: Any) -> None:  # noqa: N802
        assert (event.member_id is None) is not (event.organisation_id is None)
        self._first("proposed", event.proposal_id)
        self.proposals[event.proposal_id] = event

    def _ProposalDismissed(self, event: Any) -> None:  # noqa: N802
        del self.proposals[event.proposal_id]
        self._not_oneself(event, event.dismissed_by_person)

    def _concludes(self, event: Any) -> None:
        assert event.document_no.strip(), "a conclusion names its rule"
        assert event.cause_event_ids, "a conclusion names what caused it"
        self._not_oneself(event, event.concluded_by_person)
        if event.proposal_id is not None:
            proposed = self.proposals.pop(event.proposal_id)
            assert event.cause_event_ids == (proposed.event_id, *proposed.cause_event_ids)
            for name in ("member_id", "organisation_id", "year", "document_no"):
                assert getattr(event, name) == getattr(proposed, name), name
        for other in self.concluded.values():
            if all(
                getattr(event, name) == getattr(other, name)
                for name in ("member_id", "organisation_id", "year")
            ):
                assert event.event_type == other.event_type == "CommendationConcluded", (
                    "commended or disqualified, never both, and disqualified once"
                )
                assert event.title != other.title, "commended once as this"
        self.concluded[event.event_id] = event

    _CommendationConcluded = _DisqualificationConcluded = _concludes

    def _takes_back(self, event: Any) -> None:
        concluded = self.concluded.pop(event.corrects)
        assert concluded.member_id == event.member_id
        self._not_oneself(event, event.revoked_by_person)

    _CommendationRevoked = _DisqualificationRevoked = _takes_back

    def _RoleModelNominated(self, event: Any) -> None:  # noqa: N802
        self._not_oneself(event, event.nominated_by_person)
        for other in self.nominated.values():
            assert (other.member_id, other.community_id) != (event.member_id, event.community_id)
        self.nominated[event.role_model_id] = event

    def _RoleModelAgreed(self, event: Any) -> None:  # noqa: N802
        nominated = self.nominated[event.role_model_id]
        assert event.agreed_by_person != nominated.nominated_by_person, "two persons"
        self._not_oneself(event, event.agreed_by_person)
        self._first("answered", event.role_model_id)
        self.agreed.add(event.role_model_id)

    def _RoleModelRefused(self, event: Any) -> None:  # noqa: N802
        self._first("answered", event.role_model_id)
        del self.nominated[event.role_model_id]

    def _RoleModelPublicised(self, event: Any) -> None:  # noqa: N802
        self.agreed.remove(event.role_model_id)
        del self.nominated[event.role_model_id]
        self._not_oneself(event, event.publicised_by_person)
