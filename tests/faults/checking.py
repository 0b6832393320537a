"""What must hold after every fault, read from the database itself."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import asyncpg
import orjson

from service.eventstore import EventLog
from service.eventstore.migrate import application_url
from service.projections.catalogue import VIEWS
from service.projections.rebuild import rebuild
from service.projections.view import checksum
from tests.database import MASTER_KEY


async def log_is_wrong(url: str, answered: Mapping[str, tuple[str, int]]) -> list[str]:
    """What the log contradicts of what clients were told; nothing may be under way.

    Every acknowledged member is there exactly once, at the position that was answered; nobody is
    there who was not acknowledged; positions are dense; the answers are kept under their keys.
    """
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            events = await connection.fetch(
                "SELECT position, type, data FROM log.events ORDER BY position"
            )
            kept = await connection.fetch("SELECT key, position, answer FROM log.idempotency")
            tags = await connection.fetchval(
                "SELECT count(*) FROM log.events e FULL JOIN"
                " (SELECT position, count(*) AS number FROM log.tags GROUP BY position) t"
                " USING (position) WHERE t.number IS DISTINCT FROM cardinality(e.tags)"
            )
    finally:
        await connection.close()
    found: list[str] = []
    if [event["position"] for event in events] != list(range(1, len(events) + 1)):
        found.append("positions are not dense")
    if tags:
        found.append(f"{tags} events cannot be found by each of their tags")
    enrolled = {
        event["position"]: _member(event["data"])
        for event in events
        if event["type"] == "MemberEnrolled"
    }
    there = Counter(enrolled.values())
    told = dict(answered.values())
    lost = [member for member in told if not there[member]]
    found += [f"acknowledged but lost: {len(lost)} of {len(told)}"] if lost else []
    doubled = [member for member, number in there.items() if number > 1]
    found += [f"there more than once: {len(doubled)}"] if doubled else []
    unknown = [member for member in there if member not in told]
    found += [f"there but never acknowledged: {len(unknown)}"] if unknown else []
    if len(told) != len(answered):
        found.append("two keys were answered with the same member")
    elsewhere = [m for m, position in told.items() if there[m] and enrolled.get(position) != m]
    found += [f"at another position than answered: {len(elsewhere)}"] if elsewhere else []
    answers = {row["key"]: (_member_of(row["answer"]), row["position"]) for row in kept}
    if not lost and answers != dict(answered):
        found.append("kept answers differ from those that were given")
    return found


async def views_are_wrong(url: str) -> list[str]:
    """The views that differ from what a rebuild makes of the same log; nobody may be writing."""
    # As the service does it: tables of the owner's would be out of its reach.
    async with EventLog.open(await application_url(url, MASTER_KEY), MASTER_KEY) as log:
        live = {view.name: await checksum(log.pool, view) for view in VIEWS}
        await rebuild(log, VIEWS)
        return [
            f"view {view.name} differs from its rebuild"
            for view in VIEWS
            if await checksum(log.pool, view) != live[view.name]
        ]


def _member(data: bytes) -> str:
    document: dict[str, Any] = orjson.loads(data)
    return str(document["data"]["member_id"])


def _member_of(answer: bytes) -> str:
    return str(orjson.loads(answer)["member_id"])
