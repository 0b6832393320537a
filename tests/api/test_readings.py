"""Nothing about a member is shown that was not written down first."""

import ast
import asyncio
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service import api
from service.api.app import routes
from service.api.purposes import Purpose
from service.api.reads import Reads
from tests.api.deciding import opened
from tests.api.town import ENDORSER, OFFICER, Town, entry
from tests.database import Database


async def readings(town: Town, **wanted: str) -> list[asyncpg.Record]:
    rows = await town.serving.log.pool.fetch("SELECT * FROM access.readings ORDER BY number")
    return [row for row in rows if all(row[name] == each for name, each in wanted.items())]


async def settled(town: Town) -> tuple[str, dict[str, str]]:
    """A member of whom there is something of everything; ids by the names of path parameters."""
    member_id = await town.registered()
    day = town.serving.clock().date()
    participation_id, _ = await town.endorsed(
        member_id, f"{day}T01:00:00+08:00", f"{day}T02:00:00+08:00"
    )
    post = await town.done(
        "community",
        f"/communities/{town.id('community')}/service-posts",
        {"title": "保洁岗", "category": "cleaning", "slots": 3},
    )
    claiming = {"member_id": member_id}
    await town.done("branch", f"/service-posts/{post['service_post_id']}/claims", claiming)
    consultation = await town.done(
        "branch",
        "/consultations",
        {
            "member_id": member_id,
            "purpose": "selection",
            "period": f"{day.year}",
            "working_days": 5,
            "basis": "recognition",
        },
    )
    vetting = await town.done(
        "authority",
        "/vettings",
        {
            "member_id": member_id,
            "period": "2021-03-01/2026-09-30",
            "team": [OFFICER["person"], ENDORSER["person"]],
        },
    )
    objection = await town.done(
        "branch",
        "/objections",
        {
            "member_id": member_id,
            "against": "participation",
            "subject_id": participation_id,
            "text": "时间有误",
        },
    )
    erasure = await town.done(
        "branch",
        "/erasures",
        {
            "member_id": member_id,
            "legal_basis": "consent_withdrawn",
            "document_no": "琼组发〔2026〕1号",
        },
    )
    head = await town.serving.log.head()
    record = (await town.get("branch", f"/members/{member_id}", head)).json()
    return member_id, {
        "member_id": member_id,
        "branch_id": town.id("branch"),
        "community_id": town.id("community"),
        "organisation_id": town.id("authority"),
        "registration_id": record["registration"]["registration_id"],
        "service_post_id": post["service_post_id"],
        "participation_id": participation_id,
        "erasure_id": erasure["erasure_id"],
        "consultation_id": consultation["consultation_id"],
        "vetting_id": vetting["decision_id"],
        "objection_id": objection["objection_id"],
        "decision_id": await opened(town, member_id, period=f"{day.year}"),
    }


async def test_every_answer_that_names_a_member_is_recorded(town: Town) -> None:
    member_id, ids = await settled(town)
    head = await town.serving.log.head()
    named = set()
    for route in routes():
        if route.needs is None or "GET" not in route.methods:
            continue
        try:
            path = route.path.removeprefix("/api/v1").format_map(ids)
        except KeyError:
            continue
        for name in ("authority", "branch", "community"):
            answer = await town.get(name, path, head if isinstance(route.needs, Reads) else 0)
            recorded = await readings(town, request_id=answer.headers["x-request-id"])
            # Whole events in log bundles are sealed as they are, for those who audit the log.
            if member_id in answer.text and "/log/" not in route.path:
                named.add(route.name)
                assert len(recorded) == 1, route.name
                [row] = recorded
                assert (row["member_id"], row["route"]) == (member_id, route.path)
                assert row["organisation_id"] == town.id(name)
                assert row["client_id"] == town.clients[name].client_id
                opened = {
                    field: _within(answer.json(), field) for field in ("name", "phone", "content")
                }
                for field, texts in opened.items():
                    if texts & {"王小明", "13800001234", "看望孤寡老人"}:
                        assert field in row["fields"]
            elif route.name not in {"readings_of_member", "feedback_of_member"}:
                # Those are about a member without naming them.
                assert not recorded, (route.name, answer.status_code)
    assert named >= {
        "member",
        "off_duty_record_of",
        "members_of_branch",
        "members_of_community",
        "registration",
        "service_post",
        "audit",
        "erasure",
        "consultation",
        "opinion_request",
        "opinion_statement",
        "vetting",
        "decision",
        "objection",
    }


