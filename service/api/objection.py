"""异议: taken down on paper, answered, and listed for those it is addressed to (R39).

Members who sign in raise their own (`own.py`).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.consequence import Within
from service.api.fields import Act, Body, Id, LongText
from service.api.history import history
from service.api.named import Named, opened
from service.api.pages import EXPORTS, Page, Paged
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Write, ids, new_id, recorded, writes
from service.domain.event import SHANGHAI
from service.domain.objecting import AnswerObjection, RaiseObjection, Said, WithdrawObjection
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.domain.objection_subject import saying
from service.domain.organisation import OrganisationKind
from service.eventstore import EventLog
from service.projections import membership
from service.projections import objections_answer as view
from service.projections.objections import VIEW
from service.projections.objections_answer import Objection, ObjectionPage, ObjectionState

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["异议"])

Writing = Annotated[Write, writes(Scope.OBJECTIONS_WRITE)]
Reading = Annotated[Read, reads(Scope.OBJECTIONS_READ, Purpose.OBJECTION)]
RAISED = recorded("ObjectionRecorded", "objection_id")
WITHDRAWN = recorded("ObjectionWithdrawalRecorded", "objection_id")


class ObjectionNamed(Objection, Named):
    """一项异议及其办理情况，以及党员的编号和姓名。"""


class ObjectionShown(ObjectionNamed):
    """一项异议及其办理情况，以及党员的编号和姓名，截至某一位置。"""

    as_of_position: int
    """数据截至的日志位置。"""


class ObjectedTo(Body):
    """What is objected to, and why."""

    against: Annotated[ObjectionSubject, Field(strict=False)]
    """异议对象：participation 参加记录及其认定，opinion 社区意见，decision 评议考核结论，
    disqualification 取消评优评先资格，feedback 季度反馈，discrepancy 月查差异。"""
    subject_id: Id
    """所异议的记录、意见（征求意见的标识）或者结论的标识。"""
    text: LongText
    """异议内容。"""


class PaperObjectionBody(ObjectedTo, Act):
    """代为登记书面异议；发生时间为党员交来的时间。"""

    member_id: Id
    """提出异议的党员。"""


class AnswerObjectionBody(Act):
    """答复异议。"""

    outcome: Annotated[ObjectionOutcome, Field(strict=False)]
    """结果：upheld 成立，partly 部分成立，rejected 不成立。"""
    text: LongText
    """答复内容。"""


class WithdrawPaperObjectionBody(Act):
    """代为登记撤回异议。"""


async def said_of(
    log: EventLog, against: ObjectionSubject, subject_id: str, member_id: str
) -> Said | None:
    """What was last said about the member under this subject, and when they were told."""
    events = await history(log, saying(against, subject_id, member_id))
    if not events:
        return None
    last = events[-1]
    notified_on = last.recorded_at.astimezone(SHANGHAI).date()
    return Said(last.event.event_id, last.actor.organisation_id, notified_on)


@router.post("/objections", status_code=201, response_model=RAISED, summary="登记书面异议")
async def raise_objection(body: PaperObjectionBody, write: Writing) -> Response:
    """没有账号的党员，由所在支部代为登记其书面异议；自得知之日起30日内提出，30日内答复。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.BRANCH)
    said = await said_of(write.serving.log, body.against, body.subject_id, body.member_id)
    return await write.decide(
        RaiseObjection(
            by=write.by(body),
            at=write.at(body),
            objection_id=new_id(),
            member_id=body.member_id,
            against=body.against,
            subject_id=body.subject_id,
            said=said,
            text=body.text,
            on_paper=True,
        ),
        ids("objection_id"),
        "/api/v1/objections/{objection_id}",
    )


@router.post(
    "/objections/{objection_id}/withdrawal",
    status_code=201,
    response_model=WITHDRAWN,
    summary="登记撤回书面异议",
)
async def withdraw_paper_objection(
    objection_id: Id, body: WithdrawPaperObjectionBody, write: Writing
) -> Response:
    """由所在支部代为登记；答复之后不能撤回。"""
    acting_for(write.caller, write.caller.organisation_id, OrganisationKind.BRANCH)
    return await write.decide(
        WithdrawObjection(
            by=write.by(body), at=write.at(body), objection_id=objection_id, on_paper=True
        ),
        ids("objection_id"),
    )


@router.post(
    "/objections/{objection_id}/answers",
    status_code=201,
    response_model=recorded("ObjectionAnswerRecorded", "objection_id"),
    summary="答复异议",
)
async def answer_objection(objection_id: Id, body: AnswerObjectionBody, write: Writing) -> Response:
    """由被异议的党组织或者其上级的负责人答复；认定、签署意见、作出结论或者反馈的人不得答复。"""
    return await write.decide(
        AnswerObjection(
            by=write.by(body),
            at=write.at(body),
            objection_id=objection_id,
            outcome=body.outcome,
            text=body.text,
        ),
        ids("objection_id"),
    )


@router.get("/objections", response_model=Page[ObjectionNamed], responses=EXPORTS, summary="异议")
async def objections(
    read: Reading,
    paging: Paged,
    organisation_id: Within,
    state: Annotated[ObjectionState | None, Query(description="只列这一状态的。")] = None,
) -> Response:
    """对本组织及其下级组织提出的异议，以及由其代为登记的，按先后排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(VIEW, membership.VIEW)

    async def fetch(after: int, limit: int) -> ObjectionPage:
        return await view.of_organisation(
            read.sight, organisation_id, state=state, after=after, limit=limit
        )

    async def present(page: ObjectionPage) -> list[dict[str, Any]]:
        # Whoever has to answer is told who objects, one of their members or not any more.
        everybody = read.serving.log.pool
        return await opened(read, page.items, page.as_of_position, names=everybody)

    return await paging.answer(fetch, present, ObjectionNamed)


@router.get("/objections/{objection_id}", response_model=ObjectionShown, summary="一项异议")
async def objection(objection_id: Id, read: Reading) -> Response:
    """供被异议的党组织及其上级、代为登记的支部查看。"""
    await read.fresh(VIEW, membership.VIEW)
    found, position = await view.objection(read.sight, objection_id)
    if found is None:
        await read.certain(VIEW)
        found, position = await view.objection(read.sight, objection_id)
    if found is None:
        raise ResourceNotFound
    await read.serving.places.sees_any(read.caller, found.organisation_id, found.taken_down_by)
    [shown] = await opened(read, [found], position, names=read.serving.log.pool)
    return answer({**shown, "as_of_position": position}, position)
