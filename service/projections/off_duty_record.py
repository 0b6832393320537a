"""八小时外记录: one member's record of one year, right to the minute, as api.md gives it.

Only endorsed, unvoided entries count in totals and months; everything else is shown apart. The two
ledgers are also given apart (R19). Free text stays sealed; whoever answers a reading opens it.

A record that was read is remembered, sealed as it is, with the position of the last event that
could have changed it. Every reading asks the view for that position, in the same statement that
would give the facts anew, so that what is remembered is never older than what the view holds.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import orjson

from service.domain.event import SHANGHAI
from service.domain.working_time import Calendars, Timetable
from service.projections.fence import SEEING
from service.projections.off_duty_answer import OffDutyRecord
from service.projections.off_duty_folds import apply, folds
from service.projections.off_duty_minutes import WorkingTime
from service.projections.off_duty_rendering import rendered
from service.projections.off_duty_tables import (
    ENTRIES,
    MEMBERS,
    TABLES,
    Document,
    registered_with,
)
from service.projections.sealed_object import SealedObject
from service.projections.view import Pool, Seen, View, reading
from service.together import Together

__all__ = ["VIEW", "OffDutyRecord", "Record", "Records", "fetch", "recorded_after"]

VIEW = View(
    "off_duty_record",
    version=4,
    tables=TABLES,
    apply=apply,
    about_members=(MEMBERS, ENTRIES),
    concerned=folds.concern,
)

_REMEMBERED = 96 * 1024 * 1024
"""Bytes of sealed records that are remembered at the most."""

# One statement is one snapshot of rows and checkpoint. The member's table comes first: whoever
# swaps a build in locks it first as well (`view.reading`). It is looked into for each member asked
# about and for what `set_config` gives (OFFSET 0 pins that), so its fence finds the setting made.
_SELECT = """
SELECT asked.number, at.position, version, facts.document, facts.participations, facts.documents,
    (SELECT max(position) FROM views.off_duty_timetable) AS timetabled
FROM set_config($6, $7, true) AS seeing
CROSS JOIN unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[])
    WITH ORDINALITY AS asked (member_id, since, until, known, number)
CROSS JOIN LATERAL (
    SELECT changed, document FROM views.off_duty_member
    WHERE member_id = asked.member_id AND seeing IS NOT NULL
    OFFSET 0
) m
CROSS JOIN LATERAL (
    SELECT greatest(
        m.changed,
        (SELECT max(changed) FROM views.off_duty_entry WHERE member_id = asked.member_id),
        (SELECT max(position) FROM views.off_duty_timetable)
    ) AS version
    OFFSET 0 -- found once, not wherever it is used
) v
CROSS JOIN (SELECT position FROM views.checkpoints WHERE view = $5 AND build = 'live') at
LEFT JOIN LATERAL (
    SELECT m.document, array_agg(e.participation_id) AS participations,
        array_agg(e.document) AS documents
    FROM (
        SELECT participation_id, document FROM views.off_duty_entry
        WHERE member_id = asked.member_id
            AND starts_at < asked.until AND greatest(ends_at, starts_at) >= asked.since
        ORDER BY position
    ) e
    WHERE version <> asked.known
) facts ON version <> asked.known
"""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it stands at a position."""

    branch_id: str
    """Where the member belongs."""
    community_id: str | None
    """Where the member is registered or waits for the answer."""
    content: SealedObject
    """What `OffDutyRecord` declares, but for the position."""
    version: int
    """Position of the last event that could have changed it."""
    as_of_position: int

    def entries(self) -> list[Document]:
        """Its entries, as `off_duty_answer.Entry` declares them, texts left sealed."""
        found: list[Document] = orjson.loads(self.content.left_sealed())["entries"]
        return found


class _Question(NamedTuple):
    member_id: str
    year: int
    known: int
    """The version that is remembered."""
    organisation_id: str
    """Who asks."""


class _Facts(NamedTuple):
    position: int
    version: int
    member: bytes | None
    """None where nothing has changed since the version that is remembered."""
    entries: list[tuple[str, bytes]]
    """Participations with their documents, in the order recorded."""
    timetables: Mapping[str, Sequence[Timetable]]


