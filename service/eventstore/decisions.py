"""A batch of commands that waited together: read, decided, and made into one call of the log."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from eventsourcing.dcb.api import DCBEvent

from service.domain.event import SERVICE, Command, Event
from service.eventstore.call import SHARD, AppendCall, Lists, column
from service.eventstore.chain import Chain, Outcome
from service.eventstore.connection import lost_connection
from service.eventstore.mapping import canonical, encode, personal_keys
from service.eventstore.memory import Memory, Pair, Row
from service.trust.keyring import KeyRing

_FINGERPRINT = 32


class IdempotencyKeyReused(ValueError):
    """该幂等键已用于另一请求"""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """One request of one client: sent again, it gets the first answer and nothing happens."""

    client: str
    key: str
    fingerprint: bytes
    """32 bytes that stand for the request's content."""
    answer: Callable[[Sequence[Event]], dict[str, Any]]
    """What to answer, from the events that happened: ids only, no personal data."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a command led to; of a replayed one the events are not read again."""

    position: int
    events: Sequence[Event]
    answer: dict[str, Any] = field(default_factory=dict)
    replayed: bool = False


@dataclass(slots=True, eq=False)
class Decision:
    """A command that waits to be decided."""

    command: Command
    idempotency: Idempotency | None
    caused_by: str | None
    done: asyncio.Future[Decided]


@dataclass(slots=True)
class _Link:
    """One decided command of a chain, ready to be stored."""

    decision: Decision
    outcome: Outcome
    stored: list[DCBEvent]
    answer: bytes

    def settle(self, position: int) -> None:
        """Tells the waiting caller."""
        if self.decision.done.done():
            return
        if self.outcome.rejection is not None:
            self.decision.done.set_exception(self.outcome.rejection)
        else:
            answer = orjson.loads(self.answer) if self.answer else {}
            self.decision.done.set_result(Decided(position, self.outcome.events, answer))


class _Reads:
    """What one batch reads: boundaries, and with the first of them the answers to its requests.

    A class of its own, so that batch and chain do not hold each other: what they hold is let go at
    once and not by the collector, which took a seventh of the writer's time.
    """

    def __init__(self, connection: asyncpg.Connection, memory: Memory) -> None:
        self._connection = connection
        self._memory = memory
        self.asked: Sequence[Idempotency] = ()
        self.answers: dict[tuple[str, str], tuple[int, bytes, bytes]] = {}
        """Position, fingerprint and answer by client and key."""

    async def __call__(self, wanted: set[Pair], up_to: int | None) -> tuple[int, list[Row]]:
        asked = self.asked if up_to is None else ()
        tags = Lists()
        for tag, _ in wanted:
            tags.add((tag,))
        rows = await self._connection.fetch(
            "SELECT * FROM log.boundary($1, $2, $3, $4, $5, $6, $7)",
            SHARD,
            up_to,
            [self._memory.complete(pair) for pair in wanted],
            tags.joined(),
            column([type_ for _, type_ in wanted]),
            [request.client for request in asked],
            [request.key for request in asked],
        )
        events: list[Row] = []
        for position, type_, tags, data in rows[1:]:
            if type_ is None:
                answer = data[:_FINGERPRINT], data[_FINGERPRINT:]
                self.answers[tags[0], tags[1]] = (position, *answer)
            else:
                events.append((position, type_, tags, data))
        return rows[0][0], events


