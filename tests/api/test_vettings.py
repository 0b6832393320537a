"""Vetting over HTTP: team, inquiries, frozen evidence, public notice, gate, conclusion (R29)."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fastapi import FastAPI

from service.api.serving import Serving
from service.domain.event import Actor
from service.domain.examining import FreezeEvidence
from service.domain.membership import SubjectErased
from service.domain.working_time import Calendar, Calendars
from service.projections.vetting_evidence import EvidenceAbout
from service.projections.vetting_evidence_answer import VettingEvidence
from service.projections.vetting_evidence_reading import evidence_at
from service.trust.keyring import SEALED
from tests.api.clock import SettableClock
from tests.api.consulting import DAYS
from tests.api.examining import SUITABLE, TEAM, Examining
from tests.api.test_transparency import PublishedBy
from tests.api.town import ENDORSER, OFFICER, Town, entry
from tests.database import Database
from tests.domain.town import id_number
from tests.eventstore.history import given

URN = "urn:eighthours:problem:"


@pytest.fixture
def examining(
    app: FastAPI,
    serving: Serving,
    database: Database,
    tmp_path: Path,
    town: Town,
    clock: SettableClock,
) -> Examining:
    published_by = PublishedBy(app, serving, database, tmp_path / "signer")
    return Examining(town, clock, published_by)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix(URN)


async def read(town: Town, path: str, name: str = "authority") -> dict[str, Any]:
    answer = await town.get(name, path, await town.serving.log.head())
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_r29_from_its_opening_to_the_conclusion(town: Town, examining: Examining) -> None:
    member_id = await town.registered()
    opinion_id = await examining.heard(member_id)
    decision_id = await examining.opened(member_id)
    vetting = f"/vettings/{decision_id}"
    inquiry = {
        "held_on": "2026-11-24",
        "inquirers": TEAM,
        "interviewees": 6,
        "findings": "邻里反映良好",
    }
    await town.done("authority", f"{vetting}/field-inquiries", inquiry)

    async def conclude() -> httpx.Response:
        return await town.post("authority", f"{vetting}/conclusion", SUITABLE)

    assert refusal(await conclude()) == (409, "evidence-not-frozen")
    frozen = await examining.frozen(decision_id)
    assert refusal(await conclude()) == (409, "notice-not-posted")
    notice = await examining.posted(decision_id)
    assert (notice["starts_on"], notice["ends_on"]) == ("2026-11-24", "2026-12-01")
    examining.clock.now += timedelta(days=7)
    assert refusal(await conclude()) == (409, "notice-not-over")
    shown = await read(town, vetting)
    assert (shown["state"], shown["gate"]["state"]) == ("open", "open")
    assert (shown["state_word"], shown["result_word"]) == ("进行中", None)
    assert (shown["member_no"], shown["name"]) == ("QZ00001", "王小明")
    assert shown["period_word"] == "2021年3月1日至2026年9月30日"
    assert shown["gate"]["opinion_ids"] == [opinion_id]
    assert shown["field_inquiries"][0]["findings"] == "邻里反映良好"
    assert shown["evidence"][0]["evidence_digest"] == frozen["evidence_digest"]
    examining.clock.now += timedelta(days=1)
    concluded = await conclude()
    assert concluded.status_code == 201, concluded.text
    shown = await read(town, vetting)
    assert (shown["state"], shown["result"], shown["gate"]) == ("concluded", "suitable", None)
    assert (shown["state_word"], shown["result_word"]) == ("已作出结论", "考察通过")
    assert shown["conclusion"]["result_word"] == "考察通过"
    assert shown["conclusion"]["opinion_ids"] == [opinion_id]
    assert shown["conclusion"]["reason"] == SUITABLE["reason"]
    [listed] = (await read(town, f"/vettings?member_id={member_id}"))["items"]
    assert listed == {
        name: value for name, value in shown.items() if name not in {"gate", "as_of_position"}
    }
    assert (await read(town, f"/vettings?member_id={decision_id}"))["items"] == []


async def test_r26_an_override_is_shown_and_somebody_else_concludes(
    town: Town, examining: Examining
) -> None:
    decision_id = await examining.opened(await town.registered())
    vetting = f"/vettings/{decision_id}"
    await examining.frozen(decision_id)
    await examining.posted(decision_id)
    examining.clock.now += timedelta(days=8)
    refused = await town.post("authority", f"{vetting}/conclusion", SUITABLE)
    assert refusal(refused) == (409, "no-opinion")
    override = {"reason": "急需任用", "acting_officer": ENDORSER}
    await town.done("authority", f"{vetting}/override", override)
    himself = {**SUITABLE, "acting_officer": ENDORSER}
    refused = await town.post("authority", f"{vetting}/conclusion", himself)
    assert refusal(refused) == (409, "concluded-by-overrider")
    await town.done("authority", f"{vetting}/conclusion", SUITABLE)
    shown = await read(town, vetting)
    assert shown["conclusion"]["overridden"] == ["no_opinion"]
    assert shown["overrides"][0]["reason"] == "急需任用"
    assert shown["overrides"][0]["by"] == ENDORSER["person"]
    await examining.frozen(decision_id)
    evidence = await read(town, f"{vetting}/evidence")
    [decision] = evidence["decisions"]
    assert decision["conclusion"]["overridden"] == ["no_opinion"]
    assert decision["overrides"][0]["reason"] == "急需任用"


async def test_r29_the_evidence_is_the_same_bytes_whenever_it_is_opened(
    town: Town, examining: Examining
) -> None:
    member_id = await town.registered()
    await town.endorsed(member_id, "2026-11-21T09:00:00+08:00", "2026-11-21T11:00:00+08:00")
    await examining.heard(member_id)
    decision_id = await examining.opened(member_id)
    frozen = await examining.frozen(decision_id)
    path = f"/api/v1/vettings/{decision_id}/evidence"

    async def bytes_of(query: str = "") -> bytes:
        answer = await town.http.get(path + query, headers=town.headers("authority"))
        assert answer.status_code == 200, answer.text
        return answer.content

    first = await bytes_of()
    shown = VettingEvidence.model_validate_json(first)
    assert shown.member.name == entry(1)["name"]
    assert shown.off_duty_record[0].entries[0].content == "看望孤寡老人"
    assert shown.consultations[0].masked
    assert shown.consultations[0].opinions[0].state == "countersigned"
    assert SEALED.encode() not in first
    assert id_number(1).encode() not in first

    await town.endorsed(member_id, "2026-11-22T09:00:00+08:00", "2026-11-22T11:00:00+08:00")
    examining.clock.now += timedelta(days=360)
    assert await bytes_of() == first
    # What was frozen first can still be opened when more was frozen since.
    again = await examining.frozen(decision_id)
    assert again["evidence_digest"] != frozen["evidence_digest"]
    assert await bytes_of(f"?evidence_id={frozen['evidence_id']}") == first
    later = orjson.loads(await bytes_of())
    assert len(later["off_duty_record"][0]["entries"]) == 2
    # Among what was read since are the readings of the evidence itself.
    assert {each["purpose"] for each in later["readings"]} >= {"vetting"}
    missing = await town.get("authority", f"{path[7:]}?evidence_id={decision_id}")
    assert refusal(missing) == (404, "unknown-evidence")


async def test_r29_what_was_frozen_is_what_the_log_says_with_every_text_sealed(
    town: Town, examining: Examining
) -> None:
    """Computed here from the parts of the log and nothing else."""
    member_id = await town.registered()
    decision_id = await examining.opened(member_id)
    frozen = await examining.frozen(decision_id)
    shown = await read(town, f"/vettings/{decision_id}")
    position = shown["evidence"][0]["position"]
    assert position == frozen["position"] - 1
    serving = town.serving
    about = EvidenceAbout(member_id, decision_id, position, 0)
    evidence = await evidence_at(serving.log, serving.readings, about, serving.calendars)
    assert sha256(evidence.canonical).hexdigest() == frozen["evidence_digest"]


async def test_r29_reading_the_evidence_is_written_down(town: Town, examining: Examining) -> None:
    member_id = await town.registered()
    decision_id = await examining.opened(member_id)
    await examining.frozen(decision_id)
    await read(town, f"/vettings/{decision_id}/evidence")
    [reading] = await town.serving.readings.of_member(member_id, limit=1)
    assert (reading.purpose, reading.person) == ("vetting", None)
    assert reading.route == "/api/v1/vettings/{vetting_id}/evidence"
    assert "name" in reading.fields


async def test_r29_no_evidence_beyond_the_published_checkpoint(
    town: Town, examining: Examining
) -> None:
    member_id = await town.registered()
    decision_id = await examining.opened(member_id)
    path = f"/vettings/{decision_id}/evidence"
    behind = await town.post("authority", path, {})
    assert refusal(behind) == (425, "not-yet-published")
    assert behind.json()["position"] == 0
    async with examining.published_by.running():
        size = await examining.published_by.published()
    headers = {
        **town.headers("authority"),
        "Idempotency-Key": "beyond",
        "X-Position-At-Least": str(size + 1),
    }
    body = {"acting_officer": OFFICER}
    answer = await town.http.post(f"/api/v1{path}", json=body, headers=headers)
    assert refusal(answer) == (425, "not-yet-published")
    assert (answer.json()["position"], answer.headers["X-Position"]) == (size, str(size))
    headers["X-Position-At-Least"] = str(size)
    answer = await town.http.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text


async def test_r21_evidence_is_counted_by_the_calendars_it_was_frozen_with(
    town: Town, examining: Examining, app: FastAPI
) -> None:
    member_id = await town.registered()
    await town.endorsed(member_id, "2026-11-21T09:00:00+08:00", "2026-11-21T11:00:00+08:00")
    await town.endorsed(member_id, "2027-05-01T09:00:00+08:00", "2027-05-01T11:00:00+08:00")
    decision_id = await examining.opened(member_id)
    await examining.frozen(decision_id)
    path = f"/vettings/{decision_id}/evidence"
    first = await town.get("authority", path)
    calendar = town.serving.calendars.of(2026)
    assert calendar is not None
    coming = Calendar(2027, "国办发明电〔2026〕9号", "v1", frozenset(), frozenset())
    app.state.serving = replace(town.serving, calendars=Calendars([calendar, coming]))
    assert (await town.get("authority", path)).content == first.content
    amended = Calendars([replace(calendar, version="amended"), coming])
    app.state.serving = replace(town.serving, calendars=amended)
    answer = await town.get("authority", path)
    assert refusal(answer) == (409, "evidence-not-reproduced")
    assert calendar.citation in answer.json()["detail"]


async def test_r29_what_is_not_made_again_as_it_was_is_not_given_out(
    town: Town, examining: Examining
) -> None:
    """As if somebody had changed the log, or what makes the evidence of it."""
    decision_id = await examining.opened(await town.registered())
    freezing = FreezeEvidence(
        by=Actor(town.id("authority"), OFFICER["person"]),
        at=town.serving.clock(),
        evidence_id="evidence",
        decision_id=decision_id,
        position=await town.serving.log.head(),
        checkpoint="note",
        readings_up_to=0,
        evidence_digest=sha256(b"something else").hexdigest(),
        calendars=(),
        opinion_ids=(),
    )
    await town.serving.log.decide(freezing)
    answer = await town.get("authority", f"/vettings/{decision_id}/evidence")
    assert refusal(answer) == (409, "evidence-not-reproduced")


async def test_r40_of_an_erased_member_there_is_no_evidence(
    town: Town, examining: Examining
) -> None:
    member_id = await town.registered()
    decision_id = await examining.opened(member_id)
    await examining.frozen(decision_id)
    erased = SubjectErased(
        erasure_id="erasure",
        member_id=member_id,
        branch_id=town.id("branch"),
        person="person",
        key_fingerprints=(),
    )
    head = await given(town.serving.log, erased)
    for path in ("", "/evidence"):
        answer = await town.get("authority", f"/vettings/{decision_id}{path}", head)
        assert refusal(answer) == (404, "unknown-vetting")
    answer = await town.post("authority", f"/vettings/{decision_id}/evidence", {})
    assert refusal(answer) == (404, "unknown-vetting")


async def test_others_do_not_learn_that_there_is_a_vetting(
    town: Town, examining: Examining
) -> None:
    member_id = await town.registered()
    decision_id = await examining.opened(member_id)
    await examining.frozen(decision_id)
    head = await town.serving.log.head()
    for path in ("", "/evidence"):
        answer = await town.get("foreign_authority", f"/vettings/{decision_id}{path}", head)
        assert refusal(answer) == (404, "unknown-vetting")
        for name in ("branch", "committee", "community"):
            answer = await town.get(name, f"/vettings/{decision_id}{path}", head)
            assert answer.status_code == 403
    assert (await read(town, "/vettings", "foreign_authority"))["items"] == []
    answer = await town.post("foreign_authority", f"/vettings/{decision_id}/evidence", {})
    assert refusal(answer) == (404, "unknown-vetting")
    body = {"member_id": member_id, "period": DAYS, "team": TEAM}
    answer = await town.post("foreign_authority", "/vettings", body)
    assert refusal(answer) == (404, "unknown-member")


async def test_r21_a_notice_into_an_unpublished_year_says_so(
    town: Town, examining: Examining
) -> None:
    decision_id = await examining.opened(await town.registered())
    body = {"starts_on": "2026-12-30", "place": "机关公示栏"}
    answer = await town.post("authority", f"/vettings/{decision_id}/public-notice", body)
    assert refusal(answer) == (409, "calendar-not-published")
    assert "2027年" in answer.json()["detail"]


async def test_r30_no_evidence_on_a_checkpoint_that_the_witnesses_have_not_cosigned(
    town: Town, examining: Examining, app: FastAPI
) -> None:
    decision_id = await examining.opened(await town.registered())
    async with examining.published_by.running():
        await examining.published_by.published()
    policy = replace(app.state.serving.policy, quorum="somebody")
    app.state.serving = replace(app.state.serving, policy=policy)
    answer = await town.post("authority", f"/vettings/{decision_id}/evidence", {})
    assert refusal(answer) == (503, "checkpoint-not-witnessed")
