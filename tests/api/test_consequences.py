"""From a rule pack to a person's word, over HTTP: nothing follows by itself (R28, R31, R32)."""

from typing import Any
from uuid import uuid4

import httpx

from tests.api.deciding import selected
from tests.api.test_rule_packs import adopted
from tests.api.town import OFFICER, Town
from tests.domain.rule_packs import DEADLINE, HOURS, RATES, STARS, changed, with_rule
from tests.domain.town import id_number

TWO_HOURS = with_rule(HOURS, at_least=120)
"""What one Saturday morning is enough for."""
ONE_STAR = with_rule(STARS, at_least=1)
LONG = "2026-03-07T09:00:00+08:00", "2026-03-07T11:00:00+08:00"
SHORT = "2026-03-07T09:00:00+08:00", "2026-03-07T10:59:00+08:00"
URN = "urn:eighthours:problem:"


async def propose(
    town: Town, code: str, name: str = "committee", year: int = 2026
) -> httpx.Response:
    """What the rule pack comes to; asked again while a view is behind."""
    path = f"/organisations/{town.id(name)}/consequence-proposals"
    for _ in range(100):
        answer = await town.post(name, path, {"year": year, "code": code})
        if answer.status_code != 425:
            break
    return answer


async def listed(town: Town, path: str, name: str = "committee", **query: Any) -> list[Any]:
    asked = "".join(f"&{key}={value}" for key, value in query.items())
    head = await town.serving.log.head()
    answer = await town.get(name, f"/{path}?organisation_id={town.id(name)}{asked}", head)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["items"]
    return found


async def lazy_and_eager(town: Town) -> tuple[str, str]:
    """Two members of the branch: one stays a minute below two hours, the other does not."""
    lazy, eager = await town.registered(1), await town.registered(2)
    await town.endorsed(lazy, *SHORT)
    await town.endorsed(eager, *LONG)
    return lazy, eager


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    problem = answer.json()
    errors = problem.get("errors") or [{}]
    return answer.status_code, problem["type"].removeprefix(URN), errors[0].get("pointer")


async def test_a_rule_pack_proposes_and_a_person_concludes(town: Town) -> None:
    lazy, eager = await lazy_and_eager(town)
    pack_id = await adopted(town, TWO_HOURS)
    answer = await propose(town, "hours")
    assert answer.status_code == 201, answer.text
    [proposal_id] = answer.json()["proposal_ids"]
    [proposal] = await listed(town, "consequence-proposals", state="open")
    assert proposal["proposal_id"] == proposal_id
    assert (proposal["member_id"], proposal["branch_id"]) == (lazy, town.id("branch"))
    assert (proposal["outcome"], proposal["pack_id"]) == ("ineligible", pack_id)
    assert proposal["document_no"] == TWO_HOURS.document_no
    [measured] = proposal["measured"]
    assert (measured["measured"], measured["required"]) == ("1小时59分", "不少于2小时")
    # The adoption of the rule, and the endorsement that counted.
    assert len(proposal["cause_event_ids"]) == 2
    known = {event_id for event_id, _ in await events(town)}
    assert known.issuperset(proposal["cause_event_ids"])
    body = {"proposal_id": proposal_id, "reason": "全年几乎没有参加活动"}
    concluded = await town.done("branch", "/disqualifications", body)
    [shown] = await listed(town, "disqualifications", "branch", year=2026)
    assert shown["disqualification_id"] == concluded["disqualification_id"]
    assert (shown["member_id"], shown["reason"]) == (lazy, "全年几乎没有参加活动")
    assert (shown["concluded_by"], shown["document_no"]) == ("officer-1", TWO_HOURS.document_no)
    assert set(shown["cause_event_ids"]) > set(proposal["cause_event_ids"])
    [proposal] = await listed(town, "consequence-proposals")
    assert proposal["state"] == "concluded"
    assert proposal["conclusion_id"] == concluded["disqualification_id"]
    assert not await listed(town, "consequence-proposals", state="open")
    stated = await grounds(town, eager)
    answer = await town.post("branch", "/commendations", stated)
    assert refusal(answer)[:2] == (409, "not-selected")
    await selected(town, eager)
    assert (await town.post("branch", "/commendations", stated)).status_code == 201


