"""The rows of the table, in groups that can be run alone."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import dashboards, evidence, http_rows, log_rows, proof_rows, world
from tests.benchmarks.comparison import Row, Size
from tests.benchmarks.servers import Place
from tests.database import Database


@contextmanager
def district(size: Size, here: Place) -> Iterator[tuple[Database, int]]:
    """The million events that rows 4, 6, 7 and the proofs read."""
    database = here.migrated("district")
    yield database, asyncio.run(world.load(database.owner_url, size.district))
    here.drop("district")


def every_row(size: Size, here: Place, chosen: Callable[[str], bool]) -> Iterator[Row]:
    """The rows of these groups, in the order of the table."""
    if chosen("append"):
        yield from log_rows.appending_rows(size, here)
    if chosen("slower"):
        yield from log_rows.slower_rows(size)
    if chosen("hot-tag"):
        yield from log_rows.contending_rows(size, here)
    if chosen("write"):
        yield from http_rows.writing_http_rows(size, here)
    if chosen("dashboards"):
        yield from dashboards.dashboard_rows(size, here)
    if chosen("evidence"):
        yield from evidence.evidence_rows(size, here)
    if any(map(chosen, ("boundary", "rebuild", "read", "proof"))):
        with district(size, here) as (log, events):
            yield from _district_rows(size, here, chosen, log, events)


def _district_rows(
    size: Size, here: Place, chosen: Callable[[str], bool], log: Database, events: int
) -> Iterator[Row]:
    if chosen("proof"):
        yield from proof_rows.proof_rows(size, here, log, events)
    if chosen("boundary"):
        yield from log_rows.reading_rows(size, here, log, events)
    if chosen("rebuild") or chosen("read"):
        yield from log_rows.rebuilding_rows(size, log, events)
    if chosen("read"):
        yield from http_rows.reading_http_rows(size, here, log)


GROUPS = (
    "append",
    "slower",
    "hot-tag",
    "write",
    "dashboards",
    "evidence",
    "boundary",
    "rebuild",
    "read",
    "proof",
)
RESULTS = Path(__file__).with_name("results")
