"""Planted people: each with texts that nobody else has, taken through every workflow there is."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from service.api.periods import last_period
from service.domain.period import Month, Quarter
from tests.api.town import ENDORSER, Town
from tests.domain.town import id_number


@dataclass
class Planted:
    """One person, and every text that was ever sent about them."""

    number: int
    texts: dict[str, str] = field(default_factory=dict)
    """What must not be found once they are erased, by what it is."""
    member_id: str = ""
    participations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.texts |= {
            "name": f"植{self.number:02}姓欧",
            "id_number": id_number(self.number, born="19710203"),
            "phone": f"139{self.number:02}417263",
            "contact_phone": f"0898-6{self.number:02}35791",
            "residence": f"隐{self.number:02}居路九号",
        }

    @property
    def member_no(self) -> str:
        return f"PLANTED-{self.number:02}"

    def text(self, what: str) -> str:
        """A text of this person's own for one place."""
        return self.texts.setdefault(what, f"私{self.number:02}语·{what}")

    @property
    def row(self) -> list[str]:
        """Their row of a roster file."""
        return [self.member_no, self.texts["name"], self.texts["id_number"], self.texts["phone"]]


async def enrol(town: Town, people: list[Planted]) -> None:
    """Half of them from a file, which at first has a bad row; the others one by one."""
    branch = f"/branches/{town.id('branch')}"
    listed, others = people[: len(people) // 2], people[len(people) // 2 :]
    bad = [*listed[0].row[:3], "123"]
    for rows, status in (([bad, *(each.row for each in listed[1:])], 422),
                         ([each.row for each in listed], 201)):  # fmt: skip
        table = [["党员编号", "姓名", "公民身份号码", "联系电话"], *rows]
        answer = await town.http.post(
            f"/api/v1{branch}/roster-imports",
            files={"file": ("名册.csv", "\n".join(map(",".join, table)).encode())},
            headers={**town.headers("branch"), "Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == status, answer.text
    for person, member_id in zip(listed, answer.json()["member_ids"], strict=True):
        person.member_id = member_id
    for person in others:
        texts = person.texts
        body = {"member_no": person.member_no} | {
            name: texts[name] for name in ("name", "id_number", "phone")
        }
        # What is refused holds the same texts.
        for wrong in (
            {"phone": "1"},
            {"id_number": texts["id_number"] + "9"},
            {"extra": texts["name"]},
        ):
            refused = await town.post("branch", f"{branch}/members", {**body, **wrong})
            assert refused.status_code == 422
        person.member_id = (await town.done("branch", f"{branch}/members", body))["member_id"]
        again = await town.post("branch", f"{branch}/members", body)
        assert again.status_code == 409


async def live(town: Town, person: Planted) -> None:
    """Everything that is ever written down about one person."""
    member, n = f"/members/{person.member_id}", person.number
    today = town.serving.clock().date()
    await town.get("branch", f"{member}?name={person.texts['name']}")
    await town.get("branch", f"/members/{person.texts['id_number']}")
    starts, ends = today + timedelta(days=30), today + timedelta(days=60)
    exempt = {"reason_code": "illness", "starts_on": str(starts), "ends_on": str(ends)}
    exemption = await town.done("branch", f"{member}/exemptions", exempt)
    ending = {"ended_on": str(starts), "reason": person.text("提前结束免予")}
    await town.done("branch", f"/exemptions/{exemption['exemption_id']}/ending", ending)
    hours = {"starts_at": f"{today}T09:00:00+08:00", "ends_at": f"{today}T12:00:00+08:00"}
    await town.done("branch", f"{member}/leaves", {**hours, "reason_code": "sick"})
    await town.done("branch", f"{member}/shifts", {"shifts": [hours]})
    moved = {"to_branch_id": town.id("other_branch")}
    transfer = await town.done("branch", f"{member}/branch-transfers", moved)
    refusal = {"reason_code": "other", "note": person.text("退回转接")}
    await town.done("other_branch", f"/branch-transfers/{transfer['transfer_id']}/refusal", refusal)
    community = await _register(town, person)
    await _participate(town, person, community)
    if n % 5 == 0:
        reason = {"reason_code": "retired", "note": person.text("注销报到")}
        registration = f"/registrations/{person.texts.pop('registration_id')}"
        await town.done(community, f"{registration}/deregistration", reason)
    else:
        del person.texts["registration_id"]


async def _register(town: Town, person: Planted) -> str:
    """Declined, accepted, and for some transferred; the community at the end."""
    certificate = await town.done("branch", f"/members/{person.member_id}/certificates")
    intake = {
        "residence": person.texts["residence"],
        "phone": person.texts["contact_phone"],
        "service_intentions": ["政策法规宣传"],
    }
    body = {
        "member_id": person.member_id,
        "community_id": town.id("community"),
        "certificate_no": certificate["certificate_no"],
        "intake": intake,
    }
    registration = "/registrations/" + (
        await town.done("branch", "/registrations", body)
    )["registration_id"]  # fmt: skip
    declining = {"reason_code": "other", "note": person.text("不予接收")}
    await town.done("community", f"{registration}/declination", declining)
    registration_id = (await town.done("branch", "/registrations", body))["registration_id"]
    registration = f"/registrations/{registration_id}"
    await town.done("community", f"{registration}/acceptance", {"note": person.text("接收报到")})
    person.texts["registration_id"] = registration_id
    if person.number % 3:
        return "community"
    moving = {
        "community_id": town.id("other_community"),
        "residence": person.text("新居"),
        "phone": f"0898-5{person.number:02}97531",
    }
    person.texts["新电话"] = moving["phone"]
    moved = await town.done("branch", f"{registration}/transfer", moving)
    registration = f"/registrations/{moved['registration_id']}"
    if person.number % 2:
        declining = {"reason_code": "not_resident", "note": person.text("不予转入")}
        await town.done("other_community", f"{registration}/declination", declining)
        return "community"
    await town.done("other_community", f"{registration}/acceptance", {"note": person.text("转入")})
    person.texts["registration_id"] = moved["registration_id"]
    return "other_community"


async def _participate(town: Town, person: Planted, community: str) -> None:
    """Recorded, corrected, endorsed, revoked; declined; voided."""
    day = town.serving.clock().date() - timedelta(days=3)

    async def recorded(hour: int, what: str) -> str:
        body = _entry(day, hour) | {"content": person.text(what)}
        recording = {"member_id": person.member_id, "kind": "own", "ledger": "voluntary", **body}
        path = f"/communities/{town.id(community)}/participations"
        participation_id: str = (await town.done(community, path, recording))["participation_id"]
        person.participations.append(participation_id)
        return f"/participations/{participation_id}"

    entry = await recorded(18, "内容")
    correction = _entry(day, 19) | {"content": person.text("更正内容"), "ledger": "voluntary"}
    correction["reason"] = person.text("更正理由")
    await town.done(community, f"{entry}/corrections", correction)
    judgement = {"performance": "good", "comment": person.text("评语"), "acting_officer": ENDORSER}
    endorsement = await town.done(community, f"{entry}/endorsements", judgement)
    revocation = {"reason": person.text("撤销认定"), "acting_officer": ENDORSER}
    path = f"/endorsements/{endorsement['endorsement_id']}/revocations"
    await town.done(community, path, revocation)
    await town.done(community, f"{entry}/endorsements", judgement)
    entry = await recorded(20, "第二次内容")
    declining = {
        "reason_code": "other",
        "note": person.text("不予认定"),
        "acting_officer": ENDORSER,
    }
    await town.done(community, f"{entry}/endorsement-declinations", declining)
    entry = await recorded(21, "第三次内容")
    await town.done(community, f"{entry}/voiding", {"reason": person.text("作废理由")})


def _entry(day: Any, hour: int) -> dict[str, Any]:
    return {
        "starts_at": f"{day}T{hour}:00:00+08:00",
        "ends_at": f"{day}T{hour}:30:00+08:00",
    }


async def gather(town: Town, people: list[Planted]) -> None:
    """An activity that many come to, and a post that many take."""
    clock = town.serving.clock()
    starts, ends = clock + timedelta(minutes=30), clock + timedelta(hours=2)
    activity = await town.activity(starts.isoformat(), ends.isoformat())
    community = [each for each in people if "转入" not in each.texts and each.number % 5]
    post = await town.done(
        "community",
        f"/communities/{town.id('community')}/service-posts",
        {"title": "保洁岗", "category": "cleaning", "slots": 100},
    )
    for person in community:
        named = {"member_id": person.member_id}
        await town.done("branch", f"/activities/{activity}/sign-ups", named)
        path = f"/service-posts/{post['service_post_id']}/claims"
        claim = await town.done("branch", path, named)
        await town.done("community", f"/claims/{claim['claim_id']}/confirmation")


async def supervise(town: Town, people: list[Planted]) -> None:
    """What a branch's inspection finds about each, and the community's feedback."""
    clock = town.serving.clock()
    communities = ("community", "other_community")
    for name in communities:
        feedback = [
            {
                "member_id": each.member_id,
                "performance": "good",
                "text": each.text("季度反馈"),
            }
            for each in people
            if each.number % 5 and ("转入" in each.texts) == (name == "other_community")
        ]
        body = {"quarter": str(last_period(Quarter, clock)), "feedback": feedback}
        await town.done(name, f"/communities/{town.id(name)}/feedback", body)
    today = clock.date().isoformat()
    inspection = {
        "month": str(last_period(Month, clock)),
        "talks": [
            {"community_id": town.id(name), "held_on": today, "outcome": "consistent"}
            for name in communities
        ],
        "found": [
            {"member_id": each.member_id, "kind": "other", "note": each.text("月查差异")}
            for each in people
        ],
    }
    path = f"/branches/{town.id('branch')}/inspections"
    found = (await town.done("branch", path, inspection))["discrepancy_ids"][-len(people) :]
    for person, discrepancy_id in zip(people, found, strict=True):
        body = {"resolution": "explained", "note": person.text("差异处理")}
        await town.done("branch", f"/discrepancies/{discrepancy_id}/resolution", body)
