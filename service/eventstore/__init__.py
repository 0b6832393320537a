"""The log of events: the one place where facts are kept."""

from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBQueryItem,
    DCBSequencedEvent,
)
from eventsourcing.persistence import IntegrityError

from service.eventstore.decisions import Decided, Idempotency, IdempotencyKeyReused
from service.eventstore.log import Clock, EventLog, UnsafeDatabase, system_clock
from service.eventstore.mapping import LONGEST_EVENT, Recorded, UnstorableEvent, decode
from service.eventstore.reading import ReadResponse
from service.eventstore.waking import Waker
from service.eventstore.writer import LogUnavailable, Overloaded

__all__ = [
    "LONGEST_EVENT",
    "Clock",
    "DCBAppendCondition",
    "DCBEvent",
    "DCBQuery",
    "DCBQueryItem",
    "DCBSequencedEvent",
    "Decided",
    "EventLog",
    "Idempotency",
    "IdempotencyKeyReused",
    "IntegrityError",
    "LogUnavailable",
    "Overloaded",
    "ReadResponse",
    "Recorded",
    "UnsafeDatabase",
    "UnstorableEvent",
    "Waker",
    "decode",
    "system_clock",
]
