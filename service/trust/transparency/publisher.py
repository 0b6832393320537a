"""Follows the log, grows the tree, and publishes signed checkpoints, cosigned where others do so.

An event is *sequenced* when it is appended, *integrated* when the tiles hold its hash, *published*
when a checkpoint that is served covers it. Any number of processes may run a publisher on one
database: one works, the others wait for their turn.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import asyncpg

from service.eventstore import EventLog
from service.eventstore.connection import lost_connection
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.growing_tree import GrowingTree, LogHasGap
from service.trust.transparency.guomi import SM3, with_sm3_root
from service.trust.transparency.merkle import SHA256
from service.trust.transparency.signed_note import InvalidSignature, MalformedNote, Note, Signature
from service.trust.transparency.signer import (
    DoesNotExtend,
    LogSigner,
    SignerInUse,
    SignerPlace,
    UnusableSigner,
)
from service.trust.transparency.store import MissingTiles, Published, TreeStore
from service.trust.transparency.tiles import MalformedTile

_logger = logging.getLogger(__name__)

_LOCK = 7238950126491650050
"""Held by the one publisher that works."""

_RETRY_AFTER = 1.0
"""Seconds after which a database that went away, or the lock, is tried again."""

ProofBetween = Callable[[int, int], Awaitable[list[bytes]]]
"""The consistency proof from an older size (1 or more) to a newer one."""


class Witnesses(Protocol):
    """Those who may cosign, and how many of them are enough."""

    @property
    def number(self) -> int:
        """How many there are."""
        ...

    async def cosign(self, note: Note, proof_between: ProofBetween) -> list[Signature]:
        """The verified cosignatures of all that answered in time; failures only lessen them."""
        ...

    def are_enough(self, cosignatures: list[Signature]) -> bool:
        """Whether verified cosignatures satisfy the policy."""
        ...


class NoWitnesses:
    """The policy of a log that nobody cosigns."""

    number = 0

    async def cosign(self, _note: Note, _proof_between: ProofBetween) -> list[Signature]:
        """None."""
        return []

    def are_enough(self, _cosignatures: list[Signature]) -> bool:
        """Always: none are asked for."""
        return True


class PublishedByAnotherKey(RuntimeError):
    """已公布的检查点不是用本机的密钥签发的"""


_FINAL = (
    DoesNotExtend,
    UnusableSigner,
    LogHasGap,
    PublishedByAnotherKey,
    MissingTiles,
    MalformedTile,
)
"""What needs a person: going on would cover up that somebody changed what was signed."""


@dataclass(frozen=True, slots=True)
class Publishing:
    """What a publisher works with."""

    signer: SignerPlace
    witnesses: Witnesses = field(default_factory=NoWitnesses)
    interval: float = 0.5
    """Seconds between two checkpoints at the least."""


@dataclass(frozen=True, slots=True)
class PublisherState:
    """How the publisher of this process is doing."""

    state: Literal["starting", "publishing", "standby", "waiting", "stopped"] = "starting"
    """``standby``: another process publishes. ``waiting``: the database did not answer."""
    reason: str = ""


class Publisher:
    """The publisher of this process."""

    def __init__(self, log: EventLog, database_url: str, publishing: Publishing) -> None:
        self._log = log
        self._database_url = database_url
        self._publishing = publishing
        self.state = PublisherState()

    @classmethod
    @asynccontextmanager
    async def running(
        cls, log: EventLog, database_url: str, publishing: Publishing
    ) -> AsyncIterator["Publisher"]:
        """Publishes until the block ends."""
        publisher = cls(log, database_url, publishing)
        task = asyncio.create_task(publisher._run(), name="publisher")
        try:
            yield publisher
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    @property
    def witnesses(self) -> int:
        """How many witnesses may cosign."""
        return self._publishing.witnesses.number

    async def _run(self) -> None:
        while True:
            try:
                async with self._turn() as turn:
                    self.state = PublisherState("publishing")
                    await self._follow(turn)
            except (_NotOurTurn, SignerInUse):
                self.state = PublisherState("standby")
            except _FINAL as error:
                _logger.error("the transparency log has stopped: %s", error)  # noqa: TRY400 - it says all
                self.state = PublisherState("stopped", str(error))
                return
            except Exception as error:
                if not _is_transient(error):
                    _logger.exception("the transparency log has stopped")
                    self.state = PublisherState("stopped", type(error).__name__)
                    return
                self.state = PublisherState("waiting", type(error).__name__)
                # Where one connection was lost the others may be as well.
                await self._log.pool.expire_connections()
            await asyncio.sleep(_RETRY_AFTER)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator["_Turn"]:
        # What is written goes through the connection that holds the lock: whoever has lost it
        # cannot write any more.
        connection = await asyncpg.connect(
            self._database_url,
            timeout=10,
            command_timeout=60,
            server_settings={"application_name": "eighthours-publisher"},
        )
        try:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                raise _NotOurTurn
            with LogSigner.opened(self._publishing.signer) as signer:
                yield await _Turn.begun(self._log, connection, signer, self._publishing.witnesses)
        finally:
            connection.terminate()

    async def _follow(self, turn: "_Turn") -> None:
        with self._log.waker() as waker:
            while True:
                # Cleared before reading: what is appended during the read wakes the next wait.
                waker.clear()
                await turn.publish()
                await waker.wait()
                interval = self._publishing.interval
                await asyncio.sleep(interval - asyncio.get_running_loop().time() % interval)


class _NotOurTurn(Exception):
    """Another process publishes."""


@dataclass
class _Turn:
    """The time during which this process is the one that publishes."""

    log: EventLog
    connection: asyncpg.Connection
    signer: LogSigner
    witnesses: Witnesses
    tree: GrowingTree
    sm3_tree: GrowingTree | None
    """The second one, over the same events, where 国密 was chosen."""
    published: Published | None

    @classmethod
    async def begun(
        cls,
        log: EventLog,
        connection: asyncpg.Connection,
        signer: LogSigner,
        witnesses: Witnesses,
    ) -> "_Turn":
        """Goes on where the database says the last turn ended."""
        published = await TreeStore(log.pool).published()
        if published is not None and not _is_by(signer, published.note):
            raise PublishedByAnotherKey(PublishedByAnotherKey.__doc__)
        tree = await GrowingTree.loaded(log, SHA256)
        sm3_tree = await GrowingTree.loaded(log, SM3) if signer.guomi else None
        return cls(log, connection, signer, witnesses, tree, sm3_tree, published)

    async def publish(self) -> None:
        """A checkpoint over everything appended so far, if there is anything to add."""
        await self.tree.integrate(self.log, self.connection)
        size = self.tree.tiles.size
        if self.sm3_tree is not None:
            await self.sm3_tree.integrate(self.log, self.connection, until=size)
        if self._is_done(size):
            return
        note = await self._signed()
        cosignatures = await self.witnesses.cosign(note, self.tree.store.consistency)
        self.published = Published(
            size=size,
            note=str(note.with_signatures(cosignatures)),
            witnessed=bool(cosignatures) and self.witnesses.are_enough(cosignatures),
            cosignatures=len(cosignatures),
        )
        await self.tree.store.publish(self.connection, self.published)

    def _is_done(self, size: int) -> bool:
        if self.published is None or self.published.size < size:
            return False
        # A checkpoint that too few have cosigned is shown to the witnesses again.
        return self.published.witnessed or not self.witnesses.number

    async def _signed(self) -> Note:
        tiles, last = self.tree.tiles, self.signer.last.size
        checkpoint = Checkpoint(self.signer.origin, tiles.size, tiles.root())
        proofs = [await self.tree.proof_from(last)]
        if self.sm3_tree is not None:
            checkpoint = with_sm3_root(checkpoint, self.sm3_tree.tiles.root())
            proofs.append(await self.sm3_tree.proof_from(last))
        # It waits for the disk, and what it has begun it ends: the key stays locked until then.
        signing = asyncio.ensure_future(asyncio.to_thread(self.signer.sign, checkpoint, *proofs))
        try:
            return await asyncio.shield(signing)
        finally:
            await asyncio.wait([signing])


def _is_by(signer: LogSigner, note: str) -> bool:
    try:
        return bool(Note.parse(note).verified([signer.verifier]))
    except (MalformedNote, InvalidSignature):
        return False


def _is_transient(error: BaseException) -> bool:
    return lost_connection(error) or isinstance(
        error,
        asyncpg.InsufficientResourcesError
        | asyncpg.OperatorInterventionError
        | asyncpg.TransactionRollbackError,
    )
