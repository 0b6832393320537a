"""The library's PostgreSQL recorder, and deciding through it as the library would have it."""

from datetime import datetime
from typing import TypeVar

from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBQuery,
    DCBQueryItem,
    DCBSequencedEvent,
)
from eventsourcing.dcb.postgres_tt import PostgresDCBRecorderTT
from eventsourcing.persistence import IntegrityError
from eventsourcing.postgres import PostgresDatastore

from service.domain.event import SHANGHAI, Command, Event
from service.eventstore.chain import Boundary
from service.eventstore.mapping import decode, encode
from service.trust.keyring import KeyRing
from tests.benchmarks.servers import psycopg_arguments

C = TypeVar("C", bound=Command)


def recorder(url: str, connections: int) -> PostgresDCBRecorderTT:
    """The recorder on this database, its tables made; one connection for each thread."""
    datastore = PostgresDatastore(
        **psycopg_arguments(url),
        pool_size=connections,
        connect_timeout=60,
    )
    found = PostgresDCBRecorderTT(datastore)
    found.create_table()
    return found


def events_of(
    recorder: PostgresDCBRecorderTT, query: DCBQuery
) -> tuple[list[DCBSequencedEvent], int]:
    """What matches, and the head."""
    response = recorder.read(query)
    return list(response), response.head or 0


class LibraryLog:
    """Reads the boundary, decides, appends under the condition, and tries again on a conflict.

    The keys of the members must be in the key ring already.
    """

    def __init__(self, recorder: PostgresDCBRecorderTT, keyring: KeyRing) -> None:
        self._recorder = recorder
        self._keyring = keyring
        self._known: dict[int, Event] = {}
        self.conflicts = 0

    def decide(self, command: Command) -> list[Event]:
        """What happened; raises the command's Rejection."""
        while True:
            attempt, query, head = self._learnt(command)
            attempt.execute()
            events: list[Event] = [tagged.decision for tagged in attempt.new_decisions]
            now = datetime.now(SHANGHAI)
            stored = [encode(event, command.by, command.at, now, self._keyring) for event in events]
            try:
                self._recorder.append(stored, DCBAppendCondition(query, head))
            except IntegrityError:
                self.conflicts += 1
            else:
                return events

    def _learnt(self, command: C) -> tuple[C, DCBQuery, int]:
        """The command on what its boundary holds, read again where that has widened it."""
        boundary = Boundary(command.consistency_boundary())
        while True:
            query = DCBQuery(
                [DCBQueryItem(list(types), list(tags)) for types, tags in boundary.items]
            )
            events, head = events_of(self._recorder, query)
            attempt = command.fresh()
            for sequenced in events:
                # Decoded once, as our own log does: what is compared is the store.
                position = sequenced.position
                if position not in self._known:
                    self._known[position] = decode(position, sequenced.event.data).event
                self._known[position].mutate(attempt)
            wider = Boundary(attempt.consistency_boundary())
            if wider.items == boundary.items:
                return attempt, query, head
            boundary = wider


def forced_generic(url: str) -> str:
    """SQL that makes every session of this database plan generically."""
    name = psycopg_arguments(url)["dbname"]
    return f"ALTER DATABASE {name} SET plan_cache_mode = force_generic_plan"
