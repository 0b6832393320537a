"""The disk of the data folder fills up under load, and has room again."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter, sleep

from tests.faults.kills import scene
from tests.faults.outcome import Outcome, Report, unreported

MEGABYTES = 300
FAULT = "disk full on the data folder"


class NoSmallDisk(RuntimeError):
    """No small file system can be mounted here."""


@asynccontextmanager
async def small_disk(at: Path) -> AsyncIterator[Path]:
    """A file system of its own; raises NoSmallDisk with the reason where there is none."""
    if sys.platform != "linux" or os.geteuid() != 0:
        raise NoSmallDisk("only root may mount a small file system, and only Linux has tmpfs")
    await asyncio.to_thread(_mount, at)
    try:
        yield at
    finally:
        await asyncio.to_thread(_unmount, at)


def _mount(at: Path) -> None:
    at.mkdir()
    options = f"size={MEGABYTES}m,mode=755"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "eighthours-faults", at],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise NoSmallDisk(f"mount: {done.stderr.strip()}")


def _unmount(at: Path) -> None:
    subprocess.run(["umount", "--lazy", at], check=True)


async def fill_disk(
    folder: Path, port: int, times: int, report: Report = unreported, lasting: float = 3.0
) -> Outcome:
    """Not a byte is left for a while; clients go on asking."""
    try:
        async with small_disk(folder / "disk") as disk:
            return await _fill(disk, port, times, report, lasting)
    except NoSmallDisk as reason:
        return Outcome(FAULT, skipped=str(reason))


async def _fill(disk: Path, port: int, times: int, report: Report, lasting: float) -> Outcome:
    async with scene(FAULT, disk / "data", port) as here:
        filler = disk / "filler"
        for _ in range(times):
            await asyncio.sleep(0.3)
            await asyncio.to_thread(_fill_up, filler, lasting)
            answered = len(here.clients.answered)
            filler.unlink()
            there = perf_counter()
            await here.healthy_again(there)
            # From the moment of room, not from the database's: it is the service's own.
            here.outcome.recoveries[-1] = perf_counter() - there
            here.outcome.times += 1
            here.outcome.notes.append(f"{answered} acknowledged before there was room again")
            await here.settle()
            report()
        here.outcome.notes = here.outcome.notes[-1:]
    return here.outcome


def _fill_up(filler: Path, lasting: float) -> None:
    """Takes all room, again and again, because the database may free some."""
    end = perf_counter() + lasting
    with filler.open("ab", buffering=0) as file:
        while perf_counter() < end:
            room = shutil.disk_usage(filler.parent).free
            try:
                if room:
                    os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, room)
            except OSError:
                pass
            sleep(0.02)
