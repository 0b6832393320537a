"""The backup and the restore drill of deploy/, run as they stand there."""

# ruff: noqa: ASYNC240 - the files of a temporary folder are at hand

import asyncio
import os
import sys
from pathlib import Path

import pytest

from service.eventstore import EventLog
from tests.database import MASTER_KEY, Database
from tests.domain.town import SETTLED
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
        assert said == f"restored {head} events, head {head}; all views rebuilt"
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
