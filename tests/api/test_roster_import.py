"""Roster import: .xlsx and .csv, a dry run that lists every bad row, all or the good ones."""

import io
import zipfile
from typing import Any
from uuid import uuid4

import httpx
import openpyxl
import pytest

from tests.api.town import Town
from tests.domain.town import id_number

HEADINGS = ["党员编号", "姓名", "公民身份号码", "联系电话", "特长"]
GOOD = [
    ["QZ1", "王小明", id_number(1), "13800001234", "书法、法律"],
    ["QZ2", "李华", id_number(2), "0898-86221234", ""],
]
BAD = [
    ["QZ3", "", id_number(3), "13800001234", ""],
    ["QZ4", "赵", id_number(4)[:-1] + ("1" if id_number(4)[-1] != "1" else "2"), "13800001234", ""],
    ["QZ1", "钱", id_number(5), "123", ""],
]


def xlsx(*rows: list[Any]) -> bytes:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (HEADINGS, *rows):
        sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def csv(*rows: list[str], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in (HEADINGS, *rows)).encode(encoding)


async def send(
    town: Town, content: bytes, query: str = "", key: str = "", **form: str
) -> httpx.Response:
    return await town.http.post(
        f"/api/v1/branches/{town.id('branch')}/roster-imports{query}",
        files={"file": ("名册.xlsx", content)},
        data=form,
        headers={**town.headers("branch"), "Idempotency-Key": key or str(uuid4())},
    )


FORMS = {
    "xlsx": xlsx(*GOOD),
    "csv utf-8": csv(*GOOD),
    "csv gb18030": csv(*GOOD, encoding="gb18030"),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
async def test_a_good_roster_is_imported(town: Town, content: bytes) -> None:
    answer = await send(town, content)
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["member_ids"]) == 2
    listed = await town.get(
        "branch", f"/branches/{town.id('branch')}/members", answer.json()["position"]
    )
    items = listed.json()["items"]
    assert [(item["name"], item["specialities"]) for item in items] == [
        ("王小明", ["书法", "法律"]), ("李华", []),
    ]  # fmt: skip


async def test_a_dry_run_lists_every_bad_row_and_imports_nothing(town: Town) -> None:
    head = await town.serving.log.head()
    for content in (xlsx(*GOOD, *BAD), csv(*GOOD, *BAD)):
        answer = await send(town, content, "?dry_run=true")
        assert answer.status_code == 200, answer.text
        report = answer.json()
        assert (report["rows"], report["good_rows"]) == (5, 2)
        assert [(fault["row"], fault["column"]) for fault in report["faults"]] == [
            (4, "姓名"), (5, "公民身份号码"), (6, "党员编号"), (6, "联系电话"),
        ]  # fmt: skip
        assert id_number(5) not in answer.text
    assert await town.serving.log.head() == head


async def test_one_bad_row_holds_back_all_until_the_good_ones_are_confirmed(town: Town) -> None:
    head = await town.serving.log.head()
    refused = await send(town, xlsx(*GOOD, *BAD))
    assert refused.status_code == 422
    assert len(refused.json()["faults"]) == 4
    assert await town.serving.log.head() == head

    confirmed = await send(town, xlsx(*GOOD, *BAD), "?accept_good_rows=true")
    assert confirmed.status_code == 201
    assert len(confirmed.json()["member_ids"]) == 2


async def test_a_stated_head_count_must_be_right_or_explained(town: Town) -> None:
    wrong = await send(town, xlsx(*GOOD), stated_head_count="3")
    assert wrong.json()["type"] == "urn:eighthours:problem:head-count-differs"
    explained = await send(
        town, xlsx(*GOOD), stated_head_count="3", difference_explained="一人正在转入"
    )
    assert explained.status_code == 201


async def test_the_same_file_sent_again_is_a_replay(town: Town) -> None:
    content = xlsx(*GOOD)
    first = await send(town, content, key="k")
    again = await send(town, content, key="k")
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await send(town, csv(*GOOD), key="k")
    assert other.status_code == 422


async def test_an_id_number_kept_as_a_number_has_lost_digits(town: Town) -> None:
    row = ["QZ1", "王小明", 469030199001010018, 13800001234, ""]
    answer = await send(town, xlsx(row), "?dry_run=true")
    [fault] = answer.json()["faults"]
    assert (fault["row"], fault["column"], fault["code"]) == (2, "公民身份号码", "number")


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(65 * 1024 * 1024))
    return content.getvalue()


NO_ROSTERS = {
    "empty": b"",
    "no columns": "姓名\n王".encode(),
    "twice a column": "党员编号,姓名,姓名,公民身份号码,联系电话\n".encode(),
    "broken zip": b"PK\x03\x04broken",
    "bomb": bomb(),
    "binary": bytes(range(256)) * 10,
}


@pytest.mark.parametrize("content", NO_ROSTERS.values(), ids=NO_ROSTERS)
async def test_what_is_no_roster_is_refused(town: Town, content: bytes) -> None:
    answer = await send(town, content)
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_an_upload_may_have_5_mib(town: Town) -> None:
    answer = await send(town, b"x" * (5 * 1024 * 1024))
    assert answer.status_code == 413


async def test_an_unknown_form_field_is_refused(town: Town) -> None:
    unknown = await send(town, csv(*GOOD), headcount="2")
    assert unknown.status_code == 422
    assert unknown.json()["type"] == "urn:eighthours:problem:invalid-request"
