"""采用的考核规则: every pack that was adopted, and whether it held, as of any position (R34).

Adopting and repealing each keep their position in the log, so that a question about the past is
answered with what held then: 2025 stays what 2025 was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import asyncpg

from service.domain.rule_pack import RulePack
from service.domain.rule_pack_adoption import (
    AdoptedPack,
    RulePackAdopted,
    RulePackRepealed,
    in_force,
    judging_day,
)
from service.eventstore.mapping import Recorded
from service.projections.view import Build, Connection, Folds, Seen, Table, View, reading


@dataclass(slots=True)
class _Pack:
    pack_id: str
    organisation_id: str
    event_id: str
    """Of the adoption; ``since`` is its position."""
    since: int
    adopted_at: datetime
    pack: str
    """The whole pack, as JSON."""
    until: int | None = None
    """Position of the repeal; None while it was not repealed."""
    repealed_to: date | None = None
    """The first day without it, by the repeal."""
    repeal_reason: str | None = None


_PACKS = Table(
    "rule_pack",
    _Pack,
    """
    pack_id text PRIMARY KEY,
    organisation_id text NOT NULL,
    event_id text NOT NULL,
    since bigint NOT NULL,
    adopted_at timestamptz NOT NULL,
    pack text NOT NULL,
    until bigint,
    repealed_to date,
    repeal_reason text
    """,
    ("(organisation_id)",),
)

_folds = Folds[dict[str, _Pack]]()


async def _apply(build: Build, batch: Sequence[Recorded]) -> None:
    batch = _folds.relevant(batch)
    packs = await build.load(_PACKS, _folds.ids(batch, "pack_id", RulePackRepealed))
    _folds.fold(packs, batch)
    await build.save(_PACKS, packs)


@_folds.on(RulePackAdopted)
def _(packs: dict[str, _Pack], event: RulePackAdopted, at: Recorded) -> None:
    packs[event.pack_id] = _Pack(
        event.pack_id,
        event.organisation_id,
        event.event_id,
        at.position,
        at.occurred_at,
        event.pack.model_dump_json(),
    )


@_folds.on(RulePackRepealed)
def _(packs: dict[str, _Pack], event: RulePackRepealed, at: Recorded) -> None:
    pack = packs[event.pack_id]
    pack.until, pack.repealed_to, pack.repeal_reason = at.position, event.valid_to, event.reason


VIEW = View("rule_packs", version=1, tables=(_PACKS,), apply=_apply, concerned=_folds.concern)


@dataclass(frozen=True, slots=True)
class Adoption:
    """A pack as it stands, and what became of it."""

    adopted: AdoptedPack
    position: int
    adopted_at: datetime
    repealed_at_position: int | None
    repeal_reason: str | None


_ADOPTIONS = """
SELECT * FROM views.rule_pack
WHERE organisation_id = ANY ($1) AND ($2::bigint IS NULL OR since <= $2)
ORDER BY since
"""


async def adoptions(
    seen: Seen, organisations: Iterable[str], position: int | None = None
) -> tuple[list[Adoption], int]:
    """What these organisations had adopted, in order, as of a position or as it stands.

    The second is the position the answer is as of.
    """
    async with reading(seen, VIEW) as (connection, reached):
        rows = await connection.fetch(_ADOPTIONS, list(organisations), position)
    return [_adoption(row, position) for row in rows], reached if position is None else position


async def packs_in_force(
    seen: Seen, line: Sequence[str], year: int, position: int | None = None
) -> Mapping[str, AdoptedPack]:
    """By code, what judges a year in this line of organisations, the nearest of which comes first.

    Of what was adopted up to the position, or so far.
    """
    found, _ = await adoptions(seen, line, position)
    return in_force((each.adopted for each in found), line, judging_day(year))


async def changed(connection: Connection, position: int) -> int:
    """The last change up to a position: between two questions that find the same, none was."""
    found = await connection.fetchval(
        "SELECT max(CASE WHEN until <= $1 THEN until ELSE since END) FROM views.rule_pack"
        " WHERE since <= $1",
        position,
    )
    return int(found or 0)


def _adoption(row: asyncpg.Record, position: int | None) -> Adoption:
    pack = _read(row["pack"])
    repealed = row["until"] is not None and (position is None or row["until"] <= position)
    return Adoption(
        AdoptedPack(
            row["pack_id"],
            row["event_id"],
            row["organisation_id"],
            pack,
            row["repealed_to"] if repealed else pack.valid_to,
        ),
        row["since"],
        row["adopted_at"],
        row["until"] if repealed else None,
        row["repeal_reason"] if repealed else None,
    )


@lru_cache(maxsize=512)
def _read(text: str) -> RulePack:
    # The same few packs are asked for with every question about a year.
    return RulePack.model_validate_json(text)
