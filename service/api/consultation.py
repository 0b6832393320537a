"""征求意见: whoever decides about a member asks the community first (R26, R27)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from service.api.access import Caller, needs
from service.api.fields import Act, AtOnce, Code, Day, Id, LongText, ShortText
from service.api.named import Named, opened
from service.api.pages import EXPORTS, Page, Paged
from service.api.problems import Fault, InvalidRequest, Refusal, ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.request import StrictRequest
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import Serving, serving
from service.api.writes import Write, ids, new_id, recorded, writes
from service.data.bases import Basis
from service.domain.consulting import DAYS_AT_MOST, AskOpinion, WithdrawConsultation
from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import SHANGHAI
from service.domain.reminding import OrderReminder
from service.domain.working_days import after as working_days_after
from service.projections import consultations_answer, membership
from service.projections.consultations import VIEW
from service.projections.consultations_model import (
    Consultation,
    ConsultationPage,
    ConsultationState,
)

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["征求意见"])

Writing = Annotated[Write, writes(Scope.CONSULTATIONS_WRITE)]
ConsultationsRead = Annotated[Read, reads(Scope.CONSULTATIONS_READ, Purpose.CONSULTATION)]


class UnknownBasis(Refusal):
    """没有配置这一依据文件。"""

    status = 409
    rule = "R26"


class BasisNotOfPurpose(Refusal):
    """这一依据文件不适用于所办事项。"""

    status = 409
    rule = "R26"


class AskOpinionBody(AtOnce):
    """征求意见。"""

    member_id: Id
    """党员；征求其报到的（已注销的，最后报到的）社区党组织的意见。"""
    purpose: Annotated[DecisionPurpose, Field(strict=False)]
    """事项：selection 评先评优，appraisal 民主评议，assessment 年度考核，由党员所在支部征求；
    vetting 任前考察，由组织部门征求。"""
    period: ShortText
    """考察期间：年度，如 2026；任前考察为起止日期，如 2021-03-01/2026-09-30。"""
    due_on: Day | None = None
    """应于何日之前出具意见，须为工作日；与 working_days 填写其一。"""
    working_days: Annotated[int, Field(ge=1, le=DAYS_AT_MOST)] | None = None
    """自次日起多少个工作日内出具意见。"""
    basis: Code
    """依据文件的代码，见 /consultation-bases。"""
    masked: bool = False
    """是否不告知社区由谁征求、所办何事。"""


class WithdrawConsultationBody(Act):
    """撤回征求意见。"""

    reason: LongText
    """理由；不得写入姓名等个人信息。"""


class ConsultationShown(Consultation, Named):
    """一次征求意见，以及党员的编号和姓名。"""


class BasisShown(BaseModel):
    """征求意见所依据的一份文件。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    code: str
    """代码。"""
    document_no: str
    """文号。"""
    title: str
    """标题。"""
    issued_by: str
    """发文机关。"""
    issued_on: date
    """发文日期。"""
    purposes: list[DecisionPurpose]
    """适用的事项。"""
    source: str
    """来源。"""
    invented: list[str]
    """其中为示例的各项；为空的，均如文件所载。"""


