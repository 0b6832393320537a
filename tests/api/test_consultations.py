"""A community is asked about a member and answers: what each side does and sees (R26, R27)."""

from datetime import date
from typing import Any

import pytest

from service.domain.consultation import OpinionRequested
from service.domain.signed import text_digest
from service.eventstore import decode
from service.trust.verification import PublicKey, verify, verify_text
from tests.api.clock import SettableClock
from tests.api.consulting import GOOD, Consulting
from tests.api.test_readings import readings
from tests.api.test_signing_keys import keys, registered_key, stored
from tests.api.town import ENDORSER, OFFICER, Town

EVENING = ("2026-10-14T18:00:00+08:00", "2026-10-14T20:00:00+08:00")
SALT = "00112233445566778899aabbccddeeff"


@pytest.fixture
def consulting(town: Town, clock: SettableClock) -> Consulting:
    return Consulting(town, clock)


async def test_from_the_question_to_the_answer(consulting: Consulting) -> None:
    town = consulting.town
    member_id = await town.registered()
    await town.endorsed(member_id, *EVENING)
    consultation_id = await consulting.asked(member_id)
    [request] = (
        await consulting.read(
            "community", f"/opinion-requests?organisation_id={town.id('community')}&state=open"
        )
    )["items"]
    assert request["consultation_id"] == consultation_id
    assert (request["name"], request["member_no"]) == ("王小明", "QZ00001")
    assert request["asking_id"] == town.id("branch")
    assert (request["purpose"], request["purpose_word"]) == ("selection", "评先评优")
    assert (request["period"], request["due_on"]) == ("2026", "2026-12-08")
    assert (request["period_word"], request["state_word"]) == ("2026年度", "尚无生效的意见")
    assert request["document_no"] == "江州市机关工委〔2026〕3号"
    assert (request["opinions"], request["recusals"]) == ([], [])

    opinion_id = await consulting.given(consultation_id, comment="邻里和睦")
    asked = f"/consultations/{consultation_id}"
    requested = f"/opinion-requests/{consultation_id}"
    [waiting] = (await consulting.read("community", requested))["opinions"]
    assert (waiting["state"], waiting["comment"]) == ("waiting", "邻里和睦")
    assert waiting["state_word"] == "待会签"
    assert waiting["figures"] == {
        "registered_since": "2026-11-24",
        "grade_a": 0, "grade_b": 0, "grade_c": 0, "grade_d": 1,
        "voluntary_minutes": 120, "duty_minutes": 0,
        "as_of_position": waiting["figures"]["as_of_position"],
    }  # fmt: skip
    # Nobody's word yet: whoever asked does not see it.
    before = await consulting.read("branch", asked)
    assert (before["state"], before["opinions"]) == ("open", [])

    await consulting.countersigned(opinion_id)
    after = await consulting.read("branch", asked)
    assert (after["state"], after["name"]) == ("answered", "王小明")
    assert (after["state_word"], after["period_word"]) == ("已有生效的意见", "2026年度")
    [opinion] = after["opinions"]
    assert {name: opinion[name] for name in GOOD} == GOOD
    assert {name: opinion[f"{name}_word"] for name in GOOD} == {
        "social_morality": "好", "community_pledge": "好", "bearing": "无从评价", "overall": "好",
    }  # fmt: skip
    assert (opinion["comment"], opinion["state"]) == ("邻里和睦", "in_force")
    assert opinion["state_word"] == "已生效"
    assert (opinion["given_by"], opinion["countersigned_by"]) == ("officer-1", "officer-2")
    assert opinion["countersigned_on"] == "2026-11-24"
    assert (await consulting.read("community", requested))["state"] == "answered"


async def test_whoever_is_asked_is_told_about_whom_also_after_they_left(
    consulting: Consulting,
) -> None:
    town = consulting.town
    member_id = await town.registered()
    head = await town.serving.log.head()
    member = (await town.get("branch", f"/members/{member_id}", head)).json()
    path = f"/registrations/{member['registration']['registration_id']}/deregistration"
    await town.done("branch", path, {"reason_code": "left"})
    consultation_id = await consulting.asked(member_id)
    assert await consulting.status("community", f"/members/{member_id}") == 404
    listed = f"/opinion-requests?organisation_id={town.id('community')}"
    [request] = (await consulting.read("community", listed))["items"]
    assert request["name"] == "王小明"
    request = await consulting.read("community", f"/opinion-requests/{consultation_id}")
    assert request["name"] == "王小明"


