"""单位报到: a unit pairs with a community, with the projects it offers (R9, R11)."""

from dataclasses import dataclass, field

from service.domain.event import (
    Command,
    CommunityId,
    Event,
    OrganisationId,
    Rejection,
    Selector,
    on,
)
from service.domain.organisation import OrganisationKind, Organisations


class UnitPaired(Event, type="UnitPaired"):
    """单位报到: a unit is paired with a community, with the projects it offers (R9, R11)."""

    organisation_id: OrganisationId
    community_id: CommunityId
    projects: tuple[str, ...]


class AlreadyPaired(Rejection):
    """该单位已与这个社区结对。"""

    rule = "R11"


def pairing(organisation_id: str, community_id: str) -> Selector:
    """Selects whether this unit is paired with this community."""
    return Selector([UnitPaired], [f"organisation:{organisation_id}", f"community:{community_id}"])


@dataclass(kw_only=True)
class PairUnit(Command):
    """单位报到: pairs a unit with a community (R11); its members may register there (R9)."""

    organisation_id: str
    community_id: str
    projects: tuple[str, ...] = ()
    organisations: Organisations = field(init=False, default_factory=Organisations)
    paired: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Organisations.about(self.organisation_id),
            Organisations.about(self.community_id),
            pairing(self.organisation_id, self.community_id),
        ]

    @on(UnitPaired)
    def _(self) -> None:
        self.paired = True

    def execute(self) -> None:
        self.organisations.require_unit(self.organisation_id)
        self.organisations.require(self.community_id, OrganisationKind.COMMUNITY, "/community_id")
        if self.paired:
            raise AlreadyPaired(pointer="/community_id")
        self.happened(
            UnitPaired(
                organisation_id=self.organisation_id,
                community_id=self.community_id,
                projects=self.projects,
            )
        )
