"""The member's whole 八小时外 record as of a position, from events alone (R16, R19, R29).

By the folds and the arithmetic of `off_duty_record`, whose tables know only today.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import orjson

from service.domain.endorsement import ParticipationEndorsed
from service.domain.event import SHANGHAI
from service.domain.participation import ParticipationRecorded
from service.domain.working_time import Calendars, Timetable
from service.eventstore.mapping import Recorded
from service.projections.off_duty_folds import facts_of
from service.projections.off_duty_minutes import WorkingTime
from service.projections.off_duty_rendering import rendered
from service.projections.off_duty_tables import BranchTimetable, Document
from service.projections.vetting_evidence_statement import Item, said, signature


def off_duty_record(
    member_id: str, recorded: Sequence[Recorded], calendars: Calendars
) -> list[Item]:
    """The section: every year in which there is an entry, with who recorded and who endorsed."""
    facts = facts_of(member_id, recorded)
    member = orjson.loads(facts.member)
    working_time = WorkingTime.of(member, _by_branch(facts.timetables), calendars)
    by_year: dict[int, list[tuple[str, Document]]] = {}
    for participation_id, stored in facts.entries:
        document = orjson.loads(stored)
        for year in _years(document):
            by_year.setdefault(year, []).append((participation_id, document))
    sources = _Sources(recorded)
    found = []
    for year, entries in sorted(by_year.items()):
        record = rendered(member_id, year, member["registration"], entries, working_time)
        found.append(
            {
                "year": year,
                "totals": record["totals"],
                "months": record["months"],
                "entries": [entry | sources.of(entry) for entry in record["entries"]],
            }
        )
    return found


def cited(years: Sequence[Item], calendars: Calendars) -> tuple[str, ...]:
    """The published calendars by which the entries of these years were judged."""
    used = {
        part
        for year in years
        for entry in year["entries"]
        for part in (entry["calendar"] or "").split("；")
    }
    return tuple(each for each in calendars.citations if each in used)


class _Sources:
    """Where it stands in the log who recorded and who endorsed."""

    def __init__(self, recorded: Sequence[Recorded]) -> None:
        self._recordings: dict[str, Recorded] = {}
        self._endorsements: dict[str, tuple[Recorded, str | None]] = {}
        for each in recorded:
            event = each.event
            if isinstance(event, ParticipationRecorded):
                self._recordings[event.participation_id] = each
            elif isinstance(event, ParticipationEndorsed):
                self._endorsements[event.event_id] = each, event.signature

    def of(self, entry: Mapping[str, Item]) -> Item:
        """The fields that `EvidenceEntry` adds."""
        endorsed = None
        if entry["endorsement"] is not None:
            at, signed = self._endorsements[entry["endorsement"]["event_id"]]
            endorsed = {"stated": said(at), "signature": signature(signed)}
        recorded = said(self._recordings[str(entry["participation_id"])])
        return {"recorded": recorded, "endorsed": endorsed}


def _by_branch(adopted: Sequence[BranchTimetable]) -> dict[str, list[Timetable]]:
    found: dict[str, list[Timetable]] = {}
    for each in adopted:
        timetable = Timetable.of_hours(each.valid_from, orjson.loads(each.hours))
        found.setdefault(each.branch_id, []).append(timetable)
    return found


def _years(document: Document) -> Iterator[int]:
    """The years whose record shows the entry: those it lies in, as the view's read finds them."""
    first = datetime.fromisoformat(document["starts_at"]).astimezone(SHANGHAI).year
    last = datetime.fromisoformat(document["ends_at"]).astimezone(SHANGHAI).year
    yield from range(first, max(first, last) + 1)