async def test_each_side_reads_its_own(consulting: Consulting) -> None:
    town = consulting.town
    consultation_id = await consulting.asked(await town.registered())
    asking = {"authority", "committee", "branch"}
    asked = {"community", "subdistrict"}
    for name in town.clients:
        found = await consulting.status(name, f"/consultations/{consultation_id}")
        assert found == (200 if name in asking else 404), name
        found = await consulting.status(name, f"/opinion-requests/{consultation_id}")
        assert found == (200 if name in asked else 404), name
        for path in ("/consultations", "/opinion-requests"):
            listed = await consulting.read(name, f"{path}?organisation_id={town.id(name)}")
            sees = name in (asking if path == "/consultations" else asked)
            assert len(listed["items"]) == sees, (name, path)
    other = f"/consultations?organisation_id={town.id('other_branch')}"
    assert await consulting.status("branch", other) == 404


async def test_what_is_read_is_written_down(consulting: Consulting) -> None:
    town = consulting.town
    member_id = await town.registered()
    consultation_id = await consulting.asked(member_id)
    await consulting.answered(consultation_id, comment="邻里和睦")
    head = await town.serving.log.head()
    for name, path in (("branch", "consultations"), ("community", "opinion-requests")):
        answer = await town.get(name, f"/{path}/{consultation_id}", head)
        [row] = await readings(town, request_id=answer.headers["x-request-id"])
        assert (row["member_id"], row["organisation_id"]) == (member_id, town.id(name))
        assert (row["purpose"], row["fields"]) == ("consultation", ["comment", "name"])


async def test_two_sign_and_nobody_who_is_recused(consulting: Consulting) -> None:
    town = consulting.town
    consultation_id = await consulting.asked(await town.registered())
    path = f"/consultations/{consultation_id}/recusals"
    recused = {"officer_id": "officer-1", "ground": "related"}
    assert await consulting.refused("other_community", path, recused) == (
        404, "unknown-consultation",
    )  # fmt: skip
    opinions = f"/consultations/{consultation_id}/opinions"
    opinion_id = await consulting.given(consultation_id)
    countersignature = f"/opinions/{opinion_id}/countersignature"
    assert await consulting.refused("community", countersignature, {}) == (
        409, "opinion-signed-twice",
    )  # fmt: skip
    await town.done("community", path, {"officer_id": "officer-2", "ground": "supervised"})
    assert await consulting.refused("community", countersignature, {}, ENDORSER) == (
        409, "replier-recused",
    )  # fmt: skip
    assert await consulting.refused("community", opinions, GOOD, ENDORSER) == (
        409, "replier-recused",
    )  # fmt: skip
    [shown] = (await consulting.read("community", f"/opinion-requests/{consultation_id}"))[
        "recusals"
    ]
    assert (shown["officer_id"], shown["ground"]) == ("officer-2", "supervised")
    assert shown["ground_word"] == "受该党员领导"
    assert "hash" not in str(shown)


async def test_an_opinion_is_taken_back_and_given_anew(consulting: Consulting) -> None:
    town = consulting.town
    consultation_id = await consulting.asked(await town.registered())
    first = await consulting.answered(consultation_id, overall="fair")
    withdrawal = {"reason": "核实有误"}
    await town.done("community", f"/opinions/{first}/withdrawal", withdrawal)
    asked = f"/consultations/{consultation_id}"
    taken_back = await consulting.read("branch", asked)
    assert taken_back["state"] == "open"
    assert taken_back["opinions"][0]["state"] == "withdrawn"
    assert taken_back["opinions"][0]["withdrawal"]["reason"] == "核实有误"
    second = await consulting.answered(consultation_id)
    found = await consulting.read("branch", asked)
    assert found["state"] == "answered"
    assert [each["replaces"] for each in found["opinions"]] == [None, first]
    assert found["opinions"][1]["opinion_id"] == second


async def test_a_question_is_taken_back(consulting: Consulting) -> None:
    town = consulting.town
    consultation_id = await consulting.asked(await town.registered())
    withdrawal = f"/consultations/{consultation_id}/withdrawal"
    # Whoever is asked has no say in it, and a stranger does not learn of it.
    assert (await consulting.refused("community", withdrawal, {"reason": "不想答"}))[0] == 403
    assert await consulting.refused("other_branch", withdrawal, {"reason": "误"}) == (
        404, "unknown-consultation",
    )  # fmt: skip
    await town.done("branch", withdrawal, {"reason": "本年度不再评选"})
    found = await consulting.read("branch", f"/consultations/{consultation_id}")
    assert (found["state"], found["withdrawal"]["reason"]) == ("withdrawn", "本年度不再评选")
    requested = await consulting.read("community", f"/opinion-requests/{consultation_id}")
    assert requested["state"] == "cancelled"
    assert "本年度不再评选" not in str(requested)
    opinions = f"/consultations/{consultation_id}/opinions"
    assert (await consulting.refused("community", opinions, GOOD))[0] == 409


