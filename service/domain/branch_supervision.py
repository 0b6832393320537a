"""支部督查情况: what a branch inspected, found and visited; reports rest on it (R22, R23)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from service.domain.community_visit import CommunityVisited
from service.domain.event import Fact, on
from service.domain.inspection import (
    CommunityTalk,
    DiscrepancyDismissed,
    DiscrepancyFound,
    DiscrepancyResolved,
    InspectionConfirmed,
)
from service.domain.membership import SubjectErased
from service.domain.period import Month
from service.domain.report_figures import SupervisionFigures


@dataclass(frozen=True)
class Discrepancy:
    """What an inspection found about a member's record."""

    inspection_id: str
    member_id: str
    participation_id: str | None


@dataclass
class BranchSupervision(Fact):
    """The inspections of one branch, what they found, and its visits."""

    subject: ClassVar[str] = "branch"
    inspected: dict[Month, str] = field(default_factory=dict)
    """Inspection by month."""
    looked_until: dict[Month, int] = field(default_factory=dict)
    """The position up to which the list of a month was prepared."""
    talks: dict[str, int] = field(default_factory=dict)
    """Number of talks by inspection."""
    found: dict[str, Discrepancy] = field(default_factory=dict)
    """Every discrepancy that was recorded, by its id."""
    dismissed: set[str] = field(default_factory=set)
    """Ids of what stood on a prepared list and needed no following up."""
    resolved: set[str] = field(default_factory=set)
    visits: list[date] = field(default_factory=list)

    @on(InspectionConfirmed)
    def _(
        self,
        inspection_id: str,
        month: str,
        talks: tuple[CommunityTalk, ...],
        as_of_position: int,
    ) -> None:
        self.inspected[Month.parse(month)] = inspection_id
        self.looked_until[Month.parse(month)] = as_of_position
        self.talks[inspection_id] = len(talks)

    @on(DiscrepancyFound)
    def _(
        self,
        discrepancy_id: str,
        inspection_id: str,
        member_id: str,
        participation_id: str | None,
    ) -> None:
        self.found[discrepancy_id] = Discrepancy(inspection_id, member_id, participation_id)

    @on(DiscrepancyDismissed)
    def _(self, discrepancy_id: str) -> None:
        self.dismissed.add(discrepancy_id)

    @on(DiscrepancyResolved)
    def _(self, discrepancy_id: str) -> None:
        self.resolved.add(discrepancy_id)

    @on(SubjectErased)
    def _(self, member_id: str) -> None:
        # Nobody is left to ask, and nobody can see any more what was found.
        self.resolved |= {key for key, each in self.found.items() if each.member_id == member_id}

    @on(CommunityVisited)
    def _(self, visited_on: date) -> None:
        self.visits.append(visited_on)

    def looked_before(self, month: Month) -> int | None:
        """The position up to which earlier months were looked at; None before the first one."""
        return max((at for each, at in self.looked_until.items() if each < month), default=None)

    def answered(self, discrepancy_id: str) -> bool:
        """Whether something on a prepared list was recorded or dismissed before."""
        return discrepancy_id in self.found or discrepancy_id in self.dismissed

    def missing(self, months: Iterable[Month]) -> tuple[Month, ...]:
        """Those of the months that were not inspected."""
        return tuple(month for month in months if month not in self.inspected)

    def figures(self, months: Collection[Month]) -> SupervisionFigures:
        """What these months come to: of inspections the months they are about count, of visits
        the days on which they took place."""
        inspections = {
            inspection_id for month, inspection_id in self.inspected.items() if month in months
        }
        found = {key for key, each in self.found.items() if each.inspection_id in inspections}
        return SupervisionFigures(
            inspections=len(inspections),
            talks=sum(self.talks[each] for each in inspections),
            visits=sum(Month.of_day(day) in months for day in self.visits),
            discrepancies=len(found),
            discrepancies_open=len(found - self.resolved),
        )
