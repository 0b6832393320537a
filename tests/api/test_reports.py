"""Reports through the API: closed quarters, figures that stay, amendments that show (R23, R24)."""

import asyncio
from dataclasses import replace

import pytest
from fastapi import FastAPI

from service.domain.period import Month, Quarter
from service.domain.working_time import Calendar, Calendars
from tests.api.clock import SettableClock
from tests.api.offices import LAST, Offices, differences, evening, times
from tests.api.town import ENDORSER, Town


@pytest.fixture
def offices(town: Town, clock: SettableClock) -> Offices:
    return Offices(town, clock)


async def revoke(town: Town, participation_id: str, member_id: str) -> None:
    path = f"/members/{member_id}/off-duty-record?year=2026"
    record = await town.get("branch", path, await town.serving.log.head())
    endorsement_id = next(
        each["endorsement"]["endorsement_id"]
        for each in record.json()["entries"]
        if each["participation_id"] == participation_id
    )
    await town.done("community", f"/endorsements/{endorsement_id}/revocations", {"reason": "有误"})


async def test_r23_a_report_stays_and_every_later_correction_is_an_amendment(
    offices: Offices, town: Town
) -> None:
    """Voided, revoked, corrected, entered late: each shows, and no figure moves silently."""
    offices.on("2026-12-08")
    zhang, wang = [await town.registered(serial) for serial in (1, 2)]
    first, second, third, _ = [
        (await town.endorsed(member_id, *evening(f"2026-12-0{day}")))[0]
        for member_id, day in ((zhang, 1), (zhang, 2), (wang, 4), (wang, 5))
    ]
    offices.on("2027-01-05")
    await offices.inspected()
    path = await offices.report()
    report = await offices.read("branch", path)
    figures = report["figures"]
    assert figures["standing"] == {"members": 2, "exempt": 0, "registered": 2}
    assert (figures["supervision"]["inspections"], figures["supervision"]["talks"]) == (3, 3)
    [sort] = figures["service"]["served"]
    assert (sort["ledger"], sort["grade"]) == ("voluntary", "C")
    assert (sort["times"], sort["outside_minutes"]) == (4, 480)
    assert (report["amendments"], await offices.amended()) == ([], 0)

    # A visit that is written down later is in later figures only.
    visit = {"community_id": town.id("community"), "visited_on": "2026-12-20"}
    await town.done("branch", f"/organisations/{town.id('branch')}/community-visits", visit)
    await town.done("community", f"/participations/{first}/voiding", {"reason": "重复记录"})
    assert await offices.amended() == 1
    await revoke(town, second, zhang)
    assert await offices.amended() == 1
    offices.on("2027-01-20")
    correction = {"content": "看望老人", "ledger": "voluntary", "reason": "时间有误"}
    starts_at, ends_at = evening("2026-12-04")
    correction |= {"starts_at": starts_at, "ends_at": ends_at.replace("21:", "20:")}
    await town.done("community", f"/participations/{third}/corrections", correction)
    late, _ = await town.endorsed(zhang, *evening("2026-12-07"))
    assert await offices.amended() == 1
    # What was done after the quarter is no part of it.
    await town.endorsed(zhang, *evening("2027-01-06"))
    assert await offices.amended() == 0

    found = await offices.recomputed(path)
    assert {**found, "amendments": []} == report, "the report was changed silently"
    amendments = found["amendments"]
    sort_c, sort_d = (f"/served/voluntary/{grade}/个人自发" for grade in "CD")
    assert [each["number"] for each in amendments] == [1, 2, 3]
    assert [differences(each) for each in amendments] == [
        {f"{sort_c}/times": (4, 3), f"{sort_c}/outside_minutes": (480, 360)},
        {
            "/members": (2, 1),
            "/members_voluntary": (2, 1),
            "/unendorsed": (0, 1),
            f"{sort_c}/times": (3, 2),
            f"{sort_c}/outside_minutes": (360, 240),
        },
        {
            "/members": (1, 2),
            "/members_voluntary": (1, 2),
            "/unendorsed": (1, 2),
            f"{sort_c}/times": (2, 1),
            f"{sort_c}/outside_minutes": (240, 120),
            f"{sort_d}/times": (0, 1),
            f"{sort_d}/outside_minutes": (0, 120),
        },
    ]
    # The same by the events alone, up to each position that was frozen.
    assert times(figures["service"]) == len(await offices.endorsed_by(report["as_of_position"]))
    for each in amendments:
        stood = await offices.endorsed_by(each["as_of_position"])
        assert times(each["service"]) == len(stood)
        assert (late in stood) == (each["number"] == 3)


async def test_r23_a_quarter_closes_with_all_its_inspections_once_it_is_over(
    offices: Offices, town: Town
) -> None:
    path = f"/branches/{town.id('branch')}/quarterly-reports"
    offices.on("2026-12-31")
    october, november, december = LAST.months
    await offices.inspected_in(october)
    await offices.inspected_in(december)
    code, _, pointer = await offices.refused("branch", path, {"quarter": "2026-Q4"})
    assert (code, pointer) == ("period-not-over", "/quarter")
    offices.on("2027-01-01")
    assert await offices.refused("branch", path, {"quarter": "2026-Q4"}) == (
        "inspection-missing",
        "2026年11月的月查尚未完成。",
        "/quarter",
    )
    for quarter in ("2026-Q5", "2026-4", "2026-10", "1999-Q4", "", 4, None):
        code, _, pointer = await offices.refused("branch", path, {"quarter": quarter}, 422)
        assert (code, pointer) == ("invalid-request", "/quarter")
    await offices.inspected_in(november)
    await offices.report()
    code, _, pointer = await offices.refused("branch", path, {"quarter": "2026-Q4"})
    assert (code, pointer) == ("quarter-already-reported", "/quarter")
    personal = {"quarter": "2026-Q4", "narrative": "联系电话13800001234"}
    await offices.inspected("other_branch")
    other = f"/branches/{town.id('other_branch')}/quarterly-reports"
    code, _, pointer = await offices.refused("other_branch", other, personal)
    assert (code, pointer) == ("personal-data-in-open-text", "/narrative")


