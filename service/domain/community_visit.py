"""走访社区: a unit goes to a community where its members live, and writes it down (R25)."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from service.domain.event import (
    SHANGHAI,
    BranchId,
    Command,
    CommunityId,
    Event,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.officer import Officers
from service.domain.open_text import require_open_text
from service.domain.organisation import OrganisationKind, Organisations


class CommunityVisited(Event, type="CommunityVisited"):
    """走访社区: somebody of the unit was there on that day (R25).

    ``branch_id`` is the unit once more where it is a branch. The note names nobody: it is not
    sealed.
    """

    visit_id: Annotated[str, Tag("visit")]
    organisation_id: OrganisationId
    branch_id: BranchId | None
    community_id: CommunityId
    visited_on: date
    note: str | None = None
    visited_by: str
    visited_by_person: str


class VisitAhead(Rejection):
    """走访日期不得晚于办理之日。"""

    rule = "R25"


class VisitAlreadyRecorded(Rejection):
    """本单位当日走访该社区已经登记。"""

    rule = "R25"


@dataclass(kw_only=True)
class RecordVisit(Command):
    """登记走访: by an officer of the unit; one visit a day to one community."""

    visit_id: str
    community_id: str
    visited_on: date
    note: str | None = None
    officers: Officers = field(init=False, default_factory=Officers)
    organisations: Organisations = field(init=False, default_factory=Organisations)
    visited: set[date] = field(init=False, default_factory=set)

    def consistency_boundary(self) -> list[Selector]:
        organisation_id = self.by.organisation_id
        return [
            *self.officers.acting(self.by),
            Organisations.about(organisation_id),
            Organisations.about(self.community_id),
            Selector(
                [CommunityVisited],
                [f"organisation:{organisation_id}", f"community:{self.community_id}"],
            ),
        ]

    @on(CommunityVisited)
    def _(self, visited_on: date) -> None:
        self.visited.add(visited_on)

    def execute(self) -> None:
        organisation_id = self.by.organisation_id
        self.organisations.require_unit(organisation_id)
        appointment = self.officers.appointment(self.by)
        self.organisations.require(self.community_id, OrganisationKind.COMMUNITY, "/community_id")
        require_open_text(self.note, "/note")
        if self.visited_on > self.at.astimezone(SHANGHAI).date():
            raise VisitAhead(pointer="/visited_on")
        if self.visited_on in self.visited:
            raise VisitAlreadyRecorded(pointer="/visited_on")
        branch = self.organisations.kinds[organisation_id] is OrganisationKind.BRANCH
        self.happened(
            CommunityVisited(
                visit_id=self.visit_id,
                organisation_id=organisation_id,
                branch_id=organisation_id if branch else None,
                community_id=self.community_id,
                visited_on=self.visited_on,
                note=self.note,
                visited_by=self.by.person,
                visited_by_person=appointment.person,
            )
        )
