"""Erasing a member: dry run, two persons, restriction, window, worker, receipt (R40)."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from service.api.opening import RESTRICTED
from service.api.serving import Serving
from service.domain.event import SHANGHAI
from service.projections.catalogue import VIEWS
from service.trust.master_key import MasterKey
from tests.api.clock import SettableClock
from tests.api.eraser import (
    ASKS,
    CONFIRMS,
    WINDOW,
    asking,
    confirmed,
    requested,
    state,
)
from tests.api.town import Town, entry
from tests.database import Database


@pytest.fixture
def clock() -> SettableClock:
    # The database has a clock of its own: to it the window must have passed as well.
    clock = SettableClock()
    clock.now = datetime.now(SHANGHAI) - timedelta(days=30)
    return clock


async def name_of(town: Town, member_id: str, query: str = "") -> str:
    answer = await town.get("branch", f"/members/{member_id}{query}", await town.serving.log.head())
    return str(answer.json().get("name", answer.status_code))


async def shows(town: Town, member_id: str, wanted: str, query: str = "") -> None:
    for _ in range(100):
        if await name_of(town, member_id, query) == wanted:
            return
        await asyncio.sleep(0.05)
    assert await name_of(town, member_id, query) == wanted


async def erased(town: Town, clock: SettableClock, member_id: str) -> str:
    erasure_id = await confirmed(town, member_id)
    clock.now += WINDOW
    await town.member(999)  # whatever is written wakes the worker
    await state(town, erasure_id, "erased")
    return erasure_id


async def test_from_the_request_to_the_receipt(town: Town, clock: SettableClock) -> None:
    member_id = await town.registered(1)
    keys = await town.serving.log.keyring.standing([member_id])
    fingerprint = keys[member_id][0].fingerprint
    assert fingerprint is not None
    erasure_id = await confirmed(town, member_id)
    receipt = await state(town, erasure_id, "confirmed")
    assert receipt["due_at"] == (clock.now + WINDOW).isoformat()
    clock.now += WINDOW
    await town.member(2)
    receipt = await state(town, erasure_id, "erased")
    assert (receipt["legal_basis"], receipt["document_no"]) == (
        "retention_expired",
        "琼组发〔2026〕12号",
    )
    assert (receipt["requested"]["by"], receipt["confirmed"]["by"]) == ("officer-1", "officer-2")
    assert receipt["requested"]["position"] < receipt["erased"]["position"]
    shown = {key["purpose"]: (key["state"], key["fingerprint"]) for key in receipt["keys"]}
    assert shown["identity"] == ("destroyed", fingerprint.hex())
    assert shown["assessment"][0] == "destroyed"
    assert all(key["destroyed_at"] for key in receipt["keys"])

    head = await town.serving.log.head()
    assert (await town.get("branch", f"/members/{member_id}", head)).status_code == 404
    record = await town.get("branch", f"/members/{member_id}/off-duty-record", head)
    assert record.status_code == 404
    trail = await town.get("branch", f"/audit-trail?member_id={member_id}", head)
    assert trail.json()["items"][-1]["type"] == "SubjectErased"


async def test_a_dry_run_lists_what_goes_dark_and_writes_nothing(town: Town) -> None:
    member_id = await town.registered(1)
    now = town.serving.clock()
    day = now.date() - timedelta(days=3)
    await town.endorsed(member_id, f"{day}T19:00:00+08:00", f"{day}T20:00:00+08:00")
    head = await town.serving.log.head()
    await town.get("branch", f"/members/{member_id}/off-duty-record", head)
    answer = await town.post("branch", "/erasures?dry_run=true", asking(member_id))
    assert answer.status_code == 200, answer.text
    preview = answer.json()
    dark = {each["type"]: (each["events"], each["fields"]) for each in preview["events"]}
    assert dark == {
        "MemberEnrolled": (1, ["id_number", "name", "phone"]),
        "MemberRegistered": (1, ["phone", "residence"]),
        "ParticipationRecorded": (1, ["content"]),
    }
    rows = {each["table"]: each["rows"] for each in preview["views"]}
    assert rows.keys() == {each.name for view in VIEWS for each in view.about_members}
    # Others follow a moment later than the views that were waited for.
    waited_for = ("membership_member", "membership_exemption", "off_duty_member", "off_duty_entry")
    assert [rows[each] for each in waited_for] == [1, 0, 1, 1]
    assert [(key["purpose"], key["state"]) for key in preview["keys"]] == [
        ("assessment", "active"),
        ("identity", "active"),
    ]
    assert await town.serving.log.head() == head
    refused = await town.post(
        "branch", "/erasures?dry_run=true", {**asking(member_id), "document_no": "口头"}
    )
    assert refused.json()["type"] == "urn:eighthours:problem:document-no-malformed"


async def test_the_rules_are_answered_as_problems(town: Town) -> None:
    member_id = await town.member(1)
    erasure_id = await requested(town, member_id)
    answer = await town.post(
        "branch", f"/erasures/{erasure_id}/confirmation", {"acting_officer": ASKS}
    )
    assert answer.json()["type"] == "urn:eighthours:problem:erasure-confirmed-by-requester"
    answer = await town.post("branch", "/erasures", asking(member_id))
    assert answer.json()["type"] == "urn:eighthours:problem:erasure-under-way"
    stated = {**asking(member_id), "occurred_at": "2020-01-01T00:00:00+08:00"}
    assert (await town.post("branch", "/erasures", stated)).status_code == 422
    assert (await town.get("other_branch", f"/erasures/{erasure_id}")).status_code == 404
    assert (await town.get("community", f"/erasures/{erasure_id}")).status_code == 403
    assert (await town.get("authority", f"/erasures/{erasure_id}")).status_code == 200


async def test_in_its_window_readings_are_closed_but_for_what_the_law_names_and_decisions_go_on(
    town: Town,
) -> None:
    member_id = await town.registered(1)
    assert await name_of(town, member_id) == "王小明"
    await confirmed(town, member_id)
    await shows(town, member_id, RESTRICTED)
    assert await name_of(town, member_id, "?lawful_reading=subject_rights") == "王小明"
    assert await name_of(town, member_id, "?lawful_reading=curiosity") == "422"
    listed = await town.get("branch", f"/branches/{town.id('branch')}/members")
    assert "王小明" not in listed.text
    for lawful, status in (("legal_proceeding", 403), ("", 200)):
        query = f"?lawful_reading={lawful}" if lawful else ""
        answer = await town.get("community", f"/members/{member_id}{query}")
        assert answer.status_code == status
    # A decision that seals, with a key that was not there before: it is restricted as well.
    day = town.serving.clock().date() - timedelta(days=3)
    await town.endorsed(member_id, f"{day}T19:00:00+08:00", f"{day}T20:00:00+08:00")
    record = await town.get(
        "branch", f"/members/{member_id}/off-duty-record", await town.serving.log.head()
    )
    assert [entry["content"] for entry in record.json()["entries"]] == [RESTRICTED]


async def test_cancelled_in_its_window_everything_is_as_it_was(
    town: Town, clock: SettableClock
) -> None:
    member_id = await town.member(1)
    erasure_id = await confirmed(town, member_id)
    await shows(town, member_id, RESTRICTED)
    await town.done("branch", f"/erasures/{erasure_id}/cancellation", {"acting_officer": CONFIRMS})
    await shows(town, member_id, "王小明")
    clock.now += 2 * WINDOW
    await town.member(2)
    await asyncio.sleep(1.5)
    assert (await state(town, erasure_id, "cancelled"))["erased"] is None
    assert await name_of(town, member_id) == "王小明"


async def test_after_it_nothing_personal_can_be_recorded(town: Town, clock: SettableClock) -> None:
    member_id = await town.registered(1)
    day = clock.now.date() - timedelta(days=3)
    participation_id, _ = await town.endorsed(
        member_id, f"{day}T19:00:00+08:00", f"{day}T20:00:00+08:00"
    )
    await erased(town, clock, member_id)
    leave = await town.post("branch", f"/members/{member_id}/certificates")
    assert leave.status_code == 404
    # What asks nobody whose member it is finds no key to seal with.
    voiding = await town.post(
        "community", f"/participations/{participation_id}/voiding", {"reason": "张三重复登记"}
    )
    assert voiding.json()["type"] == "urn:eighthours:problem:subject-is-erased"


async def test_the_fingerprints_of_what_was_sent_about_the_member_are_overwritten(
    town: Town, clock: SettableClock
) -> None:
    path = f"/branches/{town.id('branch')}/members"
    first, other = entry(1), entry(2)
    member_id = (await town.post("branch", path, first, key="first")).json()["member_id"]
    await town.post("branch", path, other, key="other")
    await erased(town, clock, member_id)
    rows = await town.serving.log.pool.fetch(
        "SELECT key, fingerprint = decode(repeat('00', 32), 'hex') AS overwritten"
        " FROM log.idempotency WHERE key IN ('first', 'other')"
    )
    assert {row["key"]: row["overwritten"] for row in rows} == {"first": True, "other": False}
    # Nothing happens a second time, and who repeats another's request is not told that it fits.
    again = await town.post("branch", path, first, key="first")
    assert again.json()["type"] == "urn:eighthours:problem:idempotency-key-used"
    repeated = await town.post("branch", path, other, key="other")
    assert repeated.headers["Idempotency-Replayed"] == "true"


async def test_every_process_forgets(
    town: Town, clock: SettableClock, database: Database, master_key: MasterKey
) -> None:
    member_id = await town.registered(1)
    day = clock.now.date() - timedelta(days=3)
    await town.endorsed(member_id, f"{day}T19:00:00+08:00", f"{day}T20:00:00+08:00")
    calendars = town.serving.calendars
    async with Serving.on(database.app_url, master_key, calendars, clock) as other:
        await other.runner.caught_up(await other.log.head())
        await other.log.keyring.load({(member_id, "identity"), (member_id, "assessment")})
        record = await other.records.read(member_id, day.year, town.id("branch"))
        assert record is not None
        [sealed] = [text for _, text in record.content.places]
        assert other.log.keyring.open(member_id, "assessment", "content", sealed)
        assert not other.log.keyring.missing({(member_id, "identity")})
        await erased(town, clock, member_id)
        for _ in range(100):
            if other.log.keyring.missing({(member_id, "identity")}) and not any(
                key[0] == member_id for key in other.records._known
            ):
                break
            await asyncio.sleep(0.05)
        await other.log.keyring.load({(member_id, "identity"), (member_id, "assessment")})
        assert (
            len(other.log.keyring.missing({(member_id, "identity"), (member_id, "assessment")}))
            == 2
        )
        assert not any(key[0] == member_id for key in other.records._known)


async def test_an_erasure_that_was_interrupted_is_completed_once(
    town: Town, clock: SettableClock, database: Database, master_key: MasterKey
) -> None:
    """Killed between the event and the destruction; a restore brings about the same."""
    member_id = await town.registered(1)
    owner = await asyncpg.connect(database.owner_url)
    before = await owner.fetch("SELECT * FROM keys.member_keys WHERE member_id = $1", member_id)
    erasure_id = await erased(town, clock, member_id)
    await owner.execute("DELETE FROM keys.member_keys WHERE member_id = $1", member_id)
    await owner.executemany(
        "INSERT INTO keys.member_keys (member_id, purpose, wrapped) VALUES ($1, $2, $3)",
        [(row["member_id"], row["purpose"], row["wrapped"]) for row in before],
    )
    calendars = town.serving.calendars
    async with Serving.on(database.app_url, master_key, calendars, clock) as restarted:
        [*keys] = (await restarted.log.keyring.standing([member_id]))[member_id]
        assert [key.state for key in keys] == ["destroyed", "destroyed"]
        await restarted.log.keyring.load({(member_id, "identity")})
        assert restarted.log.keyring.missing({(member_id, "identity")})
    events = await owner.fetchval("SELECT count(*) FROM log.events WHERE type = 'SubjectErased'")
    await owner.close()
    assert events == 1
    assert (await state(town, erasure_id, "erased"))["state"] == "erased"


async def test_an_erasure_that_became_due_while_nobody_ran_is_carried_out_at_the_start(
    database: Database, master_key: MasterKey, clock: SettableClock, town: Town
) -> None:
    member_id = await town.member(1)
    erasure_id = await confirmed(town, member_id)
    # The running service keeps its own time; the one that starts is later.
    later = SettableClock()
    later.now = clock.now + WINDOW
    calendars = town.serving.calendars
    async with Serving.on(database.app_url, master_key, calendars, later):
        await state(town, erasure_id, "erased")
