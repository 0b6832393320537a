"""Idempotency keys: the same request acts once, whatever is sent again."""

import asyncio
from collections import Counter

from service.api.serving import Serving
from tests.api.town import OFFICER, Town, entry


async def test_a_write_needs_a_key(town: Town) -> None:
    path = f"/api/v1/branches/{town.id('branch')}/members"
    for key in ({}, {"Idempotency-Key": ""}, {"Idempotency-Key": "x" * 256}):
        headers = {**town.headers("branch"), **key}
        answer = await town.http.post(path, json=entry(), headers=headers)
        assert answer.status_code == 400
        assert answer.json()["type"] == "urn:eighthours:problem:idempotency-key-missing"


async def test_a_replay_returns_the_first_answer(town: Town) -> None:
    path = f"/branches/{town.id('branch')}/members"
    first = await town.post("branch", path, entry(), key="k")
    again = await town.post("branch", path, entry(), key="k")

    assert again.status_code == first.status_code == 201
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers


async def test_the_same_key_with_another_body_or_path_is_refused(town: Town) -> None:
    path = f"/branches/{town.id('branch')}/members"
    await town.post("branch", path, entry(), key="k")

    answers = [
        await town.post("branch", path, entry(2), key="k"),
        await town.post(
            "branch", f"{path[:-7]}roster-publications", {"stated_head_count": 1}, key="k"
        ),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:eighthours:problem:idempotency-key-used"


async def test_another_spacing_is_the_same_body(town: Town) -> None:
    path = f"/api/v1/branches/{town.id('branch')}/roster-publications"
    headers = {
        **town.headers("branch"), "Idempotency-Key": "k", "Content-Type": "application/json",
    }  # fmt: skip
    first = await town.http.post(
        path, content='{"stated_head_count":1,"difference_explained":"新建"}', headers=headers
    )
    again = await town.http.post(
        path, content='{ "difference_explained": "新建", "stated_head_count": 1 }', headers=headers
    )
    assert first.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_two_clients_may_use_the_same_key(town: Town) -> None:
    for name in ("branch", "other_branch"):
        path = f"/branches/{town.id(name)}/roster-publications"
        answer = await town.post(name, path, {"stated_head_count": 0}, key="k")
        assert answer.status_code == 201
        assert "Idempotency-Replayed" not in answer.headers


async def test_a_refused_request_leaves_the_key_free(town: Town) -> None:
    path = f"/branches/{town.id('branch')}/roster-publications"
    refused = await town.post("branch", path, {"stated_head_count": 5}, key="k")
    assert refused.status_code == 409
    assert (await town.post("branch", path, {"stated_head_count": 0}, key="k")).status_code == 201


async def test_of_20_identical_requests_at_once_one_acts(town: Town) -> None:
    path = f"/branches/{town.id('branch')}/members"
    answers = await asyncio.gather(
        *(town.post("branch", path, entry(), key="k") for _ in range(20))
    )

    found = Counter(answer.status_code for answer in answers)
    assert set(found) <= {201, 409}
    assert len({answer.json()["member_id"] for answer in answers if answer.is_success}) == 1
    fresh = [a for a in answers if a.is_success and "Idempotency-Replayed" not in a.headers]
    assert len(fresh) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["type"] == "urn:eighthours:problem:idempotency-key-in-use"
            assert answer.headers["Retry-After"] == "1"


async def test_of_20_identical_commands_with_their_own_keys_one_is_accepted(town: Town) -> None:
    path = f"/branches/{town.id('branch')}/members"
    answers = await asyncio.gather(*(town.post("branch", path, entry()) for _ in range(20)))

    found = Counter(answer.status_code for answer in answers)
    assert found == {201: 1, 409: 19}
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["type"] == "urn:eighthours:problem:member-no-taken"
    assert refused.json()["errors"][0]["pointer"] == "/member_no"


async def test_stored_answers_hold_no_personal_data(town: Town, serving: Serving) -> None:
    await town.registered()
    stored = await serving.log.pool.fetch("SELECT answer FROM log.idempotency")
    text = b"".join(row["answer"] for row in stored).decode()
    assert stored
    for personal in ("王小明", "13800001234", "营根", OFFICER["person"], str(entry()["id_number"])):
        assert personal not in text
