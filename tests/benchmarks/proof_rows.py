"""The rows about the transparency log: signed in time, proved cheaply, and no burden to appends."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from uuid import uuid4

from tests.benchmarks import proofs
from tests.benchmarks.child import measured
from tests.benchmarks.comparison import OURS, Row, Size, interleaved
from tests.benchmarks.measuring import Figures
from tests.benchmarks.servers import Place
from tests.database import Database

_PROOFS = 3000
_RATE, _SECONDS = 200, 15
_WRITERS = 64
_KIB = 1024


def proof_rows(size: Size, here: Place, log: Database, events: int) -> Iterator[Row]:
    """The log is the one of a million events; nobody has published it yet."""
    folder = str(here.folder / "log-signer")
    row = Row("publish", f"a first checkpoint over {events:,} events", "events per second")
    row.contenders[OURS] = measured(proofs.caught_up, url=log.app_url, folder=folder)
    row.notes.append("{memory_more_mb:.1f} MB more memory at most".format_map(row.contenders[OURS]))
    yield row

    row = Row("proof", f"a proof of any of {events:,} events, one after another")
    found = measured(proofs.proved, url=log.app_url, folder=folder, proofs=_PROOFS)
    row.contenders[OURS] = found
    row.limit("p99 at most 10 ms", 10, found["p99"])
    without = found["text_bytes"] - found["checkpoint_bytes"]
    row.limit("at most 1 KiB, the signed checkpoint beside it", _KIB, without)
    row.notes.append(
        "{path_bytes} bytes of hashes; as text {text_bytes} bytes, of which {checkpoint_bytes} are"
        " the signed checkpoint without cosignatures".format_map(found)
    )
    yield row

    steady = here.migrated("steady")
    row = Row("inclusion", f"from commit to a signed checkpoint at {_RATE} events a second")
    found = measured(proofs.included, url=steady.app_url, rate=_RATE, seconds=_SECONDS)
    row.contenders[OURS] = found
    row.limit("p99 at most 2 s", 2000, found["p99"])
    here.drop("steady")
    yield row

    alone = "ours, nobody publishes"
    row = Row("append-published", f"{_WRITERS} writers beside a publisher in the same process")
    row.contenders = interleaved(
        size.rounds,
        {
            OURS: partial(_appended, size, here, published=True),
            alone: partial(_appended, size, here, published=False),
        },
        here.settle,
    )
    yield row


def _appended(size: Size, here: Place, _number: int, *, published: bool) -> Figures:
    fresh = here.migrated("beside")
    measure: Callable[..., Figures] = proofs.appended_beside
    found = measured(
        measure,
        url=fresh.app_url,
        run=uuid4().hex[:8],
        writers=_WRITERS,
        window=asdict(size.window),
        published=published,
    )
    here.drop("beside")
    return found
