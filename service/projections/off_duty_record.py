"""八小时外记录: one member's record of one year, right to the minute, as api.md gives it.

Only endorsed, unvoided entries count in totals and months; everything else is shown apart. The two
ledgers are also given apart (R19). Free text stays sealed; whoever answers a reading opens it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from service.domain.activity import ActivityKind
from service.domain.event import SHANGHAI
from service.domain.evidence import grade
from service.domain.working_time import Calendars, Leave, Shift, Split, Timetable
from service.projections import off_duty_minutes
from service.projections.off_duty_answer import Entry, Minutes, Month, OffDutyRecord, Totals
from service.projections.off_duty_minutes import Verdict, WorkingTime, moment
from service.projections.off_duty_tables import TABLES, Document, apply
from service.projections.view import Connection, Pool, View, reading

__all__ = ["VIEW", "OffDutyRecord", "fetch"]

VIEW = View("off_duty_record", version=1, tables=TABLES, apply=apply)


async def fetch(
    pool: Pool, member_id: str, year: int, calendars: Calendars
) -> OffDutyRecord | None:
    """The member's record of a year; None if there is no such member."""
    async with reading(pool, VIEW) as (connection, position):
        facts = await connection.fetchval(
            "SELECT document FROM views.off_duty_member WHERE member_id = $1", member_id
        )
        if facts is None:
            return None
        rows = await connection.fetch(
            "SELECT participation_id, document FROM views.off_duty_entry"
            " WHERE member_id = $1 AND starts_at < $3 AND greatest(ends_at, starts_at) >= $2"
            " ORDER BY position",
            member_id,
            datetime(year, 1, 1, tzinfo=SHANGHAI),
            datetime(year + 1, 1, 1, tzinfo=SHANGHAI),
        )
        entries = [(row[0], orjson.loads(row[1])) for row in rows]
        branches = {document["branch_id"] for _, document in entries}
        timetables = await _timetables(connection, branches)
    member = orjson.loads(facts)
    working_time = WorkingTime(
        calendars,
        timetables,
        [Shift(*map(datetime.fromisoformat, shift)) for shift in member["shifts"]],
        [Leave(*map(datetime.fromisoformat, leave)) for leave in member["leaves"]],
    )
    verdicts = off_duty_minutes.verdicts(year, entries, working_time)
    shown = [_entry(each, document, verdicts[each]) for each, document in entries]
    counted = [(entry, verdicts[entry.participation_id]) for entry in shown if entry.grade]
    return OffDutyRecord(
        member_id=member_id,
        year=year,
        registration=member["registration"],
        totals=_totals(shown, counted),
        months=[
            Month(
                month=f"{year}-{month:02}",
                **_minutes([v.months[month] for _, v in counted if month in v.months]),
            )
            for month in range(1, 13)
        ],
        entries=sorted(shown, key=lambda entry: (entry.starts_at, entry.participation_id)),
        as_of_position=position,
    )


async def _timetables(
    connection: Connection, branches: Iterable[str]
) -> dict[str, list[Timetable]]:
    found = defaultdict[str, list[Timetable]](list)
    for branch_id, valid_from, hours in await connection.fetch(
        "SELECT branch_id, valid_from, hours FROM views.off_duty_timetable"
        " WHERE branch_id = ANY ($1) ORDER BY position",
        list(branches),
    ):
        found[branch_id].append(Timetable.of_hours(valid_from, orjson.loads(hours)))
    return found


def _minutes(splits: list[Split]) -> dict[str, Any]:
    return {
        "participations": len(splits),
        "outside_minutes": sum(each.outside_minutes for each in splits),
        "inside_minutes": sum(each.inside_minutes for each in splits),
        "pending_minutes": sum(each.pending_minutes for each in splits),
    }


def _totals(shown: list[Entry], counted: list[tuple[Entry, Verdict]]) -> Totals:
    def by(*keys: str, name: str) -> dict[Any, Minutes]:
        found: dict[str, list[Split]] = {key: [] for key in keys}
        for entry, verdict in counted:
            found.setdefault(getattr(entry, name), []).append(verdict.total)
        return {key: Minutes(**_minutes(splits)) for key, splits in sorted(found.items())}

    everything = _minutes([verdict.total for _, verdict in counted])
    del everything["participations"]
    return Totals(
        **everything,
        unendorsed_minutes=sum(
            entry.credited_minutes for entry in shown if entry.state in {"unendorsed", "declined"}
        ),
        by_grade=by("A", "B", "C", "D", name="grade"),
        by_ledger=by("duty", "voluntary", name="ledger"),
        by_category=by(name="category"),
    )


_KEPT_BACK = {"version", "version_recorded_at", "window_starts_at", "window_ends_at"}
"""Facts of a document that an entry does not show."""


def _entry(participation_id: str, document: Document, verdict: Verdict) -> Entry:
    counts = off_duty_minutes.counts(document)
    total = verdict.total
    return Entry.model_validate(
        {name: fact for name, fact in document.items() if name not in _KEPT_BACK}
        | {
            "participation_id": participation_id,
            "state": _state(document),
            "credited_minutes": total.total_minutes,
            "outside_minutes": total.outside_minutes,
            "inside_minutes": total.inside_minutes,
            "pending_minutes": total.pending_minutes,
            "calendar": total.calendar or None,
            "default_timetable": total.default_timetable,
            "grade": grade(
                kind=ActivityKind(document["kind"]),
                ends_at=datetime.fromisoformat(document["ends_at"]),
                recorded_at=datetime.fromisoformat(document["recorded_at"]),
                signed_in_at=moment(document["signed_in_at"]),
                signed_out_at=moment(document["signed_out_at"]),
                endorsed=counts,
            ),
            "disputed": False,
            "overlaps": list(verdict.overlaps),
        }
    )


def _state(document: Document) -> str:
    if document["voided"]:
        return "voided"
    if document["endorsement"]:
        return "endorsed"
    return "declined" if document["declined"] else "unendorsed"
