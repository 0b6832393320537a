"""One registration or one activity, as the log has it at this very moment.

They have few events each, so that they are folded when asked for: what was just written is there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from service.api.access import Caller, needs
from service.api.fields import Id
from service.api.history import history
from service.api.problems import ResourceNotFound
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.serving import serving
from service.domain.activity import (
    Activities,
    Activity,
    ActivityCancelled,
    ActivityCompleted,
    ActivityKind,
    ActivityPlanned,
    ActivityPublished,
    ActivityRescheduled,
)
from service.domain.event import SHANGHAI, Event, Selector
from service.domain.registration import (
    Basis,
    MemberDeregistered,
    MemberRegistered,
    RegistrationAccepted,
    RegistrationDeclined,
    RegistrationTransferRequested,
)
from service.domain.registration_deadline import is_late
from service.eventstore import EventLog, Recorded

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["查询"])


class RegistrationShown(BaseModel):
    """一次报到或转移报到。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    registration_id: str
    member_id: str
    branch_id: str
    """办理时党员所在的机关党支部。"""
    community_id: str
    state: Literal["waiting", "accepted", "declined", "transferred", "deregistered"] = "waiting"
    """待接收、已接收、不予接收、已转出、已注销。"""
    basis: Basis | None = None
    """报到依据；转移的为空。"""
    transferred_from: str | None = None
    """由哪一次报到转来。"""
    registered_at: datetime
    """报到或申请转移的时间。"""
    deadline: datetime | None = None
    """报到时适用的期限。"""
    late: bool = False
    """是否逾期报到。"""
    answered_at: datetime | None = None
    """社区答复的时间。"""
    receipt_no: str | None = None
    """报到回执编号。"""
    reason_code: str | None = None
    """不予接收或注销的原因。"""


class ActivityShown(BaseModel):
    """一个活动。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    activity_id: str
    community_id: str
    title: str
    kind: ActivityKind
    category: str
    state: Literal["planned", "published", "completed", "cancelled"] = "planned"
    """planned 已计划，published 已发布，completed 已结束，cancelled 已取消。"""
    starts_at: datetime
    ends_at: datetime
    place: str
    capacity: int | None
    branch_id: str | None
    service_post_id: str | None
    programme_id: str | None
    risky: bool
    risk_notes: str | None
    insurance: str | None


_REGISTRATION: list[type[Event]] = [
    MemberRegistered,
    RegistrationTransferRequested,
    RegistrationAccepted,
    RegistrationDeclined,
    MemberDeregistered,
]
_ACTIVITY: list[type[Event]] = [
    ActivityPlanned,
    ActivityPublished,
    ActivityRescheduled,
    ActivityCancelled,
    ActivityCompleted,
]


@router.get(
    "/registrations/{registration_id}", response_model=RegistrationShown, summary="一次报到"
)
async def registration(
    registration_id: Id, read: Annotated[Read, reads(Scope.REGISTRATIONS_READ)]
) -> Response:
    """供党员所在支部、所报到的社区及其上级查看。"""
    state = read.serving
    about = Selector(_REGISTRATION, [f"registration:{registration_id}"])
    events = await history(state.log, about)
    shown = _registration(registration_id, events)
    if shown is None:
        raise ResourceNotFound
    await state.places.sees_any(read.caller, shown.branch_id, shown.community_id)
    position = events[-1].position
    await state.opener.facts(read.occasion(position), [shown.member_id])
    return answer(shown.model_dump(mode="json"), position)


def _registration(registration_id: str, events: Sequence[Recorded]) -> RegistrationShown | None:
    shown: RegistrationShown | None = None
    for recorded in events:
        event = recorded.event
        # A transfer is an event of the registration it leaves as well, but makes another one.
        own = getattr(event, "registration_id", None) == registration_id
        if own and isinstance(event, MemberRegistered | RegistrationTransferRequested):
            stated = event.model_dump(include=set(RegistrationShown.model_fields))
            shown = RegistrationShown(
                **stated, registered_at=recorded.occurred_at.astimezone(SHANGHAI)
            )
            shown.late = is_late(recorded.occurred_at, shown.deadline)
        elif shown is not None:
            _answered(shown, recorded, own=own)
    return shown


def _answered(shown: RegistrationShown, recorded: Recorded, *, own: bool) -> None:
    """What became of the registration."""
    match recorded.event:
        case RegistrationAccepted(receipt_no=receipt_no) if own:
            shown.state, shown.receipt_no = "accepted", receipt_no
            shown.answered_at = recorded.occurred_at.astimezone(SHANGHAI)
        case RegistrationAccepted():
            shown.state = "transferred"
        case RegistrationDeclined(reason_code=reason_code) if own:
            shown.state, shown.reason_code = "declined", reason_code
            shown.answered_at = recorded.occurred_at.astimezone(SHANGHAI)
        case MemberDeregistered(reason_code=reason_code):
            shown.state, shown.reason_code = "deregistered", reason_code
        case _:
            pass


@router.get("/activities/{activity_id}", response_model=ActivityShown, summary="一个活动")
async def activity(
    activity_id: Id,
    request: Request,
    caller: Annotated[Caller, needs(Scope.ACTIVITIES_READ)],
) -> Response:
    """已发布的活动各组织均可查看；未发布的只供举办的社区及其上级查看。"""
    state = serving(request)
    events = await history(state.log, Selector(_ACTIVITY, [f"activity:{activity_id}"]))
    shown = _activity(events)
    if shown is None:
        raise ResourceNotFound
    if shown.state == "planned":
        await state.places.sees_any(caller, shown.community_id)
    return answer(shown.model_dump(mode="json"), events[-1].position)


async def own_activity(log: EventLog, caller: Caller, activity_id: str) -> Activity:
    """The activity, if it is one of the calling community; UnknownActivity."""
    activities = Activities()
    for recorded in await history(log, Activities.about(activity_id)):
        recorded.event.mutate(activities)
    return activities.require(activity_id, caller.organisation_id)


def _activity(events: Sequence[Recorded]) -> ActivityShown | None:
    shown: ActivityShown | None = None
    for recorded in events:
        event = recorded.event
        if isinstance(event, ActivityPlanned):
            shown = ActivityShown(**event.model_dump(include=set(ActivityShown.model_fields)))
        elif shown is None:
            continue
        elif isinstance(event, ActivityPublished):
            shown.state = "published"
            shown.risk_notes = event.risk_notes or shown.risk_notes
            shown.insurance = event.insurance or shown.insurance
        elif isinstance(event, ActivityRescheduled):
            shown.starts_at, shown.ends_at = event.starts_at, event.ends_at
            shown.place = event.place
        elif isinstance(event, ActivityCompleted):
            shown.state = "completed"
        elif isinstance(event, ActivityCancelled):
            shown.state = "cancelled"
    return shown
