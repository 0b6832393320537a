"""What the log held within boundaries that were read before: it only ever grows.

Events are immutable and no position is ever filled late, so what was read up to a position stays
complete up to there. Reading again costs only what is new, and a fact that grows with everything
that happened (`StandingFact`) learns only what is new.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import takewhile
from operator import itemgetter

from service.domain.event import Event, StandingFact
from service.eventstore.mapping import Decoder

Pair = tuple[str, str]
"""A tag and an event type: what a boundary is read by."""

Row = tuple[int, str, list[str], bytes]
"""Position, type, tags and data of a stored event."""

Known = tuple[int, Event, frozenset[str]]
"""An event with its place in the order of things and its tags."""

PLACE: Callable[[Known], int] = itemgetter(0)

LARGEST = 200_000
"""Pairs, and events under them, that are remembered: some 100 MB."""


class Learning:
    """A standing fact and how far it has learnt."""

    __slots__ = ("_last", "fact")

    def __init__(self, fact: StandingFact, last: int) -> None:
        self.fact = fact
        self._last = last

    def learn(self, found: Iterable[Sequence[Known]]) -> None:
        """Learns what is new in these lists, each ascending, in the order in which it happened."""
        last = self._last
        new = [
            known
            for events in found
            for known in takewhile(lambda known: known[0] > last, reversed(events))
        ]
        for place, event, _ in sorted(new, key=PLACE):
            event.mutate(self.fact)
            self._last = place


class Memory:
    """The events that decisions looked at lately, decoded, by tag and type."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._decoder = Decoder()
        self._complete: OrderedDict[Pair, int] = OrderedDict()
        self._events: dict[Pair, list[Known]] = {}
        self._number = 0
        self._standing: defaultdict[str, dict[type[StandingFact], Learning]] = defaultdict(dict)

    def complete(self, pair: Pair) -> int:
        """The position up to which the pair need not be read again."""
        return self._complete.get(pair, 0)

    def learn(self, wanted: Collection[Pair], head: int, rows: Iterable[Row]) -> None:
        """Takes in what was read: for each pair all that lies after `complete`, up to the head."""
        for position, type_, tags, data in rows:
            known = (position, self._decoder.event(position, data), frozenset(tags))
            for tag in known[2]:
                pair = (tag, type_)
                # It may have been read for the sake of another pair.
                if pair in wanted and position > self._complete.get(pair, 0):
                    self._events.setdefault(pair, []).append(known)
                    self._number += 1
        for pair in wanted:
            self._complete[pair] = head
            self._complete.move_to_end(pair)

    def events(self, pair: Pair) -> Sequence[Known]:
        """The events of a pair, ascending, up to where it is complete."""
        return self._events.get(pair, ())

    def standing(self, kind: type[StandingFact], tag: str) -> StandingFact:
        """The fact about one subject, with everything learnt that is known about it."""
        learning = self._standing[tag].get(kind)
        if learning is None:
            learning = self._standing[tag][kind] = Learning(kind(), 0)
        learning.learn(self.events((tag, type_)) for type_ in kind.learns())
        return learning.fact

    def trim(self) -> None:
        """Forgets what was not looked at for longest; not while a batch relies on it."""
        while len(self._complete) + self._number > self._largest:
            pair, _ = self._complete.popitem(last=False)
            self._number -= len(self._events.pop(pair, ()))
            self._standing.pop(pair[0], None)
