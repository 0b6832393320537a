"""Who has done what the year demands: by the packs of completion that are in force (R34)."""

from collections.abc import Iterable, Mapping, Sequence

from service.domain.judging import completes
from service.domain.rule_pack import PackPurpose, PackSubject, RulePack
from service.domain.rule_pack_adoption import in_force, judging_day
from service.projections.rule_packs import adoptions
from service.projections.statistics_done import Done
from service.projections.statistics_reading import Past
from service.projections.view import Seen

Packs = Mapping[str, Sequence[RulePack]]
"""What is demanded of a branch's members, by branch."""


async def lines_of(past: Past, branches: Iterable[str]) -> dict[str, list[str]]:
    """These branches, each with its line up to the root."""
    rows = await past.connection.fetch(
        "SELECT organisation_id, line FROM views.statistics_organisation"
        " WHERE organisation_id = ANY ($1)",
        list(set(branches)),
    )
    return {row["organisation_id"]: row["line"] for row in rows}


async def packs_of(
    seen: Seen, lines: Mapping[str, Sequence[str]], year: int, position: int
) -> Packs:
    """The packs of completion in force for each branch, as of the position.

    Another view is asked, so no connection may be held meanwhile.
    """
    every = {each for line in lines.values() for each in line}
    found, _ = await adoptions(seen, every, position)
    adopted = [each.adopted for each in found]
    day = judging_day(year)
    return {
        branch_id: [
            each.pack
            for _, each in sorted(in_force(adopted, line, day).items())
            if each.pack.purpose is PackPurpose.COMPLETION
            and each.pack.subject is PackSubject.MEMBER
        ]
        for branch_id, line in lines.items()
    }


def completed(packs: Packs, found: Done) -> int:
    """How many of the members of whom something is demanded have done it."""
    if not any(packs.values()):
        return sum(
            _served(found, member["member_id"]) for member in found.members if not member["exempt"]
        )
    return sum(
        completes(demanded, each)
        if (demanded := packs.get(each.branch_id, ()))
        else _served(found, each.member_id)
        for each in found.years()
        if not each.exempt
    )


def _served(found: Done, member_id: str) -> bool:
    # What began the year before is not this year's, though some of its minutes are.
    kept = found.documents.get(member_id)
    return kept is not None and bool(kept["ledgers"])
