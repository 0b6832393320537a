"""考核规则: what is shipped, what was adopted, and what adopting something else would do (R34)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from starlette.responses import JSONResponse, Response

from service.api.access import Caller, acting_for, needs
from service.api.fields import Act, Day, Id, LongText, Year, YesOrNo, clean
from service.api.pages import EXPORTS, Page, Paged
from service.api.purposes import Purpose
from service.api.reads import Read, reads
from service.api.request import StrictRequest
from service.api.route import Route
from service.api.rule_pack_trial import RulePackTrial, trial
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.data.rulepacks import shipped_rule_packs
from service.domain.rule_pack import RulePack
from service.domain.rule_pack_adoption import AdoptRulePack, RepealRulePack, in_force
from service.domain.rule_pack_faults import require_sound
from service.projections import rule_packs
from service.projections.rule_packs import Adoption

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["考核规则"])

Writing = Annotated[Write, writes(Scope.RULE_PACKS_WRITE)]


def _cleaned(document: object) -> object:
    """The document, refused where one of its texts may not be kept as it is."""
    faults = list(_unclean(document, ()))
    if faults:
        raise ValidationError.from_exception_data("RulePack", faults, hide_input=True)
    return document


def _unclean(value: object, place: tuple[str | int, ...]) -> Iterator[InitErrorDetails]:
    if isinstance(value, str):
        try:
            clean(value)
        except PydanticCustomError as fault:
            yield InitErrorDetails(type=fault, loc=place, input=None)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _unclean(each, (*place, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _unclean(each, (*place, number))


class AdoptRulePackBody(Act):
    """采用考核规则。"""

    pack: Annotated[RulePack, BeforeValidator(_cleaned, json_schema_input_type=RulePack)]
    """规则包：可以取自随附的，也可以依本单位的文件另拟。"""


class RepealRulePackBody(Act):
    """废止考核规则。"""

    valid_to: Day
    """自何日起不再有效；已经结束的年度不受影响。"""
    reason: LongText
    """理由；不得写入姓名等个人信息。"""


class ShippedRulePack(BaseModel):
    """随附的一个规则包，采用之前不生效。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: str
    """文件名：代码与起始年度。"""
    pack: RulePack
    """规则包。"""


class ShippedRulePacks(BaseModel):
    """随附的规则包。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[ShippedRulePack]
    """各个规则包，依文件名排列。"""


class AdoptedRulePack(BaseModel):
    """采用的一个规则包。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    pack_id: str
    """规则包编号。"""
    organisation_id: str
    """采用它的组织，对其下各级有效。"""
    valid_to: date | None
    """自何日起不再有效：规则包自身的失效日期，或者废止的日期；空为长期有效。"""
    adopted_at: datetime
    """何时采用。"""
    position: int
    """采用所在的日志位置。"""
    repealed_at_position: int | None
    """废止所在的日志位置；没有废止的为空。"""
    repeal_reason: str | None
    """废止的理由。"""
    pack: RulePack
    """规则包全文。"""

    @classmethod
    def of(cls, adoption: Adoption) -> "AdoptedRulePack":
        """As it is shown."""
        adopted = adoption.adopted
        return cls(
            pack_id=adopted.pack_id,
            organisation_id=adopted.organisation_id,
            valid_to=adopted.valid_to,
            adopted_at=adoption.adopted_at,
            position=adoption.position,
            repealed_at_position=adoption.repealed_at_position,
            repeal_reason=adoption.repeal_reason,
            pack=adopted.pack,
        )


@dataclass(frozen=True, slots=True)
class _Some:
    """Some packs, from after a position on."""

    adoptions: Sequence[Adoption]
    next_after: int | None
    as_of_position: int


@router.get("/rule-packs", response_model=ShippedRulePacks, summary="随附的规则包")
async def shipped_packs(_: Annotated[Caller, needs(Scope.RULE_PACKS_READ)]) -> BaseModel:
    """随本服务提供的规则包，注明来源和拟定之处；采用之前不生效。"""
    return ShippedRulePacks(
        items=[ShippedRulePack(name=name, pack=pack) for name, pack in shipped_rule_packs().items()]
    )


@router.get(
    "/organisations/{organisation_id}/rule-packs",
    response_model=Page[AdoptedRulePack],
    responses=EXPORTS,
    summary="采用的规则包",
)
async def packs_of_organisation(
    organisation_id: Id,
    read: Annotated[Read, reads(Scope.RULE_PACKS_READ)],
    paging: Paged,
    on: Annotated[
        Day | None, Query(description="只列在这一日有效的，同一代码取最近一级采用的。")
    ] = None,
) -> Response:
    """本组织及其各级上级采用的规则包，按采用先后排列。"""
    place = await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(rule_packs.VIEW)
    line = (organisation_id, *place.ancestors)

    async def fetch(after: int, limit: int) -> _Some:
        found, position = await rule_packs.adoptions(read.sight, line)
        if on is not None:
            valid = in_force((each.adopted for each in found), line, on)
            chosen = {each.pack_id for each in valid.values()}
            found = [each for each in found if each.adopted.pack_id in chosen]
        rest = [each for each in found if each.position > after]
        shown = rest[:limit]
        return _Some(shown, shown[-1].position if len(rest) > limit else None, position)

    async def present(page: _Some) -> list[dict[str, Any]]:
        return [AdoptedRulePack.of(each).model_dump(mode="json") for each in page.adoptions]

    return await paging.answer(fetch, present, AdoptedRulePack)


@router.post(
    "/organisations/{organisation_id}/rule-packs",
    status_code=201,
    response_model=recorded("RulePackAdoptionRecorded", "pack_id"),
    responses={200: {"model": RulePackTrial, "description": "试算的结果"}, 425: {}},
    summary="采用考核规则",
)
async def adopt_rule_pack(
    organisation_id: Id,
    body: AdoptRulePackBody,
    write: Writing,
    request: StrictRequest,
    *,
    dry_run: Annotated[
        YesOrNo, Query(description="只试算哪些党员、单位的结果将有不同，不采用。")
    ] = False,
    year: Annotated[Year | None, Query(description="试算的年度；不填为今年。")] = None,
) -> Response:
    """由本组织负责人采用，对其下各级有效；下级另行采用同一代码的，以下级的为准。

    规则不溯及既往，同一代码的有效期不得重叠。
    """
    acting_for(write.caller, organisation_id)
    if dry_run:
        require_sound(body.pack, "/pack")
        head = await write.serving.log.head()
        read = Read(write.serving, write.caller, head, Purpose.COMMENDATION, request)
        found = await trial(read, organisation_id, body.pack, year)
        return JSONResponse(found.model_dump(mode="json"))
    return await write.decide(
        AdoptRulePack(
            by=write.by(body),
            at=write.at(body),
            pack_id=new_id(),
            pack=body.pack,
            pointer="/pack",
        ),
        ids("pack_id"),
    )


@router.post(
    "/rule-packs/{pack_id}/repeal",
    status_code=201,
    response_model=recorded("RulePackRepealRecorded", "pack_id"),
    summary="废止考核规则",
)
async def repeal_rule_pack(pack_id: Id, body: RepealRulePackBody, write: Writing) -> Response:
    """由采用它的组织的负责人自某日起废止；已经结束的年度不受影响。"""
    return await write.decide(
        RepealRulePack(
            by=write.by(body),
            at=write.at(body),
            pack_id=pack_id,
            valid_to=body.valid_to,
            reason=body.reason,
        ),
        ids("pack_id"),
    )
