"""试算: who would pass or fail differently if a pack held, before anybody adopts it (R34).

Nothing is recorded but who read what about whom.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from service.api.evaluating import Judged, settled, year_of
from service.api.evaluations import JudgementShown
from service.api.reads import Read
from service.domain.rule_pack import RulePack


class MemberDifference(BaseModel):
    """一名党员的结果将有不同。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    member_id: str
    """党员标识。"""
    branch_id: str
    """组织关系所在的机关党支部。"""
    before: JudgementShown | None
    """按现行规则的结果；现行没有这一代码的规则包的为空。"""
    after: JudgementShown | None
    """按所试规则的结果。"""


class UnitDifference(BaseModel):
    """一个机关单位的结果将有不同。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    organisation_id: str
    """单位。"""
    before: JudgementShown | None
    """按现行规则的结果；现行没有这一代码的规则包的为空。"""
    after: JudgementShown | None
    """按所试规则的结果；完成标准改变的，完成率随之改变。"""


class RulePackTrial(BaseModel):
    """试算的结果：没有采用，没有记录任何事件。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    year: int
    """以这一年度的服务试算，视同所试规则在该年度有效。"""
    on: date
    """考核之日；免予报到按这一天计算。"""
    overlaps: list[str]
    """与之有效期重叠、须先废止才能采用的规则包。"""
    members: int
    """参与试算的党员人数，含免予报到、不考核的。"""
    passing_before: int
    """按现行规则合格的党员人数。"""
    passing_after: int
    """按所试规则合格的党员人数。"""
    differing: list[MemberDifference]
    """结果将有不同的党员。"""
    units: list[UnitDifference]
    """结果将有不同的机关单位。"""
    as_of_position: int
    """数据截至的日志位置。"""


async def trial(
    read: Read, organisation_id: str, pack: RulePack, year: int | None
) -> RulePackTrial:
    """What the pack would change for a year, this one if none is named.

    ``read`` demands the position up to which everything counts.
    """
    position = await settled(read)
    before = await year_of(read.serving, read.sight, organisation_id, year, position)
    after = before.trying(pack)
    of_members = list(
        zip(before.of_members(before.members), after.of_members(after.members), strict=True)
    )
    judgements = [
        (member, _by_code(old).get(pack.code), _by_code(new).get(pack.code))
        for (member, old), (_, new) in of_members
    ]
    differing = [
        MemberDifference(
            member_id=member.member_id,
            branch_id=member.branch_id,
            before=_shown(old),
            after=_shown(new),
        )
        for member, old, new in judgements
        if _passes(old) is not _passes(new)
    ]
    # What completion means changes completion rates, so that units are judged by every pack.
    units = [
        UnitDifference(organisation_id=unit.organisation_id, before=_shown(old), after=_shown(new))
        for (unit, before_it), (_, after_it) in zip(
            before.of_units(), after.of_units(), strict=True
        )
        for old, new in _pairs(before_it, after_it)
        if _passes(old) is not _passes(new)
    ]
    await read.serving.opener.facts(read.occasion(position), [each.member_id for each in differing])
    return RulePackTrial(
        year=before.year,
        on=before.on,
        overlaps=[
            each.pack_id
            for each in before.packs
            if each.organisation_id == organisation_id
            and each.pack.code == pack.code
            and each.overlaps(pack)
        ],
        members=len(before.members),
        passing_before=sum(_passes(old) is True for _, old, _ in judgements),
        passing_after=sum(_passes(new) is True for _, _, new in judgements),
        differing=differing,
        units=units,
        as_of_position=position,
    )


def _by_code(judged: Sequence[Judged]) -> dict[str, Judged]:
    return {each.pack.pack.code: each for each in judged}


def _pairs(
    before: Sequence[Judged], after: Sequence[Judged]
) -> Iterator[tuple[Judged | None, Judged | None]]:
    old, new = _by_code(before), _by_code(after)
    for code in sorted({*old, *new}):
        yield old.get(code), new.get(code)


def _passes(judged: Judged | None) -> bool | None:
    return judged.judgement.passes if judged else None


def _shown(judged: Judged | None) -> JudgementShown | None:
    return JudgementShown.of(judged) if judged else None
