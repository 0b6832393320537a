"""组织: the tree of organisations, their area codes and how two of them are paired (R1, R9, R11)."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from service.domain.event import CommunityId, Event, OrganisationId, Tag


class OrganisationKind(StrEnum):
    """组织类别: which part an organisation plays; ``word`` is what a person reads."""

    BRANCH = "branch"
    AGENCY_COMMITTEE = "agency_committee"
    PERSONNEL_AUTHORITY = "personnel_authority"
    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"

    @property
    def word(self) -> str:
        return {
            "branch": "机关党支部",
            "agency_committee": "机关党委",
            "personnel_authority": "组织部门",
            "community": "社区党组织",
            "subdistrict": "街道党工委",
        }[self.value]


class OrganisationRegistered(Event, type="OrganisationRegistered"):
    """组织登记: an organisation takes its place in the tree (R1).

    ``ancestors`` are its parent, the parent's parent and so on up to the root. A credit code whose
    check digit fails stands here only together with ``credit_code_exception``, the reason and the
    evidence for keeping it.
    """

    organisation_id: OrganisationId
    parent_id: str | None
    ancestors: tuple[str, ...]
    name: str
    kind: OrganisationKind
    district: str
    area_code: str
    credit_code: Annotated[str, Tag("credit-code")] | None = None
    credit_code_exception: str | None = None


class AreaCodeReassigned(Event, type="AreaCodeReassigned"):
    """区划代码变更: from a date on the organisation's place has another code or district (R1)."""

    organisation_id: OrganisationId
    area_code: str
    district: str
    valid_from: date
    reason: str


class UnitPaired(Event, type="UnitPaired"):
    """单位结对: a unit is paired with a community, with the projects it offers (R9, R11)."""

    organisation_id: OrganisationId
    community_id: CommunityId
    projects: tuple[str, ...]
