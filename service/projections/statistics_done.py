"""What the members of an organisation did in a year: their years, and what it comes to together.

Read from the row a member has of each year. Where one was added up by another calendar than the
reader knows, the entries are asked instead, which takes longer and says the same.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

import asyncpg
import orjson

from service.data.calendars import published_calendars
from service.domain.activity import ActivityKind
from service.domain.evidence import Grade
from service.domain.member_year import MemberYear, Served
from service.domain.participation import Ledger
from service.domain.working_time import Calendars
from service.projections import statistics_served
from service.projections.statistics_reading import (
    MINUTES,
    Count,
    Past,
    Service,
    Sort,
    Worked,
    members_of,
    service_of,
)
from service.projections.statistics_served import Document, Sums, document, sums_of
from service.projections.statistics_tables import STANDS

# Every year that there ever was has a row that stands, so these are all that can be asked for.
_SERVED = """
SELECT y.member_id, y.{column} AS owner,
    CASE WHEN y.since <= $1 THEN y.served ELSE (
        SELECT v.served FROM views.statistics_served v
        WHERE v.member_id = y.member_id AND v.year = y.year AND v.branch_id = y.branch_id
            AND v.community_id = y.community_id AND v.since <= $1
        ORDER BY v.since DESC LIMIT 1
    ) END AS served
FROM views.statistics_served y
WHERE y.year = $2 AND y.until = {stands} AND (y.{column} = ANY ($3) OR y.member_id = ANY ($4))
"""
_BY_ENTRY = """
SELECT e.member_id, e.kind, e.category, e.ledger, e.grade, {minutes}
FROM views.statistics_entry e
WHERE e.member_id = ANY ($2) AND e.since <= $1 AND e.until > $1 AND e.endorsement IS NOT NULL
    AND e.day BETWEEN $5 AND $6
GROUP BY e.member_id, e.kind, e.category, e.ledger, e.grade
"""


@dataclass(frozen=True, slots=True)
class Done:
    """A year of an organisation as of a position."""

    year: int
    members: list[asyncpg.Record]
    """Those who were erased since as well."""
    documents: Mapping[str, Document]
    """What each member did, for whomever it was recorded; not of those who did nothing."""
    service: Service
    """What was recorded for the organisation."""

    def years(self) -> list[MemberYear]:
        """The year of each member, by member."""
        return [
            MemberYear(
                member["member_id"],
                member["branch_id"],
                member["community_id"],
                self.year,
                member["exempt"],
                member["registered_at"],
                member["deadline"],
                self._served(member["member_id"]),
            )
            for member in self.members
        ]

    def _served(self, member_id: str) -> tuple[Served, ...]:
        kept = self.documents.get(member_id)
        if kept is None:
            return ()
        return tuple(
            Served(_KINDS[sort.kind], sort.category, sort.ledger, sort.grade, times, outside)
            for sort, (times, outside, _, _) in sorted(
                statistics_served.sums_of(kept["sorts"]).items()
            )
        )


# By its text: asking the enumeration takes longer than all else that is done for a sort.
_KINDS = {kind.value: kind for kind in ActivityKind}


async def done(past: Past, year: int, on: date, calendars: Calendars | None) -> Done:
    """The organisation's year; ``on`` is the day on which it is judged who is exempt."""
    calendars = calendars or published_calendars()
    members = await members_of(past, on)
    ids = [member["member_id"] for member in members]
    rows = await past.connection.fetch(
        _SERVED.format(column=past.column, stands=STANDS),
        past.position,
        year,
        past.organisations,
        ids,
    )
    name = statistics_served.calendar_name(calendars, year)
    of_members: dict[str, list[Document]] = defaultdict(list)
    of_organisation: dict[str, list[Document]] = defaultdict(list)
    organisations, theirs, apart = set(past.organisations), set(ids), False
    for member_id, owner, served in rows:
        kept: Document | None = orjson.loads(served) if served else None
        if kept is None or not kept["sorts"]:
            continue
        if kept["calendar"] != name:
            first, last = date(year, 1, 1), date(year, 12, 31)
            documents = await _by_entry(past, ids, first, last, calendars)
            service = await service_of(past, first, last, calendars)
            return Done(year, members, documents, service)
        is_theirs, is_for_it = member_id in theirs, owner in organisations
        apart = apart or is_theirs is not is_for_it
        if is_theirs:
            of_members[member_id].append(kept)
        if is_for_it:
            of_organisation[member_id].append(kept)
    documents = _together(of_members)
    # Mostly what the members did and what was recorded for the organisation are the same.
    recorded = _together(of_organisation) if apart else documents
    return Done(year, members, documents, _service(recorded.values()))


async def _by_entry(
    past: Past, ids: list[str], first: date, last: date, calendars: Calendars
) -> dict[str, Document]:
    worked = Worked.within(first, last, calendars)
    found: dict[str, dict[statistics_served.Sort, Sums]] = defaultdict(dict)
    for row in await past.connection.fetch(
        _BY_ENTRY.format(minutes=MINUTES),
        past.position,
        ids,
        worked.days,
        worked.years,
        first,
        last,
    ):
        sort = statistics_served.Sort(row["kind"], row["ledger"], row["grade"], row["category"])
        outside = row["minutes"] - row["inside"] - row["pending"]
        found[row["member_id"]][sort] = row["times"], outside, row["inside"], row["pending"]
    return {member_id: document("", sums) for member_id, sums in found.items()}


def _together(several: Mapping[str, list[Document]]) -> dict[str, Document]:
    """One document for each member; most have one, for one branch and one community."""
    return {
        member_id: kept[0] if len(kept) == 1 else document("", sums_of(_added(kept)))
        for member_id, kept in several.items()
    }


def _added(several: Iterable[Document]) -> dict[str, tuple[int, int]]:
    first: dict[str, int] = defaultdict(int)
    second: dict[str, int] = defaultdict(int)
    for kept in several:
        for sort, (one, other) in kept["sorts"].items():
            first[sort] += one
            second[sort] += other
    return {sort: (one, second[sort]) for sort, one in first.items()}


def _service(documents: Collection[Document]) -> Service:
    """What the documents of different members come to."""
    # Counted by what counts in C: of a city there are very many.
    shared = Counter(chain.from_iterable([kept["shared"] for kept in documents]))
    ledgers = Counter(chain.from_iterable([kept["ledgers"] for kept in documents]))
    categories = Counter(chain.from_iterable([kept["categories"] for kept in documents]))
    sorts: dict[tuple[Ledger, Grade, str], Sort] = {}
    times_of_ledger, times_of_category = Counter[Ledger](), Counter[str]()
    for sort, (times, outside, inside, pending) in sums_of(_added(documents)).items():
        key = sort.ledger, sort.grade, sort.category
        members = shared[" ".join(key)]
        before = sorts.get(key, Sort(Count(0, members), 0, 0, 0))
        sorts[key] = Sort(
            Count(before.counted.times + times, members),
            before.outside_minutes + outside,
            before.inside_minutes + inside,
            before.pending_minutes + pending,
        )
        times_of_ledger[sort.ledger] += times
        times_of_category[sort.category] += times
    return Service(
        members=sum(bool(kept["ledgers"]) for kept in documents),
        sorts=dict(sorted(sorts.items())),
        by_ledger={
            ledger: Count(times_of_ledger[ledger], ledgers[ledger])
            for ledger in sorted(times_of_ledger)
            if ledgers[ledger]
        },
        by_category={
            category: Count(times_of_category[category], members)
            for category, members in sorted(categories.items())
        },
    )
