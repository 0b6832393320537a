"""Strings travel joined: what would not come apart again as it was is refused, alone."""

import asyncio

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem

from service.eventstore import EventLog, UnstorableEvent
from tests.database import Database

SOUND = DCBEvent("a", b"", ["x:1"])


def on(types: list[str], tags: list[str]) -> DCBAppendCondition:
    return DCBAppendCondition(DCBQuery([DCBQueryItem(types, tags)]))


@pytest.mark.parametrize("bad", ["", "a\x00", "a\x1eb", "a\x1fb"], ids=repr)
async def test_what_would_not_come_apart_again_fails_alone(database: Database, bad: str) -> None:
    async with EventLog.open(database.app_url) as log:
        results = await asyncio.gather(
            log.append([SOUND]),
            log.append([DCBEvent(bad, b"", ["x:1"])]),
            log.append([DCBEvent("a", b"", ["x:1", bad])]),
            log.append([SOUND], on(["z", bad], ["x:1"])),
            log.append([SOUND], on(["z"], ["x:1", bad])),
            log.append([SOUND]),
            return_exceptions=True,
        )
        assert [type(each) for each in results] == [int, *[UnstorableEvent] * 4, int]
        assert await log.head() == 2
