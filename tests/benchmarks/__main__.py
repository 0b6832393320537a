"""`python -m tests.benchmarks [--quick] [--only GROUP …]`: what `make bench` runs."""

import argparse
import asyncio
from time import perf_counter

import asyncpg

from tests.benchmarks import report
from tests.benchmarks.comparison import QUICK, Row, Size
from tests.benchmarks.rows import GROUPS, RESULTS, every_row
from tests.benchmarks.servers import place


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--quick", action="store_true", help="under three minutes")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    options = parser.parse_args()
    begun = perf_counter()
    rows: list[Row] = []
    with place() as here:
        postgresql = asyncio.run(_version(here.server_url))
        found = report.machine(here.fsync_milliseconds(), postgresql, quick=options.quick)
        report.show(report.on(found))
        for row in every_row(QUICK if options.quick else Size(), here, options.only.__contains__):
            rows.append(row)
            _show(row)
            report.write(RESULTS, found, rows)
    report.show(report.markdown(found, rows))
    report.show(f"{perf_counter() - begun:.0f} s; written to {RESULTS}")


def _show(row: Row) -> None:
    report.show(f"{row.title} ({row.unit})")
    for target in row.targets:
        verdict = "met" if target.met else "MISSED"
        report.show(f"  {verdict:6} {target.promise}: {target.found:.2f}")


async def _version(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()


if __name__ == "__main__":
    _main()
