"""Rule packs that somebody adopts, with what is wrong with each (R34)."""

from service.domain.rule_pack import RulePack
from tests.domain.rule_packs import DEADLINE, HOURS, RATES, STARS, changed, with_rule

_BANDS = STARS.model_dump(mode="json")["rules"][0]["bands"]
_HOURS_TWICE = HOURS.model_dump(mode="json")["rules"] * 2

PACKS: dict[RulePack, str | None] = {
    HOURS: None,
    changed(HOURS, valid_from="2026-07-01", valid_to=None): None,
    changed(HOURS, valid_from="2027-01-01", valid_to="2028-01-01"): None,
    changed(HOURS, valid_from="2025-01-01", valid_to="2026-01-01"): None,
    STARS: None,
    RATES: None,
    changed(HOURS, valid_to="2026-01-01"): "PackValidityReversed",
    changed(HOURS, rules=_HOURS_TWICE): "RuleIdTwice",
    changed(HOURS, passes=["minutes"]): "UnknownRule",
    changed(HOURS, subject="unit", purpose="eligibility"): "RuleDoesNotFitSubject",
    with_rule(STARS, bands=[*_BANDS[:-1], _BANDS[-1] | {"below": 4800}]): "BandReversed",
    with_rule(STARS, bands=_BANDS[1:]): "BandsLeaveHole",
    with_rule(STARS, bands=[_BANDS[0], *_BANDS]): "BandsOverlap",
    with_rule(DEADLINE, month=2, day=29): "DeadlineOnNoDay",
    with_rule(RATES, numerator=101): "RateAboveOne",
    changed(HOURS, invented=["/rules/1/text"]): "InventedMarkLeadsNowhere",
    changed(HOURS, issuer="电话13800000000"): "PersonalDataInOpenText",
}
SOUND = [pack for pack, fault in PACKS.items() if fault is None]
UNSOUND = [pack for pack, fault in PACKS.items() if fault is not None]
