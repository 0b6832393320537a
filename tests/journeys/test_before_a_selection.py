"""Nobody is selected before the community was heard (R26): with a real service, over HTTP."""

from functools import partial

from service.domain.gate_condition import Condition
from tests.api.town import OFFICER
from tests.journeys.promoting import DUE, Promoting, code


async def shut(promoting: Promoting, decision_id: str, condition: Condition) -> str:
    """Refused by this condition, and shown so; how it is put."""
    gate = await promoting.gate(decision_id)
    [obstacle] = gate["obstacles"]
    assert (obstacle["condition"], gate["state"]) == (
        condition.value,
        "held" if condition.holds else "refused",
    )
    answer = await promoting.conclude(decision_id)
    assert code(answer) == (409, condition.refusal.code())
    assert answer.json()["detail"] == obstacle["detail"]
    return str(obstacle["detail"])


async def test_nobody_is_selected_before_the_community_was_heard(promoting: Promoting) -> None:
    promoting.on("2026-09-07")
    unheard = await promoting.registered(1, "甲")
    decision_id = await promoting.opened(unheard)
    await shut(promoting, decision_id, Condition.NO_OPINION)
    await overridden(promoting, unheard, decision_id, "no_opinion")

    asked_for_else = await promoting.registered(2, "乙")
    decision_id = await promoting.opened(asked_for_else)
    await promoting.answered(await promoting.asked(asked_for_else, purpose="appraisal", **DUE))
    await shut(promoting, decision_id, Condition.OTHER_PURPOSE)
    asked_of_last_year = await promoting.registered(3, "丙")
    decision_id = await promoting.opened(asked_of_last_year)
    await promoting.answered(await promoting.asked(asked_of_last_year, period="2025", **DUE))
    await shut(promoting, decision_id, Condition.OTHER_PERIOD)

    taken_back = await promoting.registered(4, "丁")
    decision_id = await promoting.opened(taken_back)
    opinion_id = await promoting.answered(await promoting.asked(taken_back, **DUE))
    path = f"/opinions/{opinion_id}/withdrawal"
    await promoting.done("community", path, {"reason": "数据有误"})
    await shut(promoting, decision_id, Condition.WITHDRAWN)

    disputed = await promoting.registered(5, "戊")
    await held_while_disputed(promoting, disputed)
    await explained(promoting, await promoting.member(6, "己"))
    long_ago = await promoting.registered(7, "庚")
    expiring = await promoting.opened(long_ago)
    await promoting.answered(await promoting.asked(long_ago, **DUE))
    assert (await promoting.gate(expiring))["state"] == "open"

    await held_while_silent(promoting, await promoting.registered(8, "辛"))
    promoting.on("2027-03-07")
    assert "2027年3月6日" in await shut(promoting, expiring, Condition.EXPIRED)
    promoting.on("2027-03-06")
    assert (await promoting.conclude(expiring)).status_code == 201


async def overridden(
    promoting: Promoting, member_id: str, decision_id: str, condition: str
) -> None:
    """Somebody above takes it upon themselves, somebody else concludes, and everybody sees it."""
    path = f"/decisions/{decision_id}/override"
    override = await promoting.done("committee", path, {"reason": "救灾期间"})
    himself = await promoting.conclude(decision_id, "committee", acting_officer=OFFICER)
    assert code(himself) == (409, "concluded-by-overrider")
    assert (await promoting.conclude(decision_id, "committee")).status_code == 201
    for name in ("branch", "committee", "authority"):
        shown = await promoting.read(name, f"/decisions/{decision_id}")
        under = f"/decisions?organisation_id={promoting.id(name)}&purpose=selection"
        [listed] = await promoting.items(name, under)
        for each in (shown, listed):
            assert each["conclusion"]["overridden"] == [condition]
            assert each["conclusion"]["override_ids"] == [override["override_id"]]
            assert each["overrides"][0]["reason"] == "救灾期间"
    notices = await promoting.items("branch", f"/organisations/{promoting.id('branch')}/notices")
    [told] = [each for each in notices if "结论：" in each["text"] and "特批" in each["text"]]
    assert told["member_id"] == member_id


async def held_while_disputed(promoting: Promoting, member_id: str) -> None:
    decision_id = await promoting.opened(member_id)
    consultation_id = await promoting.asked(member_id, **DUE)
    await promoting.answered(consultation_id)
    against = {"against": "opinion", "subject_id": consultation_id}
    body = {"member_id": member_id, "text": "与事实不符", **against}
    objection_id = (await promoting.done("branch", "/objections", body))["objection_id"]
    await shut(promoting, decision_id, Condition.OBJECTION_OPEN)
    path = f"/objections/{objection_id}/answers"
    said = {"outcome": "rejected", "text": "经核实，意见属实"}
    assert await promoting.refused("community", path, said) == (409, "answered-by-objected-to")
    await promoting.done("subdistrict", path, said)
    assert (await promoting.conclude(decision_id)).status_code == 201


async def explained(promoting: Promoting, member_id: str) -> None:
    """Whoever never checked in is explained by their branch, and that is said beside it."""
    decision_id = await promoting.opened(member_id)
    await shut(promoting, decision_id, Condition.NEVER_CHECKED_IN)
    body = {"explanation": "长期驻外", "unit_view": "表现良好"}
    await promoting.done("branch", f"/members/{member_id}/absence-explanations", body)
    gate = await promoting.gate(decision_id)
    assert (gate["state"], gate["notices"]) == ("open", ["never_checked_in"])
    assert (await promoting.conclude(decision_id)).status_code == 201
    shown = await promoting.read("branch", f"/decisions/{decision_id}")
    assert shown["conclusion"]["notices"] == ["never_checked_in"]


async def held_while_silent(promoting: Promoting, member_id: str) -> None:
    """The service reminds twice and turns to the subdistrict, without being asked."""
    decision_id = await promoting.opened(member_id)
    consultation_id = await promoting.asked(member_id, **DUE)
    assert "尚未答复" in await shut(promoting, decision_id, Condition.NO_OPINION)

    async def is_said(words: str) -> bool:
        return words in (await promoting.gate(decision_id))["obstacles"][0]["detail"]

    for day, words in (
        ("2026-09-22", "已催办1次"),
        ("2026-09-29", "已催办2次"),
        ("2026-10-06", "已提请上级党组织督办"),
    ):
        promoting.on(day)
        await promoting.by_itself(partial(is_said, words))
        await shut(promoting, decision_id, Condition.SILENT_PAST_DUE)
    above = f"/organisations/{promoting.id('subdistrict')}/notices"
    assert any(
        each["member_id"] == member_id for each in await promoting.items("subdistrict", above)
    )
    await promoting.answered(consultation_id, "subdistrict")
    assert (await promoting.conclude(decision_id)).status_code == 201
