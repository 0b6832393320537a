"""Rule packs over HTTP: adopted with their faults named, tried out, judged by (R28, R32, R34)."""

import json
from typing import Any

import asyncpg
import httpx
import pytest

from service.domain.rule_pack import RulePack
from tests.api.accounts import Doors, Person
from tests.api.clock import SettableClock
from tests.api.town import OFFICER, Town
from tests.domain.rule_packs import (
    DEADLINE,
    HOURS,
    RATES,
    STARS,
    VISITS,
    changed,
    counting,
    with_rule,
)

SATURDAY = "2026-03-07T09:00:00+08:00", "2026-03-07T11:00:00+08:00"
TWO_HOURS = with_rule(HOURS, at_least=120)
"""What one Saturday morning is enough for."""


def body(pack: RulePack, **fields: Any) -> dict[str, Any]:
    return {"pack": pack.model_dump(mode="json"), **fields}


async def adopted(town: Town, pack: RulePack, name: str = "committee", **fields: Any) -> str:
    """The id of a pack that an organisation has adopted."""
    path = f"/organisations/{town.id(name)}/rule-packs"
    return str((await town.done(name, path, body(pack, **fields)))["pack_id"])


async def tried(
    town: Town, pack: RulePack, name: str = "committee", year: int = 2026
) -> dict[str, Any]:
    path = f"/organisations/{town.id(name)}/rule-packs?dry_run=true&year={year}"
    found: dict[str, Any] = (await trial(town, name, path, pack)).json()
    return found


async def trial(town: Town, name: str, path: str, pack: RulePack) -> httpx.Response:
    """A dry run, tried again while the views are behind what was just written."""
    for _ in range(100):
        answer = await town.post(name, path, body(pack))
        if answer.status_code != 425:
            break
    assert answer.status_code == 200, answer.text
    return answer


async def evaluations(town: Town, name: str, of: str, **query: Any) -> dict[str, Any]:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    path = f"/organisations/{town.id(of)}/evaluations?{asked}"
    answer = await town.get(name, path, await town.serving.log.head())
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def outcomes(found: dict[str, Any]) -> dict[str, dict[str, bool | None]]:
    """Whether each member passes, by code."""
    return {
        item["member_id"]: {each["code"]: each["passes"] for each in item["judgements"]}
        for item in found["items"]
    }


async def readings(town: Town, answer: httpx.Response) -> list[asyncpg.Record]:
    request_id = answer.headers["x-request-id"]
    return await town.serving.log.pool.fetch(
        "SELECT member_id, purpose FROM access.readings WHERE request_id = $1", request_id
    )


async def test_whoever_may_read_packs_sees_those_that_are_shipped(town: Town) -> None:
    for name in ("branch", "committee", "community"):
        items = (await town.get(name, "/rule-packs")).json()["items"]
        assert [each["name"] for each in items] == [
            "hours-2026", "points-2026", "registration_deadline-2026", "stars-2026",
            "unit_rates-2026", "visits-2026",
        ]  # fmt: skip
        assert items[0]["pack"] == HOURS.model_dump(mode="json")


async def test_what_was_adopted_is_seen_from_below_and_in_force_on_its_days(town: Town) -> None:
    far = await adopted(town, HOURS, "authority")
    near = await adopted(town, changed(HOURS, valid_from="2026-07-01"))
    head = await town.serving.log.head()
    path = f"/organisations/{town.id('branch')}/rule-packs"
    everything = (await town.get("branch", path, head)).json()["items"]
    assert [each["pack_id"] for each in everything] == [far, near]
    assert everything[0]["pack"] == HOURS.model_dump(mode="json")
    assert everything[0]["organisation_id"] == town.id("authority")
    for day, pack_ids in (
        ("2025-12-31", []), ("2026-01-01", [far]), ("2026-06-30", [far]), ("2026-07-01", [near]),
        ("2026-12-31", [near]), ("2027-01-01", []),
    ):  # fmt: skip
        found = (await town.get("branch", f"{path}?on={day}", head)).json()["items"]
        assert [each["pack_id"] for each in found] == pack_ids, day
    first = (await town.get("branch", f"{path}?page_size=1", head)).json()
    assert [each["pack_id"] for each in first["items"]] == [far]
    following = f"{path}?page_size=1&page_token={first['next_page_token']}"
    second = (await town.get("branch", following, head)).json()
    assert [each["pack_id"] for each in second["items"]] == [near]
    assert second["next_page_token"] is None
    assert (await town.get("foreign_branch", path)).status_code == 404


