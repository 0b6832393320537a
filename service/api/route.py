"""The strict route: what is wrong with a request is said before any of it is used.

In this order: who is calling (401, 403), query parameters nobody knows (422), the body's
type (415), its length (413) and its form (422); then each field (422), and the function is called.
"""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Body, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import FormData
from starlette.responses import Response

from service.api.access import Needs
from service.api.arguments import Arguments
from service.api.problems import Fault, InvalidRequest, UnsupportedMediaType
from service.api.request import StrictRequest, whole
from service.api.serving import serving

LONGEST_UPLOAD = 5 * 1024 * 1024
"""A roster of twenty thousand people is a file of about two megabytes."""

_JSON, _UPLOAD = "application/json", "multipart/form-data"


class Route(APIRoute):
    """A route that needs a scope and takes exactly what it declares."""

    methods: set[str]
    needs: Needs | None
    """What it needs of its caller; None for the few routes without a token."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        # Generated clients name their methods by it: the function's name and nothing else.
        declared["generate_unique_id_function"] = lambda route: route.name
        super().__init__(path, endpoint, **declared)
        self.needs = next((n for n in _calls(self.dependant) if isinstance(n, Needs)), None)
        self._arguments = Arguments(self.dependant, embedded=self._embed_body_fields)
        self._query_names = {
            field.alias
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, Query)
        }
        info = None if self.body_field is None else self.body_field.field_info
        self._media_type = info.media_type if isinstance(info, Body) else None
        self._parts = {field.alias for field in self.dependant.body_params}

    async def answer(self, request: StrictRequest) -> Response:
        """The answer to a request for this path and method; raises what it is refused with."""
        if self.needs is not None:
            state = serving(request)
            request.state.caller = self.needs.admit(state.tokens, request, state.clock())
        request.template = self.path
        request.query = self._query(request)
        try:
            body = await self._body(request)
            answer = await self.endpoint(**await self._arguments.of(request, body))
        finally:
            if self._media_type not in {None, _JSON}:
                await request.close()
        if isinstance(answer, BaseModel):
            return Response(answer.model_dump_json(), media_type=_JSON)
        found: Response = answer
        return found

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The same for whoever calls through the framework."""

        async def answer(request: Request) -> Response:
            return await self.answer(StrictRequest(request.scope, request.receive))

        return answer

    def _query(self, request: Request) -> dict[str, str]:
        if not request.scope["query_string"]:
            return {}
        pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        found = dict(pairs)
        if len(found) == len(pairs) and found.keys() <= self._query_names:
            return found
        raise InvalidRequest("查询参数不符合要求。", errors=self._query_faults(pairs))

    def _query_faults(self, pairs: list[tuple[str, str]]) -> list[Fault]:
        seen: set[str] = set()
        faults = []
        for name, _ in pairs:
            if name not in self._query_names:
                # The name is not repeated: somebody may have put an ID number into the URL.
                faults.append(Fault(detail="不认识的查询参数", code="extra_forbidden"))
            elif name in seen:
                faults.append(Fault(detail="重复的查询参数", code="repeated", parameter=name))
            seen.add(name)
        return list(dict.fromkeys(faults))

    async def _body(self, request: StrictRequest) -> dict[str, Any] | FormData | None:
        if self._media_type is None:
            return None
        _check_media_type(request, self._media_type)
        if self._media_type == _JSON:
            # An act without particulars needs no body.
            request.absent_is_empty = True
            return await request.json()
        if self._media_type == _UPLOAD:
            request.limit = LONGEST_UPLOAD
        form = await request.form()
        if self._media_type == _UPLOAD:
            # Every part of the form is one that the route knows, and there once.
            found = [name for name, _ in form.multi_items()]
            if len(set(found)) < len(found) or not set(found) <= self._parts:
                fault = whole("不认识的或重复的字段")
                raise InvalidRequest("表单中有不认识的或重复的字段。", errors=[fault])
        return form


def _calls(dependant: Dependant) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)


def _check_media_type(request: Request, media_type: str) -> None:
    given = request.headers.get("content-type")
    if given == media_type:
        return
    if given is None:
        length = request.headers.get("content-length", "0")
        if length == "0" and "transfer-encoding" not in request.headers:
            return
        raise UnsupportedMediaType(f"请求体类型须为 {media_type}。")
    essence, _, parameters = given.partition(";")
    charset = parameters.strip().lower()
    if essence.strip().lower() != media_type:
        raise UnsupportedMediaType(f"请求体类型须为 {media_type}。")
    if media_type == _JSON and charset not in {"", "charset=utf-8"}:
        raise UnsupportedMediaType("JSON 请求体须为 UTF-8 编码。")
