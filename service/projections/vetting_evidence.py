"""考察材料: all that the log holds about a member up to a position, in one form (R29).

Pure: it is made of events and readings alone, and of the calendars that tell working days. So it is
the same, byte for byte, whenever it is made anew from the same ones. What was said is left sealed;
a reader gets a copy in which it is opened.

The calendars are not in the log. The evidence cites those that judged an entry, and making it again
uses exactly these: a year whose calendar was published since stays pending in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

from service.domain.event import SHANGHAI
from service.domain.objection import ObjectionSubject
from service.domain.opinion import OpinionCountersigned
from service.domain.organisation import OrganisationRegistered
from service.domain.vetting import VettingOpened
from service.domain.working_time import Calendars
from service.eventstore.mapping import Recorded, canonical
from service.projections.vetting_evidence_consequences import consequences
from service.projections.vetting_evidence_consultations import consultations
from service.projections.vetting_evidence_decisions import decisions
from service.projections.vetting_evidence_record import cited, off_duty_record
from service.projections.vetting_evidence_standing import standing
from service.projections.vetting_evidence_statement import Item, said
from service.trust.readings import Reading

FORM = 1
"""The form that `vetting_evidence_answer.py` describes."""


class EvidenceAbout(NamedTuple):
    """Whose evidence, for which vetting, up to where."""

    member_id: str
    decision_id: str
    position: int
    """Of the last event that is looked at."""
    readings_up_to: int
    """The number of the last reading that is looked at."""


@dataclass(frozen=True)
class Evidence:
    """The evidence and its one byte form."""

    content: dict[str, Any]
    """What `VettingEvidence` declares, but for ``as_of_position``; texts sealed."""
    calendars: tuple[str, ...]
    """The calendars it cites."""
    opinion_ids: tuple[str, ...]
    """The countersigned opinions that are in it."""

    @cached_property
    def canonical(self) -> bytes:
        """As RFC 8785 has it."""
        return canonical(self.content)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return sha256(self.canonical).hexdigest()


class VettingNotInRange(LookupError):
    """The vetting was opened after the position."""


def vetting_evidence(
    about: EvidenceAbout,
    recorded: Sequence[Recorded],
    readings: Iterable[Reading],
    calendars: Calendars,
) -> Evidence:
    """The evidence, of events in the order of the log and readings in that of their numbers.

    ``recorded`` is every event about the member up to the position, and what
    `vetting_evidence_reading.py` finds beside it: timetables and inspections of the branches they
    belonged to, and who the organisations are. Raises VettingNotInRange.
    """
    told = sections(about.member_id, recorded, calendars)
    citations = cited(told["off_duty_record"], calendars)
    content = {
        "form": FORM,
        "vetting": _vetting(about, recorded),
        "position": about.position,
        "readings_up_to": about.readings_up_to,
        "calendars": citations,
        "organisations": named(recorded),
        **told,
        "readings": [reading_shown(each) for each in readings],
    }
    countersigned = (
        each.event.opinion_id for each in recorded if isinstance(each.event, OpinionCountersigned)
    )
    return Evidence(content, citations, tuple(countersigned))


def sections(member_id: str, recorded: Sequence[Recorded], calendars: Calendars) -> Item:
    """Everything about a member, from ``member`` to ``field_inquiries``, what is disputed marked.

    ``recorded`` is what `vetting_evidence` is made of.
    """
    found = {
        **standing(recorded),
        "off_duty_record": off_duty_record(member_id, recorded, calendars),
        **consultations(recorded),
        **decisions(recorded),
        **consequences(recorded),
    }
    for item, disputed in _disputable(found):
        item["disputed"] = disputed
    return found


def named(recorded: Iterable[Recorded]) -> list[Item]:
    """The organisations that are spoken of, by their names."""
    return [
        {
            "organisation_id": each.event.organisation_id,
            "name": each.event.name,
            "position": each.position,
        }
        for each in recorded
        if isinstance(each.event, OrganisationRegistered)
    ]


def _vetting(about: EvidenceAbout, recorded: Iterable[Recorded]) -> Item:
    for each in recorded:
        event = each.event
        if isinstance(event, VettingOpened) and event.decision_id == about.decision_id:
            return {
                "decision_id": event.decision_id,
                "organisation_id": event.organisation_id,
                "period": event.period,
                "team": event.team,
                "opened": said(each),
            }
    raise VettingNotInRange(about.decision_id)


def _disputable(found: Item) -> Iterator[tuple[Item, bool]]:
    """What may be objected to, and whether an objection to it is undecided (R39).

    Entries of the record say so themselves.
    """
    undecided = {
        (each["against"], each["subject_id"])
        for each in found["objections"]
        if each["state"] in {"open", "escalated"}
    }
    for section, key, against in (
        ("discrepancies", "discrepancy_id", ObjectionSubject.DISCREPANCY),
        ("feedback", "feedback_id", ObjectionSubject.FEEDBACK),
        # An objection to an opinion names the consultation.
        ("consultations", "consultation_id", ObjectionSubject.OPINION),
        ("decisions", "decision_id", ObjectionSubject.DECISION),
        ("disqualifications", "disqualification_id", ObjectionSubject.DISQUALIFICATION),
    ):
        for item in found[section]:
            yield item, (against, item[key]) in undecided


def reading_shown(reading: Reading) -> Item:
    """A reading as it is shown."""
    return {
        "number": reading.number,
        "at": reading.at.astimezone(SHANGHAI),
        "organisation_id": reading.organisation_id,
        "person": reading.person,
        "role": reading.role,
        "purpose": reading.purpose,
        "fields": reading.fields,
        "position": reading.position,
    }
