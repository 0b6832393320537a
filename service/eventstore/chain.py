"""Decides commands that wait together, one after another in memory (chained decisions).

All of them start from one snapshot of the log, read in one statement, and each sees what the ones
before it made happen. Commands whose boundaries touch form a chain: they stand or fall together
when the log is appended to. Commands that do not touch are independent of each other.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from service.domain.event import Command, Event, Rejection, Selector
from service.eventstore.mapping import Decoder

Pair = tuple[str, str]
"""A tag and an event type: what a boundary is read by."""

Row = tuple[int, str, list[str], bytes]
"""Position, type, tags and data of a stored event."""

Fact = tuple[int, Event, frozenset[str]]
"""Place in the order of things, event and tags."""

_WIDEST = 8
"""How often a boundary may widen before the command is at fault."""


def pairs(boundary: Iterable[Selector]) -> set[Pair]:
    """The (tag, type) pairs a boundary is read by: its selectors' first tags, which are the most
    selective ones, with each of their types."""
    found: set[Pair] = set()
    for selector in boundary:
        if not selector.tags or not selector.types:
            raise TypeError("a selector of a decision names at least one tag and one type")
        found.update((selector.tags[0], type_) for type_ in type_names(selector))
    return found


def type_names(selector: Selector) -> tuple[str, ...]:
    """The stored type strings of a selector's event classes."""
    return tuple(each.event_type for each in selector.types if issubclass(each, Event))


@dataclass(slots=True)
class Outcome:
    """What one command came to, and what that rests on."""

    boundary: list[Selector]
    events: list[Event] = field(default_factory=list)
    rejection: Rejection | None = None


class Chain:
    """One batch of decisions on one snapshot of the log."""

    def __init__(
        self,
        read: Callable[[set[Pair], int | None], Awaitable[tuple[int, list[Row]]]],
        decoder: Decoder,
    ) -> None:
        self._read = read
        self._decoder = decoder
        self._known: dict[Pair, list[Fact]] = {}
        self._new: dict[Pair, list[Fact]] = defaultdict(list)
        self._watched: dict[Pair, list[int]] = defaultdict(list)
        self._prepared: dict[int, tuple[list[Selector], Command | None]] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._owners: dict[int, int] = {}
        self._parents: dict[int, int] = {}
        self.head = 0
        """The position all decisions are based on."""

    async def prepare(self, commands: Sequence[Command]) -> None:
        """Reads the boundaries of all commands, coalesced; again for those that widen."""
        boundaries = [list(command.consistency_boundary()) for command in commands]
        wanted = {pair for boundary in boundaries for pair in pairs(boundary)}
        self.head, rows = await self._read(wanted, None)
        self._learn(wanted, rows)
        wanted = set()
        for number, (command, boundary) in enumerate(zip(commands, boundaries, strict=True)):
            attempt = command.fresh()
            self._fold(attempt, boundary)
            wider = list(attempt.consistency_boundary())
            self._prepared[number] = (wider, attempt if wider == boundary else None)
            wanted |= pairs(wider)
        await self._extend(wanted)

    async def decide(self, number: int, command: Command) -> Outcome:
        """Decides one command on the snapshot and on everything accepted before it.

        Its events are not seen by others until `accept`.
        """
        boundary, attempt = self._prepared[number]
        if attempt is None or any(pair in self._new for pair in pairs(boundary)):
            for _ in range(_WIDEST):
                await self._extend(pairs(boundary))
                attempt = command.fresh()
                self._fold(attempt, boundary)
                wider = list(attempt.consistency_boundary())
                if wider == boundary:
                    break
                boundary = wider
            else:
                raise RecursionError(f"the boundary of {type(command).__name__} widens for ever")
        outcome = Outcome(boundary)
        try:
            attempt.execute()
        except Rejection as rejection:
            outcome.rejection = rejection
        else:
            outcome.events = [tagged.decision for tagged in attempt.new_decisions]
        return outcome

    def accept(self, number: int, outcome: Outcome) -> None:
        """Lets later commands see this outcome, and joins the chains that it touches."""
        self._outcomes[number] = outcome
        self._parents[number] = number
        rests_on = pairs(outcome.boundary)
        for pair in rests_on:
            # A decision, also a refusal, that rests on an event of this batch falls with it.
            for at, event, tags in self._new.get(pair, ()):
                if _matches(event, tags, outcome.boundary):
                    self._join(number, self._owners[at])
        for event in outcome.events:
            at = len(self._owners)
            self._owners[at] = number
            tags = frozenset(event.tags())
            for tag in tags:
                pair = (tag, event.event_type)
                # Who was decided before this event must also be appended before it.
                for other in self._watched.get(pair, ()):
                    if _matches(event, tags, self._outcomes[other].boundary):
                        self._join(number, other)
                self._new[pair].append((at, event, tags))
        for pair in rests_on:
            self._watched[pair].append(number)

    def chains(self) -> list[list[int]]:
        """The numbers of the accepted outcomes by chain, each ascending."""
        found: dict[int, list[int]] = defaultdict(list)
        for number in sorted(self._parents):
            found[self._root(number)].append(number)
        return list(found.values())

    async def _extend(self, wanted: set[Pair]) -> None:
        missing = wanted - self._known.keys()
        if missing:
            # Not further than the head of the first read: one snapshot for the whole batch.
            _, rows = await self._read(missing, self.head)
            self._learn(missing, rows)

    def _learn(self, wanted: set[Pair], rows: list[Row]) -> None:
        for pair in wanted:
            self._known[pair] = []
        for position, type_, tags, data in rows:
            event = self._decoder.event(position, data)
            for tag in tags:
                if (tag, type_) in wanted:
                    self._known[tag, type_].append((position, event, frozenset(tags)))

    def _fold(self, attempt: Command, boundary: Sequence[Selector]) -> None:
        wanted = pairs(boundary)
        for facts in (self._known, self._new):  # what is stored comes before what is new
            found: dict[int, Event] = {}
            for pair in wanted:
                for place, event, tags in facts.get(pair, ()):
                    if place not in found and _matches(event, tags, boundary):
                        found[place] = event
            for place in sorted(found):
                found[place].mutate(attempt)

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = number = self._parents[self._parents[number]]
        return number

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first


def _matches(event: Event, tags: frozenset[str], boundary: Iterable[Selector]) -> bool:
    return any(
        type(event) in selector.types and tags.issuperset(selector.tags) for selector in boundary
    )
