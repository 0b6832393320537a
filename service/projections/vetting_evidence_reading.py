"""What the evidence of a vetting is made of, read from the log and the list of readings (R29)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.domain.inspection import InspectionConfirmed
from service.domain.membership import BranchTransferAccepted, MemberEnrolled
from service.domain.organisation import OrganisationRegistered
from service.domain.working_schedule import TimetableAdopted
from service.domain.working_time import Calendars
from service.eventstore import DCBQuery, DCBQueryItem, DCBSequencedEvent, EventLog, Recorded, decode
from service.projections.vetting_evidence import Evidence, EvidenceAbout, vetting_evidence
from service.trust.readings import Reading, Readings

_ORGANISATIONS = ("organisation:", "branch:", "community:")
"""What the tags begin with that name an organisation."""


@dataclass(frozen=True, slots=True)
class Material:
    """What is known at the position the evidence stands at."""

    about: EvidenceAbout
    stored: Sequence[DCBSequencedEvent]
    """Every event about the member, in order, as the log keeps it."""
    recorded: Sequence[Recorded]
    """The same, decoded, and what else the evidence rests on, in order."""
    readings: Sequence[Reading]
    """Those of the member, in order."""

    def evidence(self, calendars: Calendars) -> Evidence:
        """What it comes to."""
        return vetting_evidence(self.about, self.recorded, self.readings, calendars)


async def material(log: EventLog, readings: Readings, about: EvidenceAbout) -> Material:
    """Everything about the member up to where the evidence stands."""
    read = await readings.of_member_up_to(about.member_id, about.readings_up_to)
    stored = await _found(log, about, [DCBQueryItem(tags=[f"member:{about.member_id}"])])
    recorded = _decoded(stored)
    beside = _decoded(await _found(log, about, _beside(stored, recorded, read)))
    everything = sorted([*recorded, *beside], key=lambda each: each.position)
    return Material(about, stored, everything, read)


async def evidence_at(
    log: EventLog, readings: Readings, about: EvidenceAbout, calendars: Calendars
) -> Evidence:
    """The evidence as it stands at a position; raises VettingNotInRange."""
    return (await material(log, readings, about)).evidence(calendars)


def _beside(
    stored: Iterable[DCBSequencedEvent], recorded: Iterable[Recorded], readings: Iterable[Reading]
) -> list[DCBQueryItem]:
    """The hours and inspections of the member's branches, and who all the organisations are."""
    branches = dict.fromkeys(
        each.event.branch_id if isinstance(each.event, MemberEnrolled) else each.event.to_branch_id
        for each in recorded
        if isinstance(each.event, MemberEnrolled | BranchTransferAccepted)
    )
    organisations = {
        tag.partition(":")[2]
        for each in stored
        for tag in each.event.tags
        if tag.startswith(_ORGANISATIONS)
    }
    organisations |= {each.actor.organisation_id for each in recorded}
    organisations |= {each.organisation_id for each in readings}
    of_branches = [TimetableAdopted.event_type, InspectionConfirmed.event_type]
    return [
        *(DCBQueryItem(types=of_branches, tags=[f"branch:{each}"]) for each in branches),
        *(
            DCBQueryItem(types=[OrganisationRegistered.event_type], tags=[f"organisation:{each}"])
            for each in sorted(organisations)
        ),
    ]


async def _found(
    log: EventLog, about: EvidenceAbout, items: list[DCBQueryItem]
) -> list[DCBSequencedEvent]:
    response = await log.read(DCBQuery(items=items))
    return [each for each in response if each.position <= about.position]


def _decoded(stored: Iterable[DCBSequencedEvent]) -> list[Recorded]:
    return [decode(each.position, each.event.data) for each in stored]
