"""Everybody signs up for the same activity: one hot tag under a real capacity rule.

`SignUp` is the domain's own command. What was accepted is compared with what the log holds, and an
activity with few places is sold out under the same pressure: nothing may be sold twice.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count

import asyncpg
import uvloop

from service.domain.event import Actor
from service.domain.sign_up import ActivityFull, SignUp
from service.eventstore import EventLog
from service.trust.keyring import KeyRing
from tests.benchmarks.library import LibraryLog, recorder
from tests.benchmarks.measuring import Figures, Window, drive, drive_threads
from tests.benchmarks.world import SPRING, activity, community, member
from tests.database import MASTER_KEY

WRITERS = 32
FEW = 200
"""Places of the activity that is sold out."""
MANY = 1_000_000


def _sign_ups() -> Callable[[int], SignUp]:
    """Makes a sign-up for an activity by its next member; all are registered here."""
    numbers: dict[int, Iterator[int]] = defaultdict(count)

    def sign_up(number: int) -> SignUp:
        return SignUp(
            by=Actor(community(0), "secretary"),
            at=SPRING,
            activity_id=activity(number),
            member_id=member(next(numbers[number])),
        )

    return sign_up


async def _held(url: str, number: int) -> int:
    """How many signed up for an activity, by the log itself; each of them once."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT tags FROM log.events WHERE type = 'MemberSignedUp' AND tags @> $1",
            [f"activity:{activity(number)}"],
        )
    finally:
        await connection.close()
    members = [next(tag for tag in row["tags"] if tag.startswith("member:")) for row in rows]
    if len(members) != len(set(members)):
        raise AssertionError("somebody signed up twice")
    return len(members)


def _oversold(found: int, places: int) -> int:
    return max(0, found - places)


class _NoKeys:
    """What the key ring asks for keys: there is no personal data in a sign-up."""

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        raise NotImplementedError

    async def fetchval(self, query: str, *args: object) -> object:
        raise NotImplementedError

    async def execute(self, query: str, *args: object) -> str:
        raise NotImplementedError


def ours(url: str, owner_url: str, hot: int, few: int, window: dict[str, float]) -> Figures:
    """Chained decisions on one activity; then a small one is sold out."""

    async def measure() -> Figures:
        sign_up = _sign_ups()
        async with EventLog.open(url, MASTER_KEY) as log:

            async def hot_one(_: int) -> None:
                await log.decide(sign_up(hot))

            tally = await drive(WRITERS, Window(**window), hot_one)

            async def last_places(_: int) -> None:
                for _ in range(FEW // 16):
                    try:
                        await log.decide(sign_up(few))
                    except ActivityFull:
                        continue

            await asyncio.gather(*(last_places(each) for each in range(WRITERS)))
        sold = await _held(owner_url, few)
        return tally.figures(
            oversold=_oversold(sold, FEW),
            places_left=FEW - sold,
            signed_up=await _held(owner_url, hot),
        )

    return uvloop.run(measure())


def uncontended(url: str, own: int, window: dict[str, float]) -> Figures:
    """The same command, each writer at an activity of its own."""

    async def measure() -> Figures:
        sign_up = _sign_ups()
        async with EventLog.open(url, MASTER_KEY) as log:

            async def own_one(writer: int) -> None:
                await log.decide(sign_up(own + writer))

            return (await drive(WRITERS, Window(**window), own_one)).figures()

    return uvloop.run(measure())


def library(url: str, hot: int, window: dict[str, float]) -> Figures:
    """The same command through the library, tried again on a conflict; a thread each."""
    sign_up = _sign_ups()
    store = recorder(url, WRITERS)
    log = LibraryLog(store, KeyRing(_NoKeys(), MASTER_KEY))

    try:
        tally = drive_threads(WRITERS, Window(**window), lambda _: log.decide(sign_up(hot)))
    finally:
        store.datastore.close()
    return tally.figures(conflicts=log.conflicts)
