"""The rows about the API: a write, a read, an import."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import httpx

from service.api.access import Tokens
from service.eventstore import system_clock
from tests.benchmarks import importing, loading, rebuilding, world
from tests.benchmarks.child import measured
from tests.benchmarks.comparison import LIBRARY, OURS, Row, Size, interleaved
from tests.benchmarks.measuring import Figures
from tests.benchmarks.servers import Place
from tests.benchmarks.serving import served
from tests.benchmarks.world import World
from tests.database import MASTER_KEY, Database


def reading_http_rows(size: Size, here: Place, log: Database) -> Iterator[Row]:
    """Row 6."""
    members = size.district.members
    body = here.folder / "record.json"
    arguments: dict[str, Any] = {"members": members, "window": asdict(size.window)}

    def contender(name: str, **serving: str) -> Callable[[int], Figures]:
        return lambda _: _over_http(name, serving, loading.read_records, arguments)

    with served("ours", url=log.app_url) as server:
        body.write_bytes(_one_record(server.port))
    row = Row(
        "http-read",
        f"GET off-duty-record: {members:,} members, {size.district.participations:,} records,"
        " 64 connections",
    )
    memory = "the same body from memory"
    row.contenders = interleaved(
        size.rounds,
        {
            OURS: contender("ours", url=log.app_url),
            memory: contender("from_memory", file=str(body)),
        },
        here.settle,
    )
    row.ratio("0.5 × the same body from memory", 0.5, memory)
    row.limit("p95 at most 30 ms", 30, row.contenders[OURS]["p95"])
    row.notes += [f"{body.stat().st_size:,} bytes an answer", _generator_costs(row)]
    row.explain(
        lambda: _over_http("ours", {"url": log.app_url}, loading.read_records, arguments, True)
    )
    yield row


def writing_http_rows(size: Size, here: Place) -> Iterator[Row]:
    """Row 5, and row 8 on the same log."""
    town = World(
        members=size.endorsable // 16,
        participations=size.endorsable,
        endorsed=False,
        communities=1,
        branches=500,
    )
    ours, library = here.migrated("ours"), here.database("library")
    asyncio.run(world.load(ours.owner_url, town))
    asyncio.run(world.copy_to_library(ours.owner_url, library))
    measured(rebuilding.follow, url=ours.app_url)
    each = size.endorsable // (size.rounds + 1)

    def contender(name: str, **serving: str) -> Callable[..., Figures]:
        return lambda number, profiled=False: _over_http(
            name,
            serving,
            loading.endorse,
            {"first": number * each, "number": each, "window": asdict(size.window)},
            profiled,
        )

    row = Row("http-write", "POST an endorsement, everything on, one worker, 64 connections")
    validating = "validates the body and answers"
    row.contenders = interleaved(
        size.rounds,
        {
            OURS: contender("ours", url=ours.app_url),
            LIBRARY: contender("library", url=library, owner_url=ours.owner_url),
            validating: contender("validating"),
        },
        here.settle,
    )
    row.ratio("4 × the same command through library TT", 4, LIBRARY)
    row.ratio("0.35 × a route that validates and answers", 0.35, validating)
    row.notes.append(_generator_costs(row))
    row.explain(partial(contender("ours", url=ours.app_url), size.rounds, True))
    yield row
    yield _importing_row(size, here, ours, library)
    here.drop("ours", "library")


def _importing_row(size: Size, here: Place, ours: Database, library: str) -> Row:
    rows = importing.ROWS

    def imported(number: int, profiled: bool = False) -> Figures:  # noqa: FBT001
        with served("ours", profiled=profiled, url=ours.app_url) as server:
            first = number * size.files * rows
            found = measured(importing.ours, port=server.port, first=first, files=size.files)
            return found | server.stop()

    row = Row("import", f"rosters of {rows:,} members through the API's import", "members a second")
    appended = "ours, log.append of the sealed events"
    row.contenders = interleaved(
        size.rounds,
        {
            OURS: imported,
            appended: lambda _: measured(
                importing.ours_appending, url=ours.app_url, batches=size.files
            ),
            LIBRARY: lambda _: measured(
                importing.library, url=library, app_url=ours.app_url, batches=size.files
            ),
        },
        here.settle,
    )
    row.ratio("4 × library TT's batched append", 4, LIBRARY)
    row.notes.append("the library appends events that are sealed already, without a condition")
    row.explain(partial(imported, size.rounds, True))
    return row


def _over_http(
    name: str,
    serving: dict[str, str],
    load: Callable[..., Figures],
    arguments: dict[str, Any],
    profiled: bool = False,  # noqa: FBT001
) -> Figures:
    with served(name, profiled=profiled, **serving) as server:
        found = measured(load, port=server.port, **arguments)
        of_server = server.stop()
        return found | {"client_cpu": found["cpu"]} | of_server


def _generator_costs(row: Row) -> str:
    costs = [figures["client_microseconds"] for figures in row.contenders.values()]
    return f"the load generator takes {min(costs):.0f} to {max(costs):.0f} µs of a core a request"


def _one_record(port: int) -> bytes:
    token = Tokens(MASTER_KEY).issue(world.reader_of_everything(), system_clock())
    answer = httpx.get(
        f"http://127.0.0.1:{port}{loading.record_path(0)}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.content
