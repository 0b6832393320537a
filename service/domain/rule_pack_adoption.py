"""采用与废止考核规则: which packs hold for an organisation and everything under it (R34).

The whole pack stands in the event, so that a year is judged by what held then, whatever is shipped
later. A year that is over keeps its rules: neither adopting nor repealing reaches back into it
(ours; else a bar could be lowered for those who have already missed it).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, ClassVar

from service.domain.event import (
    SHANGHAI,
    Actor,
    Command,
    Event,
    Fact,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.officer import Appointment, OfficerRole, Officers
from service.domain.open_text import require_open_text
from service.domain.rule_pack import RulePack
from service.domain.rule_pack_faults import require_sound

PackId = Annotated[str, Tag("pack")]


class RulePackAdopted(Event, type="RulePackAdopted"):
    """采用考核规则: from now on this pack judges the years in its validity.

    It holds for the organisation and everything under it, unless one nearer to the branch adopts
    another of the same code.
    """

    pack_id: PackId
    organisation_id: OrganisationId
    pack: RulePack
    adopted_by: str
    adopted_by_person: str

    @property
    def titled(self) -> str:
        """The pack's name and document number, as a person names it."""
        return f"《{self.pack.name}》（{self.pack.document_no}）"


class RulePackRepealed(Event, type="RulePackRepealed"):
    """废止考核规则: its validity ends earlier; ``valid_to`` is the first day without it."""

    pack_id: PackId
    organisation_id: OrganisationId
    document_no: str
    valid_to: date
    reason: str
    repealed_by: str
    repealed_by_person: str


class PackOverlaps(Rejection):
    """本组织采用的同一代码的规则包，有效期不得重叠。"""

    rule = "R34"


class PackReachesBack(Rejection):
    """考核规则不溯及既往：已经结束的年度，采用和废止均不再影响。"""

    rule = "R34"


class UnknownPack(Rejection):
    """没有这个规则包，或者不由本组织采用。"""

    status = 404


class PackAlreadyRepealed(Rejection):
    """该规则包已经废止。"""

    rule = "R34"


class RepealOutsideValidity(Rejection):
    """废止日期须在规则包的有效期之内。"""

    rule = "R34"


class DecidedByResponsiblePerson(Rejection):
    """考核规则由本组织负责人采用和废止。"""

    rule = "R34"


@dataclass(frozen=True, slots=True)
class AdoptedPack:
    """A pack that an organisation has adopted, as it stands."""

    pack_id: str
    event_id: str
    """Of the adoption: what a proposal names as one of its causes (R31)."""
    organisation_id: str
    pack: RulePack
    valid_to: date | None
    """The first day on which it is no longer valid: the pack's own, or since its repeal."""

    def valid_on(self, day: date) -> bool:
        """Whether it is valid on that day."""
        return self.pack.valid_on(day) and (self.valid_to is None or day < self.valid_to)

    def overlaps(self, other: RulePack) -> bool:
        """Whether there is a day on which both are valid."""
        starts_on = max(self.pack.valid_from, other.valid_from)
        return self.valid_on(starts_on) and other.valid_on(starts_on)


def judging_day(year: int) -> date:
    """The last day of a year: the pack that is valid on it judges the year."""
    return date(year, 12, 31)


def in_force(
    packs: Iterable[AdoptedPack], line: Sequence[str], day: date
) -> Mapping[str, AdoptedPack]:
    """By code, what is valid on a day in a line of organisations, the nearest of which comes first.

    Of each code the nearest organisation's pack counts (R34).
    """
    found: dict[str, AdoptedPack] = {}
    for each in packs:
        if each.organisation_id in line and each.valid_on(day):
            nearest = found.get(each.pack.code)
            if nearest is None or line.index(each.organisation_id) < line.index(
                nearest.organisation_id
            ):
                found[each.pack.code] = each
    return found


