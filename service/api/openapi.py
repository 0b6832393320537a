"""The OpenAPI document: what the framework knows, and the conventions it does not know.

Every operation names its scope and every answer it can give; what is refused is always a problem
document. `text` is what /openapi.json serves and what contracts/openapi.json holds.
"""

import json
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI

from service.api.problems import MEDIA_TYPE, Fault, Problem
from service.api.reads import Reads
from service.api.route import Route
from service.api.scopes import Holder, Scope
from service.api.writes import Writes

_SECURITY = "clientCredentials"
_SIGNED_IN = "signedIn"
_WORDS = {
    400: "请求不完整，或缺少幂等键",
    401: "未出示访问令牌，或令牌无效",
    403: "没有这项权限，或这一类组织不能办理",
    404: "没有这一资源，或无权知悉",
    409: "违反规则，或同一幂等键的请求正在处理",
    413: "请求体过大",
    415: "不支持的请求体类型",
    422: "请求内容不符合要求",
    425: "数据尚未更新到要求的位置",
    429: "请求过于频繁",
    503: "暂时不可用，请稍后重试",
}
_HEADERS = {
    "Location": "新资源的路径。",
    "X-Position": "日志位置：写入所在，或所读数据的截止位置。",
    "Idempotency-Replayed": "为 true 时，这是同一幂等键首次请求的回答。",
    "Retry-After": "多少秒后可以重试。",
    "WWW-Authenticate": "所需的认证方式（RFC 6750）。",
}
_SENT = {201: ("Location", "X-Position", "Idempotency-Replayed"), 200: ("X-Position",)}
_SENT_ALONG = {
    401: ("WWW-Authenticate",),
    425: ("Retry-After", "X-Position"),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def text(app: FastAPI) -> str:
    """The document as it is served and frozen, the same bytes every time."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def complete(schema: dict[str, Any], routes: Iterable[Route]) -> dict[str, Any]:
    """Adds to the framework's document what it does not know; changes and returns it."""
    for route in routes:
        for method in route.methods or ():
            operation = schema["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                _complete(operation, route)
                _loosen_body(operation, schema)
                _no_null_in_text(operation, schema)
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (Problem, Fault):
        document = model.model_json_schema(ref_template="#/components/schemas/{model}")
        document.pop("$defs", None)
        schemas[model.__name__] = document
    components["securitySchemes"] = {
        _SECURITY: {
            "type": "oauth2",
            "description": "客户端凭据换取的短期访问令牌（Bearer）。",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/oauth/token",
                    "scopes": {
                        scope.value: scope.word
                        for scope in Scope
                        if scope.holder is Holder.ORGANISATION
                    },
                }
            },
        },
        _SIGNED_IN: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "个人登录（`POST /sign-in`）取得的短期访问令牌；权限随账号的职责而定。",
        },
    }
    return schema


def _complete(operation: dict[str, Any], route: Route) -> None:
    needed = route.needs
    if needed is not None:
        holder = needed.scope.holder
        by_clients = holder is Holder.ORGANISATION
        operation["security"] = [{_SECURITY if by_clients else _SIGNED_IN: [needed.scope.value]}]
        operation["description"] = (
            f"{operation.get('description', '')}\n\n"
            f"权限：`{needed.scope.value}`（{needed.scope.word}）；"
            f"{'、'.join(kind.word for kind in sorted(needed.scope.kinds))}可用"
            f"{'' if by_clients else f'，限{holder.value}'}。"
        ).strip()
    if isinstance(needed, Writes):
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "Idempotency-Key":
                parameter["required"] = True
                parameter["schema"] = {"type": "string", "pattern": "^[!-~]{1,255}$"}
    responses = operation["responses"]
    for status, success in responses.items():
        if status in {"200", "201"} and isinstance(needed, Writes | Reads):
            success["headers"] = _headers(_SENT[int(status)])
    for status in _statuses(route):
        responses[str(status)] = _refused(status, responses.get(str(status), {}))


def _loosen_body(operation: dict[str, Any], schema: dict[str, Any]) -> None:
    """An act of which nothing must be said may be sent without a body."""
    body = operation.get("requestBody")
    reference = body and body["content"].get("application/json", {}).get("schema", {}).get("$ref")
    if body and reference:
        model = schema["components"]["schemas"][reference.rpartition("/")[2]]
        body["required"] = bool(model.get("required"))


def _no_null_in_text(operation: dict[str, Any], schema: dict[str, Any]) -> None:
    """Parameters and forms have no null: a value is there or it is not."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        if media_type == "application/json":
            continue
        model = schema["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        if media_type == "multipart/form-data":
            model["additionalProperties"] = False
        for name, field in model["properties"].items():
            model["properties"][name] = _without_null(field)


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    options = [each for each in field.get("anyOf", ()) if each != {"type": "null"}]
    if len(options) != 1:
        return field
    rest = {key: value for key, value in field.items() if key != "anyOf"}
    return {**rest, **options[0]}


def _statuses(route: Route) -> set[int]:
    """Every status a refusal of this route can have."""
    declared = {int(status) for status in route.responses if str(status) >= "400"}
    found = declared | {422}
    needed = route.needs
    if needed is not None:
        found |= {401, 403, 404, 503}
    if isinstance(needed, Writes):
        found |= {400, 409}
    if isinstance(needed, Reads):
        found |= {425}
    if route.body_field is not None:
        found |= {400, 413, 415, 503}
    return found


def _refused(status: int, declared: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    refused = {
        "description": _WORDS[status] if not declared.get("content") else declared["description"],
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in _SENT_ALONG:
        refused["headers"] = _headers(_SENT_ALONG[status])
    return refused


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}
