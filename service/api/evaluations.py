"""考核结果: what the rule packs in force say of a year, of members and of units (R28, R32, R34).

It is a reading, not a decision: nothing is recorded but who read it, and nothing follows by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service.api.evaluating import Judged, settled, year_of
from service.api.fields import Code, Id, WholeNumber
from service.api.member_views import OfYear, visible_member
from service.api.pages import EXPORTS, Page, Paged
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.domain.judging import Finding
from service.domain.member_year import MemberYear
from service.domain.organisation import UNITS
from service.domain.rule_pack import PackPurpose
from service.projections.statistics_years import counting_events
from service.trust.keyring import LawfulReading

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["考核"])

Evaluations = Annotated[Read, reads(Scope.EVALUATIONS_READ, Purpose.COMMENDATION)]
AsOf = Annotated[WholeNumber | None, Query(description="以这一日志位置为准重新计算；不填为最新。")]


class FindingShown(BaseModel):
    """一条规则的考核情况。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    rule_id: str
    """规则代码。"""
    text: str
    """规则的文字表述。"""
    holds: bool
    """是否符合。"""
    measured: int | None
    """计得的数值（分钟、次或者人）；报到期限为空。"""
    measured_of: int | None
    """比率的分母（人）；不是比率的为空。"""
    found: str
    """计得的情况。"""
    required: str
    """要求。"""
    stars: int | None
    """所得星级；不评星级的为空。"""
    points: int | None
    """所得积分；不计分的为空。"""

    @classmethod
    def of(cls, finding: Finding) -> "FindingShown":
        """As it is shown."""
        return cls(**{name: getattr(finding, name) for name in cls.model_fields})


class JudgementShown(BaseModel):
    """按一个规则包考核的结果；只供人参考，不自动产生任何后果。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    code: str
    """规则包代码。"""
    pack_id: str | None
    """规则包；试算的尚未采用，为空。"""
    name: str
    """规则包名称。"""
    document_no: str
    """文号。"""
    organisation_id: str
    """采用它的组织。"""
    purpose: PackPurpose
    """用途：completion 完成标准，recognition 推荐标准，eligibility 资格标准。"""
    passes: bool | None
    """是否合格；免予报到的不考核，为空。"""
    findings: list[FindingShown]
    """逐条规则的情况。"""

    @classmethod
    def of(cls, judged: Judged) -> "JudgementShown":
        """As it is shown."""
        adopted, judgement = judged.pack, judged.judgement
        return cls(
            code=adopted.pack.code,
            pack_id=adopted.pack_id or None,
            name=adopted.pack.name,
            document_no=adopted.pack.document_no,
            organisation_id=adopted.organisation_id,
            purpose=adopted.pack.purpose,
            passes=judgement.passes,
            findings=[FindingShown.of(each) for each in judgement.findings],
        )


class MemberEvaluation(BaseModel):
    """一名党员的考核结果。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    member_id: str
    """党员标识。"""
    branch_id: str
    """组织关系所在的机关党支部。"""
    exempt: bool
    """考核之日是否免予报到；免予的不考核。"""
    judgements: list[JudgementShown]
    """按各个有效的规则包考核的结果，依代码排列。"""


class UnitEvaluation(BaseModel):
    """一个机关单位的考核结果。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    organisation_id: str
    """单位。"""
    members: int
    """党员人数。"""
    exempt: int
    """其中免予报到的人数，不计入分母。"""
    registered: int
    """其余党员中已报到的人数。"""
    completed: int
    """其余党员中完成年度任务的人数。"""
    judgements: list[JudgementShown]
    """按各个有效的规则包考核的结果，依代码排列。"""


class Evaluated(Page[MemberEvaluation]):
    """考核结果的一页，附各单位的结果。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    year: int
    """年度。"""
    on: date
    """考核之日：年度终了的为12月31日，否则为今天；免予报到按这一天计算。"""
    units: list[UnitEvaluation]
    """本组织及其下各级机关单位的结果。"""


class MemberEvaluated(MemberEvaluation):
    """一名党员一个年度的考核结果。"""

    year: int
    """年度。"""
    on: date
    """考核之日：年度终了的为12月31日，否则为今天；免予报到按这一天计算。"""
    counting_events: list[str]
    """计入的各次认定的事件编号，依先后排列。"""
    as_of_position: int
    """数据截至的日志位置。"""


