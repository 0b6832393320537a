"""评议考核: selection, appraisal and assessment, from their opening to what changes them (R26)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.fields import Act, AtOnce, Id, LongText, ShortText, YesOrNo
from service.api.fields import Year as AskedYear
from service.api.gate import GateShown, gate_shown
from service.api.history import history
from service.api.named import Named, opened
from service.api.pages import EXPORTS, Page, Paged
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.deciding import ConcludeDecision, ExplainAbsence, OpenDecision, OverrideGate
from service.domain.decision import AbsenceExplained, UnknownDecision
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import Selector
from service.domain.organisation import OrganisationKind
from service.domain.reconsidering import ReviseDecision
from service.projections import decisions_answer, membership
from service.projections.decisions import VIEW
from service.projections.decisions_answer import Decision, DecisionPage
from service.projections.model import Answer, Sealed

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["评议考核"])

Decisions = Annotated[Write, writes(Scope.DECISIONS_WRITE)]
DecisionsRead = Annotated[Read, reads(Scope.DECISIONS_READ, Purpose.APPRAISAL)]
_Result = Annotated[DecisionResult, Field(strict=False)]


class OpenDecisionBody(Act):
    """启动评议考核。"""

    member_id: Id
    """党员。"""
    purpose: Annotated[DecisionPurpose, Field(strict=False)]
    """事项：selection 评先评优，appraisal 民主评议，assessment 年度考核；任前考察另行启动。"""
    period: Annotated[str, Field(max_length=21)]
    """年度，如 2026。"""


class ExplainAbsenceBody(Act):
    """说明未报到。"""

    explanation: LongText
    """该党员从未到社区报到的原因。"""
    unit_view: LongText
    """所在支部对该党员的意见。"""


class OverrideDecisionBody(AtOnce):
    """特批。"""

    reason: LongText
    """原因。"""


class ConcludeDecisionBody(AtOnce):
    """作出评议考核结论。"""

    result: _Result
    """结论：评先评优为 selected、not_selected；民主评议为 outstanding、qualified、
    basically_qualified、unqualified；年度考核为 excellent、competent、basically_competent、
    incompetent。"""
    document_no: ShortText
    """所依据文件的文号；不得写入身份证号码等个人信息。"""
    reason: LongText
    """理由。"""


class ReviseDecisionBody(Act):
    """改变结论。"""

    result: _Result
    """改变后的结论，不得低于原结论。"""
    reason: LongText
    """理由。"""


class AbsenceExplanation(Answer):
    """对党员从未到社区报到的说明。"""

    explanation: Sealed
    """原因。"""
    unit_view: Sealed
    """所在支部的意见。"""
    explained_on: date
    """日期。"""
    explained_by: str
    """办理人。"""


class DecisionNamed(Decision, Named):
    """一项评议考核，以及党员的编号和姓名。"""


class DecisionStanding(Decision):
    """一项评议考核，及其先行程序今日的状态。"""

    explanations: list[AbsenceExplanation]
    """所在支部历次对该党员未报到的说明。"""
    gate: GateShown | None
    """先行程序；已经作出结论的为空。"""
    as_of_position: int
    """数据截至的日志位置；先行程序按此刻的日志判断。"""


class DecisionDetails(DecisionStanding, Named):
    """一项评议考核及其先行程序今日的状态，以及党员的编号和姓名。"""


@router.post(
    "/decisions",
    status_code=201,
    response_model=recorded("DecisionOpeningRecorded", "decision_id"),
    summary="启动评议考核",
)
async def open_decision(body: OpenDecisionBody, write: Decisions) -> Response:
    """由党员所在支部启动，同一事项、同一年度一次；须另行征求社区党组织意见。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.BRANCH)
    return await write.decide(
        OpenDecision(
            by=write.by(body),
            at=write.at(body),
            decision_id=new_id(),
            member_id=body.member_id,
            purpose=body.purpose,
            period=body.period,
        ),
        ids("decision_id"),
        "/api/v1/decisions/{decision_id}",
    )