async def test_only_a_committee_or_an_authority_adopts_and_only_for_itself(town: Town) -> None:
    own = f"/organisations/{town.id('branch')}/rule-packs"
    assert (await town.post("branch", own, body(HOURS))).status_code == 403
    assert (await town.post("committee", own, body(HOURS))).status_code == 404
    by_officer = body(HOURS, acting_officer={**OFFICER, "role": "officer"})
    answer = await town.post("committee", f"/organisations/{town.id('committee')}/rule-packs",
                             by_officer)  # fmt: skip
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:eighthours:problem:decided-by-responsible-person"


def broken(**fields: Any) -> dict[str, Any]:
    document = HOURS.model_dump(mode="json")
    document["rules"][0] |= fields
    return document


def bands(*bounds: tuple[int, int | None]) -> dict[str, Any]:
    document = STARS.model_dump(mode="json")
    document["rules"][0]["bands"] = [
        {"at_least": at_least, "below": below, "value": 1} for at_least, below in bounds
    ]
    return document


MALFORMED = [
    (broken(threshold=1), "/pack/rules/0/threshold", "不认识的字段"),
    (broken(at_least=3000.5), "/pack/rules/0/at_least", "须为整数"),
    (broken(at_least=0), "/pack/rules/0/at_least", "不得小于 1"),
    (broken(kind="maximum"), "/pack/rules/0/kind", "须为下列之一"),
    (broken(text="上限\u202e"), "/pack/rules/0/text", "不得含有双向控制字符"),
    (broken(text=" 上限"), "/pack/rules/0/text", "首尾不得有空白"),
    (broken(counted={}), "/pack/rules/0/counted/measure", "必须填写"),
    (broken(points=[]), "/pack/rules/0/points", "须为对象"),
    ({**broken(), "rules": {}}, "/pack/rules", "须为数组"),
    ({**broken(), "rules": [{}]}, "/pack/rules/0/kind", "必须填写"),
    ({**broken(), "valid_from": "2026-02-30"}, "/pack/valid_from", "没有这一日期"),
    ({**broken(), "valid_to": "2026-01-01"}, "/pack/valid_to", "须晚于生效日期2026-01-01"),
    ({**broken(), "passes": ["hour"]}, "/pack/passes/0", "没有规则 hour"),
    (bands((0, 600), (660, None)), "/pack/rules/0/bands/1/at_least", "自 600 起至不满 660"),
    (bands((0, 600), (540, None)), "/pack/rules/0/bands/1/at_least", "自 540 起至不满 600"),
]
"""A pack, where its fault is, and how it is named."""


@pytest.mark.parametrize("dry_run", ["false", "true"])
async def test_r34_a_malformed_pack_is_refused_with_the_place_of_its_fault(
    town: Town, dry_run: str
) -> None:
    head = await town.serving.log.head()
    path = f"/organisations/{town.id('committee')}/rule-packs?dry_run={dry_run}"
    for pack, pointer, detail in MALFORMED:
        answer = await town.post("committee", path, {"pack": pack})
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        faults = {each["pointer"]: each["detail"] for each in answer.json()["errors"]}
        assert detail in faults[pointer], (pointer, faults)
    assert await town.serving.log.head() == head


async def test_r34_a_pack_whose_validity_overlaps_is_refused_by_name(town: Town) -> None:
    await adopted(town, HOURS)
    again = changed(HOURS, valid_from="2026-12-31", valid_to="2028-01-01")
    path = f"/organisations/{town.id('committee')}/rule-packs"
    answer = await town.post("committee", path, body(again))
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:eighthours:problem:pack-overlaps"
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/pack/valid_from"
    assert HOURS.name in fault["detail"]
    assert HOURS.document_no in fault["detail"]


