"""负责人与经办人: who may act for an organisation, by appointment or by delegation (R6, R17).

What a request says about its officer can only narrow what stands here. An officer is a natural
person, known by the keyed hash of their ID number; neither name nor number is kept.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from service.domain.event import (
    Actor,
    Event,
    Fact,
    Instant,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)

OfficerId = Annotated[str, Tag("officer")]
"""How an organisation knows one of its officers: an id of its own, no personal data."""


class OfficerRole(StrEnum):
    """职责: what an officer is appointed as."""

    RESPONSIBLE = "responsible"
    OFFICER = "officer"

    @property
    def word(self) -> str:
        return {"responsible": "负责人", "officer": "经办人"}[self.value]


class DelegatedDuty(StrEnum):
    """委托事项: what a responsible person may let somebody else do for them."""

    RECORDING = "recording"
    ENDORSING = "endorsing"

    @property
    def word(self) -> str:
        return {"recording": "记录参加情况", "endorsing": "办理认定"}[self.value]


class OfficerAppointed(Event, type="OfficerAppointed"):
    """任命: a person may act for the organisation from now on, as responsible person or officer.

    ``person`` is a keyed hash of the ID number, as on the rosters: whoever is also a member is
    recognised by it.
    """

    organisation_id: OrganisationId
    officer_id: OfficerId
    person: Annotated[str, Tag("person")]
    role: OfficerRole


class OfficerDismissed(Event, type="OfficerDismissed"):
    """免职: from now on the person acts no more, and what they delegated lapses."""

    organisation_id: OrganisationId
    officer_id: OfficerId


class DutyDelegated(Event, type="DutyDelegated"):
    """委托: a responsible person lets an officer do one of their duties for a term.

    ``starts_at`` is included, ``ends_at`` is not.
    """

    delegation_id: Annotated[str, Tag("delegation")]
    organisation_id: OrganisationId
    officer_id: OfficerId
    duty: DelegatedDuty
    starts_at: Instant
    ends_at: Instant
    delegated_by: str


class DelegationEnded(Event, type="DelegationEnded"):
    """终止委托: before its term ends."""

    delegation_id: Annotated[str, Tag("delegation")]
    organisation_id: OrganisationId
    officer_id: OfficerId


class OfficerNotAppointed(Rejection):
    """办理人未经任命，或者已经免职，不能为本组织办理。"""

    rule = "R6"


class OnlyResponsiblePerson(Rejection):
    """只有社区党组织负责人可以填写、更正和认定活动记录。"""

    rule = "R6"


@dataclass(frozen=True)
class Appointment:
    """What the register says of an officer."""

    person: str
    role: OfficerRole


@dataclass(frozen=True)
class Delegation:
    """What an officer may do for somebody, and until when."""

    duty: DelegatedDuty
    delegated_by: str
    starts_at: datetime
    ends_at: datetime
    lapsed: bool = False
    """Kept all the same: whether whoever gave it was dismissed is learnt only by asking for it."""

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it is in force at some moment from the first to before the second."""
        return not self.lapsed and self.starts_at < ends_at and starts_at < self.ends_at

    def in_force(self, at: datetime) -> bool:
        """Whether it is in force at this moment."""
        return not self.lapsed and self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class Standing:
    """Who stands behind an act: the person, and on whose delegation they act, if on one."""

    person: str
    identities: frozenset[str]
    """The account and every natural person the act counts for. Nobody gets more by delegation than
    the one who delegates has: what is barred to either of them is barred."""
    delegated_by_person: str | None = None


Key = tuple[str, str]
"""An organisation and one of its officers."""


def register_of(organisation_id: str, officer_id: str) -> Selector:
    """Selects what the register says of one officer."""
    # An organisation has few officers, but "officer-1" is an id that many give out.
    return Selector(
        [OfficerAppointed, OfficerDismissed],
        [f"organisation:{organisation_id}", f"officer:{officer_id}"],
    )


@dataclass
class Officers(Fact):
    """Who is appointed by which organisation, and what was delegated to whom."""

    subject: ClassVar[str] = "officer"
    appointed: dict[Key, Appointment] = field(default_factory=dict)
    delegated: dict[Key, dict[str, Delegation]] = field(default_factory=dict)
    """By the officer it was delegated to, then by its id."""

    @on(OfficerAppointed)
    def _(self, organisation_id: str, officer_id: str, person: str, role: OfficerRole) -> None:
        self.appointed[organisation_id, officer_id] = Appointment(person, role)

    @on(OfficerDismissed)
    def _(self, organisation_id: str, officer_id: str) -> None:
        del self.appointed[organisation_id, officer_id]
        for (of, holder), held in self.delegated.items():
            for each, delegation in held.items():
                if of == organisation_id and officer_id in {holder, delegation.delegated_by}:
                    held[each] = replace(delegation, lapsed=True)

    @on(DutyDelegated)
    def _(
        self,
        delegation_id: str,
        organisation_id: str,
        officer_id: str,
        duty: DelegatedDuty,
        starts_at: datetime,
        ends_at: datetime,
        delegated_by: str,
    ) -> None:
        self.delegated.setdefault((organisation_id, officer_id), {})[delegation_id] = Delegation(
            duty, delegated_by, starts_at, ends_at
        )

    @on(DelegationEnded)
    def _(self, delegation_id: str, organisation_id: str, officer_id: str) -> None:
        self.delegated.get((organisation_id, officer_id), {}).pop(delegation_id, None)

    def acting(self, by: Actor) -> list[Selector]:
        """Selects whether ``by`` may act; of those who act on a delegation, also that."""
        key = by.organisation_id, by.person
        selectors = [register_of(*key)]
        known = self.appointed.get(key)
        if known is not None and known.role is not OfficerRole.RESPONSIBLE:
            tags = [f"organisation:{by.organisation_id}", f"officer:{by.person}"]
            selectors.append(Selector([DutyDelegated, DelegationEnded], tags))
            held = self.delegated.get(key, {}).values()
            givers = dict.fromkeys(each.delegated_by for each in held)
            selectors += (register_of(by.organisation_id, each) for each in givers)
        return selectors

    def appointment(self, by: Actor) -> Appointment:
        """What ``by`` is appointed as; refused if the register does not know them."""
        known = self.appointed.get((by.organisation_id, by.person))
        if known is None:
            raise OfficerNotAppointed
        return known

    def responsible(
        self, by: Actor, duty: DelegatedDuty | None = None, at: datetime | None = None
    ) -> Standing:
        """Who stands behind the act of a responsible person, or of somebody they let do it.

        Refused unless the register says so and the request does not say less, or a delegation of
        ``duty`` is in force ``at`` that moment. Without a duty nothing can have been delegated.
        """
        known = self.appointment(by)
        if known.role is OfficerRole.RESPONSIBLE and by.responsible:
            return Standing(known.person, frozenset({by.person, known.person}))
        for each in self.delegated.get((by.organisation_id, by.person), {}).values():
            if each.duty is duty and at is not None and each.in_force(at):
                giver = self.appointed[by.organisation_id, each.delegated_by].person
                behind = {by.person, known.person, each.delegated_by, giver}
                return Standing(known.person, frozenset(behind), giver)
        raise OnlyResponsiblePerson
