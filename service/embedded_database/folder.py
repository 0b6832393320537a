"""The folder of an embedded database: one process at a time, one account."""

import hashlib
import os
import re
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from service.embedded_database.account import Account, account_for

if sys.platform != "win32":
    import fcntl

PORT = 5432
"""Only a part of the socket's name."""

SOCKET = f".s.PGSQL.{PORT}"
"""The socket's name."""

_SOCKET_PATH_LIMIT = 103
"""Bytes in a socket's address: 103 on macOS, 107 on Linux."""


class EmbeddedDatabaseError(RuntimeError):
    """内置数据库无法使用。

    The embedded database cannot run here; the message says why, in Chinese and in English.
    """

    def __init__(self, chinese: str, english: str, words: str = "") -> None:
        super().__init__("\n".join(filter(None, (chinese, english, words.strip()))))


class FolderInUse(EmbeddedDatabaseError):
    """此目录正由另一个服务使用。

    Another running service uses the folder; its database can be reached, not started again.
    """


class Folder:
    """A private folder, created when absent and used for the embedded database alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.account: Account | None = None
        """Whom PostgreSQL runs as and the folder belongs to, when that is not this process."""
        self.sockets = self.path if _is_address(self.path) else _elsewhere(self.path)
        """Where the socket lies; the same for every process that uses the folder."""
        self._lock: int | None = None

    def claim(self) -> None:
        """Takes the folder for this process and for the account PostgreSQL will run as."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.account = account_for(self.path)
        if self.account is not None:
            os.chown(self.path, *self.account)
        self.path.chmod(0o700)
        lock = self.open("lock", os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise FolderInUse(
                f"另一个正在运行的服务占用着此目录：{self.path}。请先停止它，或另设 DATA_DIR。",
                "Another running service uses this folder: stop it first, or set another DATA_DIR.",
            ) from error
        self._lock = lock
        if self.sockets != self.path:
            self._make_socket_folder()

    def release(self) -> None:
        """Gives the folder up; the server has stopped."""
        if self._lock is None:
            return
        if self.sockets != self.path:
            with suppress(OSError):  # a socket is still in it: the next start uses it again
                self.sockets.rmdir()
        os.close(self._lock)
        self._lock = None

    def open(self, name: str, flags: int) -> int:
        """Opens a file of the folder; through no link, for as root the folder is another's."""
        file = os.open(self.path / name, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        if self.account is not None:
            os.fchown(file, *self.account)
        return file

    def flush(self) -> None:
        """Makes the names in the folder durable."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _make_socket_folder(self) -> None:
        place = self.sockets
        owner = self.account.uid if self.account is not None else os.geteuid()
        try:
            place.mkdir(mode=0o700)
        except FileExistsError:
            found = place.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
                raise EmbeddedDatabaseError(
                    f"此目录不属于本服务，请删除：{place}", "This folder is not ours: remove it."
                ) from None
        else:
            os.chown(place, owner, -1)


def _is_address(folder: Path) -> bool:
    """Whether a socket there can be addressed: length, and what clients read their own way."""
    address = str(folder / f".s.PGSQL.{PORT}")
    plain = re.fullmatch(r"[A-Za-z0-9_./+-]+", address)  # no "," and no "%"
    return plain is not None and len(address) <= _SOCKET_PATH_LIMIT


def _elsewhere(folder: Path) -> Path:
    """A folder's own place among the temporary files."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"eighthours-{digest}"
