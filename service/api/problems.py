"""Everything that is refused, in one form: application/problem+json (RFC 9457).

A refusal is a class: its name gives the stable code, the first line of its docstring is the Chinese
sentence a person reads. The refusals of the domain (`Rejection`) are answered the same way, and so
is what the framework refuses by itself. Nothing here ever repeats what was sent: it may hold
personal data.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.domain.event import Rejection

MEDIA_TYPE = "application/problem+json"
URN = "urn:eighthours:problem:"


class Fault(BaseModel):
    """一处错误：在请求的何处，是什么。"""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    detail: str
    """哪里不对。"""
    code: str | None = None
    """错误类别。"""
    pointer: str | None = None
    """请求体内的位置（JSON Pointer，RFC 6901）。"""
    parameter: str | None = None
    """查询参数、路径参数或请求头的名称。"""


class Problem(BaseModel):
    """出错的回答（RFC 9457）。"""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    type: str = Field(examples=[f"{URN}already-registered"])
    """稳定的错误标识，见 contracts/rejections.json。"""
    title: str
    """这一类错误的说明。"""
    status: int
    """HTTP 状态码。"""
    detail: str
    """这一次的具体情况。"""
    request_id: str
    """请求编号，报告问题时请附上。"""
    rule: str | None = None
    """所依据的规则编号。"""
    errors: list[Fault] = Field(default_factory=list)
    """逐处列出的错误。"""


class Refusal(HTTPException):
    """A request refused by the API itself; subclasses say why.

    It is an HTTPException so that the framework lets it pass wherever it is raised.
    """

    status: ClassVar[int]
    rule: ClassVar[str] = ""
    """The rule of the domain it keeps, if it keeps one."""

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(self.status, detail or self.title(), headers)
        self.errors = list(errors)
        self.members = {**members, "rule": self.rule} if self.rule else members

    @classmethod
    def title(cls) -> str:
        """The Chinese sentence: the first line of the docstring."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    @classmethod
    def code(cls) -> str:
        """The stable code, in kebab case."""
        return "".join(f"-{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("-")


class InvalidRequest(Refusal):
    """请求内容不符合要求。"""

    status = 422


class MalformedRequest(Refusal):
    """请求无法解析。"""

    status = 400


class ResourceNotFound(Refusal):
    """没有这一资源，或无权知悉。"""

    status = 404


class PathNotFound(Refusal):
    """没有这一路径。"""

    status = 404


class MethodNotAllowed(Refusal):
    """该路径不支持这一方法。"""

    status = 405


class PayloadTooLarge(Refusal):
    """请求体过大。"""

    status = 413


class UnsupportedMediaType(Refusal):
    """不支持的请求体类型。"""

    status = 415


class InternalFailure(Refusal):
    """服务内部错误，已记录。"""

    status = 500


class TemporarilyUnavailable(Refusal):
    """服务暂时不可用，请稍后重试。"""

    status = 503


_BY_STATUS: dict[int, type[Refusal]] = {
    400: MalformedRequest,
    404: PathNotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
    422: InvalidRequest,
    503: TemporarilyUnavailable,
}


def answer(request: Request, refusal: Refusal) -> Response:
    """The problem document of a refusal."""
    return _document(
        request,
        {
            "type": URN + refusal.code(),
            "title": refusal.title(),
            "status": refusal.status,
            "detail": refusal.detail,
        },
        refusal.errors,
        refusal.members,
        refusal.headers,
    )


def answer_rejection(request: Request, rejection: Rejection) -> Response:
    """The problem document of a broken rule of the domain."""
    faults = [Fault(pointer=pointer, detail=detail) for pointer, detail in rejection.errors]
    return _document(
        request,
        {
            "type": URN + rejection.code(),
            "title": rejection.title(),
            "status": rejection.status,
            "detail": rejection.detail,
        },
        faults,
        {"rule": rejection.rule} if rejection.rule else {},
    )


def answer_http_exception(request: Request, error: HTTPException) -> Response:
    """The problem document of what the framework refuses: no such path, no such method, …"""
    if not isinstance(error, Refusal):
        error = _BY_STATUS.get(error.status_code, InternalFailure)(headers=error.headers)
    return answer(request, error)


def _document(
    request: Request,
    head: dict[str, Any],
    faults: Sequence[Fault],
    members: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> Response:
    document = {**head, "request_id": request_id(request), **members}
    if faults:
        document["errors"] = [fault.model_dump(exclude_none=True) for fault in faults]
    return Response(
        orjson.dumps(document),
        status_code=head["status"],
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def request_id(request: Request) -> str:
    """The number the edge gave this request."""
    return str(request.state.request_id)


def registry() -> list[dict[str, Any]]:
    """Every problem this API can answer with: what contracts/rejections.json holds.

    Call it with every module imported, as `create_app` does.
    """
    found: dict[str, dict[str, Any]] = {}
    for refused in (*_subclasses(Refusal), *_subclasses(Rejection)):
        code = refused.code()
        if code in found:
            raise ValueError(f"two problems have the code {code}")
        found[code] = {
            "code": code,
            "type": URN + code,
            "title": refused.title(),
            "status": refused.status,
            "rule": refused.rule or None,
        }
    return sorted(found.values(), key=lambda entry: str(entry["code"]))


def _subclasses(parent: type[Refusal] | type[Rejection]) -> Iterator[Any]:
    for child in parent.__subclasses__():
        # Classes made by tests are no part of the contract.
        if child.__module__.startswith("service."):
            yield child
        yield from _subclasses(child)
