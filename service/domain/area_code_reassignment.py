"""区划代码变更: districts merge, and places get other codes from a date on (R1)."""

from dataclasses import dataclass, field
from datetime import date

from service.domain.event import Command, Event, OrganisationId, Rejection, Selector, on
from service.domain.organisation import (
    OrganisationKind,
    OrganisationRegistered,
    UnknownOrganisation,
    require_area_code,
)


class AreaCodeReassigned(Event, type="AreaCodeReassigned"):
    """区划代码变更: from a date on the organisation's place has another code or district (R1)."""

    organisation_id: OrganisationId
    area_code: str
    district: str
    valid_from: date
    reason: str


class AreaCodeOutOfOrder(Rejection):
    """区划代码变更的生效日期须晚于上一次变更。"""

    rule = "R1"


@dataclass(kw_only=True)
class ReassignAreaCode(Command):
    """区划代码变更: gives an organisation's place another code from a date on (R1)."""

    organisation_id: str
    area_code: str
    district: str
    valid_from: date
    reason: str
    kind: OrganisationKind | None = field(init=False, default=None)
    last_valid_from: date | None = field(init=False, default=None)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Selector(
                [OrganisationRegistered, AreaCodeReassigned],
                [f"organisation:{self.organisation_id}"],
            )
        ]

    @on(OrganisationRegistered)
    def _(self, kind: OrganisationKind) -> None:
        self.kind = kind

    @on(AreaCodeReassigned)
    def _(self, valid_from: date) -> None:
        self.last_valid_from = valid_from

    def execute(self) -> None:
        if self.kind is None:
            raise UnknownOrganisation
        require_area_code(self.kind, self.area_code)
        if self.last_valid_from is not None and self.valid_from <= self.last_valid_from:
            raise AreaCodeOutOfOrder(pointer="/valid_from")
        self.happened(
            AreaCodeReassigned(
                organisation_id=self.organisation_id,
                area_code=self.area_code,
                district=self.district,
                valid_from=self.valid_from,
                reason=self.reason,
            )
        )
