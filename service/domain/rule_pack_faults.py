"""考核规则的检查: what makes a pack one that nobody could judge by, with where it stands (R34).

A pack has the right form when `RulePack` takes it; here is what no form can say. Every refusal
names each place at fault as a JSON pointer into the pack.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from service.domain.event import Rejection
from service.domain.open_text import require_open_text
from service.domain.rule_pack import (
    Bands,
    Deadline,
    Minimum,
    PackPurpose,
    PackSubject,
    RateAtLeast,
    RulePack,
)

Places = Iterator[tuple[str, str]]
"""JSON pointer into the pack, and what is wrong there."""

_COMMON_YEAR = 2023
"""A day that this year lacks (29 February) is missing in most."""


class PackValidityReversed(Rejection):
    """规则包的失效日期须晚于生效日期。"""

    status = 422
    rule = "R34"


class RuleIdTwice(Rejection):
    """规则包内的规则代码不得重复。"""

    status = 422
    rule = "R34"


class UnknownRule(Rejection):
    """合格的条件引用了规则包内没有的规则。"""

    status = 422
    rule = "R34"


class RuleDoesNotFitSubject(Rejection):
    """规则的类型或者用途不适用于规则包的考核对象。"""

    status = 422
    rule = "R34"


class BandsLeaveHole(Rejection):
    """分档之间有空当，有的数值不属于任何一档。"""

    status = 422
    rule = "R34"


class BandsOverlap(Rejection):
    """分档互相重叠，有的数值属于不止一档。"""

    status = 422
    rule = "R34"


class BandReversed(Rejection):
    """一档的上限须大于下限。"""

    status = 422
    rule = "R34"


class DeadlineOnNoDay(Rejection):
    """并非每年都有这一日期。"""

    status = 422
    rule = "R34"


class RateAboveOne(Rejection):
    """要求的比率不得大于一。"""

    status = 422
    rule = "R34"


class InventedMarkLeadsNowhere(Rejection):
    """拟定标记所指之处在规则包内不存在。"""

    status = 422
    rule = "R34"


def require_sound(pack: RulePack, pointer: str = "") -> None:
    """Refused by the first rule that the pack breaks, with every place that breaks it.

    ``pointer`` is where the pack itself stands in what was sent.
    """
    checks: tuple[tuple[type[Rejection], Places], ...] = (
        (PackValidityReversed, _validity(pack)),
        (RuleIdTwice, _repeated(pack)),
        (UnknownRule, _unknown(pack)),
        (RuleDoesNotFitSubject, _unfit(pack)),
        (BandReversed, _reversed(pack)),
        (BandsLeaveHole, _holes(pack)),
        (BandsOverlap, _overlaps(pack)),
        (DeadlineOnNoDay, _no_days(pack)),
        (RateAboveOne, _above_one(pack)),
        (InventedMarkLeadsNowhere, _leading_nowhere(pack)),
    )
    for refusal, places in checks:
        if errors := [(pointer + place, detail) for place, detail in places]:
            raise refusal(errors[0][1], errors=errors)
    for place, text in _texts(pack):
        require_open_text(text, pointer + place)


def _validity(pack: RulePack) -> Places:
    if pack.valid_to is not None and pack.valid_to <= pack.valid_from:
        yield "/valid_to", f"失效日期须晚于生效日期{pack.valid_from}。"


def _repeated(pack: RulePack) -> Places:
    ids = [each.rule_id for each in pack.rules]
    for place, rule_id in enumerate(ids):
        if rule_id in ids[:place]:
            yield f"/rules/{place}/rule_id", f"规则代码 {rule_id} 已用于前面的规则。"


def _unknown(pack: RulePack) -> Places:
    ids = {each.rule_id for each in pack.rules}
    for place, rule_id in enumerate(pack.passes):
        if rule_id not in ids:
            yield f"/passes/{place}", f"规则包内没有规则 {rule_id}。"


def _unfit(pack: RulePack) -> Places:
    if pack.purpose is PackPurpose.COMPLETION and pack.subject is PackSubject.UNIT:
        yield "/purpose", "完成年度任务的标准只用来考核党员。"
    for place, rule in enumerate(pack.rules):
        if isinstance(rule, RateAtLeast) is not (pack.subject is PackSubject.UNIT):
            yield f"/rules/{place}/kind", f"该类规则不能用来考核{pack.subject.word}。"


def _bands(pack: RulePack) -> Iterator[tuple[str, Bands]]:
    for place, rule in enumerate(pack.rules):
        if isinstance(rule, Bands):
            yield f"/rules/{place}/bands", rule


def _reversed(pack: RulePack) -> Places:
    for where, rule in _bands(pack):
        for place, band in enumerate(rule.bands):
            if band.below is not None and band.below <= band.at_least:
                yield f"{where}/{place}/below", f"上限须大于下限 {band.at_least}。"


def _holes(pack: RulePack) -> Places:
    for where, rule in _bands(pack):
        ends = [0, *[band.below for band in rule.bands[:-1]]]
        for place, (end, band) in enumerate(zip(ends, rule.bands, strict=True)):
            if end is not None and band.at_least > end:
                yield (
                    f"{where}/{place}/at_least",
                    f"自 {end} 起至不满 {band.at_least} 的数值不属于任何一档。",
                )
        if (end := rule.bands[-1].below) is not None:
            yield (
                f"{where}/{len(rule.bands) - 1}/below",
                f"自 {end} 起的数值不属于任何一档，最后一档以上须不限。",
            )


def _overlaps(pack: RulePack) -> Places:
    for where, rule in _bands(pack):
        for place, (band, following) in enumerate(pairwise(rule.bands)):
            if band.below is None:
                yield f"{where}/{place}/below", "只有最后一档以上可以不限。"
            elif following.at_least < band.below:
                yield (
                    f"{where}/{place + 1}/at_least",
                    f"自 {following.at_least} 起至不满 {band.below} 的数值已属于前一档。",
                )


def _no_days(pack: RulePack) -> Places:
    for place, rule in enumerate(pack.rules):
        if isinstance(rule, Deadline):
            try:
                date(_COMMON_YEAR, rule.month, rule.day)
            except ValueError:
                yield f"/rules/{place}/day", f"并非每年都有{rule.month}月{rule.day}日。"


def _above_one(pack: RulePack) -> Places:
    for place, rule in enumerate(pack.rules):
        if isinstance(rule, RateAtLeast) and rule.numerator > rule.denominator:
            yield f"/rules/{place}/numerator", f"分子不得大于分母 {rule.denominator}。"


def _leading_nowhere(pack: RulePack) -> Places:
    document = pack.model_dump(mode="json")
    for place, pointer in enumerate(pack.invented):
        found: object = document
        for part in pointer.split("/")[1:]:
            if isinstance(found, dict):
                found = found.get(part, ...)
            elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
                found = found[int(part)]
            else:
                found = ...
        if found is ...:
            yield f"/invented/{place}", f"规则包内没有 {pointer}。"


def _texts(pack: RulePack) -> Iterator[tuple[str, str]]:
    """Whatever somebody wrote freely."""
    for name in ("name", "document_no", "issuer", "source"):
        yield f"/{name}", getattr(pack, name)
    for place, rule in enumerate(pack.rules):
        yield f"/rules/{place}/text", rule.text
        if isinstance(rule, Minimum | Bands):
            for number, category in enumerate(rule.counted.categories or ()):
                yield f"/rules/{place}/counted/categories/{number}", category
