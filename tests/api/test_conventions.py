"""Conventions of every route: strict bodies and queries, problems, headers, 425."""

import json
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from service.api.edge import Edge
from service.api.metrics import Metrics
from service.api.problems import registry
from service.api.route import Route
from service.api.serving import Serving
from service.eventstore import decode
from tests.api.town import Town, entry

PROBLEM = "urn:eighthours:problem:"


def members(town: Town) -> str:
    return f"/branches/{town.id('branch')}/members"


async def send(town: Town, content: bytes | str, **headers: str) -> httpx.Response:
    headers = {
        **town.headers("branch"),
        "Idempotency-Key": "k",
        "Content-Type": "application/json",
        **headers,
    }
    return await town.http.post(f"/api/v1{members(town)}", content=content, headers=headers)


NO_OBJECTS = {
    "cut": "{",
    "array": "[]",
    "null": "null",
    "nan": '{"a": NaN}',
    "infinity": '{"a": Infinity}',
    "deep": "[" * 100_000,
    "twice": '{"a":1,"a":2}',
    "twice inside": '{"a": {"b": 1, "b": 2}}',
    "long number": "1" * 5000,
}


@pytest.mark.parametrize("content", NO_OBJECTS.values(), ids=NO_OBJECTS)
async def test_what_is_no_strict_json_object_is_refused(town: Town, content: str) -> None:
    answer = await send(town, content)
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]


async def test_half_a_surrogate_pair_is_refused(town: Town) -> None:
    answer = await send(town, json.dumps(entry(name="\ud800")))
    assert answer.json()["errors"][0]["detail"] == "含有无效的字符"


async def test_json_must_be_utf_8(town: Town) -> None:
    answer = await send(town, '{"name":"王小明"}'.encode("gb18030"))
    assert answer.status_code == 422
    assert answer.json()["detail"] == "请求体须为 UTF-8 编码。"


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"name": None}, "/name", "须为字符串"),
        ({"name": 7}, "/name", "须为字符串"),
        ({"name": ""}, "/name", "至少 1 个字符"),
        ({"name": "x" * 101}, "/name", "至多 100 个字符"),
        ({"name": "王\u0000明"}, "/name", "不得含有控制字符或不可见字符"),
        ({"name": "王\u202e明"}, "/name", "不得含有双向控制字符"),
        ({"name": "王\u200b明"}, "/name", "不得含有控制字符或不可见字符"),
        ({"name": "e\u0301"}, "/name", "须为 Unicode NFC 规范形式"),
        ({"name": " 王"}, "/name", "首尾不得有空白"),
        ({"nickname": "小王"}, "/nickname", "不认识的字段"),
        ({"specialities": "书法"}, "/specialities", "须为数组"),
        ({"specialities": ["书法", 3]}, "/specialities/1", "须为字符串"),
        ({"phone": "一二三"}, "/phone", "须为电话号码"),
        ({"id_number": "110"}, "/id_number", "须为 18 位公民身份号码"),
        ({"occurred_at": "2026-03-04T16:00:00"}, "/occurred_at", "须为带时区的时间（RFC 3339）"),
        ({"occurred_at": 1772611200}, "/occurred_at", "须为带时区的时间（RFC 3339）"),
        ({"occurred_at": "2026-02-30T16:00:00+08:00"}, "/occurred_at", "没有这一时间"),
        ({"occurred_at": "2026-12-24T16:00:00+08:00"}, "/occurred_at", "不得晚于现在"),
        (
            {"acting_officer": {"person": "o", "role": "king"}},
            "/acting_officer/role",
            "须为下列之一",
        ),
    ],
)
async def test_strict_fields(town: Town, change: dict[str, Any], pointer: str, words: str) -> None:
    answer = await town.post("branch", members(town), entry(**change))

    assert answer.status_code == 422, answer.text
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert fault["detail"].startswith(words)


async def test_nothing_is_coerced(town: Town) -> None:
    path = f"/branches/{town.id('branch')}/roster-publications"
    for count in ("0", 0.0, False, None):
        answer = await town.post("branch", path, {"stated_head_count": count})
        assert answer.status_code == 422, count


async def test_a_validation_error_never_repeats_what_was_sent(town: Town) -> None:
    body = entry(id_number="SECRET-469030199001010000", name="X" * 200, phone="SECRET-13800001234")
    answer = await town.post("branch", members(town), body)
    assert answer.status_code == 422
    assert "SECRET" not in answer.text
    assert "XXX" not in answer.text


async def test_a_missing_field_is_named(town: Town) -> None:
    body = {name: value for name, value in entry().items() if name != "phone"}
    answer = await town.post("branch", members(town), body)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/phone"]
    assert answer.json()["errors"][0]["detail"] == "必须填写"


LOOSE_QUERIES = (
    *("sort=name", "page_size=0", "page_size=201", "page_size=5.0", "page_size=5&page_size=6"),
    *("page_size=%2B5", "page_size=1_0", "registered=1", "registered=True"),
)


@pytest.mark.parametrize("query", LOOSE_QUERIES)
async def test_unknown_and_loose_query_parameters_are_refused(town: Town, query: str) -> None:
    answer = await town.get("branch", f"{members(town)}?{query}")
    assert answer.status_code == 422
    assert answer.json()["type"] == PROBLEM + "invalid-request"


async def test_an_unknown_query_parameter_is_not_repeated(town: Town) -> None:
    answer = await town.get("branch", f"{members(town)}?469030199001010018=1")
    assert answer.status_code == 422
    assert "469030199001010018" not in answer.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "", "json"]
)
async def test_another_content_type_is_refused(town: Town, kind: str) -> None:
    answer = await send(town, "{}", **{"Content-Type": kind})
    assert answer.status_code == 415
    assert answer.json()["type"] == PROBLEM + "unsupported-media-type"


