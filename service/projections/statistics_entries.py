"""The participations that a batch looks at: those it is about and those that overlap with them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

import orjson

from service.domain.interval import Interval
from service.domain.participation import LONGEST_PARTICIPATION
from service.domain.working_time import Leave, Shift, Timetable
from service.projections.statistics_minutes import AtWork, Day, Entry, days
from service.projections.statistics_served import Years
from service.projections.statistics_tables import (
    ENTRIES,
    ERASED,
    STANDS,
    Absences,
    EntryRow,
    Timetables,
)
from service.projections.statistics_versions import Versions
from service.projections.view import Build

Window = tuple[str, datetime, datetime]
"""A member, and from when to when something about their minutes may change."""

# What overlaps with something that overlaps with the window began so long before or after it.
_FAR = 2 * LONGEST_PARTICIPATION


class Entries(Versions[Entry, str]):
    """What participations there are in this batch, each with its minutes."""

    def __init__(
        self,
        standing: dict[str, Entry],
        absences: dict[str, Absences],
        timetables: dict[str, Timetables],
        years: Years,
    ) -> None:
        super().__init__(standing)
        self.years = years
        self.absences = absences
        self.timetables = timetables
        self._of_member: dict[str, set[str]] = defaultdict(set)
        for each in standing.values():
            self._of_member[each.member_id].add(each.participation_id)

    def of_member(self, member_id: str) -> list[Entry]:
        """The member's entries that stand, as far as the batch looks at them."""
        return [self.standing[each] for each in self._of_member.get(member_id, ())]

    def stand(self, key: str, version: Entry) -> None:
        super().stand(key, version)
        self._of_member[version.member_id].add(key)
        if version.endorsement is not None:
            self.years.count(version, 1, version.since)

    def end(self, key: str, position: int) -> Entry | None:
        before = super().end(key, position)
        if before is not None:
            self._of_member[before.member_id].discard(key)
            if before.endorsement is not None:
                self.years.count(before, -1, position)
        return before

    def become(self, entry: Entry) -> None:
        """The entry stands anew, and whatever overlapped or overlaps with it gets its minutes.

        One that has its days already keeps them unless it overlaps with another.
        """
        before = self.end(entry.participation_id, entry.since)
        touched = [each.credited for each in (before, entry) if each and each.credited]
        around = [
            each
            for each in self.of_member(entry.member_id)
            if any(each.overlaps(interval) for interval in touched)
        ]
        if around or not entry.days:
            entry.days = self._days(entry)
        self.stand(entry.participation_id, entry)
        self.recount(around, entry.since)

    def vanish(self, participation_id: str, position: int) -> None:
        """The entry is no more; what it kept others from is theirs."""
        before = self.end(participation_id, position)
        if before is not None and before.credited is not None:
            self.recount(self.overlapping(before.member_id, before.credited), position)

    def overlapping(self, member_id: str, interval: Interval) -> list[Entry]:
        """The member's entries that would count a minute of the interval."""
        return [each for each in self.of_member(member_id) if each.overlaps(interval)]

    def recount(self, entries: Iterable[Entry], position: int) -> None:
        """Takes the minutes of these anew, as known at the position."""
        for each in entries:
            if (found := self._days(each)) != each.days:
                self.stand(
                    each.participation_id,
                    replace(each, since=position, until=STANDS, days=found),
                )

    def _days(self, entry: Entry) -> tuple[Day, ...]:
        absences = self.absences.get(entry.member_id)
        timetables = self.timetables.get(entry.branch_id)
        return days(
            entry,
            [each for each in self.of_member(entry.member_id) if each is not entry],
            AtWork(
                _timetables(timetables.adopted) if timetables else (),
                _shifts(absences.shifts) if absences else (),
                _leaves(absences.leaves) if absences else (),
            ),
        )


