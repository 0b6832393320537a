"""A log in memory that decides as the real one does, quickly enough for many thousand decisions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.attendance import Attendances
from service.domain.branch_supervision import BranchSupervision
from service.domain.decided import Decisions
from service.domain.event import Command, Event, Fact, Rejection, Selector
from service.domain.objection_subject import ActsOnSubject
from service.domain.quarterly_report import QuarterlyReports
from service.domain.role_model import RoleModels
from service.domain.rule_pack_adoption import AdoptedPacks

_BY_MORE_THAN_THEIR_SUBJECT = (
    ActsOnSubject,
    Attendances,
    BranchSupervision,
    Decisions,
    QuarterlyReports,
    RoleModels,
    AdoptedPacks,
)
"""Facts that a command asks for all they hold, of one activity, member, organisation or the like:
what they learn they learn from the boundary only."""


@dataclass(frozen=True)
class Decision:
    """What a command came to: events, or the rule that refused it."""

    events: tuple[Event, ...] = ()
    rejection: Rejection | None = None

    def content(self) -> object:
        """Everything but the ids that events are given."""
        if self.rejection is not None:
            return type(self.rejection), self.rejection.detail, self.rejection.errors
        return [(type(event), event.model_dump(exclude={"event_id"})) for event in self.events]


class MemoryLog:
    """Events in the order they happened, found by tag and type."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._tags: list[frozenset[str]] = []
        self._found: defaultdict[tuple[str, type], list[int]] = defaultdict(list)
        self._of_type: defaultdict[type, list[int]] = defaultdict(list)

    def copy(self) -> "MemoryLog":
        """The same log, to go on from here."""
        other = MemoryLog()
        other.append(self.events)
        return other

    def append(self, events: Sequence[Event]) -> None:
        """These happened next."""
        for event in events:
            tags = frozenset(event.tags())
            for tag in tags:
                self._found[tag, type(event)].append(len(self.events))
            self._of_type[type(event)].append(len(self.events))
            self.events.append(event)
            self._tags.append(tags)

    def select(self, boundary: Sequence[Selector]) -> list[int]:
        """Where the events of a boundary are, in the order they happened."""
        places: set[int] = set()
        for selector in boundary:
            assert selector.types, f"{selector} reads every type"
            first, *others = selector.tags
            for each in selector.types:
                found = self._found.get((first, each), ())
                places.update(at for at in found if self._tags[at].issuperset(others))
        return sorted(places)

    def decide(self, command: Command) -> Decision:
        """Decides on the events that the command's boundary selects."""
        return _executed(self._informed(command)[0])

    def decide_knowing_all(self, command: Command) -> Decision:
        """Decides with facts that have learnt the whole history.

        A fact is kept by subject, so what happened to other subjects must not change a decision;
        and where a selector of the boundary was forgotten, the fact now knows what it lacked. The
        command's own handlers ask no subject and learn from the boundary, as they are written to.
        """
        inside = set(self._informed(command)[1])
        attempt = command.fresh()
        facts = [each for each in vars(attempt).values() if isinstance(each, Fact)]
        knowing = [each for each in facts if not isinstance(each, _BY_MORE_THAN_THEIR_SUBJECT)]
        places = set(inside)
        for fact in knowing:
            for each in type(fact).projected_types:
                places.update(self._of_type[each])
        for at in sorted(places):
            event = self.events[at]
            if at in inside:
                event.mutate(attempt)
            else:
                for fact in knowing:
                    event.mutate(fact)
        return _executed(attempt)

    def _informed(self, command: Command) -> tuple[Command, list[int]]:
        """The command with what its boundary let it learn, widened until it is stable."""
        boundary: list[Selector] = []
        while True:
            attempt, places = command.fresh(), self.select(boundary)
            for at in places:
                self.events[at].mutate(attempt)
            wider = list(attempt.consistency_boundary())
            if wider == boundary:
                return attempt, places
            boundary = wider


def _executed(attempt: Command) -> Decision:
    try:
        attempt.execute()
    except Rejection as rejection:
        return Decision(rejection=rejection)
    return Decision(tuple(tagged.decision for tagged in attempt.new_decisions))