async def test_r34_members_are_judged_by_what_is_in_force_for_their_branch(town: Town) -> None:
    active, idle = await town.registered(1), await town.registered(2)
    await town.endorsed(active, *SATURDAY)
    assert outcomes(await evaluations(town, "committee", "committee", year=2026)) == {
        active: {}, idle: {},
    }  # fmt: skip
    await adopted(town, HOURS, "authority")
    found = await evaluations(town, "committee", "committee", year=2026)
    assert outcomes(found) == {active: {"hours": False}, idle: {"hours": False}}
    # What is valid on the last day of the year judges it, also before that day has come.
    await adopted(town, changed(TWO_HOURS, valid_from="2026-12-01"))
    await adopted(town, DEADLINE)
    for name, of in (("authority", "authority"), ("committee", "branch"), ("branch", "branch")):
        found = await evaluations(town, name, of, year=2026)
        assert outcomes(found) == {
            active: {"hours": True, "registration_deadline": False},
            idle: {"hours": False, "registration_deadline": False},
        }, "the nearer pack counts, and both registered in November"
    [hours, _] = found["items"][[i["member_id"] for i in found["items"]].index(active)][
        "judgements"
    ]
    assert hours["organisation_id"] == town.id("committee")
    assert hours["findings"][0] | {"text": ""} == {
        "rule_id": "hours", "text": "", "holds": True, "measured": 120, "measured_of": None,
        "found": "2小时", "required": "不少于2小时", "stars": None, "points": 60,
    }  # fmt: skip
    only = await evaluations(town, "branch", "branch", year=2026, code="hours")
    assert outcomes(only)[active] == {"hours": True}
    assert (await town.get("branch", f"/organisations/{town.id('committee')}/evaluations",
                           )).status_code == 404  # fmt: skip
    assert (await town.get("community", f"/organisations/{town.id('community')}/evaluations",
                           )).status_code == 403  # fmt: skip


async def test_whose_evaluations_are_shown_is_written_down(town: Town) -> None:
    members = {await town.registered(1), await town.registered(2)}
    path = f"/organisations/{town.id('branch')}/evaluations"
    answer = await town.get("branch", path, await town.serving.log.head())
    assert {each["member_id"] for each in answer.json()["items"]} == members
    assert {each["member_id"] for each in await readings(town, answer)} == members


async def test_only_units_are_evaluated(town: Town) -> None:
    subdistrict = {
        "name": "街道", "kind": "subdistrict", "parent_id": town.id("authority"),
        "district": "某县", "area_code": "469030",
    }  # fmt: skip
    made = await town.done("authority", "/organisations", subdistrict)
    path = f"/organisations/{made['organisation_id']}/evaluations"
    assert (await town.get("authority", path, made["position"])).status_code == 404


async def test_r34_last_years_visits_do_not_satisfy_this_year(town: Town) -> None:
    member_id = await town.registered()
    for day in ("2025-06-07", "2025-06-14", "2026-03-07"):
        times = f"{day}T09:00:00+08:00", f"{day}T10:00:00+08:00"
        await town.endorsed(member_id, *times, category="走访群众")
    everything = counting(VISITS, categories=["走访群众"])
    both_years = changed(everything, valid_from="2025-01-01")
    await adopted(town, both_years, occurred_at="2025-01-02T09:00:00+08:00")
    for year, passes in ((2025, True), (2026, False)):
        found = await evaluations(town, "branch", "branch", year=year)
        assert outcomes(found) == {member_id: {"visits": passes}}


async def test_r34_2025_recomputed_after_the_2026_pack_gives_2025s_result(town: Town) -> None:
    member_id = await town.registered()
    times = "2025-06-07T09:00:00+08:00", "2025-06-07T10:00:00+08:00"
    await town.endorsed(member_id, *times)
    old = changed(with_rule(HOURS, at_least=60), valid_from="2025-01-01", valid_to="2026-01-01")
    of_2025 = await adopted(town, old, occurred_at="2025-01-02T09:00:00+08:00")
    before = await evaluations(town, "branch", "branch", year=2025)
    assert outcomes(before) == {member_id: {"hours": True}}
    of_2026 = await adopted(town, HOURS)
    after = await evaluations(town, "branch", "branch", year=2025)
    assert after["items"] == before["items"]
    assert after["items"][0]["judgements"][0]["pack_id"] == of_2025
    assert after["on"] == "2025-12-31"
    [now] = (await evaluations(town, "branch", "branch", year=2026))["items"]
    assert [each["pack_id"] for each in now["judgements"]] == [of_2026]
    answer = await town.post("committee", f"/rule-packs/{of_2025}/repeal",
                             {"valid_to": "2025-06-01", "reason": "另有规定"})  # fmt: skip
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:eighthours:problem:pack-reaches-back"


