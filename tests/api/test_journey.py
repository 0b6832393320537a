"""From the roster to the endorsed record, over the API, right to the minute."""

import pytest

from tests.api.clock import SettableClock
from tests.api.town import Town


async def test_from_roster_to_endorsed_record(town: Town) -> None:
    member_id = await town.registered()
    participation_id, position = await town.endorsed(
        member_id, "2026-03-04T16:00:00+08:00", "2026-03-04T18:30:00+08:00"
    )

    answer = await town.get("branch", f"/members/{member_id}/off-duty-record?year=2026", position)

    assert answer.status_code == 200, answer.text
    record = answer.json()
    assert (record["totals"]["inside_minutes"], record["totals"]["outside_minutes"]) == (60, 90)
    [entry] = record["entries"]
    assert entry["participation_id"] == participation_id
    assert entry["content"] == "看望孤寡老人"
    assert int(answer.headers["X-Position"]) >= position


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "absence", "minutes"),
    [
        ("2026-02-14T09:00:00+08:00", "2026-02-14T11:00:00+08:00", "", (120, 0, 0)),
        ("2026-02-17T09:00:00+08:00", "2026-02-17T11:00:00+08:00", "", (0, 120, 0)),
        ("2026-02-28T12:00:00+08:00", "2026-02-28T14:00:00+08:00", "", (60, 60, 0)),
        ("2026-03-04T16:00:00+08:00", "2026-03-04T18:30:00+08:00", "", (60, 90, 0)),
        ("2026-07-04T09:00:00+08:00", "2026-07-04T11:00:00+08:00", "shift", (120, 0, 0)),
        ("2026-03-04T14:00:00+08:00", "2026-03-04T16:00:00+08:00", "leave", (0, 120, 0)),
        ("2027-05-01T09:00:00+08:00", "2027-05-01T11:00:00+08:00", "", (0, 0, 120)),
    ],
)
async def test_the_seven_calendar_cases(
    town: Town,
    clock: SettableClock,
    starts_at: str,
    ends_at: str,
    absence: str,
    minutes: tuple[int, int, int],
) -> None:
    clock.now = town.at("2027-06-01T10:00:00+08:00")
    member_id = await town.registered()
    await town.done(
        "branch",
        f"/branches/{town.id('branch')}/timetables",
        {
            "valid_from": "2026-01-01",
            "hours": [
                {"starts_at": "09:00", "ends_at": "12:00"},
                {"starts_at": "13:00", "ends_at": "17:00"},
            ],
        },
    )
    if absence == "shift":
        shifts = [
            {"starts_at": "2026-07-04T08:00:00+08:00", "ends_at": "2026-07-04T16:00:00+08:00"}
        ]
        await town.done("branch", f"/members/{member_id}/shifts", {"shifts": shifts})
    if absence == "leave":
        await town.done(
            "branch",
            f"/members/{member_id}/leaves",
            {"starts_at": starts_at, "ends_at": ends_at, "reason_code": "annual"},
        )
    _, position = await town.endorsed(member_id, starts_at, ends_at)

    path = f"/members/{member_id}/off-duty-record?year={starts_at[:4]}"
    totals = (await town.get("community", path, position)).json()["totals"]

    found = totals["inside_minutes"], totals["outside_minutes"], totals["pending_minutes"]
    assert found == minutes


async def test_posts_count_claims_apart_from_members(town: Town) -> None:
    member_id = await town.registered()
    for title in ("文体活动服务岗", "科普知识宣传岗"):
        post = await town.done(
            "community",
            f"/communities/{town.id('community')}/service-posts",
            {"title": title, "category": title, "slots": 2},
        )
        claim = await town.done(
            "branch", f"/service-posts/{post['service_post_id']}/claims", {"member_id": member_id}
        )
        confirmed = await town.done("community", f"/claims/{claim['claim_id']}/confirmation")

    answer = await town.get(
        "branch", f"/communities/{town.id('community')}/service-posts", confirmed["position"]
    )
    assert answer.json()["totals"] == {"posts": 2, "slots": 4, "claims": 2, "members": 1}
    statistics = await town.get(
        "authority", f"/organisations/{town.id('authority')}/statistics", confirmed["position"]
    )
    rate = statistics.json()["registration"]
    assert (rate["numerator"], rate["denominator"], rate["exempt"]) == (1, 1, 0)


async def test_an_activity_from_sign_up_to_batch_endorsement(
    town: Town, clock: SettableClock
) -> None:
    members = [await town.registered(serial) for serial in (1, 2)]
    clock.now = town.at("2026-11-24T18:30:00+08:00")
    activity_id = await town.activity("2026-11-24T19:00:00+08:00", "2026-11-24T21:00:00+08:00")
    for member_id in members:
        await town.done("branch", f"/activities/{activity_id}/sign-ups", {"member_id": member_id})
    clock.now = town.at("2026-11-24T19:00:00+08:00")
    code = await town.get("community", f"/activities/{activity_id}/attendance-code")
    signed = {"member_id": members[0], "sign": "in", "code": code.json()["code"]}
    await town.done("community", f"/activities/{activity_id}/attendances", signed)
    wrong = {**signed, "code": f"{(int(signed['code']) + 1) % 10**6:06}"}
    refused = await town.post("community", f"/activities/{activity_id}/attendances", wrong)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:eighthours:problem:attendance-code-wrong"
    clock.now = town.at("2026-11-24T21:30:00+08:00")
    await town.done("community", f"/activities/{activity_id}/roll-calls", {"present": members})
    await town.done("community", f"/activities/{activity_id}/completion")
    participations = [
        (
            await town.done(
                "community",
                f"/communities/{town.id('community')}/participations",
                {
                    "member_id": member_id,
                    "activity_id": activity_id,
                    "kind": "community",
                    "starts_at": "2026-11-24T19:00:00+08:00",
                    "ends_at": "2026-11-24T21:00:00+08:00",
                    "content": "清洁家园",
                    "ledger": "duty",
                },
            )
        )["participation_id"]
        for member_id in members
    ]
    endorsed = await town.done(
        "community",
        f"/activities/{activity_id}/endorsements",
        {
            "performance": "excellent",
            "participation_ids": participations,
            "acting_officer": {"person": "officer-2", "role": "responsible"},
        },
    )
    assert len(endorsed["endorsement_ids"]) == 2

    answer = await town.get(
        "community", f"/members/{members[0]}/off-duty-record?year=2026", endorsed["position"]
    )
    [entry] = answer.json()["entries"]
    assert (entry["outside_minutes"], entry["grade"]) == (120, "A")
