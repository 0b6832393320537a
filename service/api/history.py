"""What the log says about a few subjects right now, for what no view is asked about."""

from typing import TypeVar

from service.domain.event import Command, Event, Selector
from service.eventstore import DCBQuery, DCBQueryItem, EventLog, Recorded, decode

C = TypeVar("C", bound=Command)


async def history(log: EventLog, *selectors: Selector) -> list[Recorded]:
    """Every event that one of the selectors selects, in order."""
    query = DCBQuery(
        items=[
            DCBQueryItem(
                types=[each.event_type for each in selector.types if issubclass(each, Event)],
                tags=list(selector.tags),
            )
            for selector in selectors
        ]
    )
    return [decode(each.position, each.event.data) for each in await log.read(query)]


async def learn(log: EventLog, command: C) -> C:
    """The command with everything it would decide on, undecided: for a dry run."""
    boundary = list(command.consistency_boundary())
    while True:
        learnt = command.fresh()
        for recorded in await history(log, *boundary):
            recorded.event.mutate(learnt)
        wider = list(learnt.consistency_boundary())
        if wider == boundary:
            return learnt
        boundary = wider
