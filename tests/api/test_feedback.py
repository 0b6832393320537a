"""Quarterly feedback through the API: whom it is due for, given at once, read by the unit."""

from typing import Any

from tests.api.town import ENDORSER, Town

PROBLEM = "urn:eighthours:problem:"
EVENING = ("2026-08-14T18:00:00+08:00", "2026-08-14T20:00:00+08:00")


async def due(town: Town, at_least: int, quarter: str = "2026-Q3") -> dict[str, Any]:
    path = f"/communities/{town.id('community')}/feedback-due?quarter={quarter}"
    found: dict[str, Any] = (await town.get("community", path, at_least)).json()
    return found


async def test_a_quarter_is_answered_for_every_member_with_a_record(town: Town) -> None:
    path = f"/communities/{town.id('community')}/feedback"
    first, second, quiet = [await town.registered(serial) for serial in (1, 2, 3)]
    await town.endorsed(first, *EVENING)
    await town.endorsed(first, "2026-09-30T22:00:00+08:00", "2026-10-01T01:00:00+08:00")
    _, position = await town.endorsed(second, *EVENING)
    listed = await due(town, position)
    assert [(each["member_id"], each["records"]) for each in listed["items"]] == [
        (first, 2), (second, 1),
    ]  # fmt: skip
    assert {each["name"] for each in listed["items"]} == {"王小明"}
    assert (listed["quarter"], listed["due_on"]) == ("2026-Q3", "2026-10-10")
    assert (listed["expected"], listed["given"]) == (2, 0)

    feedback = [
        {"member_id": first, "performance": "excellent", "text": "热心公益，群众好评"},
        {"member_id": quiet, "performance": "fair"},
    ]
    given = await town.done("community", path, {"quarter": "2026-Q3", "feedback": feedback})
    assert len(given["feedback_ids"]) == 2
    listed = await due(town, given["position"])
    assert [each["member_id"] for each in listed["items"]] == [second]
    # The quiet one had no record: nothing was owed.
    assert (listed["expected"], listed["given"]) == (2, 1)

    again = await town.post("community", path, {"quarter": "2026-Q3", "feedback": feedback[:1]})
    assert again.json()["type"] == PROBLEM + "feedback-list-refused"
    assert [each["pointer"] for each in again.json()["errors"]] == ["/feedback/0/member_id"]
    running = await town.post("community", path, {"quarter": "2026-Q4", "feedback": feedback})
    assert running.json()["type"] == PROBLEM + "period-not-over"
    assert running.json()["errors"][0]["pointer"] == "/quarter"

    seen = {
        name: await town.get(name, f"/members/{first}/feedback", given["position"])
        for name in ("branch", "committee", "authority", "community", "other_branch")
    }
    assert {name: each.status_code for name, each in seen.items()} == {
        "branch": 200, "committee": 200, "authority": 200, "community": 200, "other_branch": 404,
    }  # fmt: skip
    [item] = seen["branch"].json()["items"]
    assert item["feedback_id"] == given["feedback_ids"][0]
    assert (item["quarter"], item["performance"]) == ("2026-Q3", "excellent")
    assert item["text"] == "热心公益，群众好评"


async def test_what_is_due_follows_the_record(town: Town) -> None:
    member_id = await town.registered()
    participation_id, _ = await town.endorsed(member_id, *EVENING)
    correction = {
        "starts_at": "2026-10-02T18:00:00+08:00", "ends_at": "2026-10-02T20:00:00+08:00",
        "content": "看望孤寡老人", "ledger": "voluntary", "reason": "日期有误",
        "acting_officer": "officer-1",
    }  # fmt: skip
    path = f"/participations/{participation_id}/corrections"
    corrected = await town.done("community", path, correction)
    assert (await due(town, corrected["position"]))["expected"] == 0
    assert (await due(town, corrected["position"], "2026-Q4"))["expected"] == 1
    voiding = {"reason": "误记", "acting_officer": ENDORSER}
    voided = await town.done("community", f"/participations/{participation_id}/voiding", voiding)
    assert (await due(town, voided["position"], "2026-Q4"))["expected"] == 0
    # Without a quarter it is the last one that is over.
    unnamed = await town.get("community", f"/communities/{town.id('community')}/feedback-due")
    assert unnamed.json()["quarter"] == "2026-Q3"


async def test_whoever_moves_away_takes_the_feedback_along(town: Town) -> None:
    member_id = await town.registered()
    _, _ = await town.endorsed(member_id, *EVENING)
    path = f"/communities/{town.id('community')}/feedback"
    said = [{"member_id": member_id, "performance": "good", "text": "踏实"}]
    given = await town.done("community", path, {"quarter": "2026-Q3", "feedback": said})
    transfer = await town.done(
        "branch",
        f"/members/{member_id}/branch-transfers",
        {"to_branch_id": town.id("other_branch")},
    )
    accepted = await town.done(
        "other_branch", f"/branch-transfers/{transfer['transfer_id']}/acceptance"
    )
    answer = await town.get("other_branch", f"/members/{member_id}/feedback", accepted["position"])
    [item] = answer.json()["items"]
    assert (item["text"], item["branch_id"]) == ("踏实", town.id("branch"))
    gone = await town.get("branch", f"/members/{member_id}/feedback", given["position"])
    assert gone.status_code == 404