async def test_r34_a_year_is_judged_as_of_a_position_whatever_came_later(town: Town) -> None:
    member_id = await town.registered()
    await town.endorsed(member_id, *SATURDAY)
    without = await town.serving.log.head()
    pack_id = await adopted(town, TWO_HOURS)
    held = await town.serving.log.head()
    repeal = {"valid_to": "2026-06-01", "reason": "另有规定"}
    await town.done("committee", f"/rule-packs/{pack_id}/repeal", repeal)
    await town.endorsed(member_id, "2026-03-14T09:00:00+08:00", "2026-03-14T10:00:00+08:00")
    for position, expected in ((without, {}), (held, {"hours": True})):
        found = await evaluations(town, "branch", "branch", year=2026, as_of_position=position)
        assert outcomes(found) == {member_id: expected}
        assert found["as_of_position"] == position
    measured = found["items"][0]["judgements"][0]["findings"][0]["measured"]
    assert measured == 120, "what was endorsed later does not count"
    assert outcomes(await evaluations(town, "branch", "branch", year=2026)) == {member_id: {}}
    path = f"/organisations/{town.id('committee')}/rule-packs"
    [shown] = (await town.get("committee", path, held)).json()["items"]
    assert (shown["valid_to"], shown["repeal_reason"]) == ("2026-06-01", "另有规定")
    ahead = await town.serving.log.head() + 1000
    query = f"/organisations/{town.id('branch')}/evaluations?as_of_position={ahead}"
    headers = town.headers("branch")
    assert (await town.http.get(f"/api/v1{query}", headers=headers)).status_code == 425


async def test_r3_r32_units_are_judged_without_exempt_members(town: Town) -> None:
    members = [await town.registered(number) for number in (1, 2)]
    await town.endorsed(members[0], *SATURDAY)
    await adopted(town, RATES)
    await adopted(town, TWO_HOURS)
    found = await evaluations(town, "committee", "committee", year=2026)
    by_unit = {each["organisation_id"]: each for each in found["units"]}
    assert set(by_unit) == {town.id("branch"), town.id("committee")}
    for unit in by_unit.values():
        assert (unit["members"], unit["registered"], unit["completed"]) == (2, 2, 1)
        [rates] = unit["judgements"]
        assert rates["passes"] is False
        assert [each["holds"] for each in rates["findings"]] == [True, False]
    exemption = {"reason_code": "illness", "starts_on": "2026-11-01", "ends_on": "2026-12-31"}
    await town.done("branch", f"/members/{members[1]}/exemptions", exemption)
    found = await evaluations(town, "committee", "committee", year=2026)
    [_, committee] = sorted(
        found["units"], key=lambda u: u["organisation_id"] == town.id("committee")
    )
    assert (committee["members"], committee["exempt"], committee["completed"]) == (2, 1, 1)
    assert committee["judgements"][0]["passes"] is True
    assert outcomes(found)[members[1]] == {"hours": None}


async def test_r34_a_dry_run_names_whose_outcome_would_differ_and_records_nothing(
    town: Town,
) -> None:
    active, idle, exempt = [await town.registered(number) for number in (1, 2, 3)]
    await town.endorsed(active, *SATURDAY)
    exemption = {"reason_code": "illness", "starts_on": "2026-11-01", "ends_on": "2026-12-31"}
    await town.done("branch", f"/members/{exempt}/exemptions", exemption)
    held = await adopted(town, HOURS)
    await adopted(town, RATES)
    head = await town.serving.log.head()
    path = f"/organisations/{town.id('committee')}/rule-packs?dry_run=true&year=2026"
    answer = await trial(town, "committee", path, TWO_HOURS)
    found = answer.json()
    assert (found["year"], found["on"], found["overlaps"]) == (2026, "2026-11-24", [held])
    assert (found["members"], found["passing_before"], found["passing_after"]) == (3, 0, 1)
    [difference] = found["differing"]
    assert difference["member_id"] == active
    before, after = difference["before"], difference["after"]
    assert (before["passes"], before["pack_id"]) == (False, held)
    assert (after["passes"], after["pack_id"]) == (True, None)
    assert before["findings"][0]["required"] == "不少于50小时"
    assert after["findings"][0]["required"] == "不少于2小时"
    assert found["units"] == [], "1 of 2 is no better than 0 of 2"
    assert await town.serving.log.head() == head
    assert [tuple(each) for each in await readings(town, answer)] == [(active, "commendation")]
    assert idle not in answer.text
    assert await tried(town, HOURS) | {"differing": []} == await tried(town, HOURS)


