"""组织: the tree of organisations, and the codes they are known by (R1)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict

from service.domain import credit_code as gb32100
from service.domain.area_code import valid_area_code, valid_community_code
from service.domain.event import (
    Command,
    Event,
    Fact,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)


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


UNITS = frozenset(
    {
        OrganisationKind.BRANCH,
        OrganisationKind.AGENCY_COMMITTEE,
        OrganisationKind.PERSONNEL_AUTHORITY,
    }
)
"""The sending side: agency organisations."""

PARENTS: dict[OrganisationKind, frozenset[OrganisationKind | None]] = {
    OrganisationKind.BRANCH: frozenset(
        {OrganisationKind.AGENCY_COMMITTEE, OrganisationKind.PERSONNEL_AUTHORITY}
    ),
    OrganisationKind.AGENCY_COMMITTEE: frozenset({OrganisationKind.PERSONNEL_AUTHORITY, None}),
    OrganisationKind.PERSONNEL_AUTHORITY: frozenset({OrganisationKind.PERSONNEL_AUTHORITY, None}),
    OrganisationKind.COMMUNITY: frozenset({OrganisationKind.SUBDISTRICT}),
    OrganisationKind.SUBDISTRICT: frozenset({OrganisationKind.PERSONNEL_AUTHORITY, None}),
}
"""Under which kinds of organisation a kind may stand; None is the root (R1)."""


class CreditCodeException(BaseModel):
    """信用代码例外: why a code whose check character fails is kept, and on what evidence (R1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str
    evidence: str


class OrganisationRegistered(Event, type="OrganisationRegistered"):
    """组织登记: an organisation takes its place in the tree (R1).

    ``ancestors`` are its parent, the parent's parent and so on up to the root. A credit code whose
    check character fails stands here only together with ``credit_code_exception``.
    """

    organisation_id: OrganisationId
    parent_id: str | None
    ancestors: tuple[str, ...]
    name: str
    kind: OrganisationKind
    district: str
    area_code: str
    credit_code: Annotated[str, Tag("credit-code")] | None = None
    credit_code_exception: CreditCodeException | None = None


class UnknownOrganisation(Rejection):
    """没有这个组织。"""

    status = 404


class OrganisationAlreadyRegistered(Rejection):
    """该组织已经登记。"""

    rule = "R1"


class ParentDoesNotFit(Rejection):
    """组织的上下级关系不符合组织类别。"""

    rule = "R1"


class MalformedAreaCode(Rejection):
    """区划代码不正确：区县以上为6位，社区须为12位。"""

    rule = "R1"


class MalformedCreditCode(Rejection):
    """统一社会信用代码不符合国家标准 GB 32100 的格式。"""

    rule = "R1"


class CreditCodeCheckFails(Rejection):
    """统一社会信用代码的校验码不符；确有其码的，须说明理由并附依据。"""

    rule = "R1"


class CreditCodeTaken(Rejection):
    """该统一社会信用代码已由其他组织登记。"""

    rule = "R1"


@dataclass
class Organisations(Fact):
    """Which organisations there are, of what kind, and what stands above them."""

    subject: ClassVar[str] = "organisation"
    kinds: dict[str, OrganisationKind] = field(default_factory=dict)
    """Kind by organisation."""
    ancestors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Parent, its parent and so on, by organisation."""

    @on(OrganisationRegistered)
    def _(self, organisation_id: str, kind: OrganisationKind, ancestors: tuple[str, ...]) -> None:
        self.kinds[organisation_id] = kind
        self.ancestors[organisation_id] = ancestors

    def require(self, organisation_id: str, kind: OrganisationKind, pointer: str = "") -> None:
        """Refused unless there is such an organisation of this kind."""
        if self.kinds.get(organisation_id) is not kind:
            raise UnknownOrganisation(f"没有这个{kind.word}。", pointer)

    def require_unit(self, organisation_id: str, pointer: str = "") -> None:
        """Refused unless there is such an organisation on the sending side."""
        if self.kinds.get(organisation_id) not in UNITS:
            raise UnknownOrganisation("没有这个机关单位。", pointer)

    def line_of(self, organisation_id: str) -> tuple[str, ...]:
        """The organisation and everything above it, the nearest first."""
        return organisation_id, *self.ancestors.get(organisation_id, ())


def require_area_code(kind: OrganisationKind, area_code: str) -> None:
    """Refused unless the code is long enough for an organisation of this kind (R1)."""
    community = kind is OrganisationKind.COMMUNITY
    if not (valid_community_code if community else valid_area_code)(area_code):
        raise MalformedAreaCode(pointer="/area_code")


@dataclass(kw_only=True)
class RegisterOrganisation(Command):
    """组织登记: puts an organisation into the tree (R1)."""

    organisation_id: str
    name: str
    kind: OrganisationKind
    parent_id: str | None
    district: str
    area_code: str
    credit_code: str | None = None
    credit_code_exception: CreditCodeException | None = None
    organisations: Organisations = field(init=False, default_factory=Organisations)
    credit_codes: set[str] = field(init=False, default_factory=set)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Organisations.about(self.organisation_id)]
        if self.parent_id is not None:
            boundary.append(Organisations.about(self.parent_id))
        if self.credit_code is not None:
            boundary.append(Selector([OrganisationRegistered], [f"credit-code:{self.credit_code}"]))
        return boundary

    @on(OrganisationRegistered)
    def _(self, credit_code: str | None) -> None:
        if credit_code is not None:
            self.credit_codes.add(credit_code)

    def execute(self) -> None:
        if self.organisation_id in self.organisations.kinds:
            raise OrganisationAlreadyRegistered
        ancestors = self._ancestors()
        require_area_code(self.kind, self.area_code)
        self.happened(
            OrganisationRegistered(
                organisation_id=self.organisation_id,
                parent_id=self.parent_id,
                ancestors=ancestors,
                name=self.name,
                kind=self.kind,
                district=self.district,
                area_code=self.area_code,
                credit_code=self.credit_code,
                credit_code_exception=self._needed_exception(),
            )
        )

    def _ancestors(self) -> tuple[str, ...]:
        parent_kind = None
        if self.parent_id is not None:
            parent_kind = self.organisations.kinds.get(self.parent_id)
            if parent_kind is None:
                raise UnknownOrganisation("没有这个上级组织。", "/parent_id")
        if parent_kind not in PARENTS[self.kind]:
            above = f"设在{parent_kind.word}之下" if parent_kind else "没有上级组织"
            raise ParentDoesNotFit(f"{self.kind.word}不能{above}。", "/parent_id")
        return () if self.parent_id is None else self.organisations.line_of(self.parent_id)

    def _needed_exception(self) -> CreditCodeException | None:
        """Checks the credit code; an exception is kept only where the check character needs it."""
        if self.credit_code is None:
            return None
        if not gb32100.well_formed(self.credit_code):
            raise MalformedCreditCode(pointer="/credit_code")
        if self.credit_code in self.credit_codes:
            raise CreditCodeTaken(pointer="/credit_code")
        if gb32100.check_character_fits(self.credit_code):
            return None
        exception = self.credit_code_exception
        if exception is None or not (exception.reason.strip() and exception.evidence.strip()):
            raise CreditCodeCheckFails(pointer="/credit_code")
        return exception
