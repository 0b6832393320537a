"""委托: a responsible person lets one of the officers do a duty of theirs for a term (R6, R17).

It never widens. Only what the register gives can be delegated, so what was delegated cannot be
delegated further; it ends with the term, with the appointment of either, or earlier; and an act
done on it counts for both persons: what is barred to one of them is barred to the other.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.domain.event import Command, Rejection, Selector, on
from service.domain.officer import (
    DelegatedDuty,
    DelegationEnded,
    DutyDelegated,
    OfficerNotAppointed,
    OfficerRole,
    Officers,
    register_of,
)

LONGEST_DELEGATION = timedelta(days=92)
"""A quarter: what lasts longer is an appointment (ours)."""


class DelegationTermWrong(Rejection):
    """委托期限须晚于委托之时，且不超过92天。"""

    rule = "R6"


class DelegatedToResponsible(Rejection):
    """只能委托本组织在任的经办人，负责人无须委托。"""

    rule = "R6"


class AlreadyDelegated(Rejection):
    """该经办人在此期间已受委托办理此事。"""

    rule = "R6"


class UnknownDelegation(Rejection):
    """没有这项委托，或者已经终止。"""

    status = 404


@dataclass(kw_only=True)
class DelegateDuty(Command):
    """委托: by a responsible person of the same organisation, from now on."""

    delegation_id: str
    officer_id: str
    duty: DelegatedDuty
    ends_at: datetime
    officers: Officers = field(init=False, default_factory=Officers)

    def consistency_boundary(self) -> list[Selector]:
        organisation_id = self.by.organisation_id
        tags = [f"organisation:{organisation_id}", f"officer:{self.officer_id}"]
        boundary = [
            register_of(organisation_id, self.by.person),
            register_of(organisation_id, self.officer_id),
            Selector([DutyDelegated, DelegationEnded], tags),
        ]
        # A delegation lapses when whoever gave it is dismissed.
        held = self.officers.delegated.get((organisation_id, self.officer_id), {})
        givers = dict.fromkeys(each.delegated_by for each in held.values())
        return [*boundary, *(register_of(organisation_id, each) for each in givers)]

    def execute(self) -> None:
        self.officers.responsible(self.by)
        key = self.by.organisation_id, self.officer_id
        officer = self.officers.appointed.get(key)
        if officer is None:
            raise OfficerNotAppointed(pointer="/officer_id")
        if officer.role is OfficerRole.RESPONSIBLE:
            raise DelegatedToResponsible(pointer="/officer_id")
        if not self.at < self.ends_at <= self.at + LONGEST_DELEGATION:
            raise DelegationTermWrong(pointer="/ends_at")
        for each in self.officers.delegated.get(key, {}).values():
            if each.duty is self.duty and each.overlaps(self.at, self.ends_at):
                raise AlreadyDelegated(pointer="/officer_id")
        self.happened(
            DutyDelegated(
                delegation_id=self.delegation_id,
                organisation_id=self.by.organisation_id,
                officer_id=self.officer_id,
                duty=self.duty,
                starts_at=self.at,
                ends_at=self.ends_at,
                delegated_by=self.by.person,
            )
        )


@dataclass(kw_only=True)
class EndDelegation(Command):
    """终止委托: by a responsible person of the organisation, whoever gave it."""

    delegation_id: str
    officers: Officers = field(init=False, default_factory=Officers)
    officer_id: str = field(init=False, default="")
    ended: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Selector([DutyDelegated, DelegationEnded], [f"delegation:{self.delegation_id}"]),
            register_of(self.by.organisation_id, self.by.person),
        ]

    @on(DutyDelegated)
    def _(self, delegation_id: str, organisation_id: str, officer_id: str) -> None:
        if (delegation_id, organisation_id) == (self.delegation_id, self.by.organisation_id):
            self.officer_id = officer_id

    @on(DelegationEnded)
    def _(self) -> None:
        self.ended = True

    def execute(self) -> None:
        if not self.officer_id or self.ended:
            raise UnknownDelegation
        self.officers.responsible(self.by)
        self.happened(
            DelegationEnded(
                delegation_id=self.delegation_id,
                organisation_id=self.by.organisation_id,
                officer_id=self.officer_id,
            )
        )
