"""The strict route: what is wrong with a request is said before any of it is used.

In this order: who is calling (401, 403), query parameters nobody knows (422), the body's
type (415), its length (413) and its form (422). Only then the framework validates the fields.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Body, Form, Query
from fastapi.routing import APIRoute
from starlette.responses import Response

from service.api.access import Needs
from service.api.problems import (
    Fault,
    InvalidRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from service.api.serving import serving

LONGEST_BODY = 256 * 1024
LONGEST_UPLOAD = 5 * 1024 * 1024
"""A roster of twenty thousand people is a file of about two megabytes."""


class DuplicateKey(ValueError):
    """Two values under one name: readers would disagree about which one counts."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DuplicateKey
    return found


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


_DECODER = JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)


class StrictRequest(Request):
    """A request whose body has a limit and whose JSON has one meaning only."""

    limit = LONGEST_BODY
    absent_is_empty = False
    """Whether no body at all stands for an object without fields."""
    _document: Any = None

    async def stream(self) -> AsyncGenerator[bytes, None]:
        declared = self.headers.get("content-length", "")
        length = int(declared) if declared.isdecimal() else 0
        if length > self.limit:
            raise self._too_large()
        received = 0
        async for chunk in super().stream():
            received += len(chunk)
            if received > self.limit:
                raise self._too_large()
            yield chunk

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"请求体至多 {self.limit // 1024} KiB。")

    async def body(self) -> bytes:
        content = await super().body()
        return b"{}" if not content and self.absent_is_empty else content

    async def json(self) -> Any:
        if self._document is None:
            self._document = _parsed(await self.body())
        return self._document


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = _DECODER.decode(body.decode("utf-8"))
    except DuplicateKey:
        raise InvalidRequest("请求体中有重复的字段名。", errors=[_whole("字段名重复")]) from None
    except UnicodeDecodeError:
        raise InvalidRequest("请求体须为 UTF-8 编码。", errors=[_whole("不是 UTF-8")]) from None
    except JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列起不是有效的 JSON"
        raise InvalidRequest("请求体不是有效的 JSON。", errors=[_whole(where)]) from None
    except (ValueError, RecursionError):
        raise InvalidRequest("请求体不是有效的 JSON。", errors=[_whole("数值或嵌套无效")]) from None
    if not isinstance(document, dict):
        raise InvalidRequest("请求体须为 JSON 对象。", errors=[_whole("须为对象")])
    return document


def _whole(detail: str) -> Fault:
    return Fault(detail=detail, code="json_invalid", pointer="")


class Route(APIRoute):
    """A route that needs a scope and takes exactly what it declares."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **declared: Any) -> None:
        # Generated clients name their methods by it: the function's name and nothing else.
        declared["generate_unique_id_function"] = lambda route: route.name
        # An act without particulars needs no body; `_check_media_type` judges bodies there are.
        declared["strict_content_type"] = False
        super().__init__(path, endpoint, **declared)

    @property
    def needs(self) -> Needs | None:
        """What it needs of its caller; None for the few routes without a token."""
        found = [call for call in _calls(self.dependant) if isinstance(call, Needs)]
        return found[0] if found else None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind our checks."""
        handler = super().get_route_handler()
        needed = self.needs
        names = {
            field.alias
            for field in get_flat_params(self.dependant)
            if isinstance(field.field_info, Query)
        }
        info = None if self.body_field is None else self.body_field.field_info
        media_type = info.media_type if isinstance(info, Body) else None
        parts = {field.alias for field in self.dependant.body_params}
        is_json = media_type is not None and not isinstance(info, Form)

        async def strict(request: Request) -> Response:
            request = StrictRequest(request.scope, request.receive)
            if needed is not None:
                state = serving(request)
                request.state.caller = needed.admit(state.tokens, request, state.clock())
            _check_query(request, names)
            if media_type is not None:
                if media_type == "multipart/form-data":
                    request.limit = LONGEST_UPLOAD
                _check_media_type(request, media_type)
            if media_type == "multipart/form-data":
                await _check_parts(request, parts)
            if is_json:
                request.absent_is_empty = True
                await request.json()
            return await handler(request)

        return strict


def _calls(dependant: Dependant) -> Iterator[Any]:
    for dependency in dependant.dependencies:
        yield dependency.call
        yield from _calls(dependency)


def _check_query(request: Request, names: set[str]) -> None:
    seen: set[str] = set()
    faults = []
    for name, _ in request.query_params.multi_items():
        if name not in names:
            # The name is not repeated: somebody may have put an ID number into the URL.
            faults.append(Fault(detail="不认识的查询参数", code="extra_forbidden"))
        elif name in seen:
            faults.append(Fault(detail="重复的查询参数", code="repeated", parameter=name))
        seen.add(name)
    if faults:
        raise InvalidRequest("查询参数不符合要求。", errors=list(dict.fromkeys(faults)))


async def _check_parts(request: Request, names: set[str]) -> None:
    """Every part of the form is one that the route knows, and there once."""
    form = await request.form()
    found = [name for name, _ in form.multi_items()]
    if set(found) <= names and len(set(found)) == len(found):
        return
    await form.close()
    raise InvalidRequest("表单中有不认识的或重复的字段。", errors=[_whole("不认识的或重复的字段")])


def _check_media_type(request: Request, media_type: str) -> None:
    given = request.headers.get("content-type")
    if given is None:
        length = request.headers.get("content-length", "0")
        if length == "0" and "transfer-encoding" not in request.headers:
            return
        raise UnsupportedMediaType(f"请求体类型须为 {media_type}。")
    essence, _, parameters = given.partition(";")
    charset = parameters.strip().lower()
    if essence.strip().lower() != media_type:
        raise UnsupportedMediaType(f"请求体类型须为 {media_type}。")
    if media_type == "application/json" and charset not in {"", "charset=utf-8"}:
        raise UnsupportedMediaType("JSON 请求体须为 UTF-8 编码。")
