"""What the facts about a member come to in a year, in the form that off_duty_answer.py declares.

Made of plain values: the facts were checked when they were recorded, and a test holds the outcome
against the declared form.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from service.domain.activity import ActivityKind
from service.domain.evidence import grade
from service.domain.working_time import Split
from service.projections import off_duty_minutes
from service.projections.off_duty_minutes import Verdict, WorkingTime, moment
from service.projections.off_duty_tables import Document

_Entry = dict[str, Any]
_Counted = Sequence[tuple[_Entry, Verdict]]


def rendered(
    member_id: str,
    year: int,
    registration: Document | None,
    entries: Sequence[tuple[str, Document]],
    working_time: WorkingTime,
) -> dict[str, Any]:
    """The record but for the position it stands at; ``entries`` are in the order recorded."""
    verdicts = off_duty_minutes.verdicts(year, entries, working_time)
    shown = [_entry(each, document, verdicts[each]) for each, document in entries]
    counted = [(entry, verdicts[entry["participation_id"]]) for entry in shown if entry["grade"]]
    shown.sort(
        key=lambda entry: (datetime.fromisoformat(entry["starts_at"]), entry["participation_id"])
    )
    return {
        "member_id": member_id,
        "year": year,
        "registration": registration,
        "totals": _totals(shown, counted),
        "months": [
            _minutes([v.months[month] for _, v in counted if month in v.months])
            | {"month": f"{year}-{month:02}"}
            for month in range(1, 13)
        ],
        "entries": shown,
    }


def _minutes(splits: Sequence[Split]) -> dict[str, int]:
    return {
        "participations": len(splits),
        "outside_minutes": sum([each.outside_minutes for each in splits]),
        "inside_minutes": sum([each.inside_minutes for each in splits]),
        "pending_minutes": sum([each.pending_minutes for each in splits]),
    }


def _totals(shown: Sequence[_Entry], counted: _Counted) -> dict[str, Any]:
    def by(*keys: str, name: str) -> dict[str, dict[str, int]]:
        found: dict[str, list[Split]] = {key: [] for key in keys}
        for entry, verdict in counted:
            found.setdefault(entry[name], []).append(verdict.total)
        return {key: _minutes(splits) for key, splits in sorted(found.items())}

    everything = _minutes([verdict.total for _, verdict in counted])
    del everything["participations"]
    unendorsed = [e["credited_minutes"] for e in shown if e["state"] in {"unendorsed", "declined"}]
    return everything | {
        "unendorsed_minutes": sum(unendorsed),
        "by_grade": by("A", "B", "C", "D", name="grade"),
        "by_ledger": by("duty", "voluntary", name="ledger"),
        "by_category": by(name="category"),
    }


def _entry(participation_id: str, document: Document, verdict: Verdict) -> _Entry:
    total = verdict.total
    return {
        "participation_id": participation_id,
        "activity_id": document["activity_id"],
        "branch_id": document["branch_id"],
        "community_id": document["community_id"],
        "state": _state(document),
        "kind": document["kind"],
        "category": document["category"],
        "ledger": document["ledger"],
        "starts_at": document["starts_at"],
        "ends_at": document["ends_at"],
        "signed_in_at": document["signed_in_at"],
        "signed_out_at": document["signed_out_at"],
        "content": document["content"],
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
            endorsed=off_duty_minutes.counts(document),
        ),
        "endorsement": document["endorsement"],
        "declined": document["declined"],
        "disputed": document["disputed"],
        "corrections": document["corrections"],
        "revocations": document["revocations"],
        "voided": document["voided"],
        "overlaps": verdict.overlaps,
        "recorded_by": document["recorded_by"],
        "recorded_at": document["recorded_at"],
    }


def _state(document: Document) -> str:
    if document["voided"]:
        return "voided"
    if document["endorsement"]:
        return "endorsed"
    return "declined" if document["declined"] else "unendorsed"
