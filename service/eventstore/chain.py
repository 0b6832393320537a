"""Decides commands that wait together, one after another in memory (chained decisions).

All of them start from one snapshot of the log, read in one statement, and each sees what the ones
before it made happen. Commands whose boundaries touch form a chain: they stand or fall together
when the log is appended to. Commands that do not touch are independent of each other.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from service.domain.event import Command, Event, Rejection, Selector
from service.eventstore.mapping import Decoder

Pair = tuple[str, str]
"""A tag and an event type: what a boundary is read by."""

Row = tuple[int, str, list[str], bytes]
"""Position, type, tags and data of a stored event."""

Known = tuple[int, Event, frozenset[str]]
"""An event with its place in the order of things and its tags."""

_WIDEST = 8
"""How often a boundary may widen before the command is at fault."""


class Boundary:
    """What a decision rests on, in the form it is read, compared and appended by."""

    __slots__ = ("items", "keys", "reads")

    def __init__(self, selectors: Iterable[Selector]) -> None:
        self.items = tuple((_names(tuple(each.types)), tuple(each.tags)) for each in selectors)
        """Types and tags of each selector; the first tag is the most selective one."""
        if not all(types and tags for types, tags in self.items):
            raise TypeError("a selector of a decision names at least one tag and one type")
        self.reads = [((tags[0], type_), tags) for types, tags in self.items for type_ in types]
        """By what it is read, each with all the tags that what is found must have."""
        self.keys = {pair for pair, _ in self.reads}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Boundary) and self.items == other.items

    # Compared by value, so it must not be hashed by identity; mypy expects a method here.
    __hash__ = None  # type: ignore[assignment]


@lru_cache(maxsize=4096)
def _names(types: tuple[type, ...]) -> tuple[str, ...]:
    return tuple(each.event_type for each in types if issubclass(each, Event))


@dataclass(slots=True)
class Outcome:
    """What one command came to, and what that rests on."""

    boundary: Boundary
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
        self._stored: dict[Pair, list[Known]] = {}
        self._new: dict[Pair, list[Known]] = defaultdict(list)
        self._watched: dict[Pair, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        self._prepared: dict[int, tuple[Boundary, Command | None]] = {}
        self._owners: list[int] = []
        self._parents: dict[int, int] = {}
        self.head = 0
        """The position all decisions are based on."""

    async def prepare(self, commands: Sequence[Command]) -> None:
        """Reads the boundaries of all commands, coalesced; again for those that widen."""
        boundaries = [Boundary(command.consistency_boundary()) for command in commands]
        wanted: set[Pair] = set().union(*(boundary.keys for boundary in boundaries))
        self.head, rows = await self._read(wanted, None)
        self._learn(wanted, rows)
        wanted = set()
        for number, (command, boundary) in enumerate(zip(commands, boundaries, strict=True)):
            attempt = command.fresh()
            self._fold(attempt, boundary)
            wider = Boundary(attempt.consistency_boundary())
            if wider == boundary:
                self._prepared[number] = (boundary, attempt)
            else:
                self._prepared[number] = (wider, None)
                wanted |= wider.keys
        await self._extend(wanted)

    async def decide(self, number: int, command: Command) -> Outcome:
        """Decides one command on the snapshot and on everything accepted before it.

        Its events are not seen by others until `accept`.
        """
        boundary, attempt = self._prepared[number]
        if attempt is None or not boundary.keys.isdisjoint(self._new):
            for _ in range(_WIDEST):
                await self._extend(boundary.keys)
                attempt = command.fresh()
                self._fold(attempt, boundary)
                wider = Boundary(attempt.consistency_boundary())
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
        self._parents[number] = number
        for pair, wanted in outcome.boundary.reads:
            # A decision, also a refusal, that rests on an event of this batch falls with it.
            for place, _, tags in self._new.get(pair, ()):
                if tags.issuperset(wanted):
                    self._join(number, self._owners[place])
        for event in outcome.events:
            place, tags = len(self._owners), frozenset(event.tags())
            self._owners.append(number)
            for tag in tags:
                pair = (tag, event.event_type)
                # Who was decided before this event must also be appended before it.
                for other, wanted in self._watched.get(pair, ()):
                    if tags.issuperset(wanted):
                        self._join(number, other)
                self._new[pair].append((place, event, tags))
        for pair, wanted in outcome.boundary.reads:
            self._watched[pair].append((number, wanted))

    def chains(self) -> list[list[int]]:
        """The numbers of the accepted outcomes by chain, each ascending."""
        found: dict[int, list[int]] = defaultdict(list)
        for number in sorted(self._parents):
            found[self._root(number)].append(number)
        return list(found.values())

    async def _extend(self, wanted: set[Pair]) -> None:
        if missing := wanted - self._stored.keys():
            # Not further than the head of the first read: one snapshot for the whole batch.
            _, rows = await self._read(missing, self.head)
            self._learn(missing, rows)

    def _learn(self, wanted: set[Pair], rows: list[Row]) -> None:
        for pair in wanted:
            self._stored[pair] = []
        for position, type_, tags, data in rows:
            known = (position, self._decoder.event(position, data), frozenset(tags))
            for tag in tags:
                if (tag, type_) in wanted:
                    self._stored[tag, type_].append(known)

    def _fold(self, attempt: Command, boundary: Boundary) -> None:
        for events in (self._stored, self._new):  # what is stored comes before what is new
            found: dict[int, Event] = {}
            for pair, wanted in boundary.reads:
                if known := events.get(pair):
                    found.update(
                        (place, event)
                        for place, event, tags in known
                        if len(wanted) == 1 or tags.issuperset(wanted)
                    )
            for place in sorted(found):
                found[place].mutate(attempt)

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = number = self._parents[self._parents[number]]
        return number

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first
