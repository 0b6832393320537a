"""The backup and the restore drill of deploy/, run as they stand there."""

# ruff: noqa: ASYNC240 - the files of a temporary folder are at hand

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.domain.erasure import ErasureConfirmed, ErasureRequested, LegalBasis
from service.domain.event import SHANGHAI, Actor
from service.domain.membership import SubjectErased
from service.eventstore import EventLog
from service.eventstore.mapping import encode, personal_keys
from tests.database import MASTER_KEY, Database
from tests.domain.town import LI, SETTLED, person
from tests.eventstore.history import given

DEPLOY = Path(__file__).parents[2] / "deploy"


async def run(script: str, argument: Path, database: Database) -> str:
    process = await asyncio.create_subprocess_exec(
        DEPLOY / script,
        argument,
        env={
            **os.environ,
            "PYTHON": sys.executable,
            "DATABASE_URL": database.owner_url,
            "MASTER_KEY": bytes(range(32)).hex(),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode().strip()


async def test_a_backup_is_restored_and_rebuilt(database: Database, tmp_path: Path) -> None:
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        await log.keyring.check()
        head = await given(log, *SETTLED)
        backup = Path(await run("backup.sh", tmp_path, database))
        assert backup.stat().st_mode & 0o777 == 0o600
        said = await run("restore-drill.sh", backup, database)
        assert said == (
            f"restored {head} events, head {head}; all views rebuilt; 0 erased members stay erased"
        )
        assert not await log.pool.fetchval(
            "SELECT count(*) FROM pg_database WHERE datname ~ '^drill_'"
        )


async def test_a_damaged_backup_is_noticed(database: Database, tmp_path: Path) -> None:
    backup = Path(await run("backup.sh", tmp_path, database))
    damaged = bytearray(backup.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    backup.write_bytes(damaged)
    with pytest.raises(AssertionError, match=r"FAILED|checksum"):
        await run("restore-drill.sh", backup, database)


async def test_keys_inside_an_old_backup_are_destroyed_again(
    database: Database, tmp_path: Path
) -> None:
    """The backup was made after a member was erased and before the key was destroyed."""
    actor, before = Actor("branch", "officer"), datetime.now(SHANGHAI) - timedelta(days=8)
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        await log.keyring.check()
        await log.keyring.ensure([(LI, "identity")])
        erasure = (
            *SETTLED,
            ErasureRequested(
                erasure_id="e",
                member_id=LI,
                branch_id="branch",
                legal_basis=LegalBasis.OTHER_LAW,
                document_no="琼组发〔2026〕1号",
                requested_by="one",
                requested_by_person="one",
            ),
            ErasureConfirmed(
                erasure_id="e",
                member_id=LI,
                branch_id="branch",
                confirmed_by="other",
                confirmed_by_person="other",
                due_at=before + timedelta(days=7),
            ),
            SubjectErased(
                erasure_id="e",
                member_id=LI,
                branch_id="branch",
                person=person(LI),
                key_fingerprints=(),
            ),
        )
        await log.keyring.ensure(personal_keys(erasure))
        keyring = log.keyring
        await log.append([encode(each, actor, before, before, keyring) for each in erasure])
        backup = Path(await run("backup.sh", tmp_path, database))
        said = await run("restore-drill.sh", backup, database)
    assert said.endswith("; 1 erased members stay erased")
