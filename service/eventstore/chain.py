"""Decides commands that wait together, one after another in memory (chained decisions).

All of them start from one snapshot of the log, read in one statement, and each sees what the ones
before it made happen. Commands whose boundaries touch form a chain: they stand or fall together
when the log is appended to. Commands that do not touch are independent of each other.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from service.domain.event import (
    Command,
    Event,
    Rejection,
    Selector,
    StandingFact,
    standing_facts,
)
from service.eventstore.memory import PLACE, Known, Learning, Memory, Pair, Row

_WIDEST = 8
"""How often a boundary may widen before the command is at fault."""


class Boundary:
    """What a decision rests on, in the form it is read, compared and appended by."""

    def __init__(self, selectors: Sequence[Selector]) -> None:
        self._selectors = selectors
        self.items = tuple((_names(tuple(each.types)), tuple(each.tags)) for each in selectors)
        """Types and tags of each selector; the first tag is the most selective one."""
        if not all(types and tags for types, tags in self.items):
            raise TypeError("a selector of a decision names at least one tag and one type")

    @cached_property
    def reads(self) -> list[tuple[Pair, tuple[str, ...]]]:
        """By what it is read, each with all the tags that what is found must have."""
        return [((tags[0], type_), tags) for types, tags in self.items for type_ in types]

    @cached_property
    def keys(self) -> set[Pair]:
        """By what it is read."""
        return {pair for pair, _ in self.reads}

    def standing(self, kind: type[StandingFact]) -> str | None:
        """The tag of the one subject about which the boundary wants to know such a fact, whole.

        None if there are several, or if it wants only a part of it.
        """
        wanted = set(kind.learns())
        found = [(types, tags) for types, tags in self.items if not wanted.isdisjoint(types)]
        if len(found) != 1:
            return None
        types, (tag, *others) = found[0]
        whole = wanted == set(types) and not others and tag.startswith(f"{kind.subject}:")
        return tag if whole else None

    def widened(self, attempt: Command) -> "Boundary":
        """What the decision rests on after what was learnt; this very one if that is the same."""
        selectors = attempt.consistency_boundary()
        return self if selectors == self._selectors else Boundary(selectors)


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
        memory: Memory,
    ) -> None:
        self._read = read
        self._memory = memory
        self._stored: set[Pair] = set()
        self._new: dict[Pair, list[Known]] = defaultdict(list)
        self._standing: dict[tuple[type[StandingFact], str], Learning] = {}
        self._joined: dict[Pair, int] = {}
        self._watched: dict[Pair, dict[tuple[str, ...], list[int]]] = defaultdict(dict)
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
            wider = boundary.widened(attempt)
            if wider is boundary:
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
        if attempt is None or self._touched(boundary):
            for _ in range(_WIDEST):
                await self._extend(boundary.keys)
                attempt = command.fresh()
                self._fold(attempt, boundary)
                wider = boundary.widened(attempt)
                if wider is boundary:
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
        if self._touched(outcome.boundary):
            self._join_those_rested_on(number, outcome.boundary)
        for event in outcome.events:
            place, tags = len(self._owners), frozenset(event.tags())
            self._owners.append(number)
            for tag in tags:
                pair = (tag, event.event_type)
                # Who was decided before this event must also be appended before it.
                for wanted, watchers in self._watched.get(pair, {}).items():
                    if tags.issuperset(wanted):
                        for other in watchers:
                            self._join(number, other)
                        watchers[:] = [number]  # one stands for all that were joined
                self._new[pair].append((place, event, tags))
        for pair, wanted in outcome.boundary.reads:
            self._watched[pair].setdefault(wanted, []).append(number)

    def _join_those_rested_on(self, number: int, boundary: Boundary) -> None:
        for pair, wanted in boundary.reads:
            # A decision, also a refusal, that rests on an event of this batch falls with it.
            new = self._new.get(pair)
            if new is None:
                continue
            if len(wanted) == 1:
                # One stands for all that were joined.
                for place, _, _ in new[max(self._joined.get(pair, 0) - 1, 0) :]:
                    self._join(number, self._owners[place])
                self._joined[pair] = len(new)
            else:
                for place, _, tags in new:
                    if tags.issuperset(wanted):
                        self._join(number, self._owners[place])

    def chains(self) -> list[list[int]]:
        """The numbers of the accepted outcomes by chain, each ascending."""
        found: dict[int, list[int]] = defaultdict(list)
        for number in sorted(self._parents):
            found[self._root(number)].append(number)
        return list(found.values())

    async def _extend(self, wanted: set[Pair]) -> None:
        if missing := wanted - self._stored:
            # Not further than the head of the first read: one snapshot for the whole batch.
            _, rows = await self._read(missing, self.head)
            self._learn(missing, rows)

    def _learn(self, wanted: set[Pair], rows: list[Row]) -> None:
        self._memory.learn(wanted, self.head, rows)
        self._stored |= wanted

    def _touched(self, boundary: Boundary) -> bool:
        """Whether something new may lie in the boundary."""
        # Of two such views the shorter one is gone through; a set would go through all that is new.
        return not self._new.keys().isdisjoint(boundary.keys)

    def _fold(self, attempt: Command, boundary: Boundary) -> None:
        """Lets the command learn what is stored, then what is new."""
        reads = boundary.reads
        for field_name, kind in standing_facts(type(attempt)):
            if tag := boundary.standing(kind):
                setattr(attempt, field_name, self._lend(kind, tag))
                reads = [read for read in reads if read[0][1] not in kind.learns()]
        stored, new = self._memory.events, self._new.get
        for events in (stored, new) if self._touched(boundary) else (stored,):
            found: list[Known] = []
            for pair, wanted in reads:
                if known := events(pair):
                    found += (
                        known
                        if len(wanted) == 1
                        else [each for each in known if each[2].issuperset(wanted)]
                    )
            found.sort(key=PLACE)
            last = -1
            for place, event, _ in found:
                if place != last:  # it may lie in several selectors
                    event.mutate(attempt)
                    last = place

    def _lend(self, kind: type[StandingFact], tag: str) -> StandingFact:
        """The fact for one command: what it learns goes no further.

        Neither does what this batch makes happen go further than this batch, before it is stored.
        """
        learning = self._standing.get((kind, tag))
        if learning is None:
            learning = Learning(self._memory.standing(kind, tag).lent(), -1)
            self._standing[kind, tag] = learning
        learning.learn(self._new.get((tag, type_), ()) for type_ in kind.learns())
        return learning.fact.lent()

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = number = self._parents[self._parents[number]]
        return number

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self._root(one), self._root(other)))
        self._parents[second] = first
