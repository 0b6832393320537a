"""A log of some hundred events whose growth a witness has cosigned, and how somebody rewrites it.

Whoever rewrites it is a superuser, with triggers and constraints out of the way, and has stolen the
log's private key. What they do not have is the witness's key, and the checkpoints that others keep.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg

from service.domain.certificate_number import certificate_number
from service.domain.event import Event
from service.eventstore import DCBEvent, EventLog, system_clock
from service.eventstore.call import SHARD, AppendCall
from service.trust.transparency.add_checkpoint import AddCheckpoint
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.cosignature import CosignatureVerifier
from service.trust.transparency.merkle import SHA256
from service.trust.transparency.policy import KnownLog, KnownWitness, Policy
from service.trust.transparency.signed_note import Ed25519Signer, Ed25519Verifier, Note, Signature
from service.trust.transparency.store import Published, TreeStore
from service.trust.transparency.tiles import GrowingTiles
from service.trust.transparency.witness import Witness
from tests.database import MASTER_KEY, Database
from tests.domain.town import TOWN, accepted, enrolled, issued, registered
from tests.eventstore.history import given

ORIGIN = "example.org/log"
SIZES = (1, 57, 128, 200, 256, 300)
"""How long the log was each time the witness cosigned."""
LENGTH = 310
"""Events in the log; the last ones nobody has cosigned yet."""


def root_of(entries: Sequence[bytes]) -> bytes:
    """The root over these entries, by the definition in RFC 6962."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    middle = 1 << (len(entries) - 1).bit_length() - 1
    halves = root_of(entries[:middle]) + root_of(entries[middle:])
    return hashlib.sha256(b"\1" + halves).digest()


@dataclass
class WitnessedLog:
    """The log on a superuser's connection, its key, and what the witness has cosigned."""

    connection: asyncpg.Connection
    signer: Ed25519Signer
    policy: Policy
    checkpoints: dict[int, Note]

    async def entries(self) -> list[bytes]:
        """The bytes of every event, by position."""
        rows = await self.connection.fetch("SELECT data FROM log.events ORDER BY position")
        return [row["data"] for row in rows]

    def signed(self, entries: Sequence[bytes]) -> Note:
        """What somebody with the log's key makes of these events."""
        text = str(Checkpoint(ORIGIN, len(entries), root_of(entries)))
        return Note(text, (self.signer.sign(text),))

    async def publish(self) -> Note:
        """Tiles and checkpoint of the log as it is now, written by whoever may do anything."""
        entries, tiles = await self.entries(), GrowingTiles()
        for entry in entries:
            tiles.append(SHA256.leaf(entry))
        note, store = self.signed(entries), TreeStore(self.connection)
        await self.connection.execute("DELETE FROM transparency.tiles")
        await self.connection.execute("DELETE FROM transparency.published")
        await store.write(self.connection, tiles.take_changed())
        await store.publish(self.connection, Published(len(entries), str(note), True, 1))
        return note

    @asynccontextmanager
    async def unguarded(self) -> AsyncIterator[asyncpg.Connection]:
        """No trigger and no constraint is in the way; afterwards all is as it was before."""
        transaction = self.connection.transaction()
        await transaction.start()
        try:
            await self.connection.execute("SET LOCAL session_replication_role = replica")
            yield self.connection
        finally:
            await transaction.rollback()

    async def append(self, events: Sequence[DCBEvent]) -> None:
        """Appends as the service does."""
        call = AppendCall()
        for event in events:
            call.begin(0)
            call.add_event(event)
        arguments = call.arguments()
        await self.connection.fetchval(
            f"SELECT log.append({', '.join(f'${n}' for n in range(1, len(arguments) + 5))})",
            SHARD,
            uuid4(),
            1,
            True,
            *arguments,
        )


@asynccontextmanager
async def witnessed_log(database: Database, folder: Path) -> AsyncIterator[WitnessedLog]:
    """Such a log in this database."""
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        members = [f"member-{n}" for n in range(LENGTH)]
        events: list[Event] = list(TOWN)
        for n, member in enumerate(members):
            number = certificate_number("469030", 2026, n)
            events += [enrolled(member), issued(member, number)]
            events += [registered(member, registration_id=str(n))] if n % 2 else []
            events += [accepted(member, registration_id=str(n))] if n % 3 == 1 else []
        await given(log, *events[:LENGTH])
    connection = await asyncpg.connect(database.owner_url)
    signer = Ed25519Signer.generate(ORIGIN)
    with ExitStack() as stack:
        opened = Witness.opened(folder, "witness.example", [signer.key], system_clock)
        witness = stack.enter_context(opened)
        policy = Policy(
            logs=(KnownLog(Ed25519Verifier(signer.key)),),
            witnesses=(KnownWitness("w", CosignatureVerifier(witness.key)),),
            quorum="w",
        )
        made = WitnessedLog(connection, signer, policy, {})
        await made.publish()
        entries, old = await made.entries(), 0
        for size in SIZES:
            note = made.signed(entries[:size])
            proof = await TreeStore(connection).consistency(old, size) if old else []
            line = witness.add_checkpoint(AddCheckpoint(old, proof, note).body())
            made.checkpoints[size] = note.with_signatures([Signature.parse(line.rstrip("\n"))])
            old = size
    try:
        yield made
    finally:
        await connection.close()