async def test_r23_nothing_is_frozen_before_the_views_are_there(
    offices: Offices, town: Town
) -> None:
    """Figures of a view that is behind would not be those of the position they name."""
    offices.on("2027-01-05")
    await offices.inspected()
    path = f"/branches/{town.id('branch')}/quarterly-reports"
    assert await town.serving.runner.caught_up(await town.serving.log.head())
    async with town.serving.log.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM views.checkpoints WHERE view = 'organisation_statistics' FOR UPDATE"
        )
        await offices.inspected_in(Month(2027, 1))
        answer = await town.post("branch", path, {"quarter": "2026-Q4"})
        assert answer.status_code == 425, answer.text
        assert answer.json()["type"] == "urn:eighthours:problem:view-behind"
    await offices.recomputed(await offices.report())


async def test_r23_two_reports_at_once_are_one(offices: Offices, town: Town) -> None:
    offices.on("2027-01-05")
    await offices.inspected()
    path = f"/branches/{town.id('branch')}/quarterly-reports"
    answers = await asyncio.gather(
        *(offices.send("branch", path, {"quarter": "2026-Q4"}) for _ in range(4))
    )
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert len((await offices.read("branch", path))["items"]) == 1


async def test_r23_however_many_look_for_it_a_difference_is_one_amendment(
    offices: Offices, town: Town
) -> None:
    offices.on("2026-12-08")
    participation_id, _ = await town.endorsed(await town.registered(), *evening("2026-12-01"))
    offices.on("2027-01-05")
    await offices.inspected()
    path = await offices.report()
    await town.done("community", f"/participations/{participation_id}/voiding", {"reason": "误"})
    assert sum(await asyncio.gather(*(offices.amended() for _ in range(3)))) == 1
    # Another process, which has looked at nothing yet.
    assert await offices.amended() == 0
    [amendment] = (await offices.recomputed(path))["amendments"]
    assert amendment["number"] == 1


async def test_r21_a_calendar_that_is_published_later_amends_and_the_report_still_holds(
    offices: Offices, town: Town, app: FastAPI
) -> None:
    """Of it no event tells: a process that starts with it looks at every report."""
    offices.on("2027-03-01")
    await town.endorsed(await town.registered(), *evening("2027-02-20"))
    offices.on("2027-04-05")
    await offices.inspected(quarter=Quarter(2027, 1))
    path = await offices.report(quarter="2027-Q1")
    report = await offices.read("branch", path)
    assert (report["calendar"], report["figures"]["service"]["pending_minutes"]) == (None, 120)
    looked: dict[str, int] = {}
    assert await offices.amended(looked=looked) == 0

    serving = town.serving
    published = [each for year in (2025, 2026) if (each := serving.calendars.of(year))]
    arranged = Calendar(2027, "国办发明电〔2026〕0号", "1", frozenset(), frozenset())
    calendars = Calendars([*published, arranged])
    assert await offices.amended(calendars) == 1
    app.state.serving = replace(serving, calendars=calendars)
    [amendment] = (await offices.recomputed(path))["amendments"]
    assert amendment["calendar"] == arranged.citation
    assert differences(amendment)["/pending_minutes"] == (120, 0)
    assert await offices.amended(calendars) == 0


async def test_reports_are_read_from_above_and_listed_by_quarter(
    offices: Offices, town: Town
) -> None:
    offices.on("2027-04-05")
    await offices.inspected("branch", "other_branch")
    await offices.inspected("branch", quarter=Quarter(2027, 1))
    first = await offices.report()
    await offices.report(quarter="2027-Q1")
    await offices.report("other_branch")
    branch, committee = town.id("branch"), town.id("committee")

    async def listed(name: str, path: str) -> list[tuple[str, str]]:
        items = (await offices.read(name, path))["items"]
        return [(each["branch_id"], each["quarter"]) for each in items]

    own = [(branch, "2026-Q4"), (branch, "2027-Q1")]
    assert await listed("branch", f"/branches/{branch}/quarterly-reports") == own
    everybody = [*own, (town.id("other_branch"), "2026-Q4")]
    path = f"/organisations/{committee}/quarterly-reports"
    assert await listed("authority", path) == everybody
    assert await listed("committee", f"{path}?quarter=2026-Q4") == [everybody[0], everybody[2]]
    assert (await town.get("committee", f"{path}?quarter=2026-04")).status_code == 422
    seen = {
        name: (await town.get(name, first)).status_code
        for name in ("branch", "committee", "authority", "other_branch", "community")
    }
    assert seen == {
        "branch": 200, "committee": 200, "authority": 200, "other_branch": 404, "community": 404,
    }  # fmt: skip
    for name in ("other_branch", "foreign_authority"):
        assert (await town.get(name, f"{first}/recomputation")).status_code == 404
    # Nobody reports for somebody else, nor does a community report.
    body = {"quarter": "2026-Q4"}
    path = f"/branches/{branch}/quarterly-reports"
    for name, status in (("other_branch", 404), ("committee", 403), ("community", 403)):
        assert (await town.post(name, path, body)).status_code == status
    unappointed = {**body, "acting_officer": {**ENDORSER, "person": "nobody"}}
    assert (await town.post("branch", path, unappointed)).status_code == 409