async def events(town: Town) -> list[tuple[str, str]]:
    """Id and type of every event."""
    rows = await town.serving.log.pool.fetch(
        "SELECT convert_from(data, 'UTF8')::jsonb ->> 'event_id', type FROM log.events"
        " ORDER BY position"
    )
    return [(row[0], row[1]) for row in rows]


async def grounds(town: Town, member_id: str, **fields: Any) -> dict[str, Any]:
    """What is stated where there is no proposal: the member's last endorsement, and a rule."""
    cause = [each for each, kind in await events(town) if kind == "ParticipationEndorsed"][-1]
    return {
        "member_id": member_id,
        "year": 2026,
        "title": "优秀共产党员",
        "document_no": "琼组发〔2026〕12号",
        "cause_event_ids": [cause],
        "reason": "服务突出",
        **fields,
    }


async def test_a_proposal_alone_changes_nothing(town: Town) -> None:
    """R28: everything shows and decides as before, but for the proposal itself."""
    lazy, _ = await lazy_and_eager(town)
    await selected(town, lazy)
    await adopted(town, TWO_HOURS)
    head = await town.serving.log.head()
    paths = [
        f"/members/{lazy}",
        f"/members/{lazy}/off-duty-record",
        f"/organisations/{town.id('committee')}/statistics?year=2026",
        f"/organisations/{town.id('committee')}/evaluations?year=2026",
        f"/commendations?organisation_id={town.id('committee')}",
        f"/disqualifications?organisation_id={town.id('committee')}",
    ]

    async def shown(position: int) -> list[Any]:
        answers = [(await town.get("committee", path, position)).json() for path in paths]
        return [
            {name: each for name, each in answer.items() if name != "as_of_position"}
            for answer in answers
        ]

    before = await shown(head)
    proposed = (await propose(town, "hours")).json()["position"]
    assert [kind for _, kind in await events(town)][head:] == ["ConsequenceProposed"]
    assert await shown(proposed) == before
    # The open proposal keeps nobody from being commended.
    stated = await grounds(town, lazy, cause_event_ids=[(await of_member(town, lazy))[0]])
    assert (await town.post("branch", "/commendations", stated)).status_code == 201


async def of_member(town: Town, member_id: str) -> list[str]:
    """The ids of the events about a member."""
    rows = await town.serving.log.pool.fetch(
        "SELECT convert_from(data, 'UTF8')::jsonb ->> 'event_id' FROM log.events"
        " WHERE tags @> ARRAY[$1] ORDER BY position",
        f"member:{member_id}",
    )
    return [row[0] for row in rows]


async def test_each_is_proposed_once(town: Town) -> None:
    await lazy_and_eager(town)
    await adopted(town, TWO_HOURS)
    assert (await propose(town, "hours")).status_code == 201
    for name in ("committee", "branch", "authority"):
        assert refusal(await propose(town, "hours", name))[:2] == (409, "nothing-to-propose")
    assert len(await listed(town, "consequence-proposals", "authority")) == 1


async def test_the_same_request_again_gets_the_first_answer(town: Town) -> None:
    await lazy_and_eager(town)
    await adopted(town, TWO_HOURS)
    path = f"/organisations/{town.id('committee')}/consequence-proposals"
    body = {"year": 2026, "code": "hours"}

    async def asked() -> httpx.Response:
        while (answer := await town.post("committee", path, body, key="once")).status_code == 425:
            pass
        return answer

    first, again = await asked(), await asked()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


async def test_what_is_outstanding_is_recommended(town: Town) -> None:
    lazy, eager = await lazy_and_eager(town)
    await selected(town, eager)
    await adopted(town, with_rule(changed(HOURS, purpose="recognition"), at_least=120))
    assert (await propose(town, "hours")).status_code == 201
    [proposal] = await listed(town, "consequence-proposals")
    assert (proposal["member_id"], proposal["outcome"]) == (eager, "recommended")
    body = {"proposal_id": proposal["proposal_id"], "reason": "服务突出", "title": "优秀共产党员"}
    await town.done("committee", "/commendations", body)
    [shown] = await listed(town, "commendations")
    assert (shown["member_id"], shown["title"]) == (eager, "优秀共产党员")
    assert (await listed(town, "disqualifications")) == []
    assert lazy != eager


