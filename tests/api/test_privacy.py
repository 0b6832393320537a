"""No ID number and no other personal data in a URL, a log line, a tag or a metric."""

import logging

import pytest

from tests.api.town import Town, entry
from tests.domain.town import id_number


async def test_planted_personal_data_shows_up_nowhere(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    planted = ["欧阳独有", id_number(321), "13911112222", "独一无二路9号"]
    name, number, phone, _ = planted
    path = f"/branches/{town.id('branch')}/members"
    member_id = await town.member(321, name=name, phone=phone)
    await town.post("branch", path, entry(322, id_number=number, name=name, phone=phone))
    await town.post("branch", path, entry(323, id_number=number + "9", name=name, phone=phone))
    await town.get("branch", f"{path}?id_number={number}")
    await town.get("branch", f"/members/{number}")
    answer = await town.get("branch", f"/members/{member_id}", await town.serving.log.head())
    metrics = await town.http.get("/metrics")

    stored = await town.serving.log.pool.fetch("SELECT tags, data FROM log.events")
    views = await town.serving.log.pool.fetch("SELECT t::text FROM views.membership_member t")
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("httpx")]
    places = [*map(repr, stored), *map(repr, views), metrics.text, *ours]
    for personal in planted:
        assert not any(personal in place for place in places), personal
    assert number not in answer.text
    assert not any(number in value for value in answer.headers.values())