def _within(value: Any, field: str) -> set[str]:
    if isinstance(value, dict):
        found = {value[field]} if isinstance(value.get(field), str) else set()
        return found.union(*[_within(each, field) for each in value.values()])
    if isinstance(value, list):
        return set[str]().union(*[_within(each, field) for each in value])
    return set()


async def test_what_is_recorded_of_a_reading(town: Town) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    answer = await town.get("branch", f"/members/{member_id}", head, **{"X-Purpose": "vetting"})
    [row] = await readings(town, request_id=answer.headers["x-request-id"])
    assert dict(row) == {
        "number": row["number"],
        "member_id": member_id,
        "at": town.serving.clock(),
        "organisation_id": town.id("branch"),
        "client_id": town.clients["branch"].client_id,
        "person": None,
        "role": None,
        "purpose": "vetting",
        "fields": ["contact_phone", "name", "phone", "residence"],
        "route": "/api/v1/members/{member_id}",
        "request_id": answer.headers["x-request-id"],
        "position": int(answer.headers["x-position"]),
    }
    # An organisation that is not shown a text has not read it.
    answer = await town.get("authority", f"/members/{member_id}", head)
    [row] = await readings(town, request_id=answer.headers["x-request-id"])
    assert (row["fields"], row["purpose"]) == (["name"], "administration")


async def test_what_is_refused_is_no_reading(town: Town) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    before = len(await readings(town))
    for path in (f"/members/{member_id}", f"/members/{member_id}/off-duty-record"):
        assert (await town.get("foreign_branch", path, head)).status_code == 404
    assert len(await readings(town)) == before


