"""督查情况 and 通知 through the API: what is overdue, who was told, who may see it (R24, R31)."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest

from service.api.app import create_app
from service.api.scopes import Holder
from service.api.serving import Serving
from service.data.calendars import published_calendars
from service.domain.commendation import CommendationConcluded
from service.domain.event import SHANGHAI, Actor
from service.domain.period import Month, Task
from service.domain.reminder import RemindOfSupervision
from service.trust.master_key import MasterKey
from tests.api.clock import SettableClock
from tests.api.founding import Founded, founding
from tests.api.town import Town
from tests.database import Database
from tests.domain.duties import inspected
from tests.eventstore.history import given

REASON = "事迹突出，群众公认"


NEW_YEAR = datetime(2026, 1, 1, 8, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def founded(template: Database, master_key: MasterKey) -> Iterator[Founded]:
    """The organisations are registered on New Year's Day and owe the whole year."""
    with founding(template, master_key, NEW_YEAR) as town:
        yield town


@pytest.fixture
def clock() -> SettableClock:
    clock = SettableClock()
    clock.now = NEW_YEAR
    return clock


async def reminded(town: Town) -> int:
    """What the worker does; the position of it."""
    command = RemindOfSupervision(
        by=Actor("eighthours", "supervision-worker", "system"),
        at=town.serving.clock(),
        organisation_id=town.id("branch"),
        task=Task.INSPECTION,
        period=Month(2026, 1),
        number=1,
    )
    return (await town.serving.log.decide(command)).position


async def test_r24_the_board_of_an_organisation_and_everything_under_it(
    town: Town, clock: SettableClock
) -> None:
    clock.now = datetime(2026, 3, 15, 8, tzinfo=SHANGHAI)
    done = inspected("2026-02", town.id("branch"))
    position = await given(town.serving.log, done, at=datetime(2026, 3, 12, 8, tzinfo=SHANGHAI))
    path = f"/supervision-board?organisation_id={town.id('authority')}"
    board = (await town.get("authority", path, position)).json()
    assert (board["year"], board["on"]) == (2026, "2026-03-15")
    inspections = next(each for each in board["totals"] if each["task"] == "inspection")
    assert inspections == {
        "task": "inspection", "word": "月查",
        "expected": 24, "done": 1, "late": 1, "due": 20, "overdue": 3,
    }  # fmt: skip
    overdue = (await town.get("authority", f"{path}&state=overdue&page_size=2")).json()
    assert [(each["title"], each["days_late"]) for each in overdue["items"]] == [
        ("2026年1月月查", 33),
        ("2026年1月月查", 33),
    ]
    token = overdue["next_page_token"]
    [last] = (await town.get("authority", f"{path}&state=overdue&page_token={token}")).json()[
        "items"
    ]
    assert (last["organisation_id"], last["period"]) == (town.id("other_branch"), "2026-02")
    before = (await town.get("authority", f"{path}&year=2025")).json()
    assert before["items"] == []


async def test_r24_who_may_look_at_whose_board(town: Town) -> None:
    head = await town.serving.log.head()
    seen = {
        name: (
            await town.get(name, f"/supervision-board?organisation_id={town.id('committee')}", head)
        ).status_code
        for name in ("authority", "committee", "branch", "foreign_authority", "subdistrict")
    }
    assert seen == {
        "authority": 200, "committee": 200,
        "branch": 404, "foreign_authority": 404, "subdistrict": 404,
    }  # fmt: skip
    own = f"/supervision-board?organisation_id={town.id('branch')}"
    assert (await town.get("branch", own)).status_code == 200
    assert (await town.get("branch", f"{own}&state=late")).status_code == 422
    assert (await town.get("branch", "/supervision-board")).status_code == 422


async def test_r24_an_organisation_reads_what_it_was_told(town: Town, clock: SettableClock) -> None:
    clock.now = datetime(2026, 2, 11, 8, tzinfo=SHANGHAI)
    position = await reminded(town)
    path = f"/organisations/{town.id('branch')}/notices"
    for name in ("branch", "committee"):
        [notice] = (await town.get(name, path, position)).json()["items"]
        assert (notice["kind"], notice["word"], notice["rule"]) == ("reminder", "督办", "R24")
        assert notice["told_at"] == "2026-02-11T08:00:00+08:00"
    assert (await town.get("other_branch", path)).status_code == 404
    trail = await town.get("committee", "/audit-trail?type=SupervisionReminded", position)
    [item] = trail.json()["items"]
    assert "督促branch办理2026年1月月查，期限为2026年2月10日，第1次督办" in item["summary"]


async def test_r31_a_member_reads_what_they_were_told_and_why(town: Town) -> None:
    member_id, other = await town.member(1), await town.member(2)
    concluded = CommendationConcluded(
        commendation_id="c",
        member_id=member_id,
        branch_id=town.id("branch"),
        title="优秀共产党员",
        year=2025,
        document_no="琼组发〔2026〕12号",
        cause_event_ids=("endorsement",),
        reason=REASON,
        concluded_by="officer",
        concluded_by_person="hash",
    )
    by = Actor(town.id("committee"), "officer")
    position = await given(town.serving.log, concluded, by=by, at=town.serving.clock())
    told = {each: await _own(town, each, "/me/notices", position) for each in (member_id, other)}
    [notice] = told[member_id].json()["items"]
    assert notice["text"] == "你被评为2025年度“优秀共产党员”，依据琼组发〔2026〕12号。"
    assert (notice["reason"], notice["cause_event_ids"]) == (REASON, ["endorsement"])
    assert told[other].json()["items"] == []
    path = f"/organisations/{town.id('branch')}/notices"
    [of_branch] = (await town.get("branch", path, position)).json()["items"]
    assert (of_branch["member_id"], of_branch["reason"]) == (member_id, REASON)
    # Whoever is told about a member has read about the member.
    read = (await _own(town, member_id, "/me/readings", position)).json()["items"]
    routes = {each["route"] for each in read if each["client_id"] != f"account:of-{member_id}"}
    assert routes == {"/api/v1/organisations/{organisation_id}/notices"}
    assert {"reason"} in [set(each["fields"]) for each in read]


async def _own(town: Town, member_id: str, path: str, at_least: int) -> httpx.Response:
    token = town.held_token("branch", Holder.MEMBER, member_id)
    headers = {"Authorization": f"Bearer {token}", "X-Position-At-Least": str(at_least)}
    for _ in range(100):
        answer = await town.http.get(f"/api/v1{path}", headers=headers)
        if answer.status_code != 425:
            break
    return answer


async def test_a_serving_process_reminds_and_says_how_it_is_doing(
    database: Database, master_key: MasterKey, clock: SettableClock, town: Town
) -> None:
    assert (await town.http.get("/readyz")).json()["supervision"] is None
    clock.now = datetime(2026, 2, 11, 8, tzinfo=SHANGHAI)
    async with Serving.on(
        database.app_url, master_key, published_calendars(), clock, supervising=True
    ) as serving:
        app = create_app()
        app.state.serving = serving
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://eighthours") as http:
            async with asyncio.timeout(20):
                while True:
                    ready = (await http.get("/readyz")).json()
                    if ready["supervision"]["state"] == "working":
                        break
                    await asyncio.sleep(0.02)
    assert ready["supervision"] == {"state": "working", "reason": ""}
    path = f"/organisations/{town.id('branch')}/notices"
    [notice] = (await town.get("branch", path, await town.serving.log.head())).json()["items"]
    assert notice["kind"] == "reminder"