class Records:
    """Reads records for whoever asks, many at once."""

    def __init__(self, pool: Pool, calendars: Calendars, remembered: int = _REMEMBERED) -> None:
        """``pool``: connections of `fence.READER`, or of the views' owner, who sees everything."""
        self._pool = pool
        self._calendars = calendars
        self._remembered = remembered
        self._size = 0
        self._known: OrderedDict[tuple[str, int], Record] = OrderedDict()
        self._timetables: dict[str, tuple[Timetable, ...]] = {}
        self._timetabled = 0
        self._together = Together(self._facts)

    async def read(self, member_id: str, year: int, organisation_id: str = "") -> Record | None:
        """The member's record of a year; None if there is no such member.

        Of connections that stand before the fence: none that the organisation may see.
        """
        known = self._known.get((member_id, year))
        if known is not None:
            self._known.move_to_end((member_id, year))
        version = known.version if known else 0
        question = _Question(member_id, year, version, organisation_id)
        facts = await self._together.ask(question)
        if facts is None:
            return None
        if known is not None and facts.member is None:
            return replace(known, as_of_position=facts.position)
        record = self._made(member_id, year, facts)
        self._remember((member_id, year), record)
        return record

    def forget(self, member_id: str) -> None:
        """Lets go of whatever is remembered about a member."""
        for key in [each for each in self._known if each[0] == member_id]:
            self._size -= self._known.pop(key).content.size

    def _remember(self, key: tuple[str, int], record: Record) -> None:
        before = self._known.pop(key, None)
        self._size += record.content.size - (before.content.size if before else 0)
        self._known[key] = record
        while self._size > self._remembered:
            _, forgotten = self._known.popitem(last=False)
            self._size -= forgotten.content.size

    def _made(self, member_id: str, year: int, facts: _Facts) -> Record:
        member = orjson.loads(facts.member or b"")
        registration = member["registration"]
        working_time = WorkingTime.of(member, facts.timetables, self._calendars)
        entries = [(each, orjson.loads(document)) for each, document in facts.entries]
        return Record(
            branch_id=member["branch_id"],
            community_id=registered_with(registration),
            content=SealedObject.of(rendered(member_id, year, registration, entries, working_time)),
            version=facts.version,
            as_of_position=facts.position,
        )

    async def _facts(self, asked: Sequence[_Question]) -> list[_Facts | None]:
        rows = await self._pool.fetch(
            _SELECT,
            [each.member_id for each in asked],
            [datetime(each.year, 1, 1, tzinfo=SHANGHAI) for each in asked],
            [datetime(each.year + 1, 1, 1, tzinfo=SHANGHAI) for each in asked],
            [each.known for each in asked],
            VIEW.name,
            SEEING,
            ",".join({each.organisation_id for each in asked}),
        )
        if rows and (rows[0]["timetabled"] or 0) > self._timetabled:
            await self._learn_timetables(rows[0]["timetabled"])
        found: list[_Facts | None] = [None] * len(asked)
        for row in rows:
            entries = zip(row["participations"] or (), row["documents"] or (), strict=True)
            found[row["number"] - 1] = _Facts(
                row["position"], row["version"], row["document"], list(entries), self._timetables
            )
        return found

    async def _learn_timetables(self, until: int) -> None:
        """Takes those adopted since; they are only ever added, so the others stay as they are."""
        # Another mapping: whoever makes a record of what was read before keeps the old one.
        known = dict(self._timetables)
        for branch_id, valid_from, hours in await self._pool.fetch(
            "SELECT branch_id, valid_from, hours FROM views.off_duty_timetable"
            " WHERE position > $1 AND position <= $2 ORDER BY position",
            self._timetabled,
            until,
        ):
            adopted = Timetable.of_hours(valid_from, orjson.loads(hours))
            known[branch_id] = (*known.get(branch_id, ()), adopted)
        self._timetables, self._timetabled = known, until


async def recorded_after(seen: Seen, members: Collection[str], position: int) -> frozenset[str]:
    """The participations of these members that were first recorded after a position."""
    async with reading(seen, VIEW) as (connection, _):
        rows = await connection.fetch(
            "SELECT participation_id FROM views.off_duty_entry"
            " WHERE member_id = ANY($1) AND position > $2",
            list(members),
            position,
        )
    return frozenset(row[0] for row in rows)


async def fetch(
    pool: Pool, member_id: str, year: int, calendars: Calendars
) -> OffDutyRecord | None:
    """The member's record of a year, as a model; None if there is no such member."""
    record = await Records(pool, calendars).read(member_id, year)
    if record is None:
        return None
    return OffDutyRecord.model_validate_json(
        record.content.left_sealed(as_of_position=record.as_of_position)
    )
