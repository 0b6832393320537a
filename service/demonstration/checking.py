"""How branches check a month and settle what they found, from what the record shows (R22)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from service.api.inspection_list import branch_record
from service.api.serving import Serving
from service.demonstration import data
from service.demonstration.step import Step, chance, ident, officer
from service.domain.inspecting import ConfirmInspection, ResolveDiscrepancy
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyKind,
    DismissalReason,
    Resolution,
    TalkOutcome,
)
from service.domain.period import Month
from service.projections import inspections, inspections_answer, membership, off_duty_record
from service.projections.inspection_worksheet import prepared, worksheet
from service.projections.inspection_worksheet_answer import ListedDiscrepancy, Worksheet
from service.projections.view import Sight

INSPECTED_FROM = membership.VIEW, off_duty_record.VIEW
SETTLED_FROM = (inspections.VIEW,)

_DISMISSED = {
    DiscrepancyKind.INSIDE_WORKING_TIME: (0.8, DismissalReason.EXPLAINED_BY_MEMBER),
    DiscrepancyKind.LATE_ENTRY: (0.4, DismissalReason.EXPLAINED_BY_COMMUNITY),
}
"""How many findings of a kind need no following up, and why. What nobody has endorsed stays open:
only the community can do something about it."""
_RESOLVED = {
    DiscrepancyKind.INSIDE_WORKING_TIME: Resolution.EXPLAINED,
    DiscrepancyKind.OVERLAP: Resolution.EXPLAINED,
    DiscrepancyKind.LATE_ENTRY: Resolution.REMINDED,
}
_SETTLED = 0.75
"""How many of the others are settled two weeks later; the rest waits another month."""


async def inspect(
    month: Month, branch_ids: Iterable[str], serving: Serving, at: datetime
) -> list[Step]:
    """These branches confirm the month's list, having talked to every community on it."""
    steps = []
    for branch_id in branch_ids:
        sheet = worksheet(branch_id, month, await branch_record(serving, branch_id, month))
        listed = [each for member in sheet.members for each in member.discrepancies]
        steps.append(
            Step(
                f"inspection/{branch_id}/{month}",
                ConfirmInspection(
                    by=officer(branch_id),
                    at=at,
                    inspection_id=ident("inspection", branch_id, month),
                    month=month,
                    talks=tuple(_talks(sheet, at)),
                    prepared=prepared(sheet),
                    dismissed=tuple(_dismissed(listed)),
                ),
            )
        )
    return steps


def _talks(sheet: Worksheet, at: datetime) -> Iterator[CommunityTalk]:
    for each in sheet.communities:
        luck = chance(0, "talk", sheet.branch_id, sheet.month, each.community_id)
        [outcome] = luck.choices(list(TalkOutcome), (30, 2, 1))
        yield CommunityTalk(
            community_id=each.community_id,
            held_on=at.date() - timedelta(days=luck.randrange(3)),
            outcome=outcome,
            note=data.supervision().talk_notes[outcome],
        )


def _dismissed(listed: Iterable[ListedDiscrepancy]) -> Iterator[tuple[str, DismissalReason]]:
    for each in listed:
        share, reason = _DISMISSED.get(each.kind, (0, DismissalReason.OTHER))
        if chance(0, "dismissal", each.discrepancy_id).random() < share:
            yield each.discrepancy_id, reason


async def settle(
    month: Month, branch_ids: Sequence[str], serving: Serving, at: datetime
) -> list[Step]:
    """These branches settle much of what their checks found."""
    steps = []
    for branch_id in branch_ids:
        sight = Sight(serving.log.fenced, branch_id)
        page = await inspections_answer.discrepancies_of(sight, branch_id, state="open")
        for each in page.items:
            resolution = _RESOLVED.get(each.kind)
            draw = chance(0, "resolution", each.discrepancy_id, month).random()
            if resolution is not None and draw < _SETTLED:
                steps.append(
                    Step(
                        f"resolution/{each.discrepancy_id}",
                        ResolveDiscrepancy(
                            by=officer(branch_id),
                            at=at,
                            discrepancy_id=each.discrepancy_id,
                            resolution=resolution,
                            note=data.supervision().resolution_notes[resolution],
                        ),
                    )
                )
    return steps
