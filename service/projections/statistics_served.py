"""What each member did in a year, added up when it is folded: dashboards read a row a member.

A row is for the branch and the community that the service was recorded for. Its minutes are those
of the calendar that came with us when it was folded and that it names; where a reader knows
another one, the entries are asked, which hang on no calendar.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypedDict, cast

import orjson

from service.data.calendars import published_calendars
from service.domain.evidence import Grade
from service.domain.participation import Ledger
from service.domain.working_time import Calendars
from service.projections.statistics_minutes import Entry
from service.projections.statistics_tables import SERVED, STANDS, ServedRow
from service.projections.statistics_versions import Versions
from service.projections.view import Build


class Key(NamedTuple):
    """Whose year it is, and for whom the service was recorded."""

    member_id: str
    branch_id: str
    community_id: str
    year: int


class Sort(NamedTuple):
    """What kind of service it was."""

    kind: str
    ledger: Ledger
    grade: Grade
    category: str


Sums = tuple[int, int, int, int]
"""Participations that began, then minutes outside, inside and pending."""


class Document(TypedDict):
    """A row's content, made so that those of very many members are quickly added up."""

    calendar: str
    sorts: dict[str, tuple[int, int]]
    """By sort, its words with spaces between: times and outside minutes, then inside and pending
    minutes, two in one number."""
    shared: list[str]
    """Each ledger, grade and category that something began in, whatever the kind."""
    ledgers: list[str]
    """Each ledger that something began in."""
    categories: list[str]
    """Each category that something began in."""


MIXED = "?"
"""In place of the calendar: the minutes were taken by more than one."""


@dataclass(slots=True)
class Year:
    """A version of what was done."""

    since: int
    kept: Document
    until: int = STANDS


class Years(Versions[Year, Key]):
    """The years that a batch touches."""

    def count(self, entry: Entry, times: int, position: int) -> None:
        """Adds what an endorsed entry comes to, or takes it away with -1."""
        sort = f"{entry.kind} {entry.ledger} {entry.grade} {entry.category}"
        for day in entry.days:
            year = day.day.year
            calendar = _CALENDARS.of(year)
            if calendar is None:
                name, outside, inside, pending = "", 0, 0, day.minutes
            else:
                worked = calendar.is_working_day(day.day)
                inside = day.inside_working if worked else day.inside_otherwise
                name, outside, pending = calendar.version, day.minutes - inside, 0
            key = Key(entry.member_id, entry.branch_id, entry.community_id, year)
            before = self.standing.get(key)
            kept = _with(
                before.kept if before else document("", {}),
                sort,
                times * (day.times * _HALF + outside),
                times * (inside * _HALF + pending),
            )
            if before is not None and before.kept["sorts"] and before.kept["calendar"] != name:
                name = MIXED
            kept["calendar"] = name
            self.stand(key, Year(position, kept))


_CALENDARS = published_calendars()
# Minutes of a whole city stay below it.
_HALF = 2**32


def calendar_name(calendars: Calendars, year: int) -> str:
    """Which calendar the year's minutes are taken by; empty while there is none (R21)."""
    calendar = calendars.of(year)
    return calendar.version if calendar else ""


def document(calendar: str, sums: Mapping[Sort, Sums]) -> Document:
    """What is kept of these sums."""
    sorts = {
        " ".join(sort): (times * _HALF + outside, inside * _HALF + pending)
        for sort, (times, outside, inside, pending) in sums.items()
    }
    return _described(calendar, sorts)


def sums_of(sorts: Mapping[str, tuple[int, int]]) -> dict[Sort, Sums]:
    """The sums that were kept, or what those of many come to."""
    return {
        _sort(words): (*divmod(first, _HALF), *divmod(second, _HALF))
        for words, (first, second) in sorts.items()
    }


def _with(kept: Document, sort: str, first: int, second: int) -> Document:
    """The document with so much more of one sort."""
    sorts = dict(kept["sorts"])
    before = sorts.pop(sort, (0, 0))
    now = before[0] + first, before[1] + second
    # Taken by another calendar than they were added by, minutes may be less than nothing; then
    # they are not read again, but they must be kept.
    if now != (0, 0):
        sorts[sort] = max(now[0], 0), max(now[1], 0)
    if (before[0] >= _HALF) is (now[0] >= _HALF):
        return {**kept, "sorts": sorts}
    return _described(kept["calendar"], sorts)


def _described(calendar: str, sorts: dict[str, tuple[int, int]]) -> Document:
    begun = [_sort(words) for words, (first, _) in sorts.items() if first >= _HALF]
    return {
        "calendar": calendar,
        "sorts": sorts,
        "shared": sorted({f"{sort.ledger} {sort.grade} {sort.category}" for sort in begun}),
        "ledgers": sorted({sort.ledger for sort in begun}),
        "categories": sorted({sort.category for sort in begun}),
    }


@lru_cache(maxsize=4096)
def _sort(words: str) -> Sort:
    kind, ledger, grade, category = words.split(" ", 3)
    return Sort(kind, cast(Ledger, ledger), cast(Grade, grade), category)


async def load(build: Build, keys: Collection[Key]) -> Years:
    """The years under these keys, as they stand."""
    if not keys:
        return Years({})
    rows = await build.connection.fetch(
        f"SELECT y.* FROM unnest($1::text[], $2::text[], $3::text[], $4::int[])"  # noqa: S608 - our own table
        " AS asked (member_id, branch_id, community_id, year)"
        f" JOIN views.{SERVED.name}{build.suffix} y"
        " USING (member_id, year, branch_id, community_id)"
        f" WHERE y.until = {STANDS}",
        *_columns(keys),
    )
    found = {}
    for each in rows:
        row = ServedRow(*each)
        key = Key(row.member_id, row.branch_id, row.community_id, row.year)
        found[key] = Year(row.since, orjson.loads(row.served))
    return Years(found)


async def save(build: Build, years: Years) -> None:
    """Stores what the batch has ended and begun."""
    if years.replaced:
        await build.connection.execute(
            f"DELETE FROM views.{SERVED.name}{build.suffix} y"  # noqa: S608 - our own table
            " USING unnest($1::text[], $2::text[], $3::text[], $4::int[])"
            " AS gone (member_id, branch_id, community_id, year)"
            " WHERE y.member_id = gone.member_id AND y.year = gone.year"
            " AND y.branch_id = gone.branch_id AND y.community_id = gone.community_id"
            f" AND y.until = {STANDS}",
            *_columns(years.replaced),
        )
    await build.append(
        SERVED,
        [
            (
                key.member_id,
                key.year,
                key.branch_id,
                key.community_id,
                each.since,
                each.until,
                orjson.dumps(each.kept, option=orjson.OPT_SORT_KEYS),
            )
            for key, each in years.written()
        ],
    )


def _columns(keys: Iterable[Key]) -> list[list[object]]:
    keys = list(keys)
    return [[key[place] for key in keys] for place in range(len(Key._fields))]
