"""The rows about the log: appending, contending, reading, rebuilding."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg

from tests.benchmarks import appending, contending, reading, rebuilding, world
from tests.benchmarks.child import measured
from tests.benchmarks.comparison import (
    GENERIC,
    LIBRARY,
    OURS,
    PLAIN,
    UMADB,
    Row,
    Size,
    interleaved,
)
from tests.benchmarks.library import forced_generic
from tests.benchmarks.measuring import Figures, median
from tests.benchmarks.servers import NoCompiler, Place, place
from tests.benchmarks.world import World
from tests.database import Database


def appending_rows(size: Size, here: Place, *, slower: bool = False) -> Iterator[Row]:
    """Rows 1 and 2."""
    ours, library = here.migrated("ours"), here.database("library")
    generic, plain = here.database("generic"), here.database("plain")
    appending.prepare_plain(plain)
    asyncio.run(_execute(generic, forced_generic(generic)))
    with here.umadb() as uma:
        for writers in (64,) if slower else size.writers:
            arguments: dict[str, Any] = {"writers": writers, "window": asdict(size.window)}

            def contender(
                function: Callable[..., Figures], url: str, arguments: dict[str, Any] = arguments
            ) -> Callable[[int], Figures]:
                return lambda _: measured(function, url=url, run=uuid4().hex[:8], **arguments)

            extra = ", +1 ms a flush" if slower else ""
            key = f"append-{writers}{'-slower' if slower else ''}"
            row = Row(key, f"{writers} writers, one conditional append per commit{extra}")
            row.contenders = interleaved(
                size.rounds,
                {
                    OURS: contender(appending.ours, ours.app_url),
                    LIBRARY: contender(appending.library, library),
                    GENERIC: contender(appending.library, generic),
                    UMADB: contender(appending.uma, uma),
                    PLAIN: contender(appending.plain, plain),
                },
                here.settle,
            )
            row.notes.append(f"fsync {here.fsync_milliseconds():.2f} ms")
            if slower:
                row.ratio("25 × library TT", 25, LIBRARY)
                row.ratio("1.0 × plain INSERT", 1.0, PLAIN)
            elif writers == 64:
                row.ratio("14 × library TT", 14, LIBRARY)
                row.ratio("9 × library TT with generic plans", 9, GENERIC)
                row.ratio("2.8 × UmaDB", 2.8, UMADB)
                row.ratio("1.2 × plain INSERT", 1.2, PLAIN)
                row.limit("p99 at most 15 ms", 15, row.contenders[OURS]["p99"])
            row.explain(
                partial(
                    measured,
                    appending.ours,
                    profiled=True,
                    url=ours.app_url,
                    run=uuid4().hex[:8],
                    **arguments,
                )
            )
            yield row
    here.drop("ours", "library", "generic", "plain")


def slower_rows(size: Size) -> Iterator[Row]:
    """Row 2 on a server of its own, whose every flush takes a millisecond more."""
    try:
        with place(slower=True) as here:
            yield from appending_rows(size, here, slower=True)
    except NoCompiler as reason:
        yield Row("append-64-slower", "+1 ms a flush", notes=[f"not measured: {reason}"])


def contending_rows(size: Size, here: Place) -> Iterator[Row]:
    """Row 3."""
    # Activities by number: those of single writers, the hot ones, the small ones.
    hot = contending.WRITERS * size.rounds
    few = hot + size.rounds + 1
    window = asdict(size.window)
    places = [contending.MANY] * few + [contending.FEW] * (size.rounds + 1)
    town = World(members=size.registered, communities=1, capacities=tuple(places))
    ours, library = here.migrated("ours"), here.database("library")
    asyncio.run(world.load(ours.owner_url, town))
    asyncio.run(world.copy_to_library(ours.owner_url, library))

    def ours_measured(number: int, profiled: bool = False) -> Figures:  # noqa: FBT001
        return measured(
            contending.ours,
            profiled=profiled,
            url=ours.app_url,
            owner_url=ours.owner_url,
            hot=hot + number,
            few=few + number,
            window=window,
        )

    def uncontended_measured(number: int) -> Figures:
        first = number * contending.WRITERS
        return measured(contending.uncontended, url=ours.app_url, own=first, window=window)

    def library_measured(number: int) -> Figures:
        return measured(contending.library, url=library, hot=hot + number, window=window)

    row = Row("hot-tag", f"{contending.WRITERS} writers sign up for one activity (capacity rule)")
    uncontended = "ours, each an activity of its own"
    row.contenders = interleaved(
        size.rounds,
        {
            OURS: ours_measured,
            uncontended: uncontended_measured,
            LIBRARY: library_measured,
        },
        here.settle,
    )
    found = row.contenders[OURS]
    row.ratio("0.6 × our uncontended rate", 0.6, uncontended)
    row.ratio("100 × library TT with retries", 100, LIBRARY)
    row.least("slowest writer at least 0.9 of the fastest", 0.9, found["slowest_to_fastest"])
    row.limit("nothing oversold", 0, found["oversold"])
    row.notes.append(
        f"{found['signed_up']} signed up for the hot activity; of {contending.FEW} places of a"
        f" small one {found['places_left']} were left and {found['oversold']} oversold"
    )
    row.explain(partial(ours_measured, size.rounds, True))
    yield row
    here.drop("ours", "library")


def reading_rows(size: Size, here: Place, log: Database, events: int) -> Iterator[Row]:
    """Row 4."""
    library = here.database("library")
    asyncio.run(world.copy_to_library(log.owner_url, library))
    with here.umadb() as uma:
        asyncio.run(world.copy_to_umadb(log.owner_url, uma))

        def contender(function: Callable[..., Figures], url: str) -> Callable[..., Figures]:
            return lambda _=0, profiled=False: measured(
                function,
                profiled=profiled,
                url=url,
                members=size.district.members,
                window=asdict(size.window),
            )

        row = Row("boundary", f"an 8-event boundary out of {events:,} events, 16 clients")
        deciding = "ours, decided (read, decoded, folded)"
        row.contenders = interleaved(
            size.rounds,
            {
                OURS: contender(reading.ours, log.app_url),
                deciding: contender(reading.ours_deciding, log.app_url),
                LIBRARY: contender(reading.library, library),
                UMADB: contender(reading.uma, uma),
            },
            here.settle,
        )
    row.ratio("7 × library TT", 7, LIBRARY)
    row.ratio("2.5 × UmaDB", 2.5, UMADB)
    row.limit("p99 at most 5 ms", 5, row.contenders[OURS]["p99"])
    row.explain(partial(contender(reading.ours, log.app_url), profiled=True))
    yield row
    here.drop("library")


def rebuilding_rows(size: Size, log: Database, events: int) -> Iterator[Row]:
    """Row 7; afterwards the views are there for row 6."""
    rebuilt = partial(measured, rebuilding.rebuilt, url=log.app_url, members=size.district.members)
    row = Row("rebuild", f"all views rebuilt from {events:,} events", "events per second and view")
    scans = [measured(rebuilding.scan, owner_url=log.owner_url) for _ in range(size.rounds)]
    row.contenders["bare COPY scan"] = median(scans)
    followed = measured(rebuilding.follow, url=log.app_url)
    row.contenders["followed live, all together"] = followed
    found = rebuilt(names=rebuilding.ALL, checked=True)
    row.contenders[OURS] = found
    if size.views_alone:
        for name in rebuilding.ALL:
            row.contenders[f"{name} alone"] = rebuilt(names=[name])
    row.ratio("0.10 × a bare COPY scan", 0.10, "bare COPY scan")
    differing = [
        name for name, is_ in followed["checksums"].items() if found["checksums"][name] != is_
    ]
    row.limit("same checksums as the live views (views that differ)", 0, len(differing))
    quarter, end = found["memory_after_a_quarter_mb"], found["memory_at_the_end_mb"]
    row.limit("memory flat (at the end to after a quarter)", 1.3, end / quarter)
    row.limit("readers never blocked (slowest read, ms)", 1000, found["slowest_read"])
    row.notes.append(
        f"measured once: {found['seconds']:.0f} s; memory {quarter:.0f} MB after a quarter,"
        f" {end:.0f} MB at the end; {found['reads']} reads meanwhile"
    )
    row.explain(partial(rebuilt, profiled=True, names=rebuilding.ALL))
    yield row


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
