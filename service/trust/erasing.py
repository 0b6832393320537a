"""Carries erasures out, in every process: keys follow the log, and what is remembered is let go.

What is to be done is worked out from the events about erasures and from nothing else, so that a
process which is killed, or a database that is restored, goes on where the log says. When a window
has closed `SubjectErased` is recorded first: after it nobody can cancel any more, and of all
processes one records it. Then the database destroys the keys, which it does again whenever an old
copy has brought them back, and each process forgets what it had at hand.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import asyncpg

from service.domain.erasing import EraseSubject
from service.domain.erasure import Erasure, ErasureNotOpen, Erasures
from service.domain.event import Actor, Rejection
from service.eventstore import EventLog, decode
from service.eventstore.call import SHARD
from service.trust.keyring import PURPOSES, KeyRing, KeyStanding

_logger = logging.getLogger(__name__)

WORKER = "erasure-worker"
"""Who acts when the service erases by itself."""

_REST = 0.5
"""Seconds between two looks at the log while it is busy."""


class Erasing:
    """One process's part in erasing members."""

    def __init__(
        self,
        log: EventLog,
        clock: Callable[[], datetime],
        forget: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._forget = forget
        self._erasures = Erasures()
        self._position = 0
        self._unsettled: set[str] = set()
        """Members whose keys do not follow the log yet."""

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        log: EventLog,
        clock: Callable[[], datetime],
        forget: Callable[[str], None] = lambda _: None,
    ) -> AsyncIterator["Erasing"]:
        """Follows the log until the block ends; in it no key can be read that must not be.

        ``forget`` is told of each member about whom nothing may be remembered.
        """
        erasing = cls(log, clock, forget)
        await erasing.catch_up()
        task = asyncio.create_task(erasing._run(), name="erasing")
        try:
            yield erasing
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def catch_up(self) -> int:
        """Takes in what the log says and brings keys and memory to it.

        Returns of how many members the keys had to be changed: at the start, after a restore, those
        whose destroyed keys an old copy had brought back.
        """
        members = await self._learn()
        self._unsettled |= await self._out_of_step(members)
        changed = 0
        for member_id in sorted(members | self._unsettled):
            if member_id in self._unsettled and await _settled(self._log.keyring, member_id):
                self._unsettled.discard(member_id)
                changed += 1
            # Only now: what is asked of the database from here on is what it came to.
            self._log.keyring.forget(member_id)
            self._forget(member_id)
        return changed

    async def carry_out(self) -> None:
        """Records that members are erased whose erasure is due."""
        now = self._clock()
        for erasure_id, erasure in list(self._erasures.known.items()):
            if not erasure.closed and erasure.due_at is not None and erasure.due_at <= now:
                await self._erase(erasure_id, erasure, now)

    async def _erase(self, erasure_id: str, erasure: Erasure, now: datetime) -> None:
        keys = await self._log.keyring.standing([erasure.member_id])
        command = EraseSubject(
            by=Actor(erasure.branch_id, WORKER, "system"),
            at=now,
            erasure_id=erasure_id,
            key_fingerprints=fingerprints(keys.get(erasure.member_id, ())),
        )
        try:
            await self._log.decide(command)
        except ErasureNotOpen:
            pass  # another process was quicker, or it was cancelled a moment ago
        except Rejection as refused:
            _logger.warning("erasure %s is refused: %s", erasure_id, refused.code())

    async def _learn(self) -> set[str]:
        """The members about whom there is something new."""
        rows = await self._log.pool.fetch(
            "SELECT place, data FROM log.erasures($1, $2)", SHARD, self._position
        )
        members = set()
        for position, data in rows:
            event = decode(position, data).event
            event.mutate(self._erasures)
            members.add(str(getattr(event, "member_id", "")))
            self._position = position
        return members

    async def _out_of_step(self, members: set[str]) -> set[str]:
        """Those whose keys are not as the log demands."""
        aims = dict.fromkeys(members, "active")
        for erasure in self._erasures.known.values():
            if erasure.member_id in aims and not erasure.cancelled and erasure.due_at is not None:
                aims[erasure.member_id] = "destroyed" if erasure.erased else "restricted"
        keys = await self._log.keyring.standing(members)
        return {
            member_id
            for member_id, aim in aims.items()
            if any(key.state != aim for key in keys.get(member_id, ()))
            # Where there was none, its place is taken as well.
            or (aim == "destroyed" and len(keys.get(member_id, ())) < len(PURPOSES))
        }

    async def _run(self) -> None:
        with self._log.waker() as waker:
            while True:
                # Cleared before reading: what is appended during the read wakes the next wait.
                waker.clear()
                try:
                    await self.catch_up()
                    await self.carry_out()
                except Exception as error:  # noqa: BLE001 - erasing goes on, whatever happens to it
                    # Not its message: it may repeat what an event says.
                    _logger.error("erasing is held up: %s", type(error).__name__)  # noqa: TRY400 - no trace
                await asyncio.sleep(_REST)
                await waker.wait()


def fingerprints(keys: Iterable[KeyStanding]) -> tuple[str, ...]:
    """Keys as an event or a receipt names them: purpose and fingerprint."""
    return tuple(f"{key.purpose}:{key.fingerprint.hex()}" for key in keys if key.fingerprint)


async def _settled(keyring: KeyRing, member_id: str) -> bool:
    try:
        await keyring.follow_erasures(member_id)
    except asyncpg.ObjectNotInPrerequisiteStateError:
        _logger.warning("keys of %s are not destroyed yet: the database refuses", member_id)
        return False
    return True