async def test_r26_two_reminders_then_the_subdistrict_may_answer(consulting: Consulting) -> None:
    town = consulting.town
    consultation_id = await consulting.asked(await town.registered())
    reminders = f"/consultations/{consultation_id}/reminders"
    consulting.on("2026-12-08")
    assert await consulting.reminded() == 0
    assert await consulting.refused("branch", reminders, {}) == (409, "opinion-not-overdue")
    made = []
    for day in ("09", "15", "16", "22", "23", "24"):
        consulting.on(f"2026-12-{day}")
        made.append(await consulting.reminded())
    assert made == [1, 0, 1, 0, 1, 0]
    requested = await consulting.read("subdistrict", f"/opinion-requests/{consultation_id}")
    assert requested["reminded_on"] == ["2026-12-09", "2026-12-16"]
    assert (requested["escalated_to"], requested["escalated_on"]) == (
        town.id("subdistrict"), "2026-12-23",
    )  # fmt: skip
    asked = await consulting.read("branch", f"/consultations/{consultation_id}")
    assert asked["reminded_on"] == requested["reminded_on"]
    assert asked["escalated_to"] == town.id("subdistrict")
    await consulting.answered(consultation_id, "subdistrict")
    [opinion] = (await consulting.read("branch", f"/consultations/{consultation_id}"))["opinions"]
    assert opinion["replying_id"] == town.id("subdistrict")
    consulting.on("2027-02-01")
    assert await consulting.reminded() == 0


async def test_r26_a_reminder_that_was_ordered_counts(consulting: Consulting) -> None:
    town = consulting.town
    consultation_id = await consulting.asked(await town.registered())
    consulting.on("2026-12-10")
    await town.done("branch", f"/consultations/{consultation_id}/reminders")
    assert await consulting.reminded() == 0
    consulting.on("2026-12-17")
    assert await consulting.reminded() == 1
    found = await consulting.read("branch", f"/consultations/{consultation_id}")
    assert found["reminded_on"] == ["2026-12-10", "2026-12-17"]


async def test_when_an_answer_is_due(consulting: Consulting) -> None:
    town = consulting.town
    member_id = await town.registered()
    consulting.on("2026-11-24")
    consultation_id = await consulting.asked(member_id, working_days=5, due_on=None)
    found = await consulting.read("branch", f"/consultations/{consultation_id}")
    assert found["due_on"] == "2026-12-01"

    async def refused(**more: Any) -> tuple[int, str]:
        return await consulting.refused(
            "branch", "/consultations", consulting.question(member_id, period="2025", **more)
        )

    assert await refused(working_days=5) == (422, "invalid-request")
    assert await refused(due_on=None) == (422, "invalid-request")
    assert await refused(due_on="2026-11-25") == (409, "due-too-soon")
    # Nobody knows yet which days of 2027 are worked (R21).
    assert await refused(due_on=None, working_days=30) == (409, "calendar-not-published")


async def test_a_question_rests_on_a_configured_document(consulting: Consulting) -> None:
    town = consulting.town
    member_id = await town.registered()
    bases = (await consulting.read("branch", "/consultation-bases"))["items"]
    assert {each["code"]: each["purposes"] for each in bases} == {
        "recognition": ["selection", "appraisal", "assessment"],
        "vetting": ["vetting"],
    }
    for basis, code in (("nothing", "unknown-basis"), ("vetting", "basis-not-of-purpose")):
        question = consulting.question(member_id, basis=basis)
        assert await consulting.refused("branch", "/consultations", question) == (409, code)


async def test_r27_the_figures_do_not_tell_the_period(consulting: Consulting) -> None:
    """They are of the whole record, whatever is asked about."""
    town = consulting.town
    member_id = await town.registered()
    await town.endorsed(member_id, *EVENING)
    found = []
    for consultation_id in (
        await consulting.asked(member_id, period="2025"),
        await consulting.asked(member_id),
        await consulting.vetted(member_id),
    ):
        await consulting.given(consultation_id)
        request = await consulting.read("community", f"/opinion-requests/{consultation_id}")
        [opinion] = request["opinions"]
        found.append(opinion["figures"] | {"as_of_position": 0})
    assert found[0]["grade_d"] == 1
    assert found[0] == found[1] == found[2]


