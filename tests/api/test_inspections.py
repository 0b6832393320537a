"""A month as the branch's secretary goes through it: list, one confirmation, what stays open."""

import asyncio
from itertools import product
from typing import Any

from service.domain.endorsement import ParticipationEndorsed
from service.domain.participation import ParticipationRecorded
from service.eventstore import decode
from tests.api.clock import SettableClock
from tests.api.town import ENDORSER, Town, entry

OCTOBER, NOVEMBER = "2026-10-20T10:00:00+08:00", "2026-11-03T10:00:00+08:00"
DECEMBER = "2026-12-03T10:00:00+08:00"
PROBLEM = "urn:eighthours:problem:"


class Secretary:
    """Goes through the months of the branch."""

    def __init__(self, town: Town, clock: SettableClock) -> None:
        self.town = town
        self.clock = clock

    def at(self, moment: str) -> None:
        self.clock.now = self.town.at(moment)

    async def recorded(self, member_id: str, starts_at: str, ends_at: str, **more: Any) -> str:
        """A participation that nobody has endorsed yet."""
        town = self.town
        path = f"/communities/{town.id('community')}/participations"
        own = {"kind": "own", "content": "看望孤寡老人", "ledger": "voluntary"}
        body = {"member_id": member_id, "starts_at": starts_at, "ends_at": ends_at}
        return str(
            (await town.done("community", path, {**own, **body, **more}))["participation_id"]
        )

    async def endorse(self, participation_id: str) -> None:
        path = f"/participations/{participation_id}/endorsements"
        body = {"performance": "good", "acting_officer": ENDORSER}
        await self.town.done("community", path, body)

    async def sheet(self, month: str = "2026-10", name: str = "branch") -> dict[str, Any]:
        path = f"/branches/{self.town.id('branch')}/inspection-worksheet?month={month}"
        answer = await self.town.get(name, path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def talk(self, name: str = "community", **more: Any) -> dict[str, Any]:
        day = self.clock.now.date().isoformat()
        return {
            "community_id": self.town.id(name), "held_on": day, "outcome": "consistent", **more,
        }  # fmt: skip

    async def confirm(self, month: str = "2026-10", **more: Any) -> dict[str, Any]:
        path = f"/branches/{self.town.id('branch')}/inspections"
        body = {"month": month, "talks": [self.talk()], **more}
        return await self.town.done("branch", path, body)

    async def listed(self, what: str, at_least: int) -> list[dict[str, Any]]:
        path = f"/branches/{self.town.id('branch')}/{what}"
        answer = await self.town.get("branch", path, at_least)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


async def test_the_list_shows_first_who_needs_a_closer_look(
    town: Town, clock: SettableClock
) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    quiet, busy, waiting = [await town.registered(serial) for serial in (1, 2, 3)]
    unregistered = await town.member(4, name="李未报")
    exempt = await town.member(5)
    body = {"reason_code": "illness", "starts_on": "2026-10-01", "ends_on": "2026-10-31"}
    await town.done("branch", f"/members/{exempt}/exemptions", body)
    evening = ("2026-10-14T18:00:00+08:00", "2026-10-14T20:00:00+08:00")
    await town.endorsed(busy, *evening)
    unendorsed = await secretary.recorded(waiting, *evening)
    # Neither the month before nor the one after is looked at.
    await town.endorsed(busy, "2026-09-30T18:00:00+08:00", "2026-09-30T20:00:00+08:00")

    secretary.at(NOVEMBER)
    sheet = await secretary.sheet()
    assert sheet["due_on"] == "2026-11-10"
    assert sheet["inspection_id"] is None
    assert sheet["totals"] == {
        "members": 5, "certificates": 3, "entries": 2, "unendorsed": 1, "exempt": 1,
        "discrepancies": 1,
    }  # fmt: skip
    # Who needs a closer look comes first, who is exempt comes last.
    order = [waiting, unregistered, busy, quiet, exempt]
    assert [each["member_id"] for each in sheet["members"]] == order
    assert sheet["communities"] == [
        {
            "community_id": town.id("community"), "name": "community", "members": 3,
            "entries": 2, "unendorsed": 1,
        }
    ]  # fmt: skip
    first = sheet["members"][0]
    assert (first["name"], first["member_no"]) == ("王小明", "QZ00003")
    assert sheet["members"][1]["name"] == "李未报"
    [listed] = first["entries"]
    assert (listed["participation_id"], listed["content"]) == (unendorsed, "看望孤寡老人")
    [discrepancy] = first["discrepancies"]
    assert (discrepancy["kind"], discrepancy["word"]) == ("unendorsed", "尚未认定")
    assert first["still_open"] == []


async def test_a_month_is_confirmed_at_once_and_followed_up(
    town: Town, clock: SettableClock
) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    busy, waiting = [await town.registered(serial) for serial in (1, 2)]
    evening = ("2026-10-14T18:00:00+08:00", "2026-10-14T20:00:00+08:00")
    await town.endorsed(busy, *evening)
    unendorsed = await secretary.recorded(waiting, *evening)
    secretary.at(NOVEMBER)
    sheet = await secretary.sheet()
    [discrepancy] = sheet["members"][0]["discrepancies"]

    found = {"member_id": busy, "kind": "other", "note": "照片不是本人"}
    confirmed = await secretary.confirm(found=[found])
    assert confirmed["discrepancy_ids"][0] == discrepancy["discrepancy_id"]
    assert len(confirmed["discrepancy_ids"]) == 2
    again = await town.post(
        "branch",
        f"/branches/{town.id('branch')}/inspections",
        {"month": "2026-10", "talks": [secretary.talk()]},
    )
    assert (again.status_code, again.json()["type"]) == (409, PROBLEM + "month-already-inspected")

    [inspection] = await secretary.listed("inspections", confirmed["position"])
    assert inspection["inspection_id"] == confirmed["inspection_id"]
    counts = {name: inspection[name] for name in ("certificates", "entries", "unendorsed")}
    assert counts == {"certificates": 2, "entries": 2, "unendorsed": 1}
    assert (inspection["found"], inspection["dismissed"], inspection["open"]) == (2, 0, 2)
    assert inspection["list_position"] == sheet["as_of_position"]
    assert inspection["talks"][0]["outcome"] == "consistent"

    items = await secretary.listed("discrepancies?state=open", confirmed["position"])
    assert [(each["member_id"], each["kind"]) for each in items] == [
        (waiting, "unendorsed"), (busy, "other"),
    ]  # fmt: skip
    assert (items[1]["note"], items[1]["name"]) == ("照片不是本人", "王小明")
    sheet = await secretary.sheet()
    assert sheet["inspection_id"] == confirmed["inspection_id"]
    assert sheet["totals"]["discrepancies"] == 0
    still_open = {each["member_id"]: each["still_open"] for each in sheet["members"]}
    assert [each["note"] for each in still_open[busy]] == ["照片不是本人"]

    await secretary.endorse(unendorsed)
    resolution = {"resolution": "endorsed", "note": "社区已补办认定"}
    path = f"/discrepancies/{discrepancy['discrepancy_id']}/resolution"
    resolved = await town.done("branch", path, resolution)
    assert resolved["member_id"] == waiting
    [item] = await secretary.listed("discrepancies?state=resolved", resolved["position"])
    assert item["resolution"]["note"] == "社区已补办认定"
    [inspection] = await secretary.listed("inspections", resolved["position"])
    assert (inspection["found"], inspection["open"]) == (2, 1)


async def test_the_list_shows_what_the_record_makes_conspicuous(
    town: Town, clock: SettableClock
) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    member_id = await town.registered()
    inside, first, second, voided = [
        await secretary.recorded(member_id, f"2026-10-{start}:00+08:00", f"2026-10-{end}:00+08:00")
        for start, end in (
            ("12T11:00", "12T14:00"), ("13T18:00", "13T20:00"), ("13T19:00", "13T21:00"),
            ("15T10:00", "15T11:00"),
        )
    ]  # fmt: skip
    for each in (inside, first, second):
        await secretary.endorse(each)
    await town.done("community", f"/participations/{voided}/voiding", {"reason": "误记"})
    starts_at, ends_at = "2026-10-20T19:00:00+08:00", "2026-10-20T21:00:00+08:00"
    activity_id = await town.activity(starts_at, ends_at)
    await town.done("community", f"/activities/{activity_id}/sign-ups", {"member_id": member_id})
    secretary.at(starts_at)
    sign = {"member_id": member_id, "sign": "in"}
    await town.done("community", f"/activities/{activity_id}/attendances", sign)
    secretary.at("2026-10-20T22:00:00+08:00")
    activity = {"activity_id": activity_id, "kind": "community"}
    signed = await secretary.recorded(member_id, starts_at, ends_at, **activity)
    await secretary.endorse(signed)
    secretary.at("2026-11-09T10:00:00+08:00")
    last = await secretary.recorded(
        member_id, "2026-10-31T18:00:00+08:00", "2026-10-31T19:00:00+08:00"
    )
    await secretary.endorse(last)
    secretary.at("2026-11-11T10:00:00+08:00")
    late = await secretary.recorded(
        member_id, "2026-10-31T20:00:00+08:00", "2026-10-31T21:00:00+08:00"
    )
    await secretary.endorse(late)

    [member] = (await secretary.sheet())["members"]
    assert [(each["participation_id"], each["kind"]) for each in member["discrepancies"]] == [
        (inside, "inside_working_time"),
        (second, "overlap"),
        (signed, "missing_sign_out"),
        (late, "late_entry"),
    ]
    shown = [each["participation_id"] for each in member["entries"]]
    assert shown == [inside, first, second, signed, last, late]


async def test_what_is_dismissed_needs_no_following_up(town: Town, clock: SettableClock) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    member_id = await town.registered()
    await secretary.recorded(member_id, "2026-10-14T18:00:00+08:00", "2026-10-14T20:00:00+08:00")
    secretary.at(NOVEMBER)
    [member] = (await secretary.sheet())["members"]
    [discrepancy] = member["discrepancies"]
    dismissal = {
        "discrepancy_id": discrepancy["discrepancy_id"], "reason_code": "being_endorsed",
    }  # fmt: skip
    confirmed = await secretary.confirm(dismissed=[dismissal])
    assert confirmed["discrepancy_ids"] == []
    assert await secretary.listed("discrepancies?state=open", confirmed["position"]) == []
    [item] = await secretary.listed("discrepancies", confirmed["position"])
    assert (item["state"], item["reason_code"]) == ("dismissed", "being_endorsed")
    # It does not come back next month, and what is dismissed must be on the list.
    body = {"month": "2026-11", "talks": [secretary.talk()], "dismissed": [dismissal]}
    secretary.at(DECEMBER)
    answer = await town.post("branch", f"/branches/{town.id('branch')}/inspections", body)
    assert answer.json()["type"] == PROBLEM + "dismissal-not-found"
    assert answer.json()["errors"][0]["pointer"] == "/dismissed/0/discrepancy_id"


async def test_what_was_recorded_after_an_inspection_is_looked_at_in_the_next(
    town: Town, clock: SettableClock
) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    member_id = await town.registered()
    await town.endorsed(member_id, "2026-10-14T18:00:00+08:00", "2026-10-14T20:00:00+08:00")
    secretary.at(NOVEMBER)
    await secretary.confirm()
    afterwards, _ = await town.endorsed(
        member_id, "2026-10-15T18:00:00+08:00", "2026-10-15T20:00:00+08:00"
    )
    own, _ = await town.endorsed(
        member_id, "2026-11-02T18:00:00+08:00", "2026-11-02T20:00:00+08:00"
    )
    secretary.at(DECEMBER)
    sheet = await secretary.sheet("2026-11")
    [member] = sheet["members"]
    assert [(each["participation_id"], each["earlier_month"]) for each in member["entries"]] == [
        (afterwards, True), (own, False),
    ]  # fmt: skip
    assert sheet["totals"]["entries"] == 2
    # Without a month it is the last one that is over.
    path = f"/branches/{town.id('branch')}/inspection-worksheet"
    assert (await town.get("branch", path)).json() == sheet


async def test_what_cannot_be_inspected_is_refused_with_the_pointer(
    town: Town, clock: SettableClock
) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    await town.registered()
    await town.registered(2, "other_community")
    secretary.at(NOVEMBER)
    path = f"/branches/{town.id('branch')}/inspections"
    talks = [secretary.talk(), secretary.talk("other_community")]

    async def refused(body: dict[str, Any], name: str = "branch", to: str = path) -> Any:
        answer = await town.post(name, to, body)
        found = answer.json()
        pointers = [each.get("pointer") for each in found.get("errors", [])]
        return answer.status_code, found["type"].removeprefix(PROBLEM), pointers

    running = {"month": "2026-11", "talks": talks}
    assert await refused(running) == (409, "period-not-over", ["/month"])
    assert await refused({"month": "2027-01"}) == (409, "period-not-over", ["/month"])
    assert (await refused({"month": "2026-13"}))[::2] == (422, ["/month"])
    partly = {"month": "2026-10", "talks": talks[:1]}
    assert await refused(partly) == (409, "talk-missing", ["/talks"])
    assert "other_community" in (await town.post("branch", path, partly)).json()["detail"]
    named = {"month": "2026-10", "talks": [{**talks[0], "note": "电话13800001234"}, talks[1]]}
    assert await refused(named) == (409, "personal-data-in-open-text", ["/talks/0/note"])
    whole = {"month": "2026-10", "talks": talks}
    # Somebody else's branch is answered like one that does not exist.
    assert (await refused(whole, "other_branch"))[0] == 404
    assert (await refused(whole, "community"))[0] == 403
    unappointed = {**whole, "acting_officer": "nobody"}
    assert (await refused(unappointed))[:2] == (409, "officer-not-appointed")
    confirmed = await town.done("branch", path, whole)
    assert confirmed["discrepancy_ids"] == []


async def test_who_may_look_and_that_it_is_written_down(town: Town, clock: SettableClock) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    member_id = await town.registered()
    branch_id = town.id("branch")
    head = await town.serving.log.head()
    for what in ("inspection-worksheet", "inspections", "discrepancies"):
        path = f"/branches/{branch_id}/{what}"
        seen = {
            name: (await town.get(name, path, head)).status_code
            for name in ("branch", "committee", "authority", "other_branch", "community")
        }
        assert seen == {
            "branch": 200, "committee": 200, "authority": 200, "other_branch": 404,
            "community": 404,
        }, what  # fmt: skip
    readings = await town.get("branch", f"/members/{member_id}/readings", head)
    worksheet = [
        (each["organisation_id"], each["purpose"], "name" in each["fields"])
        for each in readings.json()["items"]
        if each["route"].endswith("/inspection-worksheet")
    ]
    assert sorted(worksheet) == sorted(
        (town.id(name), "inspection", True) for name in ("branch", "committee", "authority")
    )


async def test_units_write_down_their_visits(town: Town) -> None:
    def path(name: str) -> str:
        return f"/organisations/{town.id(name)}/community-visits"

    visit = {"community_id": town.id("community"), "visited_on": "2026-11-20", "note": "走访座谈"}
    await town.done("branch", path("branch"), visit)
    again = await town.post("branch", path("branch"), visit)
    assert again.json()["type"] == PROBLEM + "visit-already-recorded"
    ahead = await town.post("branch", path("branch"), {**visit, "visited_on": "2026-11-25"})
    assert ahead.json()["type"] == PROBLEM + "visit-ahead"
    assert (await town.post("committee", path("branch"), visit)).status_code == 404
    last = await town.done("committee", path("committee"), visit)
    found = {
        name: [
            (each["organisation_id"], each["visited_on"], each["note"])
            for each in (await town.get(name, path(name), last["position"])).json()["items"]
        ]
        for name in ("branch", "committee", "foreign_committee")
    }
    of_branch = (town.id("branch"), "2026-11-20", "走访座谈")
    assert found == {
        "branch": [of_branch],
        "committee": [of_branch, (town.id("committee"), "2026-11-20", "走访座谈")],
        "foreign_committee": [],
    }


async def test_a_branch_of_many_is_listed_whole(town: Town, clock: SettableClock) -> None:
    """More members than one page of the list of members holds."""
    clock.now = town.at(OCTOBER)
    branch_id = town.id("branch")
    for serial in range(1, 204):
        await town.done("branch", f"/branches/{branch_id}/members", entry(serial))
    sheet = await Secretary(town, clock).sheet("2026-09")
    numbers = [each["member_no"] for each in sheet["members"]]
    assert numbers == [f"QZ{serial:05}" for serial in range(1, 204)]


async def test_the_list_is_as_of_one_position_while_entries_come_in(
    town: Town, clock: SettableClock
) -> None:
    secretary = Secretary(town, clock)
    secretary.at(OCTOBER)
    member_id = await town.registered()
    sheets: list[dict[str, Any]] = []

    async def entries_come_in() -> None:
        for day, hour in product(range(1, 32), range(18, 23)):
            begun = f"2026-10-{day:02}T{hour}:00:00+08:00"
            await town.endorsed(member_id, begun, f"2026-10-{day:02}T{hour}:30:00+08:00")
            if len(sheets) > 3:
                return

    coming = asyncio.create_task(entries_come_in())
    path = f"/branches/{town.id('branch')}/inspection-worksheet?month=2026-10"
    while not coming.done():
        answer = await town.get("branch", path)
        if answer.status_code == 200:
            sheets.append(answer.json())
    await coming
    assert len(sheets) > 3
    events = [decode(position, data) for position, data in await stored(town)]
    for sheet in sheets:
        until = [each.event for each in events if each.position <= sheet["as_of_position"]]
        recorded = sum(isinstance(each, ParticipationRecorded) for each in until)
        endorsed = sum(isinstance(each, ParticipationEndorsed) for each in until)
        totals = sheet["totals"]
        assert (totals["entries"], totals["unendorsed"]) == (recorded, recorded - endorsed)


async def stored(town: Town) -> list[tuple[int, bytes]]:
    return await town.serving.log.stored(after=0, limit=100_000)
