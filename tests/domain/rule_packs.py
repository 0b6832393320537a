"""Rule packs to tell stories with: those that are shipped, and years to judge by them."""

from datetime import datetime
from typing import Any

from service.data.rulepacks import shipped_rule_packs
from service.domain.activity import ActivityKind
from service.domain.evidence import Grade
from service.domain.judging import UnitYear
from service.domain.member_year import MemberYear, Served
from service.domain.participation import Ledger
from service.domain.rule_pack import RulePack
from tests.domain.town import BRANCH, COMMITTEE, COMMUNITY, LI

HOURS, VISITS, STARS, POINTS, DEADLINE, RATES = (
    shipped_rule_packs()[f"{code}-2026"]
    for code in ("hours", "visits", "stars", "points", "registration_deadline", "unit_rates")
)


def changed(pack: RulePack, **fields: Any) -> RulePack:
    """The pack with other fields, as if its file said so."""
    return RulePack.model_validate(pack.model_dump(mode="json") | fields)


def with_rule(pack: RulePack, **fields: Any) -> RulePack:
    """The pack with other fields of its first rule."""
    first, *others = pack.model_dump(mode="json")["rules"]
    return changed(pack, rules=[first | fields, *others])


def counting(pack: RulePack, **fields: Any) -> RulePack:
    """The pack if its first rule counted something else."""
    counted = pack.model_dump(mode="json")["rules"][0]["counted"]
    return with_rule(pack, counted=counted | fields)


def served(
    minutes: int = 0,
    *,
    times: int = 1,
    ledger: Ledger = "voluntary",
    grade: Grade = "A",
    kind: ActivityKind = ActivityKind.COMMUNITY,
    category: str = "cleaning",
) -> Served:
    """What somebody did in a year."""
    return Served(kind, category, ledger, grade, times, minutes)


def member_year(*done: Served, **fields: Any) -> MemberYear:
    """The year of a member who is registered and of whom something is demanded."""
    values: dict[str, Any] = {
        "member_id": LI,
        "branch_id": BRANCH,
        "community_id": COMMUNITY,
        "year": 2026,
        "exempt": False,
        "registered_at": datetime.fromisoformat("2026-03-02T09:00:00+08:00"),
        "deadline": None,
        "served": done,
    }
    return MemberYear(**values | fields)


def unit(counted: int, members: int, exempt: int = 0, completed: int | None = None) -> UnitYear:
    """A unit in which so many are registered and as many, or others, have completed."""
    done = counted if completed is None else completed
    return UnitYear(COMMITTEE, 2026, members, exempt, counted, done)
