"""意见的声明: what an organisation with a key of its own signs, and the figures in it (R27)."""

import json
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from service.api.fields import Id
from service.api.history import history, learn
from service.api.problems import ResourceNotFound
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reached, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import Serving
from service.api.writes import new_id
from service.domain.consultation import OpinionRequested, UnknownConsultation
from service.domain.event import Selector
from service.domain.opinion import Conduct, OpinionCountersigned, OpinionFigures, OpinionGiven
from service.domain.registration import RegistrationAccepted
from service.domain.replying import CountersignOpinion, GiveOpinion
from service.domain.signed import OwnSignature
from service.projections import opinion_figures
from service.projections.view import position

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["征求意见"])

Signing = Annotated[Read, reads(Scope.OPINIONS_WRITE, Purpose.CONSULTATION)]


class OpinionStatement(BaseModel):
    """意见的声明：填上为空的各项，取其规范形式（RFC 8785）签署。"""

    statement: dict[str, Any]


@router.get(
    "/consultations/{consultation_id}/opinion-statement",
    response_model=OpinionStatement,
    summary="待签的意见声明",
)
async def opinion_statement(
    consultation_id: Id,
    read: Signing,
) -> Response:
    """供有自己签名密钥的单位取得待签的内容；签署人、时间、各项评价和意见摘要由签署者填写。"""
    state, caller = read.serving, read.caller
    figures = await figures_of(state, caller.organisation_id, consultation_id)
    known = await learn(
        state.log,
        GiveOpinion(
            by=caller.actor(),
            at=state.clock(),
            opinion_id=new_id(),
            consultation_id=consultation_id,
            figures=figures,
            social_morality=Conduct.NO_BASIS,
            community_pledge=Conduct.NO_BASIS,
            bearing=Conduct.NO_BASIS,
            overall=Conduct.NO_BASIS,
        ),
    )
    asked = known.consultations.put_to(caller.organisation_id, consultation_id)
    stated = {
        "opinion_id": known.opinion_id,
        "consultation_id": consultation_id,
        "member_id": asked.member_id,
        "community_id": asked.community_id,
        "replying_id": caller.organisation_id,
        "figures": figures.model_dump(),
        "social_morality": None,
        "community_pledge": None,
        "bearing": None,
        "overall": None,
        "comment_digest": None,
        "replaces": known.opinions.withdrawn_last(consultation_id),
        "given_by": None,
    }
    return await _to_sign(read, OpinionGiven, stated, figures.as_of_position)


@router.get(
    "/opinions/{opinion_id}/countersignature-statement",
    response_model=OpinionStatement,
    summary="待签的会签声明",
)
async def countersignature_statement(opinion_id: Id, read: Signing) -> Response:
    """供有自己签名密钥的单位取得待签的内容；会签人、时间和生效日期由签署者填写。"""
    state, caller = read.serving, read.caller
    head = await state.log.head()
    known = await learn(
        state.log,
        CountersignOpinion(by=caller.actor(), at=state.clock(), opinion_id=opinion_id),
    )
    opinion = known.opinions.known.get(opinion_id)
    if opinion is None or opinion.replying_id != caller.organisation_id:
        raise ResourceNotFound
    asked = known.consultations.put_to(caller.organisation_id, opinion.consultation_id)
    stated = {
        "opinion_id": opinion_id,
        "consultation_id": opinion.consultation_id,
        "member_id": asked.member_id,
        "community_id": asked.community_id,
        "replying_id": opinion.replying_id,
        **opinion.views._asdict(),
        "comment_digest": opinion.comment_digest,
        "countersigned_on": None,
        "countersigned_by": None,
    }
    return await _to_sign(read, OpinionCountersigned, stated, head)


async def _to_sign(
    read: Read,
    event: type[OpinionGiven | OpinionCountersigned],
    stated: dict[str, Any],
    as_of_position: int,
) -> Response:
    await read.serving.opener.facts(read.occasion(as_of_position), [stated["member_id"]])
    statement = {
        "actor": {
            "organisation_id": read.caller.organisation_id,
            "person": None,
            "role": None,
        },
        "data": stated,
        "occurred_at": None,
        "type": event.event_type,
        "version": event.version,
    }
    return answer({"statement": statement}, as_of_position)


async def figures_of(
    state: Serving, organisation_id: str, consultation_id: str, own: OwnSignature | None = None
) -> OpinionFigures:
    """What the record holds now, for whoever is asked or above; or held at the position that is
    stated in what was signed, which lies between the request and now.

    Raises UnknownConsultation, ViewBehind.
    """
    tags = [f"consultation:{consultation_id}"]
    for request in await history(state.log, Selector([OpinionRequested], tags)):
        event = request.event
        if isinstance(event, OpinionRequested) and await _is_over(
            state, organisation_id, event.community_id
        ):
            await reached(state, opinion_figures.VIEW, request.position)
            # Whatever it has not seen yet came a moment ago: nobody is to wait for it.
            now = await position(state.log.pool, opinion_figures.VIEW)
            stated = now if own is None else _stated_position(own)
            accepted = Selector([RegistrationAccepted], [f"member:{event.member_id}"])
            return await opinion_figures.opinion_figures(
                state.log.pool,
                event.member_id,
                event.community_id,
                stated if request.position <= stated <= now else now,
                await history(state.log, accepted),
                state.calendars,
            )
    raise UnknownConsultation


async def _is_over(state: Serving, organisation_id: str, community_id: str) -> bool:
    place = await state.places.find(community_id)
    return place is not None and place.is_under(organisation_id)


def _stated_position(own: OwnSignature) -> int:
    """As of which position the figures are that were signed; 0 where none is stated."""
    try:
        stated = json.loads(own.statement)["data"]["figures"]["as_of_position"]
    except (KeyError, TypeError):
        return 0
    return stated if type(stated) is int else 0
