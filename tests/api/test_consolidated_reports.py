"""Consolidations, symposiums and summaries through the API: they rest on reports (R23, R24)."""

from uuid import uuid4

import pytest

from service.domain.event import Actor
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from tests.api.clock import SettableClock
from tests.api.offices import Offices, differences, evening, times
from tests.api.town import Town


@pytest.fixture
def offices(town: Town, clock: SettableClock) -> Offices:
    return Offices(town, clock)


async def test_r23_the_committee_consolidates_talks_it_over_and_all_sum_up(
    offices: Offices, town: Town
) -> None:
    offices.on("2026-12-08")
    member_id = await town.registered()
    participation_id, _ = await town.endorsed(member_id, *evening("2026-12-01"))
    offices.on("2027-01-05")
    # It owes nothing for a quarter that was over when it came.
    await town.serving.log.decide(
        RegisterOrganisation(
            by=Actor(town.id("authority"), "officer-1"),
            at=offices.clock.now,
            organisation_id=str(uuid4()),
            name="新支部",
            kind=OrganisationKind.BRANCH,
            parent_id=town.id("committee"),
            district="琼中黎族苗族自治县",
            area_code="469030",
        )
    )
    await offices.inspected("branch", "other_branch")
    report = await offices.report()
    committee = f"/committees/{town.id('committee')}"
    quarter = {"quarter": "2026-Q4"}
    assert await offices.refused("committee", f"{committee}/consolidated-reports", quarter) == (
        "branch-report-missing",
        "other_branch尚未上报2026年第四季度的季报。",
        "/quarter",
    )
    held = {
        **quarter,
        "held_on": "2027-01-05",
        "attendees": 9,
        "present": [town.id("branch"), town.id("community")],
        "conclusions": "下一季度着重走访群众",
    }
    code, _, pointer = await offices.refused("committee", f"{committee}/symposiums", held)
    assert (code, pointer) == ("quarter-not-consolidated", "/quarter")
    await offices.report("other_branch")
    summary = {"half": "2026-H2"}
    path = f"/organisations/{town.id('committee')}/half-year-summaries"
    code, detail, _ = await offices.refused("committee", path, summary)
    assert (code, detail) == (
        "report-missing",
        "尚缺季报或者季度汇总：committee2026年第四季度。",
    )
    consolidation = await offices.consolidate()
    await town.done("committee", f"{committee}/symposiums", held)
    summaries = [await offices.summarise(each) for each in ("branch", "committee", "authority")]

    found = await offices.recomputed(consolidation)
    assert found["figures"]["standing"]["members"] == 1
    assert found["figures"]["supervision"]["inspections"] == 6
    assert [each["amendments"] for each in found["reports"]] == [0, 0]
    assert found["authority_id"] == town.id("authority")
    for each in summaries:
        summed = (await offices.recomputed(each))["figures"]
        assert (times(summed["service"]), summed["standing"]["registered"]) == (1, 1)
        assert summed["supervision"]["inspections"] == (3 if each == summaries[0] else 6)

    # A correction shows beside all that counted it in; what they say stays.
    await town.done("community", f"/participations/{participation_id}/voiding", {"reason": "误"})
    assert await offices.amended() == 1
    for each in (report, consolidation, *summaries):
        stated = await offices.recomputed(each)
        assert times(stated["figures"]["service"]) == 1
        [amendment] = stated["amendments"]
        assert (amendment["number"], amendment["branch_id"]) == (1, town.id("branch"))
        assert differences(amendment)["/members"] == (1, 0)
    [symposium] = (await offices.read("authority", f"{committee}/symposiums"))["items"]
    assert (symposium["attendees"], symposium["present"]) == (9, held["present"])


async def test_r24_what_is_summed_up_later_has_the_amendments_in_it(
    offices: Offices, town: Town
) -> None:
    offices.on("2026-12-08")
    participation_id, _ = await town.endorsed(await town.registered(), *evening("2026-12-01"))
    offices.on("2027-01-05")
    await offices.inspected("branch", "other_branch")
    await offices.report()
    await offices.report("other_branch")
    await town.done("community", f"/participations/{participation_id}/voiding", {"reason": "误"})
    assert await offices.amended() == 1
    for path in (await offices.consolidate(), await offices.summarise("branch")):
        stated = await offices.recomputed(path)
        assert (times(stated["figures"]["service"]), stated["amendments"]) == (0, [])
