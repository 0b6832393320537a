"""Reads of what decisions rest on: readers that wait together share one statement.

A statement of its own costs each reader a round trip, and the database more than the lookups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import asyncpg
from eventsourcing.dcb.api import DCBEvent, DCBQueryItem, DCBSequencedEvent

from service.eventstore.call import SHARD, column, joined
from service.eventstore.mapping import UnstorableEvent
from service.together import Together

AT_ONCE = 2
"""Statements under way at most: while the answers of one are taken apart the next one is run."""

_IN_LIST = "\x1f"
"""What `joined` puts between the strings of a list."""

# One row per event and question, in order; the first row has no event, its place is the head in the
# same snapshot. An item finds by the first of its tags; what is found is compared with the
# event itself, because hashes collide. `OFFSET 0` pins the plan, see migrations/0001_log.sql.
_SELECT = """
SELECT DISTINCT ON (question, place) * FROM (
    SELECT 0 AS question, log.head($1) AS place, NULL::text, NULL::text, NULL::bytea
    UNION ALL
    SELECT item.question, found.position, event.type, array_to_string(event.tags, chr(31)),
        event.data
    FROM (
        SELECT i.question, i.after, log.list(i.tags) AS tags,
            -- The few lists of types that the items have are taken apart and hashed once each.
            (ARRAY(SELECT log.list(t)::text FROM unnest(log.texts($6)) t))
                [i.types]::text[] AS types,
            (ARRAY(SELECT log.type_hashes(log.list(t))::text FROM unnest(log.texts($6)) t))
                [i.types]::integer[] AS type_hashes
        FROM unnest(
            log.numbers($2), string_to_array($3, ',')::bigint[], log.texts($4), log.numbers($5)
        ) AS i (question, after, tags, types)
        OFFSET 0
    ) AS item
    CROSS JOIN LATERAL (
        SELECT t.position FROM log.tags t
        WHERE t.tag_hash = hashtextextended(item.tags[1], 0)
            AND t.type_hash = ANY (item.type_hashes)
            AND t.shard = $1 AND t.position > item.after
        OFFSET 0) AS found
    CROSS JOIN LATERAL (
        SELECT e.type, e.tags, e.data FROM log.events e
        WHERE e.shard = $1 AND e.position = found.position
        OFFSET 0) AS event
    WHERE event.tags @> item.tags AND event.type = ANY (item.types)
) AS found
ORDER BY question, place
"""


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """The events of one read, in order, and the head of the log in the same snapshot.

    As in the library: without a limit ``head`` is the last position of the whole log, with one it
    is the position of the last event returned; None where there is none.
    """

    events: list[DCBSequencedEvent]
    head: int | None

    def __iter__(self) -> Iterator[DCBSequencedEvent]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


class Question(NamedTuple):
    """What one reader asks: events after a position, by tags and types, both joined."""

    after: int
    items: dict[str, str]

    @classmethod
    def of(cls, items: Sequence[DCBQueryItem], after: int) -> "Question | None":
        """The question; None where an item names no tag or no type: those are read otherwise.

        Raises UnstorableEvent for types and tags that no event can have.
        """
        found: dict[str, str] = {}
        for item in items:
            if not item.tags or not item.types:
                return None
            tags, types = _tags(item.tags), _types(*item.types)
            # What is asked about the same subject is found in one lookup.
            found[tags] = f"{found[tags]}{_IN_LIST}{types}" if tags in found else types
        return cls(after, found) if found else None


def _tags(tags: Sequence[str]) -> str:
    # Nearly always there is one, and nothing in it that needs a closer look.
    return tags[0] if len(tags) == 1 and tags[0] and tags[0].isprintable() else _sendable(tags)


@lru_cache(maxsize=4096)
def _types(*types: str) -> str:
    return _sendable(types)


def _sendable(strings: Sequence[str]) -> str:
    """The strings as one; who asks what cannot be sent must not fail others asked along with it."""
    whole = joined(strings)
    try:
        whole.encode()
    except UnicodeEncodeError as error:
        raise UnstorableEvent(str(error)) from error
    return whole


class Reads:
    """Answers questions of many readers, on connections of its own."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._together = Together(self._answer, at_once=AT_ONCE)

    async def find(self, question: Question) -> ReadResponse:
        """Everything that was asked for."""
        return await self._together.ask(question)

    async def _answer(self, asked: Sequence[Question]) -> list[ReadResponse]:
        numbers: list[str] = []
        after: list[str] = []
        tags: list[str] = []
        lists: dict[str, str] = {}
        types: list[str] = []
        for number, question in enumerate(asked, start=1):
            numbers += [str(number)] * len(question.items)
            after += [str(question.after)] * len(question.items)
            tags += question.items
            types += [
                lists.setdefault(each, str(len(lists) + 1)) for each in question.items.values()
            ]
        (_, head, *_), *rows = await self._pool.fetch(
            _SELECT,
            SHARD,
            ",".join(numbers),
            ",".join(after),
            column(tags),
            ",".join(types),
            column(list(lists)),
        )
        found: list[list[DCBSequencedEvent]] = [[] for _ in asked]
        for number, position, type_, in_list, data in rows:
            event = DCBEvent(type_, data, in_list.split(_IN_LIST))
            found[number - 1].append(DCBSequencedEvent(event, position))
        return [ReadResponse(events, head or None) for events in found]
