"""A request as the routes see it: its body has a limit, and its JSON has one meaning only."""

from collections.abc import AsyncGenerator
from json import JSONDecodeError, JSONDecoder
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from service.api.problems import Fault, InvalidRequest, PayloadTooLarge

LONGEST_BODY = 256 * 1024


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
    """A request whose body is read once, up to its limit, and whose JSON is strict."""

    limit = LONGEST_BODY
    absent_is_empty = False
    """Whether no body at all stands for an object without fields."""
    template: str
    """The path of the route, with names where ids stand."""
    query: dict[str, str]
    """The query parameters; each is known to the route and there once."""
    _content: bytes | None = None
    _document: dict[str, Any] | None = None

    async def body(self) -> bytes:
        if self._content is None:
            content = await self._received()
            self._content = b"{}" if not content and self.absent_is_empty else content
        return self._content

    async def _received(self) -> bytes:
        declared = self.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self.limit:
            raise self._too_large()
        content = bytearray()
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            content += message.get("body", b"")
            if len(content) > self.limit:
                raise self._too_large()
            if not message.get("more_body"):
                return bytes(content)

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"请求体至多 {self.limit // 1024} KiB。")

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The whole body: what the framework makes a form of."""
        yield await self.body()
        yield b""

    async def json(self) -> dict[str, Any]:
        """The document; InvalidRequest unless the body is one strict JSON object."""
        if self._document is None:
            self._document = _parsed(await self.body())
        return self._document


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = _DECODER.decode(body.decode("utf-8"))
    except DuplicateKey:
        raise InvalidRequest("请求体中有重复的字段名。", errors=[whole("字段名重复")]) from None
    except UnicodeDecodeError:
        raise InvalidRequest("请求体须为 UTF-8 编码。", errors=[whole("不是 UTF-8")]) from None
    except JSONDecodeError as error:
        where = f"第 {error.lineno} 行第 {error.colno} 列起不是有效的 JSON"
        raise InvalidRequest("请求体不是有效的 JSON。", errors=[whole(where)]) from None
    except (ValueError, RecursionError):
        raise InvalidRequest("请求体不是有效的 JSON。", errors=[whole("数值或嵌套无效")]) from None
    if not isinstance(document, dict):
        raise InvalidRequest("请求体须为 JSON 对象。", errors=[whole("须为对象")])
    return document


def whole(detail: str) -> Fault:
    """A fault of the body as a whole."""
    return Fault(detail=detail, code="json_invalid", pointer="")
