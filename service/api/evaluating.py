"""One year of an organisation by the rule packs in force: members, units, and what packs say.

Which packs judge a member follows from the line their branch stands in, so it is found out branch
by branch. Everything is as of one position of the log.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from service.api.places import Places
from service.api.reads import Read
from service.api.serving import Serving
from service.domain.event import SHANGHAI
from service.domain.judging import Judgement, UnitYear, judge, judge_unit, unit_year
from service.domain.member_year import MemberYear
from service.domain.rule_pack import PackPurpose, PackSubject, RulePack
from service.domain.rule_pack_adoption import AdoptedPack, in_force, judging_day
from service.projections import organisation_statistics, rule_packs
from service.projections.statistics_done import done
from service.projections.statistics_reading import asking
from service.projections.statistics_tables import ERASED
from service.projections.view import Seen
from service.projections.view import position as position_of

Line = tuple[str, ...]
"""An organisation and everything above it, the nearest first."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one pack says of a member or of a unit."""

    pack: AdoptedPack
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Year:
    """The members of an organisation and of everything under it, and the packs that judge them."""

    organisation_id: str
    year: int
    on: date
    """The day it is judged on: its last one once it is over, today before (R3)."""
    members: tuple[MemberYear, ...]
    """By member id; not those who were erased since."""
    counted: tuple[MemberYear, ...]
    """Those as well: what a unit came to does not change with them."""
    lines: Mapping[str, Line]
    """By the branches of these members, and the organisation's own."""
    packs: tuple[AdoptedPack, ...]
    as_of_position: int
    trial: AdoptedPack | None = None
    """A pack that is looked at as if it were in force."""

    def trying(self, pack: RulePack) -> "Year":
        """The same year if the organisation had adopted this pack for it."""
        return replace(self, trial=AdoptedPack("", "", self.organisation_id, pack, pack.valid_to))

    def in_force(self, organisation_id: str) -> Mapping[str, AdoptedPack]:
        """By code, what judges this branch, or this unit above branches."""
        line = self.lines[organisation_id]
        found = in_force(self.packs, line, judging_day(self.year))
        trial = self.trial
        if trial is None or trial.organisation_id not in line:
            return found
        rival = found.get(trial.pack.code)
        # What is nearer to the branch still wins over it.
        if rival and line.index(rival.organisation_id) < line.index(trial.organisation_id):
            return found
        return {**found, trial.pack.code: trial}

    def of_members(
        self, members: Sequence[MemberYear]
    ) -> Iterator[tuple[MemberYear, list[Judged]]]:
        """What the packs about members say of each of these."""
        packs = {each: self._about(each, PackSubject.MEMBER) for each in _branches(members)}
        for member in members:
            yield (
                member,
                [Judged(pack, judge(pack.pack, member)) for pack in packs[member.branch_id]],
            )

    def of_units(self) -> Iterator[tuple[UnitYear, list[Judged]]]:
        """What the packs about units say of the organisation and of every unit under it."""
        under = defaultdict[str, list[MemberYear]](list)
        under[self.organisation_id] = []
        for member in self.counted:
            line = self.lines[member.branch_id]
            for unit in line[: line.index(self.organisation_id) + 1]:
                under[unit].append(member)
        completion = {
            branch: [
                each.pack
                for each in self._about(branch, PackSubject.MEMBER)
                if each.pack.purpose is PackPurpose.COMPLETION
            ]
            for branch in _branches(self.counted)
        }
        for unit, members in sorted(under.items()):
            figures = unit_year(
                unit, self.year, ((each, completion[each.branch_id]) for each in members)
            )
            packs = self._about(unit, PackSubject.UNIT)
            yield figures, [Judged(each, judge_unit(each.pack, figures)) for each in packs]

    def _about(self, organisation_id: str, subject: PackSubject) -> list[AdoptedPack]:
        found = self.in_force(organisation_id)
        return [found[code] for code in sorted(found) if found[code].pack.subject is subject]


def _branches(members: Sequence[MemberYear]) -> set[str]:
    return {each.branch_id for each in members}


async def settled(read: Read, position: int | None = None) -> int:
    """A position that members' years and rule packs both stand at: this one, or the latest.

    ViewBehind while one of them has not reached it.
    """
    views = organisation_statistics.VIEW, rule_packs.VIEW
    await replace(read, at_least=max(read.at_least, position or 0)).fresh(*views)
    if position is not None:
        return position
    return min([await position_of(read.serving.log.pool, each) for each in views])


async def year_of(
    state: Serving, seen: Seen, organisation_id: str, year: int | None, position: int
) -> Year:
    """A year of an organisation and everything under it, this one if none is named.

    It is as of a position that both views have reached.
    """
    today = state.clock().astimezone(SHANGHAI).date()
    year = today.year if year is None else year
    on = min(judging_day(year), today)
    async with asking(seen, organisation_id, None, position) as past:
        counted = (await done(past, year, on, state.calendars)).years() if past else []
    branches = {organisation_id, *_branches(counted)}
    lines = {each: await _line(state.places, each) for each in branches}
    # Units between a branch and the organisation stand in the branch's line.
    for line in list(lines.values()):
        lines |= {each: line[place:] for place, each in enumerate(line)}
    packs, _ = await rule_packs.adoptions(seen, lines, position)
    return Year(
        organisation_id=organisation_id,
        year=year,
        on=on,
        members=tuple(each for each in counted if not each.member_id.startswith(ERASED)),
        counted=tuple(counted),
        lines=lines,
        packs=tuple(each.adopted for each in packs),
        as_of_position=position,
    )


async def _line(places: Places, organisation_id: str) -> Line:
    place = await places.find(organisation_id)
    return (organisation_id,) if place is None else (organisation_id, *place.ancestors)