# The same few are looked at again and again; what they hang on is the text, whoever's it is.
@lru_cache(maxsize=1024)
def _timetables(adopted: bytes) -> tuple[Timetable, ...]:
    return tuple(
        Timetable.of_hours(date.fromisoformat(valid_from), hours)
        for valid_from, hours in orjson.loads(adopted)
    )


@lru_cache(maxsize=1024)
def _shifts(pairs: bytes) -> tuple[Shift, ...]:
    return tuple(Shift(*map(datetime.fromisoformat, each)) for each in orjson.loads(pairs))


@lru_cache(maxsize=1024)
def _leaves(pairs: bytes) -> tuple[Leave, ...]:
    return tuple(Leave(*map(datetime.fromisoformat, each)) for each in orjson.loads(pairs))


_COLUMNS = ", ".join(f"e.{name}" for name in ENTRIES.fields)
_SELECT = """
WITH asked AS (
    SELECT e.member_id, e.starts_at AS since, e.starts_at AS until
    FROM unnest($1::text[], $2::text[]) AS named (member_id, participation_id)
    JOIN views.statistics_entry{suffix} e USING (member_id, participation_id)
    WHERE e.until = {stands}
    UNION
    SELECT * FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[])
    {of_branches}
)
SELECT DISTINCT {columns}
FROM asked
JOIN views.statistics_entry{suffix} e ON e.member_id = asked.member_id
    AND e.starts_at > asked.since - $6::interval AND e.starts_at < asked.until + $6::interval
WHERE e.until = {stands}
"""
# Rare, and without an index until a build has caught up.
_OF_BRANCHES = """
    UNION
    SELECT e.member_id, e.starts_at, e.starts_at
    FROM unnest($7::text[], $8::timestamptz[]) AS adopting (branch_id, valid_from)
    JOIN views.statistics_entry{suffix} e USING (branch_id)
    WHERE e.starts_at >= adopting.valid_from - $6::interval AND e.until = {stands}
        AND NOT starts_with(e.member_id, '{erased}')
"""


async def load(
    build: Build,
    named: Collection[tuple[str, str]],
    windows: Collection[Window],
    branches: Mapping[str, datetime],
) -> dict[str, Entry]:
    """The entries named by member and participation, those within the windows, and those of
    branches from a moment on, each with whatever its minutes depend on."""
    if not (named or windows or branches):
        return {}
    words = {"suffix": build.suffix, "stands": STANDS, "erased": ERASED}
    arguments: list[object] = [
        [member_id for member_id, _ in named],
        [participation_id for _, participation_id in named],
        *([window[place] for window in windows] for place in range(3)),
        _FAR,
    ]
    if branches:
        arguments += [list(branches), list(branches.values())]
    of_branches = _OF_BRANCHES.format(**words) if branches else ""
    statement = _SELECT.format(**words, columns=_COLUMNS, of_branches=of_branches)
    found: dict[str, Entry] = {}
    for each in await build.connection.fetch(statement, *arguments):
        row = EntryRow(*each)
        entry = found.get(row.participation_id)
        if entry is None:
            entry = found[row.participation_id] = Entry.of(row)
        entry.days = tuple(
            sorted(
                (
                    *entry.days,
                    Day(row.day, row.times, row.minutes, row.inside_working, row.inside_otherwise),
                )
            )
        )
    return found


async def save(build: Build, entries: Entries) -> None:
    """Stores what the batch has ended and begun."""
    if entries.replaced:
        gone = entries.replaced.values()
        await build.connection.execute(
            f"DELETE FROM views.statistics_entry{build.suffix} e"  # noqa: S608 - our own table
            " USING unnest($1::text[], $2::timestamptz[], $3::text[])"
            " AS gone (member_id, starts_at, participation_id)"
            " WHERE e.member_id = gone.member_id AND e.starts_at = gone.starts_at"
            f" AND e.participation_id = gone.participation_id AND e.until = {STANDS}",
            [each.member_id for each in gone],
            [each.starts_at for each in gone],
            [each.participation_id for each in gone],
        )
    await build.append(ENTRIES, [row for _, each in entries.written() for row in each.rows()])
