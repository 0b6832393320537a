"""Puts a history into a log without deciding it: what a story is given, stored as it would be."""

from datetime import datetime

from service.domain.event import Actor, Event
from service.eventstore import EventLog
from service.eventstore.mapping import encode, personal_keys
from tests.domain.town import AT

SOMEBODY = Actor("somebody", "officer", "responsible", "test")


async def given(log: EventLog, *events: Event, by: Actor = SOMEBODY, at: datetime = AT) -> int:
    """Appends these events as they are; returns the position of the last one."""
    await log.keyring.ensure(personal_keys(events))
    return await log.append([encode(event, by, at, at, log.keyring) for event in events])
