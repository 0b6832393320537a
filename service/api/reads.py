"""Every read goes through here: a view that is fresh enough, and the position it stands at.

A caller who has just written names the position it got (X-Position-At-Least) and reads its own
write, or gets 425 with the position reached so far.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header
from starlette.responses import Response

from service.api.access import Caller, Needs
from service.api.fields import WholeNumber
from service.api.opening import Occasion
from service.api.problems import Refusal
from service.api.purposes import Purpose
from service.api.request import StrictRequest
from service.api.scopes import Scope
from service.api.serving import Serving, serving
from service.projections.view import Sight, View, position
from service.trust.keyring import LawfulReading

_PAUSES = (0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.025)
"""Seconds a read waits, again and again, for a view that is a moment behind."""


class ViewBehind(Refusal):
    """所读数据尚未更新到要求的位置，请稍后重试。"""

    status = 425


@dataclass(frozen=True, slots=True)
class Read:
    """One read under way."""

    serving: Serving
    caller: Caller
    at_least: int
    purpose: Purpose
    request: StrictRequest

    @property
    def sight(self) -> Sight:
        """The views as the caller sees them."""
        return Sight(self.serving.log.fenced, self.caller.organisation_id)

    def occasion(self, position: int, lawful: LawfulReading | None = None) -> Occasion:
        """What is written down about a reading of what stands at a position."""
        return Occasion.of(self.request, self.purpose, position, lawful)

    async def fresh(self, *views: View) -> None:
        """Waits a moment for views that are behind what the caller demands; ViewBehind."""
        if self.at_least:
            for view in views:
                await reached(self.serving, view, self.at_least)

    async def certain(self, view: View) -> None:
        """Before saying that something does not exist: the view has seen the whole log."""
        await reached(self.serving, view, await self.serving.log.head())


async def reached(serving: Serving, view: View, at_least: int) -> None:
    """Waits a moment for a view that is behind a position; ViewBehind."""
    stands_at = 0
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        # Another process may have moved the view: the database says where it stands.
        stands_at = await position(serving.log.pool, view)
        if stands_at >= at_least:
            return
    headers = {"X-Position": str(stands_at), "Retry-After": "1"}
    raise ViewBehind(f"已更新到位置 {stands_at}。", headers=headers, position=stands_at)


def answer(content: Mapping[str, Any], as_of: int) -> Response:
    """A read's answer, with the position it stands at."""
    return answer_json(orjson.dumps(content), as_of)


def answer_json(content: bytes, as_of: int) -> Response:
    """The same from JSON that is made already."""
    return Response(content, headers={"X-Position": str(as_of)}, media_type="application/json")


class Reads(Needs):
    """A route that reads: needs a scope, and may be told how fresh to be and what for."""

    def __init__(self, scope: Scope, purpose: Purpose) -> None:
        super().__init__(scope)
        self.purpose = purpose
        """What the route is for, unless the request says otherwise."""

    async def __call__(
        self,
        request: StrictRequest,
        at_least: Annotated[
            WholeNumber,
            Header(
                alias="X-Position-At-Least",
                description="至少读到这一日志位置；尚未更新到时答 425。",
            ),
        ] = 0,
        purpose: Annotated[
            Purpose | None,
            Header(
                alias="X-Purpose",
                description=f"查阅目的，随查阅记录留存；不填的按接口的用途：{Purpose.listed()}。",
            ),
        ] = None,
    ) -> Read:
        """What the route function gets."""
        caller: Caller = request.state.caller
        return Read(serving(request), caller, at_least, purpose or self.purpose, request)


def reads(scope: Scope, purpose: Purpose = Purpose.ADMINISTRATION) -> Any:
    """Marks a read route: ``read: Annotated[Read, reads(Scope.MEMBERS_READ)]``."""
    return Depends(Reads(scope, purpose))
