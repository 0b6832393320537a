"""Objections over HTTP: by the member, on paper, answered by somebody else, and shown (R39)."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from service.domain.event import SHANGHAI
from service.domain.organisation import OrganisationKind
from service.supervision.objection_escalation import escalate
from tests.api.clock import SettableClock
from tests.api.test_consequences import refusal
from tests.api.town import ENDORSER, OFFICER, ORGANISATIONS, Town

WHEN = "2026-11-20T18:00:00+08:00", "2026-11-20T19:30:00+08:00"
TEXT = "当天我服务了两个小时，只记了一个半小时"


async def entry(town: Town) -> tuple[str, str]:
    """A member, and a participation of theirs that was endorsed."""
    member_id = await town.registered()
    participation_id, _ = await town.endorsed(member_id, *WHEN)
    return member_id, participation_id


def body(member_id: str, subject_id: str, **more: Any) -> dict[str, Any]:
    return {
        "member_id": member_id, "against": "participation", "subject_id": subject_id,
        "text": TEXT, **more,
    }  # fmt: skip


async def objected(town: Town) -> tuple[str, str, str]:
    """The same, and an objection to it on paper."""
    member_id, participation_id = await entry(town)
    done = await town.done("branch", "/objections", body(member_id, participation_id))
    return member_id, participation_id, done["objection_id"]


async def shown(town: Town, name: str, path: str) -> httpx.Response:
    return await town.get(name, path, await town.serving.log.head())


async def listed(town: Town, name: str, more: str = "") -> list[dict[str, Any]]:
    answer = await shown(town, name, f"/objections?organisation_id={town.id(name)}{more}")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def disputed(town: Town, member_id: str) -> bool:
    answer = await shown(town, "branch", f"/members/{member_id}/off-duty-record?year=2026")
    [item] = answer.json()["entries"]
    return bool(item["disputed"])


async def answered(town: Town, objection_id: str, name: str = "community") -> httpx.Response:
    said = {"outcome": "upheld", "text": "情况属实，予以更正", "acting_officer": OFFICER}
    return await town.post(name, f"/objections/{objection_id}/answers", said)


async def test_an_objection_on_paper_from_beginning_to_end(town: Town) -> None:
    member_id, participation_id, objection_id = await objected(town)
    assert await disputed(town, member_id)
    [one] = await listed(town, "community")
    today = town.serving.clock().astimezone(SHANGHAI).date()
    assert one["text"] == TEXT
    assert (one["member_no"], one["name"]) == ("QZ00001", "王小明")
    assert (one["subject_id"], one["against_word"]) == (participation_id, "参加记录及其认定")
    assert (one["organisation_id"], one["taken_down_by"]) == (
        town.id("community"), town.id("branch"),
    )  # fmt: skip
    assert (one["raised_on"], one["state_word"]) == (today.isoformat(), "待答复")
    assert one["answer_due_on"] == (today + timedelta(30)).isoformat()
    assert await listed(town, "subdistrict", "&state=answered") == []
    # The recorder may answer, the endorser may not.
    said = {"outcome": "upheld", "text": "情况属实", "acting_officer": ENDORSER}
    barred = await town.post("community", f"/objections/{objection_id}/answers", said)
    assert refusal(barred)[:2] == (409, "answered-by-objected-to")
    assert (await answered(town, objection_id)).status_code == 201
    assert not await disputed(town, member_id)
    for name in ("community", "subdistrict", "branch", "committee"):
        one = (await shown(town, name, f"/objections/{objection_id}")).json()
        assert one["state"] == "answered"
        assert one["answer"]["text"] == "情况属实，予以更正"
        assert one["name"] == "王小明"
        assert one["answer"]["answered_by"] == "officer-1"
    again = await answered(town, objection_id)
    assert refusal(again)[:2] == (409, "objection-not-open")


async def test_whoever_has_to_answer_is_told_who_objects_also_after_they_left(town: Town) -> None:
    member_id, _, objection_id = await objected(town)
    member = (await shown(town, "branch", f"/members/{member_id}")).json()
    path = f"/registrations/{member['registration']['registration_id']}/deregistration"
    await town.done("branch", path, {"reason_code": "left"})
    assert (await shown(town, "community", f"/members/{member_id}")).status_code == 404
    [listed_one] = await listed(town, "community")
    one = (await shown(town, "community", f"/objections/{objection_id}")).json()
    for each in (listed_one, one):
        assert (each["member_no"], each["name"]) == ("QZ00001", "王小明")


async def test_only_those_concerned_see_it(town: Town) -> None:
    _, _, objection_id = await objected(town)
    seeing = {"community", "subdistrict", "branch", "committee", "authority"}
    for name in ORGANISATIONS:
        found = await shown(town, name, f"/objections/{objection_id}")
        assert found.status_code == (200 if name in seeing else 404), name
        assert bool(await listed(town, name)) == (name in seeing), name
    for name in ("other_community", "foreign_branch", "branch"):
        answer = await answered(town, objection_id, name)
        assert refusal(answer)[:2] == (404, "unknown-objection"), name


async def test_30_days_from_the_day_it_reached_the_record(town: Town, clock: SettableClock) -> None:
    member_id, participation_id = await entry(town)
    told = clock.now.astimezone(SHANGHAI)
    clock.now = datetime(told.year, told.month, told.day, 23, 59, tzinfo=SHANGHAI)
    clock.now += timedelta(days=31)
    late = await town.post("branch", "/objections", body(member_id, participation_id))
    assert refusal(late)[:2] == (409, "objection-too-late")
    assert told.date().isoformat() in late.json()["detail"]
    clock.now -= timedelta(days=1)
    await town.done("branch", "/objections", body(member_id, participation_id))


async def test_what_is_not_about_the_member_is_not_objected_to(town: Town) -> None:
    _, participation_id = await entry(town)
    other = await town.registered(2)
    answer = await town.post("branch", "/objections", body(other, participation_id))
    assert refusal(answer) == (404, "nothing-to-object-to", "/subject_id")
    wrong = body(other, participation_id, against="decision")
    answer = await town.post("branch", "/objections", wrong)
    assert refusal(answer)[:2] == (404, "nothing-to-object-to")


async def test_a_branch_takes_down_what_its_own_members_hand_in(town: Town) -> None:
    member_id, participation_id = await entry(town)
    for name in ("other_branch", "foreign_branch"):
        answer = await town.post(name, "/objections", body(member_id, participation_id))
        assert refusal(answer) == (404, "unknown-member", "/member_id")
    answer = await town.post("community", "/objections", body(member_id, participation_id))
    assert answer.status_code == 403
    done = await town.done("branch", "/objections", body(member_id, participation_id))
    path = f"/objections/{done['objection_id']}/withdrawal"
    assert refusal(await town.post("other_branch", path, {}))[:2] == (404, "unknown-objection")
    await town.done("branch", path)
    assert not await disputed(town, member_id)
    [one] = await listed(town, "community", "&state=withdrawn")
    assert one["withdrawn_at"] is not None


async def test_a_late_answer_goes_up_once_and_both_may_answer(
    town: Town, clock: SettableClock
) -> None:
    _, _, objection_id = await objected(town)
    log = town.serving.log
    await shown(town, "community", f"/objections/{objection_id}")
    assert await escalate(log, clock.now + timedelta(days=30)) == 0
    assert await escalate(log, clock.now + timedelta(days=31)) == 1
    await shown(town, "community", f"/objections/{objection_id}")
    assert await escalate(log, clock.now + timedelta(days=90)) == 0
    one = (await shown(town, "community", f"/objections/{objection_id}")).json()
    assert one["escalated_to"] == town.id("subdistrict")
    notices = await shown(town, "subdistrict", f"/organisations/{town.id('subdistrict')}/notices")
    assert "提请你单位答复" in notices.json()["items"][0]["text"]
    assert (await answered(town, objection_id)).status_code == 201


async def test_who_is_told(town: Town) -> None:
    member_id, _, objection_id = await objected(town)
    path = f"/organisations/{town.id('community')}/notices"
    [told, *_] = (await shown(town, "community", path)).json()["items"]
    assert (told["kind"], told["word"], told["member_id"]) == ("objection", "异议", member_id)
    assert "最迟应于" in told["text"]
    assert "王小明" not in told["text"]
    assert (await answered(town, objection_id)).status_code == 201
    branch = (await shown(town, "branch", f"/organisations/{town.id('branch')}/notices")).json()
    assert all(each["kind"] != "objection" for each in branch["items"])


@pytest.mark.parametrize("kind", [OrganisationKind.BRANCH, OrganisationKind.COMMUNITY])
async def test_an_objection_is_read_for_its_answer(town: Town, kind: OrganisationKind) -> None:
    member_id, _, objection_id = await objected(town)
    answer = await shown(town, kind.value, f"/objections/{objection_id}")
    [row] = await town.serving.log.pool.fetch(
        "SELECT * FROM access.readings WHERE request_id = $1", answer.headers["x-request-id"]
    )
    assert (row["member_id"], row["purpose"]) == (member_id, "objection")
    assert row["fields"] == ["name", "text"]