async def test_a_purpose_nobody_knows_is_refused(town: Town) -> None:
    member_id = await town.member()
    refused = await town.get("branch", f"/members/{member_id}", 0, **{"X-Purpose": "curiosity"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["parameter"] == "X-Purpose"
    assert await readings(town) == []


async def test_a_lawful_reading_is_its_purpose(town: Town) -> None:
    member_id = await town.member()
    head = await town.serving.log.head()
    path = f"/members/{member_id}?lawful_reading=legal_proceeding"
    answer = await town.get("branch", path, head, **{"X-Purpose": "vetting"})
    assert answer.status_code == 200
    [row] = await readings(town)
    assert row["purpose"] == "legal_proceeding"


@pytest.mark.parametrize(
    "path", ["/members/{member_id}", "/members/{member_id}/off-duty-record", "/audit-trail"]
)
async def test_what_cannot_be_recorded_is_not_shown(
    town: Town, database: Database, path: str
) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    path = path.format(member_id=member_id)
    assert (await town.get("branch", path, head)).status_code == 200
    owner = await asyncpg.connect(database.owner_url)
    role = await owner.fetchval("SELECT quote_ident(role) FROM log.application")
    function = "FUNCTION access.record_readings"
    await owner.execute(f"REVOKE EXECUTE ON {function} FROM {role}")
    refused = await town.get("branch", path, head)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["type"].endswith("reading-not-recorded")
    assert "王小明" not in refused.text
    assert member_id not in refused.text
    await owner.execute(f"GRANT EXECUTE ON {function} TO {role}")
    await owner.close()
    assert (await town.get("branch", path, head)).status_code == 200


async def test_an_export_stops_where_a_page_cannot_be_recorded(
    town: Town, database: Database
) -> None:
    await asyncio.gather(*[town.member(number) for number in range(201)])
    head = await town.serving.log.head()
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("ALTER TABLE access.readings ADD CONSTRAINT full_up CHECK (number <= 200)")
    path = f"/branches/{town.id('branch')}/members"
    # So the transport says that an answer did not come to its end.
    with pytest.raises(AssertionError):
        await town.get("branch", path, head, Accept="application/x-ndjson")
    assert len(await readings(town)) == 200
    await owner.close()


async def test_a_list_is_a_reading_of_each_of_its_members(town: Town) -> None:
    members = await asyncio.gather(*[town.member(number) for number in range(200)])
    head = await town.serving.log.head()
    path = f"/branches/{town.id('branch')}/members?page_size=200"
    answer = await town.get("branch", path, head)
    recorded = await readings(town, request_id=answer.headers["x-request-id"])
    assert [row["member_id"] for row in recorded] == [
        each["member_id"] for each in answer.json()["items"]
    ]
    assert {row["member_id"] for row in recorded} == set(members)


async def test_ten_thousand_reads_are_ten_thousand_records(town: Town) -> None:
    members = await asyncio.gather(*[town.member(number) for number in range(20)])
    head = await town.serving.log.head()
    for member_id in members:
        await town.get("branch", f"/members/{member_id}/off-duty-record", head)
    before, headers = len(await readings(town)), town.headers("branch")

    async def reader(member_id: str) -> Counter[int]:
        path = f"/api/v1/members/{member_id}/off-duty-record"
        answers = [await town.http.get(path, headers=headers) for _ in range(500)]
        return Counter(answer.status_code for answer in answers)

    found = sum(await asyncio.gather(*map(reader, members)), Counter[int]())
    assert found == {200: 10_000}
    recorded = (await readings(town))[before:]
    assert len(recorded) == 10_000
    assert len({row["request_id"] for row in recorded}) == 10_000
    assert Counter(row["member_id"] for row in recorded) == dict.fromkeys(members, 500)
    numbers = [row["number"] for row in recorded]
    assert numbers == list(range(before + 1, before + 10_001))


async def test_who_read_is_told_the_newest_first(town: Town) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    for name, purpose in (("branch", "vetting"), ("community", "inspection"), ("authority", "")):
        stated = {"X-Purpose": purpose} if purpose else {}
        await town.get(name, f"/members/{member_id}", head, **stated)
    path = f"/members/{member_id}/readings"
    first = (await town.get("branch", f"{path}?page_size=2", head)).json()
    assert [each["purpose"] for each in first["items"]] == ["administration", "inspection"]
    assert first["items"][1] | {"number": 0, "request_id": "", "position": 0} == {
        "number": 0,
        "at": town.serving.clock().isoformat(),
        "organisation_id": town.id("community"),
        "client_id": town.clients["community"].client_id,
        "person": None,
        "role": None,
        "purpose": "inspection",
        "purpose_word": "检查、督查",
        "fields": ["contact_phone", "name", "residence"],
        "route": "/api/v1/members/{member_id}",
        "request_id": "",
        "position": 0,
    }
    assert datetime.fromisoformat(first["items"][0]["at"]) == town.serving.clock()
    token = first["next_page_token"]
    second = (await town.get("branch", f"{path}?page_size=2&page_token={token}", head)).json()
    assert [each["purpose"] for each in second["items"]] == ["vetting"]
    assert second["next_page_token"] is None
    # Looking at who looked is a reading as well.
    [newest, *_] = (await town.get("committee", path, head)).json()["items"]
    assert (newest["route"], newest["fields"]) == (
        f"/api/v1{path.replace(member_id, '{member_id}')}",
        [],
    )
    assert newest["purpose"] == "oversight"


async def test_readings_are_for_the_branch_and_those_above(town: Town) -> None:
    member_id = await town.registered()
    head = await town.serving.log.head()
    seen = {
        name: (await town.get(name, f"/members/{member_id}/readings", head)).status_code
        for name in ("branch", "committee", "authority", "other_branch", "foreign_authority")
    }
    assert seen == {
        "branch": 200, "committee": 200, "authority": 200,
        "other_branch": 404, "foreign_authority": 404,
    }  # fmt: skip
    refused = await town.get("community", f"/members/{member_id}/readings", head)
    assert refused.status_code == 403


def test_each_purpose_has_a_word() -> None:
    assert all(purpose.word for purpose in Purpose)


def test_only_the_opener_opens() -> None:
    found = set()
    for path in Path(api.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            opens = isinstance(node, ast.Attribute) and node.attr == "open"
            if opens and "keyring" in ast.unparse(node):
                found.add(path.stem)
            # Nobody gets at it by another name either.
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"getattr", "methodcaller"}:
                assert "'open'" not in ast.unparse(node), path.stem
    assert found == {"opening"}


def test_only_the_opener_is_given_records_to_open() -> None:
    """A sealed text reaches an answer by these; nobody else may call them."""
    found = {
        path.stem
        for path in Path(api.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"opened", "left_sealed"}
    }
    assert found == {"opening"}


async def test_a_branch_without_members_reads_nobody(town: Town) -> None:
    await town.done("branch", f"/branches/{town.id('branch')}/members", entry())
    head = await town.serving.log.head()
    answer = await town.get("other_branch", f"/branches/{town.id('other_branch')}/members", head)
    assert answer.json()["items"] == []
    assert await readings(town) == []