async def test_r17_an_own_key_signs_both_times(consulting: Consulting) -> None:
    town = consulting.town
    member_id = await town.registered()
    participation_id, _ = await town.endorsed(member_id, *EVENING)
    consultation_id = await consulting.asked(member_id)
    system = await registered_key(town, "community")
    opinions = f"/consultations/{consultation_id}/opinions"
    assert (await consulting.refused("community", opinions, GOOD))[0] == 409
    path = f"/consultations/{consultation_id}/opinion-statement"
    assert (await town.get("other_community", path)).status_code == 404
    stated = (await town.get("community", path)).json()["statement"]
    stated["actor"] |= OFFICER
    stated["data"] |= {
        **GOOD, "comment_digest": text_digest("很好", SALT), "given_by": OFFICER["person"],
    }  # fmt: skip
    stated["occurred_at"] = "2026-11-24T10:00:00+08:00"
    # What happens to the record in between is not in the figures that were signed.
    await town.done("community", f"/participations/{participation_id}/voiding", {"reason": "误"})
    opinion_id = await consulting.given(
        consultation_id,
        comment="很好",
        occurred_at=stated["occurred_at"],
        signature={"jws": system.sign(stated), "comment_salt": SALT},
    )
    position = await town.serving.log.head()
    assert opinion_id == stated["data"]["opinion_id"]
    shown = [PublicKey.of(item) for item in await keys(town, "community")]
    event = await stored(town, position)
    assert verify(event, shown).signing_key_id == system.signing_key_id
    verify_text(event, "comment", "很好", SALT)
    assert event["data"]["figures"]["grade_d"] == 1

    path = f"/opinions/{opinion_id}/countersignature"
    assert (await consulting.refused("community", path, {}, ENDORSER))[0] == 409
    stated = (await town.get("community", f"{path}-statement")).json()["statement"]
    assert (await town.get("other_community", f"{path}-statement")).status_code == 404
    stated["actor"] |= ENDORSER
    stated["data"] |= {
        "countersigned_by": ENDORSER["person"], "countersigned_on": "2026-11-24",
    }  # fmt: skip
    stated["occurred_at"] = "2026-11-24T10:00:00+08:00"
    signed = {"occurred_at": stated["occurred_at"], "signature": {"jws": system.sign(stated)}}
    await town.done("community", path, {**signed, "acting_officer": ENDORSER})


async def test_figures_from_before_the_question_are_not_signed(consulting: Consulting) -> None:
    """Else a community with a key of its own could choose the day that says what it likes."""
    town = consulting.town
    member_id = await town.registered()
    early = await town.serving.log.head()
    await town.endorsed(member_id, *EVENING)
    consultation_id = await consulting.asked(member_id)
    system = await registered_key(town, "community")
    path = f"/consultations/{consultation_id}/opinion-statement"
    stated = (await town.get("community", path)).json()["statement"]
    stated["actor"] |= OFFICER
    stated["data"] |= {**GOOD, "given_by": OFFICER["person"]}
    stated["occurred_at"] = "2026-11-24T10:00:00+08:00"
    signed = {**GOOD, "occurred_at": stated["occurred_at"]}
    opinions = f"/consultations/{consultation_id}/opinions"
    for figures in (
        {"grade_d": 0, "voluntary_minutes": 0, "as_of_position": early},
        {"grade_d": 9},
        {"as_of_position": "early"},
    ):
        data = stated["data"] | {"figures": stated["data"]["figures"] | figures}
        body = {**signed, "signature": {"jws": system.sign(stated | {"data": data})}}
        assert (await consulting.refused("community", opinions, body))[0] == 409
    body = {**signed, "signature": {"jws": system.sign(stated)}}
    assert (await consulting.sent("community", opinions, body)).status_code == 201


async def test_whoever_asked_does_not_stand_on_the_communitys_events(
    consulting: Consulting,
) -> None:
    town = consulting.town
    await consulting.vetted(await town.registered())
    head = await town.serving.log.head()
    [(position, data)] = await town.serving.log.stored(after=head - 1, limit=1)
    recorded = decode(position, data)
    assert isinstance(recorded.event, OpinionRequested)
    assert recorded.event.due_on == date(2026, 12, 8)
    assert recorded.actor.organisation_id == "eighthours"
    assert town.id("authority").encode() not in data