@dataclass(frozen=True, slots=True)
class _Some:
    """Some members of a year, from a place in their order on."""

    members: Sequence[MemberYear]
    next_after: int | None
    as_of_position: int


@router.get(
    "/organisations/{organisation_id}/evaluations",
    response_model=Evaluated,
    responses=EXPORTS,
    summary="按规则考核的结果",
)
async def evaluations(
    organisation_id: Id,
    read: Evaluations,
    paging: Paged,
    *,
    year: OfYear = None,
    code: Annotated[Code | None, Query(description="只按这一代码的规则包。")] = None,
    as_of_position: AsOf = None,
) -> Response:
    """本单位及其下各级党员、单位的考核结果；只供人参考，不自动产生任何后果。

    以年度最后一日有效的规则包为准，由近及远取最近一级采用的；以往年度按当年的规则重新计算。
    """
    place = await read.serving.places.within(read.caller, organisation_id)
    if place.kind not in UNITS:
        raise ResourceNotFound
    position = await settled(read, as_of_position)
    found = await year_of(read.serving, read.sight, organisation_id, year, position)

    async def fetch(after: int, limit: int) -> _Some:
        following = after + limit
        return _Some(
            found.members[after:following],
            following if following < len(found.members) else None,
            found.as_of_position,
        )

    async def present(page: _Some) -> list[dict[str, Any]]:
        members = [each.member_id for each in page.members]
        await read.serving.opener.facts(read.occasion(found.as_of_position), members)
        return [
            _of_member(member, _named(judged, code)).model_dump(mode="json")
            for member, judged in found.of_members(page.members)
        ]

    def beside(_: _Some) -> dict[str, Any]:
        units = [
            UnitEvaluation(
                organisation_id=unit.organisation_id,
                members=unit.members,
                exempt=unit.exempt,
                registered=unit.registered,
                completed=unit.completed,
                judgements=shown(_named(judged, code)),
            ).model_dump(mode="json")
            for unit, judged in found.of_units()
        ]
        return {"year": found.year, "on": found.on.isoformat(), "units": units}

    return await paging.answer(fetch, present, MemberEvaluation, beside)


@router.get(
    "/members/{member_id}/evaluations",
    response_model=MemberEvaluated,
    summary="党员的考核结果",
)
async def evaluations_of_member(
    member_id: Id, read: Evaluations, year: OfYear = None, as_of_position: AsOf = None
) -> Response:
    """一名党员一个年度按各个有效规则包考核的结果，附计入的各次认定。"""
    return await member_evaluated(read, member_id, year, as_of_position)


async def member_evaluated(
    read: Read,
    member_id: str,
    year: int | None,
    position: int | None,
    lawful: LawfulReading | None = None,
) -> Response:
    """The evaluation of one member, for the branch and whoever is above it, or for themselves."""
    branch_id = (await visible_member(read, member_id)).branch_id
    # Whoever sees the member through a community has nothing to judge.
    await read.serving.places.sees_any(read.caller, branch_id)
    as_of = await settled(read, position)
    # At an earlier position the member may have belonged to another branch.
    whole = branch_id if position is None else read.caller.organisation_id
    found = await year_of(read.serving, read.sight, whole, year, as_of)
    members = [each for each in found.members if each.member_id == member_id]
    if not members:
        raise ResourceNotFound
    counting = await counting_events(read.sight, member_id, found.year, as_of)
    [(member, judged)] = found.of_members(members)
    evaluation = MemberEvaluated(
        **dict(_of_member(member, judged)),
        year=found.year,
        on=found.on,
        counting_events=counting,
        as_of_position=as_of,
    )
    await read.serving.opener.facts(read.occasion(as_of, lawful), [member_id])
    return answer(evaluation.model_dump(mode="json"), as_of)


def _of_member(member: MemberYear, judged: Sequence[Judged]) -> MemberEvaluation:
    return MemberEvaluation(
        member_id=member.member_id,
        branch_id=member.branch_id,
        exempt=member.exempt,
        judgements=shown(judged),
    )


def _named(judged: Sequence[Judged], code: str | None) -> list[Judged]:
    return [each for each in judged if code is None or each.pack.pack.code == code]


def shown(judged: Iterable[Judged]) -> list[JudgementShown]:
    """Judgements as they are shown."""
    return [JudgementShown.of(each) for each in judged]
