"""Selection, appraisal and assessment over HTTP: the gate says which condition failed (R26)."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from service.domain.event import SHANGHAI
from service.domain.gate_condition import Condition
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from tests.api.clock import SettableClock
from tests.api.consulting import Consulting
from tests.api.deciding import CONCLUSION, conclude, heard, opened
from tests.api.town import ENDORSER, OFFICER, Town
from tests.domain.hearing import objected, settled
from tests.domain.town import id_number
from tests.eventstore.history import given

URN = "urn:eighthours:problem:"


@pytest.fixture
def consulting(town: Town, clock: SettableClock) -> Consulting:
    return Consulting(town, clock)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix(URN)


async def shown(town: Town, decision_id: str, name: str = "branch") -> dict[str, Any]:
    head = await town.serving.log.head()
    answer = await town.get(name, f"/decisions/{decision_id}", head)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refused(town: Town, decision_id: str, condition: Condition) -> None:
    """The gate is shut by this condition: shown so, and refused with the same words."""
    gate = (await shown(town, decision_id))["gate"]
    assert [each["condition"] for each in gate["obstacles"]] == [condition.value]
    assert gate["state"] == ("held" if condition.holds else "refused")
    assert not gate["may_conclude"]
    answer = await conclude(town, decision_id)
    assert refusal(answer) == (409, condition.refusal.code())
    assert answer.json()["detail"] == gate["obstacles"][0]["detail"]
    assert gate["obstacles"][0]["word"] == condition.word


# The cases of R26, from the first question to the conclusion.


async def test_no_opinion_and_then_one(town: Town, consulting: Consulting) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    await refused(town, decision_id, Condition.NO_OPINION)
    consultation_id = await consulting.asked(member_id)
    await refused(town, decision_id, Condition.NO_OPINION)
    opinion_id = await consulting.given(consultation_id)
    # One of two has signed.
    await refused(town, decision_id, Condition.NO_OPINION)
    await consulting.countersigned(opinion_id)
    gate = (await shown(town, decision_id))["gate"]
    assert (gate["state"], gate["state_word"]) == ("open", "可以作出结论")
    assert (gate["obstacles"], gate["opinion_ids"]) == ([], [opinion_id])
    assert gate["may_conclude"]
    assert (await conclude(town, decision_id)).status_code == 201
    found = await shown(town, decision_id)
    assert (found["result"], found["result_word"], found["gate"]) == ("selected", "评为先进", None)
    assert found["conclusion"]["opinion_ids"] == [opinion_id]
    assert found["conclusion"]["reason"] == "经大会表决"


async def test_another_purpose(town: Town) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    await heard(town, member_id, "appraisal")
    await refused(town, decision_id, Condition.OTHER_PURPOSE)


async def test_another_period(town: Town, consulting: Consulting) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    await consulting.answered(await consulting.asked(member_id, period="2025"))
    await refused(town, decision_id, Condition.OTHER_PERIOD)


async def test_expired(town: Town, clock: SettableClock) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    await heard(town, member_id)
    clock.now += timedelta(days=181)
    await refused(town, decision_id, Condition.EXPIRED)
    clock.now -= timedelta(days=1)
    assert (await conclude(town, decision_id)).status_code == 201


async def test_an_objection_to_the_opinion_holds(town: Town, consulting: Consulting) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    consultation_id = await consulting.asked(member_id)
    await consulting.answered(consultation_id)
    objection = objected(ObjectionSubject.OPINION, consultation_id, member_id=member_id)
    await given(town.serving.log, objection)
    await refused(town, decision_id, Condition.OBJECTION_OPEN)
    await given(town.serving.log, settled(objection))
    assert (await conclude(town, decision_id)).status_code == 201


async def test_silent_past_due(town: Town, consulting: Consulting) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    consultation_id = await consulting.asked(member_id)
    for day, words in (
        ("2026-12-09", "尚未催办"),
        ("2026-12-10", "已催办1次"),
        ("2026-12-17", "已催办2次"),
        ("2026-12-25", "已催办2次，已提请上级党组织督办"),
    ):
        consulting.on(day)
        if day != "2026-12-09":
            await consulting.reminded()
        await refused(town, decision_id, Condition.SILENT_PAST_DUE)
        detail = (await shown(town, decision_id))["gate"]["obstacles"][0]["detail"]
        assert detail == f"社区党组织逾期未答复，答复期限为2026年12月8日，{words}。"
    await consulting.answered(consultation_id, "subdistrict")
    assert (await conclude(town, decision_id)).status_code == 201


async def test_withdrawn(town: Town) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    opinion_id = await heard(town, member_id)
    await town.done("community", f"/opinions/{opinion_id}/withdrawal", {"reason": "数据有误"})
    await refused(town, decision_id, Condition.WITHDRAWN)


async def test_never_checked_in(town: Town) -> None:
    member_id = await town.member()
    decision_id = await opened(town, member_id)
    await refused(town, decision_id, Condition.NEVER_CHECKED_IN)
    path = f"/members/{member_id}/absence-explanations"
    body = {"explanation": "长期驻外", "unit_view": "表现良好"}
    assert refusal(await town.post("committee", path, body)) == (404, "unknown-member")
    await town.done("branch", path, body)
    found = await shown(town, decision_id, "authority")
    assert found["gate"]["notices"] == ["never_checked_in"]
    assert found["gate"]["notices_words"] == ["从未到社区报到"]
    assert found["explanations"] == [
        {**body, "explained_on": "2026-11-24", "explained_by": "officer-1"}
    ]
    assert (await conclude(town, decision_id)).status_code == 201
    conclusion = (await shown(town, decision_id))["conclusion"]
    assert (conclusion["notices"], conclusion["notices_words"]) == (
        ["never_checked_in"], ["从未到社区报到"],
    )  # fmt: skip


async def test_overridden(town: Town) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    path = f"/decisions/{decision_id}/override"
    override = await town.done("committee", path, {"reason": "救灾期间"})
    gate = (await shown(town, decision_id))["gate"]
    assert [each["overridden"] for each in gate["obstacles"]] == [True]
    assert (gate["state"], gate["may_conclude"]) == ("refused", True)
    mine = await conclude(town, decision_id, "committee", acting_officer=OFFICER)
    assert refusal(mine) == (409, "concluded-by-overrider")
    assert (await conclude(town, decision_id, "committee")).status_code == 201
    [item] = (await listed(town, "branch"))["items"]
    [overridden] = item["overrides"]
    assert (overridden["override_id"], overridden["conditions"], overridden["reason"]) == (
        override["override_id"], ["no_opinion"], "救灾期间",
    )  # fmt: skip
    assert item["conclusion"]["overridden"] == ["no_opinion"]
    assert overridden["conditions_words"] == item["conclusion"]["overridden_words"]
    assert overridden["conditions_words"] == ["没有社区意见"]
    assert item["conclusion"]["result_word"] == "评为先进"
    assert item["conclusion"]["override_ids"] == [override["override_id"]]


async def test_one_of_two_conditions_is_not_overridden(town: Town, consulting: Consulting) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    await town.done("committee", f"/decisions/{decision_id}/override", {"reason": "救灾期间"})
    consultation_id = await consulting.asked(member_id)
    objection = objected(ObjectionSubject.OPINION, consultation_id, member_id=member_id)
    await given(town.serving.log, objection)
    gate = (await shown(town, decision_id))["gate"]
    assert [each["overridden"] for each in gate["obstacles"]] == [True, False]
    assert not gate["may_conclude"]
    assert (await conclude(town, decision_id)).status_code == 409


async def listed(town: Town, name: str, **query: Any) -> dict[str, Any]:
    asked = "".join(f"&{key}={value}" for key, value in query.items())
    head = await town.serving.log.head()
    answer = await town.get(name, f"/decisions?organisation_id={town.id(name)}{asked}", head)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# What else is told.


async def test_a_conclusion_is_not_entered_afterwards(town: Town) -> None:
    """A day on which the gate was open would be easy to name."""
    decision_id = await opened(town, await town.registered())
    for path in ("conclusion", "override"):
        body = {**CONCLUSION, "occurred_at": "2026-11-20T10:00:00+08:00"}
        answer = await town.post("branch", f"/decisions/{decision_id}/{path}", body)
        assert answer.status_code == 422
        assert "/occurred_at" in {each.get("pointer") for each in answer.json()["errors"]}


async def test_an_upheld_objection_changes_the_conclusion_for_the_better(town: Town) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id, "appraisal")
    await heard(town, member_id, "appraisal")
    assert (await conclude(town, decision_id, result="basically_qualified")).status_code == 201
    path, body = f"/decisions/{decision_id}/revision", {"result": "qualified", "reason": "复议"}
    assert refusal(await town.post("branch", path, body)) == (409, "objection-not-upheld")
    objection = objected(ObjectionSubject.DECISION, decision_id, member_id=member_id)
    await given(town.serving.log, objection)
    assert (await shown(town, decision_id))["disputed"]
    assert refusal(await town.post("branch", path, body)) == (409, "decision-disputed")
    await given(town.serving.log, settled(objection, ObjectionOutcome.PARTLY))
    worse = await town.post("branch", path, {**body, "result": "unqualified"})
    assert refusal(worse) == (409, "worse-after-objection")
    answer = await town.done("branch", path, body)
    assert answer["objection_id"] == objection.objection_id
    found = await shown(town, decision_id)
    assert (found["result"], found["disputed"]) == ("qualified", False)
    [revision] = found["revisions"]
    assert (revision["reason"], revision["result_word"]) == ("复议", "合格")


async def test_bad_input_is_refused_with_the_pointer_to_the_fault(town: Town) -> None:
    member_id = await town.registered()
    body = {"member_id": member_id, "purpose": "selection", "period": "2026"}
    for change, expected in (
        ({"purpose": "vetting"}, (409, "vetting-opened-by-authority", "/purpose")),
        ({"purpose": "else"}, (422, "invalid-request", "/purpose")),
        ({"period": "2026-Q1"}, (409, "period-not-of-purpose", "/period")),
        ({"period": "2027"}, (409, "period-not-over", "/period")),
    ):
        answer = await town.post("branch", "/decisions", {**body, **change})
        errors = answer.json()["errors"]
        assert (*refusal(answer), errors[0]["pointer"]) == expected
    decision_id = await opened(town, member_id)
    assert refusal(await town.post("branch", "/decisions", body)) == (
        409, "decision-already-opened",
    )  # fmt: skip
    await heard(town, member_id)
    for change, expected in (
        ({"result": "qualified"}, (409, "result-not-of-purpose", "/result")),
        ({"document_no": id_number()}, (409, "personal-data-in-open-text", "/document_no")),
    ):
        answer = await conclude(town, decision_id, **change)
        assert (*refusal(answer), answer.json()["errors"][0]["pointer"]) == expected


async def test_only_the_members_line_has_to_do_with_it(town: Town) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    for name in ("other_branch", "foreign_branch", "foreign_committee", "foreign_authority"):
        assert refusal(await conclude(town, decision_id, name)) == (404, "unknown-decision")
        answer = await town.get(name, f"/decisions/{decision_id}")
        assert refusal(answer) == (404, "unknown-decision")
        path = f"/decisions?organisation_id={town.id('branch')}"
        assert (await town.get(name, path)).status_code == 404
        assert (await listed(town, name))["items"] == []
    for name in ("community", "subdistrict"):
        assert (await conclude(town, decision_id, name)).status_code == 403
        assert (await town.get(name, f"/decisions/{decision_id}")).status_code == 403
    body = {"member_id": member_id, "purpose": "appraisal", "period": "2026"}
    assert (await town.post("committee", "/decisions", body)).status_code == 403
    clerk = {**ENDORSER, "role": "officer"}
    answer = await conclude(town, decision_id, acting_officer=clerk)
    assert refusal(answer) == (409, "decision-by-responsible-person")


async def test_the_gate_of_a_branch_does_not_tell_of_a_vetting(
    town: Town, consulting: Consulting
) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    before = (await shown(town, decision_id))["gate"]
    consultation_id = await consulting.vetted(member_id)
    await consulting.answered(consultation_id)
    assert (await shown(town, decision_id))["gate"] == before
    # Nor where the authority itself overrides: the branch reads that.
    path = f"/decisions/{decision_id}/override"
    await town.done("authority", path, {"reason": "救灾期间"})
    [override] = (await shown(town, decision_id))["overrides"]
    assert override["conditions"] == ["no_opinion"]


async def test_a_list_is_filtered(town: Town) -> None:
    members = [await town.registered(number) for number in (1, 2)]
    first, second = [await opened(town, each) for each in members]
    third = await opened(town, members[0], "assessment", "2025")
    await heard(town, members[0])
    assert (await conclude(town, first)).status_code == 201

    async def ids(**query: Any) -> list[str]:
        items = (await listed(town, "committee", **query))["items"]
        return [each["decision_id"] for each in items]

    assert await ids() == [first, second, third]
    assert await ids(purpose="assessment") == await ids(year=2025) == [third]
    assert (await ids(concluded="true"), await ids(concluded="false")) == ([first], [second, third])


async def test_a_reading_is_written_down(town: Town) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    await heard(town, member_id)
    await conclude(town, decision_id)
    head = await town.serving.log.head()
    for path in (f"/decisions?organisation_id={town.id('authority')}", f"/decisions/{decision_id}"):
        answer = await town.get("authority", path, head)
        rows = await town.serving.log.pool.fetch(
            "SELECT member_id, purpose, fields FROM access.readings WHERE request_id = $1",
            answer.headers["x-request-id"],
        )
        assert [tuple(row) for row in rows] == [(member_id, "appraisal", ["name", "reason"])]


async def test_the_member_is_named_in_every_form(town: Town) -> None:
    decision_id = await opened(town, await town.registered())
    head = await town.serving.log.head()
    listing = f"/decisions?organisation_id={town.id('committee')}"
    [item] = (await listed(town, "committee"))["items"]
    lines = await town.get("committee", listing, head, Accept="application/x-ndjson")
    for each in (item, orjson.loads(lines.content), await shown(town, decision_id)):
        assert (each["member_no"], each["name"]) == ("QZ00001", "王小明")
    table = await town.get("committee", listing, head, Accept="text/csv")
    [row] = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert (row["member_no"], row["name"]) == ("QZ00001", "王小明")


async def test_the_member_is_told(town: Town) -> None:
    member_id = await town.registered()
    decision_id = await opened(town, member_id)
    await town.done("committee", f"/decisions/{decision_id}/override", {"reason": "救灾期间"})
    assert (await conclude(town, decision_id, "committee")).status_code == 201
    head = await town.serving.log.head()
    items = (await town.get("branch", f"/organisations/{town.id('branch')}/notices", head)).json()[
        "items"
    ]
    [said] = [each for each in items if each["kind"] == "decision" and "结论：" in each["text"]]
    assert said["text"] == (
        "你支部一名党员2026年度评先评优的结论：评为先进，依据琼组发〔2026〕12号；"
        "没有社区意见，经特批作出。"
    )
    assert said["reason"] == "经大会表决"
    assert datetime.fromisoformat(said["told_at"]).astimezone(SHANGHAI) == town.serving.clock()
