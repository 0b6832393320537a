"""Every write goes through here: once per idempotency key, decided by the log, answered with 201.

A key belongs to a client. The first answer is kept with the events it caused, in one transaction;
the same request sent again gets it back and nothing happens a second time.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import digest
from json import JSONEncoder
from typing import Annotated, Any
from uuid import uuid4

import orjson
from fastapi import Depends, Header
from pydantic import BaseModel, ConfigDict, create_model
from starlette.responses import Response

from service.api.access import Caller, Needs
from service.api.fields import Act, ActingOfficer
from service.api.problems import Fault, InvalidRequest, Refusal
from service.api.request import StrictRequest
from service.api.scopes import Scope
from service.api.serving import Serving, serving
from service.domain.event import Actor, Command, Event
from service.eventstore import Idempotency, IdempotencyKeyReused
from service.trust.keyring import KeyDestroyed

Answer = Callable[[Sequence[Event]], dict[str, Any]]

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_CANONICAL = JSONEncoder(sort_keys=True)
_AHEAD = timedelta(minutes=5)
"""How far a caller's clock may be ahead of ours."""


class IdempotencyKeyMissing(Refusal):
    """写入须带 Idempotency-Key 请求头（1 至 255 个可见 ASCII 字符）。"""

    status = 400


class IdempotencyKeyInUse(Refusal):
    """同一幂等键的请求正在处理。"""

    status = 409


class IdempotencyKeyUsed(Refusal):
    """该幂等键已用于内容不同的请求。"""

    status = 422


class SubjectIsErased(Refusal):
    """该党员的个人信息已删除，不能再记录有关其个人的内容。"""

    status = 409
    rule = "R40"


class Recorded(BaseModel):
    """已记录：有关的编号，以及记录在日志中的位置。"""

    model_config = ConfigDict(use_attribute_docstrings=True)

    position: int
    """日志位置；读取时以 X-Position-At-Least 指明，即可读到本次写入。"""


class _WithIds(Recorded):
    # To look for the source of each model made below, which has none, takes 0.1 s.
    model_config = ConfigDict(use_attribute_docstrings=False)


def new_id() -> str:
    """A fresh opaque id."""
    return str(uuid4())


def recorded(name: str, *ids: str) -> type[Recorded]:
    """The model of a write's answer with these ids, for the OpenAPI document."""
    fields: dict[str, Any] = dict.fromkeys(ids, (str, ...))
    return create_model(name, __base__=_WithIds, __doc__=Recorded.__doc__, **fields)


def ids(*names: str) -> Answer:
    """Answers with these fields of the event that happened last."""
    return lambda events: {name: getattr(events[-1], name) for name in names}


@dataclass(frozen=True, slots=True)
class Write:
    """One write under way: who makes it, under which key, and what it asks."""

    serving: Serving
    caller: Caller
    key: str
    fingerprint: bytes

    def by(self, act: Act) -> Actor:
        """Who acts."""
        return self.caller.actor(act.acting_officer)

    def by_officer(self, officer: ActingOfficer | None) -> Actor:
        """Who acts, where the request is no JSON document."""
        return self.caller.actor(officer)

    def at(self, act: Act) -> datetime:
        """When it happened: now, unless the act says that it was earlier."""
        return self.moment(act.occurred_at, "/occurred_at")

    def moment(self, stated: datetime | None, pointer: str) -> datetime:
        """A stated moment, refused when it lies in the future; now where none is stated."""
        now = self.serving.clock()
        if stated is None:
            return now
        if stated > now + _AHEAD:
            fault = Fault(detail="不得晚于现在", code="future", pointer=pointer)
            raise InvalidRequest("发生时间晚于现在。", errors=[fault])
        return stated

    async def decide(self, command: Command, answer: Answer, location: str = "") -> Response:
        """Decides the command and answers 201; ``location`` names the new resource by its ids."""
        running = self.caller.client_id, self.key
        if running in self.serving.running:
            raise IdempotencyKeyInUse(headers={"Retry-After": "1"})
        self.serving.running.add(running)
        try:
            decided = await self.serving.log.decide(
                command, Idempotency(self.caller.client_id, self.key, self.fingerprint, answer)
            )
        except IdempotencyKeyReused:
            raise IdempotencyKeyUsed from None
        except KeyDestroyed:
            raise SubjectIsErased from None
        finally:
            self.serving.running.discard(running)
        return _created(decided.answer, decided.position, location, replayed=decided.replayed)


def _created(
    answer: Mapping[str, Any], position: int, location: str, *, replayed: bool
) -> Response:
    headers = {"X-Position": str(position)}
    if location:
        headers["Location"] = location.format_map(answer)
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(
        orjson.dumps({**answer, "position": position}),
        status_code=201,
        headers=headers,
        media_type="application/json",
    )


class Writes(Needs):
    """A route that writes: needs a scope and an idempotency key."""

    async def __call__(
        self,
        request: StrictRequest,
        key: Annotated[
            str | None,
            Header(
                alias="Idempotency-Key",
                description="幂等键：同一请求重发时不变，不同请求各用其一。",
            ),
        ] = None,
    ) -> Write:
        """What the route function gets."""
        if key is None or not _KEY.fullmatch(key):
            raise IdempotencyKeyMissing(
                errors=[Fault(detail="必须填写", parameter="Idempotency-Key")]
            )
        state = serving(request)
        # Keyed: nobody can try out on a copy of the database what it was that somebody sent.
        fingerprint = digest(state.request_secret, await _content_hash(request), "sha256")
        return Write(state, request.state.caller, key, fingerprint)


def writes(scope: Scope) -> Any:
    """Marks a write route: ``write: Annotated[Write, writes(Scope.ROSTER_WRITE)]``."""
    return Depends(Writes(scope))


async def _content_hash(request: StrictRequest) -> bytes:
    """Stands for what is asked: method, path, query, and the body whatever its spacing."""
    scope = request.scope
    parts = [scope["method"], scope["path"], *map(repr, sorted(request.query.items()))]
    hashed = sha256("\n".join(parts).encode())
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        for name, value in sorted(form.multi_items(), key=lambda item: item[0]):
            content = value.encode() if isinstance(value, str) else await value.read()
            hashed.update(f"\n{name} {len(content)}\n".encode() + content)
            if not isinstance(value, str):
                await value.seek(0)
    else:
        hashed.update(b"\n" + _CANONICAL.encode(await request.json()).encode())
    return hashed.digest()
