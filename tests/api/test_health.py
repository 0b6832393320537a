"""/livez, /readyz and /metrics."""

import asyncio

import asyncpg

from service.api.serving import Serving
from tests.api.town import Town
from tests.database import Database


async def test_alive_and_ready_and_measured(town: Town, serving: Serving) -> None:
    assert await serving.runner.caught_up(await serving.log.head())
    assert (await town.http.get("/livez")).json() == {"status": "alive"}
    ready = await town.http.get("/readyz")
    assert ready.status_code == 200
    views = ready.json()["views"]
    assert {view["view"] for view in views} >= {"membership", "off_duty_record", "audit_trail"}
    assert all(view["lag"] == 0 for view in views)
    text = (await town.http.get("/metrics")).text
    assert f"eighthours_log_position {float(ready.json()['position'])}" in text
    assert 'eighthours_http_answers_total{method="GET",route="/readyz",status="200"}' in text


async def test_metrics_name_routes_and_no_ids(town: Town) -> None:
    await town.member()
    text = (await town.http.get("/metrics")).text
    assert "/api/v1/branches/{branch_id}/members" in text
    assert town.id("branch") not in text


async def test_a_stopped_view_is_named(town: Town, serving: Serving, database: Database) -> None:
    assert await serving.runner.caught_up(await serving.log.head())
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("DROP TABLE views.service_post CASCADE")
    await owner.close()
    await town.done(
        "community",
        f"/communities/{town.id('community')}/service-posts",
        {"title": "岗", "category": "culture", "slots": 1},
    )
    for _ in range(200):
        answer = await town.http.get("/readyz")
        if answer.status_code == 503:
            break
        await asyncio.sleep(0.02)
    assert answer.status_code == 503
    assert "service_posts" in answer.json()["detail"]
    states = {view["view"]: view["state"] for view in answer.json()["views"]}
    assert states["service_posts"] == "stopped"
    assert states["membership"] == "following"
