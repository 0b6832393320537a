"""Which account a program that refuses to be root runs as, and how it is started as that one."""

# ruff: noqa: S603 - only setpriv and what the caller names are run, never a shell

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

if sys.platform != "win32":
    import pwd


class Account(NamedTuple):
    """An account of this machine by its numbers."""

    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """As root: whoever the folder belongs to already, else ``nobody``. None when we are not root.

    Raises LookupError where there is no such account.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid
    entry = pwd.getpwuid(owner) if owner != 0 else pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def find_launcher(account: Account | None, probe: Sequence[str | Path]) -> list[str] | None:
    """The words to put before a command, the least privileged ones with which ``probe`` succeeds.

    The command becomes the account (None: stays ours) and is interrupted (SIGINT) when this process
    ends, also by ``kill -9``. The latter only when asked in the main thread: Linux ties the signal
    to the thread that made the child, and another one may end while the process lives.
    """
    for launcher in _launchers(account):
        try:
            subprocess.run([*launcher, *probe], check=True, capture_output=True, cwd="/")
        except (OSError, subprocess.CalledProcessError):
            continue
        return launcher
    return None


def _launchers(account: Account | None) -> Iterator[list[str]]:
    setpriv = shutil.which("setpriv") or "setpriv"
    in_main_thread = threading.current_thread() is threading.main_thread()
    end_with_us = ["--pdeathsig", "INT" if in_main_thread else "clear"]
    if account is None:
        yield [setpriv, *end_with_us]
        yield []  # no setpriv here: then nothing ends the program when this process is killed
        return
    become = [setpriv, f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    # Below a folder the account may not pass (/root, or what mktemp -d makes) it needs a capability
    # to come to its own files. Reading suffices, unless the programs were installed with umask 077.
    # access(2) heeds an ordinary account's capability only with that securebit.
    for capability in ("", ",+dac_read_search", ",+dac_override"):
        yield [
            *become,
            *end_with_us,
            "--no-new-privs",
            *(["--securebits=+no_setuid_fixup"] if capability else []),
            f"--inh-caps=-all{capability}",
            f"--ambient-caps=-all{capability}",
            f"--bounding-set=-all{capability}",
        ]