@router.get("/decisions", response_model=Page[DecisionNamed], responses=EXPORTS, summary="评议考核")
async def decisions(
    read: DecisionsRead,
    paging: Paged,
    organisation_id: Annotated[Id, Query(description="所查看的组织，含其下级。")],
    purpose: Annotated[
        DecisionPurpose | None,
        Query(description="只列：selection 评先评优，appraisal 民主评议，assessment 年度考核。"),
    ] = None,
    year: Annotated[AskedYear | None, Query(description="年度；不填为历年。")] = None,
    concluded: Annotated[
        YesOrNo | None, Query(description="只列：true 已作出结论，false 尚未作出结论。")
    ] = None,
) -> Response:
    """供党员所在支部及其上级查看，按启动先后排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW, membership.VIEW)

    async def fetch(after: int, limit: int) -> DecisionPage:
        return await decisions_answer.decisions(
            read.sight,
            organisation_id,
            purpose=purpose,
            year=year,
            concluded=concluded,
            after=after,
            limit=limit,
        )

    async def present(page: DecisionPage) -> list[dict[str, Any]]:
        return await opened(read, page.items, page.as_of_position, names=read.sight)

    return await paging.answer(fetch, present, DecisionNamed)


@router.get(
    "/decisions/{decision_id}", response_model=DecisionDetails, summary="一项评议考核及先行程序"
)
async def decision(decision_id: Id, read: DecisionsRead) -> Response:
    """办理情况，以及能否作出结论、哪项条件没有满足：按日志此刻的记录判断。"""
    await read.fresh(VIEW, membership.VIEW)
    found = await decisions_answer.decision(read.sight, decision_id)
    if found is None:
        await read.certain(VIEW)
        found = await decisions_answer.decision(read.sight, decision_id)
    if found is None:
        raise UnknownDecision
    shown, position = found
    gate = None
    if shown.conclusion is None:
        gate = await gate_shown(
            read.serving, decision_id, shown.member_id, shown.purpose, shown.period
        )
    explanations = await _explanations(read, shown.member_id)
    standing = DecisionStanding(
        **dict(shown), explanations=explanations, gate=gate, as_of_position=position
    )
    [item] = await opened(read, [standing], position, names=read.sight)
    return answer(item, position)


async def _explanations(read: Read, member_id: str) -> list[AbsenceExplanation]:
    about = Selector([AbsenceExplained], [f"member:{member_id}"])
    events = [each.event for each in await history(read.serving.log, about)]
    names = AbsenceExplanation.model_fields
    return [AbsenceExplanation(**{name: getattr(each, name) for name in names}) for each in events]


@router.post(
    "/decisions/{decision_id}/override",
    status_code=201,
    response_model=recorded("GateOverrideRecorded", "override_id"),
    summary="特批",
)
async def override_decision(
    decision_id: Id, body: OverrideDecisionBody, write: Decisions
) -> Response:
    """由党员所在支部或者其上级的负责人对此刻未满足的条件特批，须有原因；此人不得自己作出结论。"""
    return await write.decide(
        OverrideGate(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            override_id=new_id(),
            decision_id=decision_id,
            reason=body.reason,
        ),
        ids("override_id"),
    )


@router.post(
    "/decisions/{decision_id}/conclusion",
    status_code=201,
    response_model=recorded("DecisionConclusionRecorded", "decision_id"),
    summary="作出评议考核结论",
)
async def conclude_decision(
    decision_id: Id, body: ConcludeDecisionBody, write: Decisions
) -> Response:
    """由党员所在支部或者其上级的负责人作出。没有社区党组织的意见，或者意见正有异议、逾期未出具的，
    不予记录，并说明哪项条件没有满足；结论作出后通知本人。"""
    return await write.decide(
        ConcludeDecision(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            decision_id=decision_id,
            result=body.result,
            document_no=body.document_no,
            reason=body.reason,
        ),
        ids("decision_id"),
    )


@router.post(
    "/decisions/{decision_id}/revision",
    status_code=201,
    response_model=recorded("DecisionRevisionRecorded", "decision_id", "objection_id"),
    summary="经异议改变结论",
)
async def revise_decision(decision_id: Id, body: ReviseDecisionBody, write: Decisions) -> Response:
    """异议成立或者部分成立之后改变结论，任前考察的也在此办理；不得比原结论更不利于本人。"""
    return await write.decide(
        ReviseDecision(
            by=write.by(body),
            at=write.at(body),
            decision_id=decision_id,
            result=body.result,
            reason=body.reason,
        ),
        ids("decision_id", "objection_id"),
    )


@router.post(
    "/members/{member_id}/absence-explanations",
    status_code=201,
    response_model=recorded("AbsenceExplanationRecorded", "explanation_id"),
    summary="说明未报到",
)
async def explain_absence(member_id: Id, body: ExplainAbsenceBody, write: Decisions) -> Response:
    """党员从未到社区报到的，由所在支部负责人作出书面说明并提出意见；评议考核的结论随之注明。"""
    return await write.decide(
        ExplainAbsence(
            by=write.by(body),
            at=write.at(body),
            explanation_id=new_id(),
            member_id=member_id,
            explanation=body.explanation,
            unit_view=body.unit_view,
        ),
        ids("explanation_id"),
    )
