"""What the contenders run on: PostgreSQL as the service starts it, UmaDB, and a slower disk."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from service.embedded_database import EmbeddedDatabase
from service.eventstore.migrate import application_url, migrate
from tests.database import MASTER_KEY, Database, renamed

_SOURCE = Path(__file__).with_name("slow_fsync.c")


@dataclass(frozen=True)
class Place:
    """A folder on the disk that is measured, and the PostgreSQL in it."""

    folder: Path
    server_url: str
    preload: str = ""
    """A library that slows flushing down."""

    def database(self, name: str, *, template: str = "") -> str:
        """The owner's URL of a fresh database; an old one of this name is dropped."""
        asyncio.run(self._create(name, template))
        return renamed(self.server_url, name)

    async def _create(self, name: str, template: str) -> None:
        server = await asyncpg.connect(self.server_url)
        try:
            await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            of = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
            await server.execute(f"CREATE DATABASE {name}{of}")
        finally:
            await server.close()

    def migrated(self, name: str) -> Database:
        """A fresh database with our schema, and the role the service connects with."""
        owner_url = self.database(name)
        asyncio.run(migrate(owner_url))
        return Database(owner_url, asyncio.run(application_url(owner_url, MASTER_KEY)))

    def drop(self, *names: str) -> None:
        """Frees the disk."""
        asyncio.run(self._drop(names))

    async def _drop(self, names: tuple[str, ...]) -> None:
        server = await asyncpg.connect(self.server_url)
        try:
            for name in names:
                await server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            await server.close()

    def settle(self) -> None:
        """Lets PostgreSQL write out what it owes, so that the next contender does not pay."""
        asyncio.run(self._checkpoint())

    async def _checkpoint(self) -> None:
        server = await asyncpg.connect(self.server_url)
        try:
            await server.execute("CHECKPOINT")
        finally:
            await server.close()

    def fsync_milliseconds(self) -> float:
        """The median of writing 8 KiB and flushing them, as this place's processes would."""
        code = (
            "import os, sys, time\n"
            "file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
            "for _ in range(200):\n"
            "    os.pwrite(file, bytes(8192), 0); begun = time.perf_counter()\n"
            "    os.fdatasync(file); print(time.perf_counter() - begun)\n"
        )
        file = self.folder / "fsync"
        done = subprocess.run(
            [sys.executable, "-c", code, file],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | ({"LD_PRELOAD": self.preload} if self.preload else {}),
        )
        file.unlink()
        return median(map(float, done.stdout.split())) * 1000

    @contextmanager
    def umadb(self) -> Iterator[str]:
        """Runs the UmaDB server inside the wheel, with its own settings; its URL."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        path = Path(tempfile.mkdtemp(prefix="umadb-", dir=self.folder))
        code = "from umadb.umadb_server_cli import main; main()"
        with subprocess.Popen(
            [sys.executable, "-c", code, "--listen", address, "--db-path", path / "uma.db"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | ({"LD_PRELOAD": self.preload} if self.preload else {}),
        ) as process:
            try:
                _await_port(address)
                yield f"http://{address}"
            finally:
                process.terminate()
                process.wait()
                shutil.rmtree(path)


def _await_port(address: str) -> None:
    host, _, port = address.partition(":")
    give_up = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def place(*, slower: bool = False) -> Iterator[Place]:
    """A temporary folder with a running server; slower: each flush takes a millisecond more.

    Raises NoCompiler where that needs one and there is none.
    """
    with ExitStack() as stack:
        # TMPDIR says which disk is measured.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eighthours-bench-")))
        folder.chmod(0o755)  # as root PostgreSQL runs as another account and must find the library
        preload = str(_compiled(folder)) if slower else ""
        server = EmbeddedDatabase(folder / "database")
        if preload:
            os.environ["LD_PRELOAD"] = preload
        try:
            stack.enter_context(server)
        finally:
            os.environ.pop("LD_PRELOAD", None) if preload else None
        yield Place(folder, server.url, preload)


class NoCompiler(RuntimeError):
    """Flushing cannot be slowed down: there is no C compiler here."""


def _compiled(folder: Path) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or sys.platform != "linux":
        raise NoCompiler(f"{NoCompiler.__doc__} (or no Linux)")
    library = folder / "slow_fsync.so"
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    library.chmod(0o755)
    return library


def psycopg_arguments(url: str) -> dict[str, Any]:
    """An URL of the embedded server as the library's datastore takes it."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    return {
        "dbname": parts.path.removeprefix("/"),
        "host": parts.hostname or asked["host"][0],
        "port": str(parts.port or asked.get("port", ["5432"])[0]),
        "user": parts.username or "",
        "password": parts.password or "",
    }
