"""Between an event of the domain and the bytes the log keeps.

What is stored is the exact canonical form (RFC 8785) of an envelope: who acted, when it happened
and was recorded, and the event's fields, personal ones already sealed. Hashes and proofs are over
these bytes, so they are made once and never made again from what was read.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from eventsourcing.dcb.api import DCBEvent

from service.domain import capabilities
from service.domain.event import EVENTS, SHANGHAI, Actor, Event
from service.domain.signed import statement
from service.trust.keyring import KeyRing

# Importing the capabilities is what makes every event type known by its name.
CAPABILITIES = capabilities.CAPABILITIES

LONGEST_EVENT = 65_535
"""Bytes of a stored event at the most: what two bytes can count in an entry bundle."""


class UnstorableEvent(ValueError):
    """An event cannot be stored: too large, or not expressible in the canonical form."""


class Recorded(NamedTuple):
    """An event as the log gives it back, with its place and its circumstances."""

    position: int
    event: Event
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    caused_by: str | None = None


def canonical(value: object) -> bytes:
    """The one byte form of a JSON value (RFC 8785).

    Every number here is an integer and every key is ASCII; for those orjson's sorted form is the
    canonical one (a test compares it with the reference implementation). Raises UnstorableEvent.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    except (TypeError, orjson.JSONEncodeError) as error:
        raise UnstorableEvent(f"no canonical form: {error}") from error


def personal_keys(events: Iterable[Event]) -> set[tuple[str, str]]:
    """The member keys (member, purpose) that are needed to store these events."""
    return {
        (_subject(event), purpose)
        for event in events
        for name, purpose in event.personal.items()
        if getattr(event, name) is not None
    }


def _subject(event: Event) -> str:
    member_id = getattr(event, "member_id", None)
    if member_id is None:
        raise UnstorableEvent(f"{event.event_type} has personal fields but no member")
    return str(member_id)


def encode(
    event: Event,
    actor: Actor,
    occurred_at: datetime,
    recorded_at: datetime,
    keyring: KeyRing,
    caused_by: str | None = None,
) -> DCBEvent:
    """The event with its envelope, sealed; the keys it needs must be in the key ring already.

    What is to be signed and was not by its organisation is signed here with the key held for it.
    Raises UnstorableEvent.
    """
    fields: dict[str, Any] = event.model_dump(mode="json", exclude={"event_id"})
    for name, purpose in event.personal.items():
        if (text := fields.get(name)) is not None:
            fields[name] = keyring.seal(_subject(event), purpose, name, text)
    if "signature" in fields and fields["signature"] is None:
        signed = canonical(statement(event, actor, occurred_at))
        fields["signature"] = keyring.service_keys.sign(actor.organisation_id, signed)
    envelope = {
        "actor": {
            "client": actor.client,
            "organisation_id": actor.organisation_id,
            "person": actor.person,
            "role": actor.role,
        },
        "data": fields,
        "event_id": event.event_id,
        "occurred_at": occurred_at.astimezone(SHANGHAI).isoformat(),
        "recorded_at": recorded_at.astimezone(SHANGHAI).isoformat(),
        "type": event.event_type,
        "version": event.version,
    }
    if caused_by is not None:
        envelope["caused_by"] = caused_by
    data = canonical(envelope)
    if len(data) > LONGEST_EVENT:
        raise UnstorableEvent(f"{event.event_type}: {len(data)} bytes, over {LONGEST_EVENT}")
    return DCBEvent(type=event.event_type, data=data, tags=event.tags())


def decode(position: int, data: bytes) -> Recorded:
    """What was stored at a position, brought to today's version of its event."""
    envelope = orjson.loads(data)
    actor = envelope["actor"]
    return Recorded(
        position=position,
        event=_event(envelope),
        occurred_at=datetime.fromisoformat(envelope["occurred_at"]),
        recorded_at=datetime.fromisoformat(envelope["recorded_at"]),
        actor=_actor(actor["organisation_id"], actor["person"], actor["role"], actor["client"]),
        caused_by=envelope.get("caused_by"),
    )


@lru_cache(maxsize=4096)
def _actor(organisation_id: str, person: str, role: str, client: str) -> Actor:
    """The same few act again and again."""
    return Actor(organisation_id, person, role, client)


def _event(envelope: dict[str, Any]) -> Event:
    event_class = EVENTS[envelope["type"]]
    fields = envelope["data"]
    if envelope["version"] != event_class.version:
        fields = event_class.upcast(fields, envelope["version"])
    fields["event_id"] = envelope["event_id"]
    return event_class.model_validate(fields)


class Decoder:
    """Decodes events for decisions and remembers the last ones: they never change.

    A member's registration is looked at by every decision about them; decoding it once saves more
    time than everything else in such a decision.
    """

    def __init__(self, size: int = 50_000) -> None:
        self._size = size
        self._events: OrderedDict[int, Event] = OrderedDict()

    def event(self, position: int, data: bytes) -> Event:
        """The event at this position."""
        event = self._events.get(position)
        if event is None:
            event = self._events[position] = _event(orjson.loads(data))
            if len(self._events) > self._size:
                self._events.popitem(last=False)
        else:
            self._events.move_to_end(position)
        return event