class BasesShown(BaseModel):
    """征求意见的依据文件。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    items: list[BasisShown]
    """各份文件，依代码排列。"""


@router.get("/consultation-bases", response_model=BasesShown, summary="征求意见的依据文件")
async def consultation_bases(
    request: StrictRequest, _: Annotated[Caller, needs(Scope.CONSULTATIONS_READ)]
) -> BaseModel:
    """由运行本服务的单位配置的本地文件；随附的只是示例。"""
    bases = serving(request).bases.values()
    return BasesShown(items=[BasisShown(**basis.model_dump()) for basis in bases])


@router.post(
    "/consultations",
    status_code=201,
    response_model=recorded("ConsultationRecorded", "consultation_id"),
    summary="征求意见",
)
async def ask_opinion(body: AskOpinionBody, write: Writing) -> Response:
    """评先评优、民主评议、年度考核和任前考察作出结论之前，须征求社区党组织意见。"""
    at = write.serving.clock()
    basis = _basis(write.serving, body)
    return await write.decide(
        AskOpinion(
            by=write.by_officer(body.acting_officer),
            at=at,
            consultation_id=new_id(),
            member_id=body.member_id,
            purpose=body.purpose,
            period=body.period,
            due_on=_due_on(write.serving, body, at.astimezone(SHANGHAI).date()),
            document_no=basis.document_no,
            document_title=basis.title,
            masked=body.masked,
            calendars=write.serving.calendars,
        ),
        ids("consultation_id"),
        "/api/v1/consultations/{consultation_id}",
    )


@router.post(
    "/consultations/{consultation_id}/reminders",
    status_code=201,
    response_model=recorded("ReminderRecorded", "consultation_id"),
    summary="要求催办",
)
async def order_reminder(consultation_id: Id, body: AtOnce, write: Writing) -> Response:
    """逾期未出具意见的，由征求的组织要求催办，每日至多一次；服务也自行催办两次。"""
    return await write.decide(
        OrderReminder(
            by=write.by_officer(body.acting_officer),
            at=write.serving.clock(),
            consultation_id=consultation_id,
        ),
        ids("consultation_id"),
    )


@router.post(
    "/consultations/{consultation_id}/withdrawal",
    status_code=201,
    response_model=recorded("ConsultationWithdrawalRecorded", "consultation_id"),
    summary="撤回征求意见",
)
async def withdraw_consultation(
    consultation_id: Id, body: WithdrawConsultationBody, write: Writing
) -> Response:
    """由征求的组织在收到意见之前撤回，须有理由；理由不告知社区。"""
    return await write.decide(
        WithdrawConsultation(
            by=write.by(body),
            at=write.at(body),
            consultation_id=consultation_id,
            reason=body.reason,
        ),
        ids("consultation_id"),
    )


@router.get(
    "/consultations",
    response_model=Page[ConsultationShown],
    responses=EXPORTS,
    summary="本单位征求的意见",
)
async def consultations(
    read: ConsultationsRead,
    paging: Paged,
    organisation_id: Annotated[Id, Query(description="征求意见的组织，含其下级。")],
    state: Annotated[
        ConsultationState | None,
        Query(description="只列：open 尚无生效的意见，answered 已有，withdrawn 已撤回。"),
    ] = None,
) -> Response:
    """供征求意见的组织及其上级查看，按征求先后排列；待会签的意见不在其中。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW, membership.VIEW)

    async def fetch(after: int, limit: int) -> ConsultationPage[Consultation]:
        return await consultations_answer.consultations(
            read.sight, organisation_id, state=state, after=after, limit=limit
        )

    async def present(page: ConsultationPage[Consultation]) -> list[dict[str, Any]]:
        return await opened(read, page.items, page.as_of_position, names=read.sight)

    return await paging.answer(fetch, present, ConsultationShown)


@router.get(
    "/consultations/{consultation_id}", response_model=ConsultationShown, summary="一次征求意见"
)
async def consultation(consultation_id: Id, read: ConsultationsRead) -> Response:
    """供征求意见的组织及其上级查看；社区查看转请的内容，见 /opinion-requests。"""
    await read.fresh(VIEW, membership.VIEW)
    found, position = await consultations_answer.consultation(read.sight, consultation_id)
    if found is None:
        await read.certain(VIEW)
        found, position = await consultations_answer.consultation(read.sight, consultation_id)
    if found is None:
        raise ResourceNotFound
    await read.serving.places.sees_any(read.caller, found.organisation_id)
    [shown] = await opened(read, [found], position, names=read.sight)
    return answer(shown, position)


def _basis(serving: Serving, body: AskOpinionBody) -> Basis:
    basis = serving.bases.get(body.basis)
    if basis is None:
        raise UnknownBasis(errors=[Fault(detail="没有这一代码", pointer="/basis")])
    if body.purpose not in basis.purposes:
        raise BasisNotOfPurpose(errors=[Fault(detail="不适用于所办事项", pointer="/basis")])
    return basis


def _due_on(serving: Serving, body: AskOpinionBody, today: date) -> date:
    """As stated, or so many working days after today; CalendarNotPublished."""
    if body.working_days is not None and body.due_on is None:
        return working_days_after(serving.calendars, today, body.working_days)
    if body.due_on is None or body.working_days is not None:
        faults = [Fault(detail="须且只须填写 due_on、working_days 之一", pointer="/due_on")]
        raise InvalidRequest(errors=faults)
    return body.due_on
