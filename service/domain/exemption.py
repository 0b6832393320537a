"""免予报到: members of whom nothing is demanded, for a reason and a term (R3)."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from service.domain.event import (
    AssessmentText,
    BranchId,
    Command,
    Event,
    MemberId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.membership import Memberships


class ExemptionReason(StrEnum):
    """免予报到原因 (R3)."""

    PREGNANCY = "pregnancy"
    ILLNESS = "illness"
    OLD_AGE = "old_age"
    SECONDMENT = "secondment"
    LONG_LEAVE = "long_leave"
    ABROAD = "abroad"
    NO_COMMUNITY = "no_community"

    @property
    def word(self) -> str:
        return {
            "pregnancy": "孕产",
            "illness": "患病",
            "old_age": "年老体弱",
            "secondment": "挂职借调",
            "long_leave": "长期休假",
            "abroad": "出国（境）",
            "no_community": "居住地未设社区",
        }[self.value]


class MemberExempted(Event, type="MemberExempted"):
    """免予报到: for a reason and a term nothing is demanded of the member (R3).

    ``ends_on`` is the last day, inclusive.
    """

    exemption_id: Annotated[str, Tag("exemption")]
    member_id: MemberId
    branch_id: BranchId
    reason_code: ExemptionReason
    starts_on: date
    ends_on: date


class ExemptionEnded(Event, type="ExemptionEnded"):
    """提前结束免予: the exemption's last day is now ``ended_on`` (R3).

    ``ended_on`` the day before it was to start takes the whole exemption back.
    """

    exemption_id: Annotated[str, Tag("exemption")]
    member_id: MemberId
    branch_id: BranchId
    ended_on: date
    reason: AssessmentText


class UnknownExemption(Rejection):
    """没有这项免予报到，或者该党员不由贵单位管理。"""

    status = 404


class ExemptionTermReversed(Rejection):
    """免予报到的截止日期早于起始日期。"""

    rule = "R3"


class ExemptionsOverlap(Rejection):
    """该党员在此期间已免予报到。"""

    rule = "R3"


class ExemptionEndOutsideTerm(Rejection):
    """提前结束的日期须在免予报到的期限之内，且早于原截止日期。"""

    rule = "R3"


Term = tuple[date, date]
"""First and last day, both inclusive."""


def terms_overlap(one: Term, other: Term) -> bool:
    """Whether two terms share a day."""
    return one[0] <= other[1] and other[0] <= one[1]


@dataclass(kw_only=True)
class ExemptMember(Command):
    """免予报到: the branch exempts its member for a reason and a term (R3)."""

    exemption_id: str
    member_id: str
    reason_code: ExemptionReason
    starts_on: date
    ends_on: date
    memberships: Memberships = field(init=False, default_factory=Memberships)
    terms: dict[str, Term] = field(init=False, default_factory=dict)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Memberships.about(self.member_id),
            Selector([MemberExempted, ExemptionEnded], [f"member:{self.member_id}"]),
        ]

    @on(MemberExempted)
    def _(self, exemption_id: str, starts_on: date, ends_on: date) -> None:
        self.terms[exemption_id] = starts_on, ends_on

    @on(ExemptionEnded)
    def _(self, exemption_id: str, ended_on: date) -> None:
        self.terms[exemption_id] = self.terms[exemption_id][0], ended_on

    def execute(self) -> None:
        branch_id = self.memberships.branch_acting(self.by, self.member_id)
        if self.ends_on < self.starts_on:
            raise ExemptionTermReversed(pointer="/ends_on")
        term = self.starts_on, self.ends_on
        for first, last in self.terms.values():
            # A term taken back has its last day before its first and holds no day.
            if first <= last and terms_overlap(term, (first, last)):
                raise ExemptionsOverlap(f"该党员{first}至{last}已免予报到。", "/starts_on")
        self.happened(
            MemberExempted(
                exemption_id=self.exemption_id,
                member_id=self.member_id,
                branch_id=branch_id,
                reason_code=self.reason_code,
                starts_on=self.starts_on,
                ends_on=self.ends_on,
            )
        )


@dataclass(kw_only=True)
class EndExemption(Command):
    """提前结束免予: the branch ends an exemption before its term (R3)."""

    exemption_id: str
    ended_on: date
    reason: str
    memberships: Memberships = field(init=False, default_factory=Memberships)
    member_id: str | None = field(init=False, default=None)
    term: Term | None = field(init=False, default=None)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [Selector([MemberExempted, ExemptionEnded], [f"exemption:{self.exemption_id}"])]
        if self.member_id is not None:
            boundary.append(Memberships.about(self.member_id))
        return boundary

    @on(MemberExempted)
    def _(self, member_id: str, starts_on: date, ends_on: date) -> None:
        self.member_id = member_id
        self.term = starts_on, ends_on

    @on(ExemptionEnded)
    def _(self, ended_on: date) -> None:
        if self.term is not None:
            self.term = self.term[0], ended_on

    def execute(self) -> None:
        if self.member_id is None or self.term is None:
            raise UnknownExemption
        branch_id = self.memberships.branch_of(self.member_id)
        if self.by.organisation_id != branch_id:
            raise UnknownExemption
        starts_on, ends_on = self.term
        if not starts_on - timedelta(days=1) <= self.ended_on < ends_on:
            raise ExemptionEndOutsideTerm(pointer="/ended_on")
        self.happened(
            ExemptionEnded(
                exemption_id=self.exemption_id,
                member_id=self.member_id,
                branch_id=branch_id,
                ended_on=self.ended_on,
                reason=self.reason,
            )
        )