async def test_a_body_of_256_kib_is_read_and_one_byte_more_is_not(town: Town) -> None:
    padded = b"{" + b" " * (256 * 1024 - 2) + b"}"
    assert (await send(town, padded)).status_code == 422
    answer = await send(town, padded + b" ")
    assert answer.status_code == 413
    assert answer.json()["type"] == PROBLEM + "payload-too-large"


async def test_an_undeclared_length_is_counted(town: Town) -> None:
    async def chunks() -> Any:
        for _ in range(5):
            yield b" " * 64 * 1024

    headers = {
        **town.headers("branch"), "Idempotency-Key": "k", "Content-Type": "application/json",
    }  # fmt: skip
    answer = await town.http.post(f"/api/v1{members(town)}", content=chunks(), headers=headers)
    assert answer.status_code == 413


async def test_who_calls_is_asked_before_the_body_is_looked_at(town: Town) -> None:
    answer = await town.http.post(f"/api/v1{members(town)}", content="{" * 10)
    assert answer.status_code == 401


async def test_framework_errors_are_problems_too(town: Town) -> None:
    nowhere = await town.http.get("/api/v1/nowhere")
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, PROBLEM + "path-not-found")
    slash = await town.http.get(f"/api/v1{members(town)}/")
    assert (slash.status_code, slash.json()["type"]) == (404, PROBLEM + "path-not-found")
    method = await town.http.delete(f"/api/v1{members(town)}")
    assert (method.status_code, method.json()["type"]) == (405, PROBLEM + "method-not-allowed")
    assert method.headers["Allow"] == "GET, POST, HEAD"
    for answer in (nowhere, slash, method):
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


async def test_a_malformed_id_in_a_path_is_refused(town: Town) -> None:
    answer = await town.get("branch", "/branches/not-an-id/members")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "branch_id"


async def test_a_broken_rule_says_which(town: Town) -> None:
    await town.member()
    answer = await town.post("branch", members(town), entry(2, id_number=entry(1)["id_number"]))
    problem = answer.json()
    assert answer.status_code == 409
    assert problem["type"] == PROBLEM + "person-already-enrolled"
    assert (problem["rule"], problem["status"]) == ("R2", 409)
    assert problem["errors"][0]["pointer"] == "/id_number"


async def test_every_answer_has_a_request_id_and_security_headers(town: Town) -> None:
    for path in ("/livez", "/api/v1/nowhere", f"/api/v1{members(town)}"):
        answer = await town.http.get(path, headers={"X-Request-Id": "469030199001010018"})
        assert len(answer.headers["X-Request-Id"]) == 32
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"


async def test_only_where_browsers_come_by_https_are_they_told_to_go_on_with_it() -> None:
    for over_tls, expected in ((True, "max-age=31536000"), (False, None)):
        edge = Edge([Route("/", nothing)], Metrics(), over_tls=over_tls)
        transport = httpx.ASGITransport(edge)
        async with httpx.AsyncClient(transport=transport, base_url="http://eighthours") as http:
            for path in ("/", "/nowhere"):
                answer = await http.get(path)
                assert answer.headers.get("Strict-Transport-Security") == expected


async def nothing() -> Response:
    return Response(b"nothing")


async def test_head_is_answered_where_get_is(town: Town) -> None:
    answer = await town.http.head("/livez")
    assert answer.status_code == 200


async def test_a_read_sees_what_was_written_or_says_425(town: Town, serving: Serving) -> None:
    await town.member()
    head = await serving.log.head()
    answer = await town.get("branch", members(town), head)
    assert len(answer.json()["items"]) == 1
    assert int(answer.headers["X-Position"]) >= head

    ahead = await town.http.get(
        f"/api/v1{members(town)}",
        headers={**town.headers("branch"), "X-Position-At-Least": str(head + 1)},
    )
    assert ahead.status_code == 425
    assert ahead.json()["type"] == PROBLEM + "view-behind"
    assert ahead.json()["position"] == int(ahead.headers["X-Position"]) == head
    assert ahead.headers["Retry-After"] == "1"


async def test_a_failure_nobody_foresaw_is_a_problem_without_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fails() -> None:
        raise ZeroDivisionError("469030199001010018")

    transport = httpx.ASGITransport(Edge([Route("/fails", fails)], Metrics()))
    async with httpx.AsyncClient(transport=transport, base_url="http://eighthours") as http:
        answer = await http.get("/fails")

    assert answer.status_code == 500
    assert answer.json()["type"] == PROBLEM + "internal-failure"
    assert "469030199001010018" not in answer.text + caplog.text
    assert answer.json()["request_id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_every_problem_has_a_code_of_its_own_and_chinese_words() -> None:
    problems = registry()
    assert len(problems) > 60
    for problem in problems:
        assert problem["status"] >= 400
        assert any("\u4e00" <= character <= "\u9fff" for character in problem["title"]), problem


async def test_an_officer_may_be_named_by_the_id_alone(town: Town) -> None:
    answer = await town.post("branch", members(town), entry(acting_officer="officer-9"))
    assert answer.status_code == 201, answer.text
    [stored] = (await town.serving.log.read(after=answer.json()["position"] - 1)).events
    actor = decode(stored.position, stored.event.data).actor
    assert (actor.person, actor.role) == ("officer-9", "responsible")


async def test_an_act_without_particulars_needs_no_body(town: Town) -> None:
    member_id = await town.member()
    answer = await town.http.post(
        f"/api/v1/members/{member_id}/certificates",
        headers={**town.headers("branch"), "Idempotency-Key": "bodiless"},
    )
    assert answer.status_code == 201, answer.text