class DecisionBatch:
    """One batch on its way: `decide`, then append what `call` holds, then `settle`."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        memory: Memory,
        keyring: KeyRing,
        clock: Callable[[], datetime],
    ) -> None:
        self._keyring = keyring
        self._clock = clock
        self._reads = _Reads(connection, memory)
        self._chain = Chain(self._reads, memory)
        self._under_way: set[tuple[str, str]] = set()
        self._again: list[Decision] = []
        self._chains: list[list[_Link]] = []
        self.call = AppendCall()

    async def decide(self, batch: Sequence[Decision]) -> None:
        """Decides all of them; settles those for which nothing needs to be appended."""
        self._reads.asked = [each.idempotency for each in batch if each.idempotency]
        await self._chain.prepare([each.command for each in batch])
        outcomes: dict[int, Outcome] = {}
        for number, decision in enumerate(batch):
            if decision.idempotency and self._answered(decision, decision.idempotency):
                continue
            try:
                outcomes[number] = await self._chain.decide(number, decision.command)
            except Exception as error:
                if isinstance(error, asyncpg.PostgresError) or lost_connection(error):
                    raise  # not this command's fault
                decision.done.set_exception(error)
            else:
                self._chain.accept(number, outcomes[number])
        events = [event for outcome in outcomes.values() for event in outcome.events]
        if missing := self._keyring.missing(personal_keys(events)):
            await self._keyring.ensure(missing)
        for numbers in self._chain.chains():
            self._take([(batch[number], outcomes[number]) for number in numbers])

    def settle(self, verdicts: Sequence[int]) -> list[Decision]:
        """Tells the callers of appended chains; returns those that must be decided once more:
        another process wrote into their boundary or answered the same key, the same request was
        in this batch twice and its answer is there now, or what they rested on cannot be stored.
        """
        again = self._again
        for chain, verdict in zip(self._chains, verdicts, strict=True):
            if verdict <= 0:
                again.extend(link.decision for link in chain)
                continue
            position = verdict - sum(len(link.stored) for link in chain)
            for link in chain:
                position += len(link.stored)
                link.settle(position)
        return again

    def _take(self, decided: Sequence[tuple[Decision, Outcome]]) -> None:
        """Makes a chain ready to be appended."""
        chain = []
        for decision, outcome in decided:
            try:
                chain.append(self._link(decision, outcome))
            except Exception as error:  # noqa: BLE001 - it cannot be stored: told to its caller
                decision.done.set_exception(error)
        if len(chain) < len(decided):
            # The others may rest on what cannot be stored.
            self._again.extend(link.decision for link in chain)
        elif any(link.stored for link in chain):
            self._chains.append(chain)
            self._add_to_call(chain)
        else:
            # Nothing is appended that these refusals could rest on: the snapshot suffices.
            for link in chain:
                link.settle(self._chain.head)

    def _link(self, decision: Decision, outcome: Outcome) -> _Link:
        by, at, now = decision.command.by, decision.command.at, self._clock()
        stored = [
            encode(
                event,
                SERVICE if event.by_service else by,
                at,
                now,
                self._keyring,
                decision.caused_by,
            )
            for event in outcome.events
        ]
        answer = b""
        if decision.idempotency and stored:
            answer = canonical(decision.idempotency.answer(outcome.events))
        return _Link(decision, outcome, stored, answer)

    def _add_to_call(self, chain: Sequence[_Link]) -> None:
        self.call.begin(self._chain.head)
        items: dict[tuple[tuple[str, ...], tuple[str, ...]], None] = {}
        for link in chain:
            for event in link.stored:
                self.call.add_event(event)
            items.update(dict.fromkeys(link.outcome.boundary.items))
            if (request := link.decision.idempotency) and link.stored:
                self.call.add_key(request.client, request.key, request.fingerprint, link.answer)
        for types, tags in items:
            self.call.add_item(types, tags)

    def _answered(self, decision: Decision, request: Idempotency) -> bool:
        """Whether the request had its answer before, or is being answered in this very batch."""
        place = (request.client, request.key)
        if place in self._reads.answers:
            position, fingerprint, answer = self._reads.answers[place]
            if decision.done.done():
                return True
            if fingerprint == request.fingerprint:
                decision.done.set_result(Decided(position, (), orjson.loads(answer), replayed=True))
            else:
                decision.done.set_exception(IdempotencyKeyReused(IdempotencyKeyReused.__doc__))
            return True
        if place in self._under_way:
            self._again.append(decision)
            return True
        self._under_way.add(place)
        return False
