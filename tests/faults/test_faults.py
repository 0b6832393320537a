"""`make faults` in short: every kind of fault a few times, and the control that must lose."""

from pathlib import Path

import pytest

from tests.database import Database
from tests.faults.clock import jump
from tests.faults.connections import break_connections
from tests.faults.disk import fill_disk
from tests.faults.followers import follow_them
from tests.faults.kills import kill_database, kill_server, lose_without_synchronous_commit
from tests.faults.outcome import WITHIN, Outcome
from tests.faults.proxy import FAULTS


def holds(outcome: Outcome, times: int) -> None:
    assert outcome.wrong == []
    assert outcome.times == times
    assert outcome.acknowledged
    assert outcome.slowest <= WITHIN, outcome.recoveries


async def test_kill_9_of_the_server(tmp_path: Path, unused_tcp_port: int) -> None:
    holds(await kill_server(tmp_path, unused_tcp_port, times=4, seed=1), 4)


async def test_kill_9_of_postgresql(tmp_path: Path, unused_tcp_port: int) -> None:
    """A backend, the postmaster, everything: the service starts its database again by itself."""
    holds(await kill_database(tmp_path, unused_tcp_port, times=6, seed=1), 6)


async def test_without_synchronous_commit_the_checker_finds_what_is_lost(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    """The control: these tests would notice."""
    outcome = await lose_without_synchronous_commit(tmp_path, unused_tcp_port)
    assert any("acknowledged but lost" in each for each in outcome.wrong)


async def test_connections_that_break(
    database: Database, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Cut, delayed, half-closed, truncated, and one whose last words arrive after its end."""
    outcome = await break_connections(
        database.owner_url, tmp_path, unused_tcp_port, times=2 * len(FAULTS), seed=1
    )
    holds(outcome, 2 * len(FAULTS))


async def test_the_clock_jumps_by_a_day_both_ways(database: Database) -> None:
    holds(await jump(database, times=4), 4)


async def test_the_disk_fills_up(tmp_path: Path, unused_tcp_port: int) -> None:
    outcome = await fill_disk(tmp_path, unused_tcp_port, times=1)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    holds(outcome, 1)


async def test_followers_that_come_and_go(database: Database) -> None:
    outcome = await follow_them(database.app_url, total=30_000, seed=1)
    assert outcome.wrong == []
    assert outcome.times > 3
    assert outcome.acknowledged == 30_000