async def test_nothing_is_demanded_of_the_exempt(town: Town) -> None:
    lazy, _ = await lazy_and_eager(town)
    await adopted(town, TWO_HOURS)
    exemption = {"reason_code": "illness", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    await town.done("branch", f"/members/{lazy}/exemptions", exemption)
    assert refusal(await propose(town, "hours"))[:2] == (409, "nothing-to-propose")
    stated = await grounds(town, lazy, cause_event_ids=[(await of_member(town, lazy))[0]])
    del stated["title"]
    answer = await town.post("branch", "/disqualifications", stated)
    assert refusal(answer)[:2] == (409, "nothing-demanded-of-exempt")


async def test_a_unit_below_its_rates_is_proposed_and_concluded_on_from_above(town: Town) -> None:
    await town.registered(1)
    await town.member(2)
    await adopted(town, RATES)
    assert (await propose(town, RATES.code)).status_code == 201
    found = {each["organisation_id"]: each for each in await listed(town, "consequence-proposals")}
    # Both the branch and the committee above it; neither of them decides on itself.
    assert set(found) == {town.id("branch"), town.id("committee")}
    of_branch = found[town.id("branch")]
    assert (of_branch["member_id"], of_branch["branch_id"]) == (None, None)
    assert of_branch["measured"][0]["measured"] == "报到率1/2"
    body = {"proposal_id": of_branch["proposal_id"], "reason": "一半党员没有报到"}
    own = await town.post("branch", "/disqualifications", body)
    assert refusal(own)[:2] == (409, "unit-concludes-on-itself")
    named = await town.post("committee", "/disqualifications", {**body, "reason": id_number(1)})
    assert refusal(named) == (409, "personal-data-in-open-text", "/reason")
    await town.done("committee", "/disqualifications", body)
    [shown] = await listed(town, "disqualifications", "branch")
    assert (shown["organisation_id"], shown["reason"]) == (town.id("branch"), "一半党员没有报到")
    of_committee = {**body, "proposal_id": found[town.id("committee")]["proposal_id"]}
    await town.done("authority", "/disqualifications", of_committee)


async def test_a_dismissal_says_why_and_ends_it(town: Town) -> None:
    await lazy_and_eager(town)
    await adopted(town, TWO_HOURS)
    [proposal_id] = (await propose(town, "hours")).json()["proposal_ids"]
    path = f"/consequence-proposals/{proposal_id}/dismissal"
    body = {"reason_code": "good_cause", "reason": "长期驻村"}
    await town.done("branch", path, body)
    [shown] = await listed(town, "consequence-proposals", state="dismissed")
    assert shown["dismissal"]["reason"] == "长期驻村"
    assert shown["dismissal"]["reason_word"] == "有正当理由"
    assert refusal(await town.post("branch", path, body))[:2] == (409, "proposal-answered")
    conclusion = {"proposal_id": proposal_id, "reason": "没有参加"}
    answer = await town.post("branch", "/disqualifications", conclusion)
    assert refusal(answer)[:2] == (409, "proposal-answered")


async def test_bad_input_is_refused_with_the_pointer_to_the_fault(town: Town) -> None:
    lazy, eager = await lazy_and_eager(town)
    await adopted(town, TWO_HOURS)
    assert refusal(await propose(town, "unknown")) == (404, "unknown-pack", "/code")
    assert refusal(await propose(town, "hours", year=2027)) == (404, "unknown-pack", "/code")
    await adopted(town, changed(DEADLINE, valid_to=None))
    ahead = await propose(town, DEADLINE.code, year=2027)
    assert refusal(ahead) == (409, "period-not-over", "/year")
    stated = await grounds(town, eager)
    foreign_cause = [(await of_member(town, lazy))[-1]]
    for change, expected in (
        ({"proposal_id": str(uuid4())}, (422, "invalid-request", "/proposal_id")),
        ({"member_id": None}, (422, "invalid-request", "/proposal_id")),
        ({"year": None}, (422, "invalid-request", "/year")),
        ({"document_no": None}, (409, "document-missing", "/document_no")),
        ({"cause_event_ids": []}, (409, "cause-missing", "/cause_event_ids")),
        ({"cause_event_ids": foreign_cause}, (404, "unknown-cause", "/cause_event_ids/0")),
        ({"year": 2027}, (409, "period-not-over", "/year")),
    ):  # fmt: skip
        answer = await town.post("branch", "/commendations", {**stated, **change})
        assert refusal(answer) == expected, (change, answer.text)
    on_proposal = {"proposal_id": str(uuid4()), "title": "优秀", "reason": "突出"}
    for name, value in (("year", 2026), ("document_no", "文"), ("cause_event_ids", foreign_cause)):
        answer = await town.post("branch", "/commendations", {**on_proposal, name: value})
        assert refusal(answer) == (422, "invalid-request", f"/{name}")
    answer = await town.post("branch", "/commendations", on_proposal)
    assert refusal(answer) == (404, "unknown-proposal", "/proposal_id")


async def test_whose_matter_it_is_not_neither_reads_nor_concludes(town: Town) -> None:
    lazy, eager = await lazy_and_eager(town)
    await adopted(town, TWO_HOURS)
    [proposal_id] = (await propose(town, "hours")).json()["proposal_ids"]
    stated = await grounds(town, eager)
    body = {"proposal_id": proposal_id, "reason": "没有参加"}
    for name in ("other_branch", "foreign_branch", "foreign_committee"):
        answer = await town.post(name, "/disqualifications", body)
        assert refusal(answer)[:2] == (404, "unknown-proposal")
        answer = await town.post(name, "/commendations", stated)
        assert refusal(answer)[:2] == (404, "unknown-member")
        assert await listed(town, "consequence-proposals", name) == []
        path = f"/consequence-proposals?organisation_id={town.id('branch')}"
        assert (await town.get(name, path)).status_code == 404
    for name in ("community", "subdistrict"):
        assert (await town.post(name, "/disqualifications", body)).status_code == 403
        assert await listed(town, "consequence-proposals", name) == []
    foreign = f"/organisations/{town.id('branch')}/consequence-proposals"
    answer = await town.post("committee", foreign, {"year": 2026, "code": "hours"})
    assert answer.status_code == 404
    clerk = {**body, "acting_officer": {**OFFICER, "role": "officer"}}
    answer = await town.post("branch", "/disqualifications", clerk)
    assert refusal(answer)[:2] == (409, "concluded-by-responsible-person")
    assert lazy


async def test_a_conclusion_is_taken_back_with_a_reason(town: Town) -> None:
    _, eager = await lazy_and_eager(town)
    await selected(town, eager)
    commended = await town.done("branch", "/commendations", await grounds(town, eager))
    path = f"/commendations/{commended['commendation_id']}/revocation"
    assert (await town.post("other_branch", path, {"reason": "不实"})).status_code == 404
    await town.done("committee", path, {"reason": "材料不实"})
    [shown] = await listed(town, "commendations")
    assert shown["revocation"]["reason"] == "材料不实"
    stated = await grounds(town, eager)
    del stated["title"]
    disqualified = await town.done("branch", "/disqualifications", stated)
    again = await town.post("branch", "/commendations", await grounds(town, eager))
    assert refusal(again)[:2] == (409, "eligibility-lost")
    path = f"/disqualifications/{disqualified['disqualification_id']}/revocation"
    await town.done("branch", path, {"reason": "记录已更正"})
    [shown] = await listed(town, "disqualifications")
    assert shown["revocation"]["reason"] == "记录已更正"


async def test_a_reading_is_written_down(town: Town) -> None:
    _, eager = await lazy_and_eager(town)
    await selected(town, eager)
    await town.done("branch", "/commendations", await grounds(town, eager))
    head = await town.serving.log.head()
    path = f"/commendations?organisation_id={town.id('authority')}"
    answer = await town.get("authority", path, head)
    rows = await town.serving.log.pool.fetch(
        "SELECT member_id, purpose, fields FROM access.readings WHERE request_id = $1",
        answer.headers["x-request-id"],
    )
    assert [tuple(row) for row in rows] == [(eager, "commendation", ["reason"])]