async def test_a_dry_run_shows_what_becomes_of_units(town: Town) -> None:
    member_id = await town.registered()
    await town.endorsed(member_id, *SATURDAY)
    await adopted(town, HOURS)
    await adopted(town, RATES)
    found = await tried(town, TWO_HOURS)
    units = {each["organisation_id"]: each for each in found["units"]}
    assert set(units) == {town.id("branch"), town.id("committee")}
    for each in units.values():
        assert each["before"]["code"] == each["after"]["code"] == "unit_rates"
        assert (each["before"]["passes"], each["after"]["passes"]) == (False, True)


async def test_a_dry_run_changes_nothing_where_a_nearer_pack_stands(town: Town) -> None:
    member_id = await town.registered()
    await town.endorsed(member_id, *SATURDAY)
    await adopted(town, HOURS)
    assert (await tried(town, TWO_HOURS, "authority"))["differing"] == []
    assert [d["before"] for d in (await tried(town, VISITS, "authority"))["differing"]] == [None]


async def test_a_dry_run_tries_a_pack_of_another_year_on_the_year_that_is_named(
    town: Town,
) -> None:
    member_id = await town.registered()
    await town.endorsed(member_id, *SATURDAY)
    await adopted(town, HOURS)
    coming = changed(TWO_HOURS, valid_from="2027-01-01", valid_to=None)
    found = await tried(town, coming)
    assert [each["member_id"] for each in found["differing"]] == [member_id]
    assert found["overlaps"] == []
    assert (await tried(town, coming, year=2024))["passing_after"] == 0


async def test_a_members_evaluation_names_the_events_that_count(town: Town) -> None:
    member_id = await town.registered()
    _, position = await town.endorsed(member_id, *SATURDAY)
    await adopted(town, TWO_HOURS)
    head = await town.serving.log.head()
    path = f"/members/{member_id}/evaluations?year=2026"
    answer = await town.get("branch", path, head)
    found = answer.json()
    assert [each["passes"] for each in found["judgements"]] == [True]
    [endorsed] = [
        json.loads(each.event.data)["event_id"]
        for each in await town.serving.log.read(after=position - 1, limit=1)
    ]
    assert found["counting_events"] == [endorsed]
    assert [tuple(each) for each in await readings(town, answer)] == [(member_id, "commendation")]
    before = await town.get("committee", f"{path}&as_of_position={position - 1}", head)
    assert before.json()["counting_events"] == []
    assert before.json()["judgements"] == []
    for name, status in (
        ("authority", 200), ("committee", 200), ("other_branch", 404), ("foreign_authority", 404),
        ("community", 403),
    ):  # fmt: skip
        assert (await town.get(name, path, head)).status_code == status, name


async def test_r28_nothing_follows_from_an_evaluation(town: Town, clock: SettableClock) -> None:
    await town.registered()
    await adopted(town, HOURS)
    head = await town.serving.log.head()
    await evaluations(town, "branch", "branch", year=clock.now.year)
    assert await town.serving.log.head() == head


async def test_a_member_sees_their_own_evaluation(
    doors: Doors, town: Town, system: Person, security: Person
) -> None:
    member_id = await town.registered()
    await town.endorsed(member_id, *SATURDAY)
    await adopted(town, TWO_HOURS)
    account_id = await doors.opened(
        system, organisation_id=town.id("branch"), duty="member", member_id=member_id
    )
    person = await doors.given(system, account_id, "wang.xiaoming")
    await doors.activated(security, account_id)
    await doors.settled(person)
    found = (await doors.get(person, "/me/evaluations?year=2026")).json()
    path = f"/members/{member_id}/evaluations?year=2026"
    of_branch = (await town.get("branch", path, await town.serving.log.head())).json()
    assert found == of_branch
    assert [each["passes"] for each in found["judgements"]] == [True]


async def test_the_audit_trail_says_what_was_adopted_and_repealed(town: Town) -> None:
    pack_id = await adopted(town, HOURS)
    repeal = {"valid_to": "2026-06-01", "reason": "另有规定"}
    await town.done("committee", f"/rule-packs/{pack_id}/repeal", repeal)
    head = await town.serving.log.head()
    found = (await town.get("committee", f"/audit-trail?after={head - 2}", head)).json()["items"]
    for each, words in zip(
        found,
        (
            "committee采用考核规则《机关党员进社区年度服务时长考核规则》（示例组〔2026〕1号）",
            "committee自2026年6月1日起废止考核规则（示例组〔2026〕1号），理由：另有规定",
        ),
        strict=True,
    ):
        assert words in each["summary"]
