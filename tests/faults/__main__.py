"""`python -m tests.faults [--afresh] [--only PART …]`: what `make faults` runs.

It can be stopped with Ctrl-C and run again: parts that were done are not repeated.
"""

import argparse
import asyncio
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from service.embedded_database import EmbeddedDatabase
from service.eventstore.migrate import application_url, migrate
from tests.database import MASTER_KEY, Database
from tests.faults import report
from tests.faults.clock import jump
from tests.faults.connections import break_connections
from tests.faults.disk import fill_disk
from tests.faults.followers import follow_them
from tests.faults.kills import kill_database, kill_server, lose_without_synchronous_commit
from tests.faults.outcome import Outcome
from tests.faults.proxy import FAULTS

EVENTS = 1_000_000
_Part = Callable[[Path, Callable[[], None]], Awaitable[Outcome]]


def _parts() -> dict[str, tuple[int, _Part]]:
    """Every part by name, with its number of faults. None takes longer than a few minutes."""
    found: dict[str, tuple[int, _Part]] = {"control": (1, _control)}
    for number in range(4):
        found[f"postgresql-{number}"] = (25, partial(_postgresql, 25, number))
    found["connections"] = (10 * len(FAULTS), _connections)
    found["clock"] = (20, _clock)
    found["disk"] = (5, _disk)
    found["followers"] = (1, _followers)
    for number in range(8):
        found[f"server-{number}"] = (25, partial(_server, 25, number))
    return found


async def _control(folder: Path, _: Callable[[], None]) -> Outcome:
    return await lose_without_synchronous_commit(folder, _port())


async def _server(times: int, seed: int, folder: Path, told: Callable[[], None]) -> Outcome:
    return await kill_server(folder, _port(), times, seed, told)


async def _postgresql(times: int, seed: int, folder: Path, told: Callable[[], None]) -> Outcome:
    return await kill_database(folder, _port(), times, seed, told)


async def _connections(folder: Path, told: Callable[[], None]) -> Outcome:
    with _database(folder) as found:
        await migrate(found.url)
        times = 10 * len(FAULTS)
        return await break_connections(found.url, folder / "data", _port(), times, 1, told)


async def _clock(folder: Path, told: Callable[[], None]) -> Outcome:
    with _database(folder) as found:
        return await jump(await _migrated(found), 20, told)


async def _disk(folder: Path, told: Callable[[], None]) -> Outcome:
    return await fill_disk(folder, _port(), 5, told)


async def _followers(folder: Path, _: Callable[[], None]) -> Outcome:
    with _database(folder) as found:
        return await follow_them((await _migrated(found)).app_url, EVENTS, 1)


@contextmanager
def _database(folder: Path) -> Iterator[EmbeddedDatabase]:
    with EmbeddedDatabase(folder / "database") as found:
        yield found


async def _migrated(found: EmbeddedDatabase) -> Database:
    await migrate(found.url)
    return Database(found.url, await application_url(found.url, MASTER_KEY))


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _main() -> None:
    parts = _parts()
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--afresh", action="store_true", help="forget a run that was stopped")
    parser.add_argument("--only", nargs="+", choices=list(parts), default=list(parts))
    options = parser.parse_args()
    console = Console(highlight=False)
    if options.afresh:
        report.forget()
    done = report.kept()
    try:
        _run({name: parts[name] for name in parts if name in options.only}, done, console)
    except KeyboardInterrupt:
        console.print(
            f"Stopped: {len(done)} of {len(parts)} parts are done; run it again to go on."
        )
        sys.exit(130)
    outcomes = _together(done)
    _show(console, outcomes)
    if done.keys() == parts.keys():
        report.write(_machine(), outcomes)
        report.forget()
        console.print(f"Written to {report.RESULTS}.")
    if not all(_right(each) for each in outcomes):
        sys.exit(1)


def _run(parts: dict[str, tuple[int, _Part]], done: dict[str, Outcome], console: Console) -> None:
    columns = (
        TextColumn("{task.description:14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars = {
            name: progress.add_task(name, total=number, start=False)
            for name, (number, _) in parts.items()
        }
        for name, (number, part) in parts.items():
            bar = bars[name]
            progress.start_task(bar)
            if name not in done:
                folder = Path(tempfile.mkdtemp(prefix="faults-"))
                try:
                    folder.chmod(0o755)
                    outcome = asyncio.run(_of(part, folder, partial(progress.advance, bar)))
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
                done[name] = outcome
                report.keep(done)
                for wrong in outcome.wrong[:3] if "control" not in name else ():
                    console.print(f"{name}: {wrong}", markup=False)
            progress.update(bar, completed=number)
            progress.stop_task(bar)


async def _of(part: _Part, folder: Path, told: Callable[[], None]) -> Outcome:
    return await part(folder, told)


def _together(done: dict[str, Outcome]) -> list[Outcome]:
    """The parts of one fault as one."""
    found: dict[str, Outcome] = {}
    for outcome in done.values():
        found.setdefault(outcome.fault, Outcome(outcome.fault, skipped=outcome.skipped)).add(
            outcome
        )
    return list(found.values())


def _right(outcome: Outcome) -> bool:
    if outcome.fault.startswith("control"):
        return bool(outcome.wrong)
    return bool(outcome.skipped) or outcome.held


def _show(console: Console, outcomes: list[Outcome]) -> None:
    table = Table("", "times", "acknowledged", "asked again", "views", "recovery", "")
    for each in outcomes:
        table.add_row(*(cell.replace("**", "") for cell in report.row(each)))
    console.print(table)
    for each in outcomes:
        for note in each.notes:
            console.print(f"{each.fault}: {note}", markup=False)


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.platform()}"


if __name__ == "__main__":
    _main()