@dataclass
class AdoptedPacks(Fact):
    """What an organisation has adopted, and what of it was repealed."""

    subject: ClassVar[str] = "organisation"
    packs: dict[str, AdoptedPack] = field(default_factory=dict)
    repealed: set[str] = field(default_factory=set)

    @on(RulePackAdopted)
    def _(self, pack_id: str, event_id: str, organisation_id: str, pack: RulePack) -> None:
        self.packs[pack_id] = AdoptedPack(pack_id, event_id, organisation_id, pack, pack.valid_to)

    @on(RulePackRepealed)
    def _(self, pack_id: str, valid_to: date) -> None:
        self.packs[pack_id] = replace(self.packs[pack_id], valid_to=valid_to)
        self.repealed.add(pack_id)


def _responsible(officers: Officers, by: Actor) -> Appointment:
    appointment = officers.appointment(by)
    if not by.responsible or appointment.role is not OfficerRole.RESPONSIBLE:
        raise DecidedByResponsiblePerson
    return appointment


def _require_no_year_over(day: date, at: datetime, pointer: str) -> None:
    first_day = date(at.astimezone(SHANGHAI).year, 1, 1)
    if day < first_day:
        raise PackReachesBack(f"不得早于{first_day}。", pointer)


@dataclass(kw_only=True)
class AdoptRulePack(Command):
    """采用考核规则: by a responsible person, for the organisation that acts and all under it."""

    pack_id: str
    pack: RulePack
    pointer: str = ""
    """Where the pack stands in what was sent: what pointers to a fault begin with."""
    officers: Officers = field(init=False, default_factory=Officers)
    adopted: AdoptedPacks = field(init=False, default_factory=AdoptedPacks)

    def consistency_boundary(self) -> list[Selector]:
        return [
            AdoptedPacks.about(self.by.organisation_id),
            *self.officers.acting(self.by),
        ]

    def execute(self) -> None:
        appointment = _responsible(self.officers, self.by)
        require_sound(self.pack, self.pointer)
        _require_no_year_over(self.pack.valid_from, self.at, f"{self.pointer}/valid_from")
        for each in self.adopted.packs.values():
            if each.pack.code == self.pack.code and each.overlaps(self.pack):
                until = f"至{each.valid_to}（不含）" if each.valid_to else "长期有效"
                raise PackOverlaps(
                    f"与已采用的《{each.pack.name}》（{each.pack.document_no}，"
                    f"自{each.pack.valid_from}起{until}）重叠。",
                    f"{self.pointer}/valid_from",
                )
        self.happened(
            RulePackAdopted(
                pack_id=self.pack_id,
                organisation_id=self.by.organisation_id,
                pack=self.pack,
                adopted_by=self.by.person,
                adopted_by_person=appointment.person,
            )
        )


@dataclass(kw_only=True)
class RepealRulePack(Command):
    """废止考核规则: once, by a responsible person of the organisation that adopted it."""

    pack_id: str
    valid_to: date
    reason: str
    officers: Officers = field(init=False, default_factory=Officers)
    adopted: AdoptedPacks = field(init=False, default_factory=AdoptedPacks)

    def consistency_boundary(self) -> list[Selector]:
        return [
            AdoptedPacks.about(self.by.organisation_id),
            *self.officers.acting(self.by),
        ]

    def execute(self) -> None:
        adopted = self.adopted.packs.get(self.pack_id)
        if adopted is None:
            raise UnknownPack
        appointment = _responsible(self.officers, self.by)
        if self.pack_id in self.adopted.repealed:
            raise PackAlreadyRepealed
        require_open_text(self.reason, "/reason")
        if self.valid_to < adopted.pack.valid_from or (
            adopted.valid_to is not None and self.valid_to >= adopted.valid_to
        ):
            raise RepealOutsideValidity(pointer="/valid_to")
        _require_no_year_over(self.valid_to, self.at, "/valid_to")
        self.happened(
            RulePackRepealed(
                pack_id=self.pack_id,
                organisation_id=self.by.organisation_id,
                document_no=adopted.pack.document_no,
                valid_to=self.valid_to,
                reason=self.reason,
                repealed_by=self.by.person,
                repealed_by_person=appointment.person,
            )
        )
