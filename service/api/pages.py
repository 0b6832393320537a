"""Lists: one page at a time, or everything as NDJSON or CSV for those who take it away.

A page token says where the next page begins. It is signed together with the question it belongs
to, so that nobody can make one up or carry it over to another list.
"""

import binascii
import csv
import io
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from hmac import compare_digest, digest
from typing import Annotated, Any, Generic, Protocol, TypeVar

import orjson
from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response, StreamingResponse

from service.api.fields import whole_number
from service.api.problems import Fault, InvalidRequest
from service.api.serving import serving

Item = TypeVar("Item", bound=BaseModel)

LARGEST_PAGE = 200
PageSize = Annotated[int, Field(ge=1, le=LARGEST_PAGE), BeforeValidator(whole_number)]
_MAC = 16
_NDJSON, _CSV = "application/x-ndjson", "text/csv"

EXPORTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string"}} for kind in (_NDJSON, _CSV)}}
}
"""What a list route says of itself in the OpenAPI document."""


class Found(Protocol):
    """A page as a view gives it."""

    @property
    def next_after(self) -> int | None: ...
    @property
    def as_of_position(self) -> int: ...


P = TypeVar("P", bound=Found)
Fetch = Callable[[int, int], Awaitable[P]]
"""From after a position, at most so many items."""
Present = Callable[[P], Awaitable[list[dict[str, Any]]]]
"""The items of a page as they are shown."""


class Page(BaseModel, Generic[Item]):
    """一页。"""

    # Not from docstrings: to look for the source of each Page[...], which has none, takes 0.1 s.
    items: list[Item]
    page_size: int = Field(description="每页至多几项。")
    next_page_token: str | None = Field(None, description="下一页的标记；没有下一页的为空。")
    as_of_position: int = Field(description="数据截至的日志位置。")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for, and in which form."""

    request: Request
    page_size: int
    after: int
    media_type: str

    async def answer(
        self,
        fetch: Fetch[P],
        present: Present[P],
        columns: type[BaseModel],
        beside: Callable[[P], dict[str, Any]] = lambda _: {},
    ) -> Response:
        """The page in the form that is asked for; ``columns`` is the model of an item.

        ``beside`` is what stands beside the items of a page, e.g. totals.
        """
        exports = self.media_type != "application/json"
        found = await fetch(self.after, LARGEST_PAGE if exports else self.page_size)
        headers = {"X-Position": str(found.as_of_position)}
        if exports:
            write = _csv_lines if self.media_type == _CSV else _json_lines
            return StreamingResponse(
                write(_everything(fetch, present, found), list(columns.model_fields)),
                media_type=f"{self.media_type}; charset=utf-8",
                headers=headers,
            )
        after = found.next_after
        page = {
            "items": await present(found),
            "page_size": self.page_size,
            "next_page_token": None if after is None else _signed(self.request, after),
            "as_of_position": found.as_of_position,
            **beside(found),
        }
        return Response(orjson.dumps(page), headers=headers, media_type="application/json")


async def _paging(
    request: Request,
    page_size: Annotated[PageSize, Query(description="每页至多几项。")] = 50,
    page_token: Annotated[
        str | None, Query(max_length=1000, description="上一页给出的 next_page_token。")
    ] = None,
) -> Paging:
    after = 0 if page_token is None else _cursor(request, page_token)
    return Paging(request, page_size, after, _media_type(request))


Paged = Annotated[Paging, Depends(_paging)]
"""A list route's page: ``paging: Paged``."""


def _media_type(request: Request) -> str:
    accepted = {
        part.partition(";")[0].strip().lower()
        for part in request.headers.get("accept", "").split(",")
    }
    if "application/json" in accepted:
        return "application/json"
    return next((kind for kind in (_NDJSON, _CSV) if kind in accepted), "application/json")


def _question(request: Request) -> bytes:
    """Which list is asked for, by whom; the size of a page may change from one to the next."""
    parameters = sorted(
        pair
        for pair in request.query_params.multi_items()
        if pair[0] not in {"page_token", "page_size"}
    )
    organisation_id = request.state.caller.organisation_id
    return orjson.dumps([request.url.path, organisation_id, parameters])


def _signed(request: Request, after: int) -> str:
    content = str(after).encode()
    mac = digest(serving(request).page_secret, _question(request) + b"\x00" + content, "sha256")
    return urlsafe_b64encode(mac[:_MAC] + content).decode().rstrip("=")


def _cursor(request: Request, token: str) -> int:
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        raw = b""
    mac, content = raw[:_MAC], raw[_MAC:]
    genuine = digest(serving(request).page_secret, _question(request) + b"\x00" + content, "sha256")
    if not compare_digest(mac, genuine[:_MAC]):
        fault = Fault(detail="不是这一列表的分页标记", code="page_token", parameter="page_token")
        raise InvalidRequest("分页标记无效。", errors=[fault])
    return int(content)


async def _everything(
    fetch: Fetch[P], present: Present[P], found: P
) -> AsyncIterator[dict[str, Any]]:
    while True:
        for item in await present(found):
            yield item
        if found.next_after is None:
            return
        found = await fetch(found.next_after, LARGEST_PAGE)


async def _json_lines(
    items: AsyncIterator[dict[str, Any]], _: Sequence[str]
) -> AsyncIterator[bytes]:
    async for item in items:
        yield orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE)


async def _csv_lines(
    items: AsyncIterator[dict[str, Any]], columns: Sequence[str]
) -> AsyncIterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    # The mark tells Excel that this is UTF-8.
    yield ("\ufeff" + buffer.getvalue()).encode()
    async for item in items:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_cell(item.get(column)) for column in columns])
        yield buffer.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # A spreadsheet would take such a cell for a formula and run it.
        return "'" + value if value[:1] in {"=", "+", "-", "@", "\t"} else value
    return orjson.dumps(value).decode()
