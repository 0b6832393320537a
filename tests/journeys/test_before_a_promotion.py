"""A vetting before a promotion, from the question to what leaves the house (R29, R30).

With a real service over HTTP; at last the member sees all of it, and objects.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from service.domain.account import AccountDuty
from service.trust.bundle.archive import unzipped, zipped
from tests.api.consulting import DAYS
from tests.api.examining import SUITABLE, TEAM
from tests.api.town import ENDORSER
from tests.domain.town import id_number
from tests.journeys.promoting import DUE, Promoting, code
from tests.journeys.test_before_a_selection import overridden
from tests.printing.test_press import text_of
from tests.trust.bundle.sealed import resealed

NAME = "欧阳䶮"
SAID = "邻里和睦，热心公益"


async def test_a_vetting_from_the_question_to_what_the_member_sees(
    promoting: Promoting, tmp_path: Path
) -> None:
    promoting.on("2026-08-03")
    member_id = await promoting.registered(1, NAME)
    promoting.on("2026-09-01")
    disputed = await promoting.served(member_id, "2026-08-29", "看望孤寡老人")
    too_late = await promoting.served(member_id, "2026-08-30", "清扫河岸")
    promoting.on("2026-09-02")
    appraisal = await appraised(promoting, member_id)
    selection = await promoting.opened(member_id)
    await overridden(promoting, member_id, selection, "other_purpose")

    promoting.on("2026-09-07")
    consultation_id = await heard(promoting, member_id)
    vetting = await looked_into(promoting, member_id)
    promoting.on("2026-09-28")
    system = await promoting.administrator(AccountDuty.SYSTEM, 901)
    security = await promoting.administrator(AccountDuty.SECURITY, 902)
    whose = {"organisation_id": promoting.id("branch"), "duty": "member", "member_id": member_id}
    member = await promoting.account(system, security, **whose)

    await made_public(promoting, vetting)
    promoting.on("2026-10-01", "23:00")
    await promoting.sign_in(member)
    objections = {}
    for against, subject_id in (("participation", disputed), ("decision", appraisal)):
        body = {"against": against, "subject_id": subject_id, "text": "与实际不符"}
        raised = await promoting.as_person(member, "/me/objections", body)
        assert raised.status_code == 201, raised.text
        objections[against] = raised.json()["objection_id"]
    promoting.on("2026-10-02", "00:30")
    await promoting.sign_in(member)
    body = {"against": "participation", "subject_id": too_late, "text": "与实际不符"}
    late = await promoting.as_person(member, "/me/objections", body)
    assert code(late) == (409, "objection-too-late")

    await concluded(promoting, vetting)
    await carried_away(promoting, vetting, tmp_path)
    promoting.on("2026-10-15")
    await promoting.sign_in(member)
    trail = (await promoting.own(member, "/me/audit-trail?page_size=200")).json()["items"]
    [asked] = [
        each
        for each in trail
        if consultation_id in str(each["data"]) and each["type"] == "ConsultationAsked"
    ]
    assert asked["data"]["purpose"] == "vetting"
    types = {each["type"] for each in trail}
    assert types >= {"GateOverridden", "DecisionConcluded", "EvidenceFrozen", "ObjectionRaised"}
    opinions = (await promoting.own(member, "/me/opinions")).json()
    assert [each["masked"] for each in opinions["consultations"]] == [False, True]
    assert SAID in json.dumps(opinions, ensure_ascii=False)
    copy = (await promoting.own(member, "/me/copy")).json()
    assert copy["member"]["name"] == NAME
    assert {each["purpose"] for each in copy["decisions"]} == {"appraisal", "selection", "vetting"}
    printed = text_of((await promoting.own(member, "/me/copy.pdf")).content)
    for words in (NAME, SAID, "【有异议】看望孤寡老人", "【特批】"):
        assert words in printed
    await answered(promoting, objections, appraisal)


async def appraised(promoting: Promoting, member_id: str) -> str:
    decision_id = await promoting.opened(member_id, "appraisal")
    await promoting.answered(await promoting.asked(member_id, purpose="appraisal", **DUE))
    answer = await promoting.conclude(decision_id, result="basically_qualified")
    assert answer.status_code == 201, answer.text
    return decision_id


async def heard(promoting: Promoting, member_id: str) -> str:
    """The community says what it has to say, and does not learn what for."""
    masked = {"purpose": "vetting", "period": DAYS, "basis": "vetting", "masked": True, **DUE}
    consultation_id = await promoting.asked(member_id, "authority", **masked)
    appointed = {"officer_id": "officer-3", "id_number": id_number(777), "role": "responsible"}
    officers = f"/organisations/{promoting.id('community')}/officers"
    await promoting.done("subdistrict", officers, appointed)
    consultation = f"/consultations/{consultation_id}"
    recused = {"officer_id": "officer-3", "ground": "related"}
    await promoting.done("community", f"{consultation}/recusals", recused)
    good = dict.fromkeys(("social_morality", "community_pledge", "bearing", "overall"), "good")
    related = {"acting_officer": {"person": "officer-3", "role": "responsible"}, **good}
    refused = await promoting.post("community", f"{consultation}/opinions", related)
    assert code(refused)[0] == 409
    opinion = await promoting.done(
        "community", f"{consultation}/opinions", {**good, "comment": SAID}
    )
    second = f"/opinions/{opinion['opinion_id']}/countersignature"
    alone = await promoting.post("community", second)
    assert code(alone)[0] == 409
    await promoting.done("community", second, {"acting_officer": ENDORSER})

    own = f"organisation_id={promoting.id('community')}"
    answers = [refused.text, alone.text]
    for path in (
        f"/opinion-requests?{own}",
        f"/opinion-requests/{consultation_id}",
        f"/audit-trail?member_id={member_id}&page_size=200",
        f"/organisations/{promoting.id('community')}/notices",
        f"/members/{member_id}/off-duty-record?year=2026",
        consultation,
    ):
        answers.append((await promoting.get("community", path)).text)
        answers.append((await promoting.get("community", path, Accept="text/csv")).text)
    assert any(consultation_id in each for each in answers)
    hidden = (
        "vetting",
        "任前考察",
        "2021-03-01",
        "江州市委组〔2026〕5号",
        promoting.id("authority"),
    )
    assert [(words, each) for each in answers for words in hidden if words in each] == []
    return consultation_id


async def looked_into(promoting: Promoting, member_id: str) -> str:
    """The path of a vetting, with what its team found at the place."""
    promoting.on("2026-09-08")
    body = {"member_id": member_id, "period": DAYS, "team": TEAM}
    vetting = f"/vettings/{(await promoting.done('authority', '/vettings', body))['decision_id']}"
    promoting.on("2026-09-10")
    inquiry = {
        "held_on": "2026-09-10",
        "inquirers": TEAM,
        "interviewees": 6,
        "findings": "反映良好",
    }
    await promoting.done("authority", f"{vetting}/field-inquiries", inquiry)
    refused = await promoting.refused("authority", f"{vetting}/conclusion", SUITABLE)
    assert refused == (409, "evidence-not-frozen")
    await frozen(promoting, vetting)
    return vetting


async def frozen(promoting: Promoting, vetting: str) -> dict[str, Any]:
    """Evidence of everything that was written so far."""
    return await promoting.done("authority", f"{vetting}/evidence")


async def made_public(promoting: Promoting, vetting: str) -> None:
    promoting.on("2026-09-30")
    refused = await promoting.refused("authority", f"{vetting}/conclusion", SUITABLE)
    assert refused == (409, "notice-not-posted")
    notice = {"starts_on": "2026-12-30", "place": "机关公示栏"}
    unknown = await promoting.post("authority", f"{vetting}/public-notice", notice)
    assert code(unknown) == (409, "calendar-not-published")
    assert "2027年" in unknown.json()["detail"]
    notice = {**notice, "starts_on": "2026-09-30"}
    posted = await promoting.done("authority", f"{vetting}/public-notice", notice)
    assert posted["ends_on"] == "2026-10-13", "over the days off, and the Saturday that is worked"


async def concluded(promoting: Promoting, vetting: str) -> None:
    promoting.on("2026-10-13", "23:00")
    refused = await promoting.refused("authority", f"{vetting}/conclusion", SUITABLE)
    assert refused == (409, "notice-not-over")
    promoting.on("2026-10-14", "09:00")
    await promoting.done("authority", f"{vetting}/conclusion", SUITABLE)


async def carried_away(promoting: Promoting, vetting: str, folder: Path) -> None:
    """The bundle, and a stranger who verifies it with nothing of ours but what is published."""
    stated = await frozen(promoting, vetting)
    path = f"{vetting}/evidence.zip"
    bundle = (await promoting.get("authority", path)).content
    assert (await promoting.get("authority", path)).content == bundle
    keys = (await promoting.http.get("/api/v1/evidence-keys")).json()
    program = await promoting.http.get("/api/v1/evidence-verifier")

    async def in_the_log() -> bool:
        proof = await promoting.http.get(f"/api/v1/log/proofs/{stated['position']}")
        (folder / "proof").write_text(proof.text)
        return proof.status_code == 200

    await promoting.by_itself(in_the_log)
    (folder / "verify.py").write_bytes(program.content)
    (folder / "trusted").write_text(keys["policy"])

    async def verified(archive: bytes) -> tuple[int | None, str]:
        (folder / "evidence.zip").write_bytes(archive)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "verify.py", "evidence.zip", "--seal-key", keys["seal_key"]),
            *("--policy", "trusted", "--frozen-proof", "proof"),
            cwd=folder,
            env={},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode()

    status, said = await verified(bundle)
    assert status == 0, said
    assert stated["evidence_digest"] in said
    files = unzipped(bundle)
    first, *_, last = sorted(each for each in files if each.startswith("events/"))
    at = bundle.index(files[first]) + len(files[first]) // 2
    damaged = bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]
    assert (await verified(damaged))[0] == 2, "not even a whole archive"
    changed = {**files, first: files[first].replace(b"2026", b"2025", 1)}
    fewer = {name: each for name, each in files.items() if name != last}
    for forged in (zipped(changed), resealed(changed), zipped(fewer), resealed(fewer)):
        status, said = await verified(forged)
        assert status == 1, said

    report = text_of(files["report.pdf"])
    for words in (NAME, SAID, "【有异议】看望孤寡老人", "【特批】", "反映良好"):
        assert words in report
    assert NAME.encode() not in files["evidence.json"]


async def answered(promoting: Promoting, objections: dict[str, str], appraisal: str) -> None:
    """Somebody who did not do what is objected to answers; nothing gets worse by objecting."""
    promoting.on("2026-10-20")
    path = f"/objections/{objections['participation']}/answers"
    said = {"outcome": "upheld", "text": "情况属实，予以更正"}
    endorser = {**said, "acting_officer": ENDORSER}
    assert await promoting.refused("community", path, endorser) == (409, "answered-by-objected-to")
    await promoting.done("community", path, said)
    revision, body = f"/decisions/{appraisal}/revision", {"reason": "复议"}
    better = {**body, "result": "qualified"}
    assert await promoting.refused("branch", revision, better) == (409, "decision-disputed")
    partly = {"outcome": "partly", "text": "部分属实"}
    await promoting.done("branch", f"/objections/{objections['decision']}/answers", partly)
    himself = await promoting.refused("branch", revision, better)
    assert himself == (409, "answered-by-objected-to")
    somebody_else = {"acting_officer": ENDORSER}
    worse = {**body, "result": "unqualified", **somebody_else}
    assert await promoting.refused("branch", revision, worse) == (409, "worse-after-objection")
    await promoting.done("branch", revision, {**better, **somebody_else})
    shown = await promoting.read("branch", f"/decisions/{appraisal}")
    assert (shown["result"], shown["disputed"]) == ("qualified", False)
