"""What was decided about whom, what was overridden, and who is told (R26, R28, R39)."""

import pytest

from service.domain.decision import DecisionRevised, GateOverridden
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.membership import BranchTransferAccepted, SubjectErased
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.eventstore import EventLog
from service.projections import decisions, notices
from service.projections.about_members import rows_about
from service.projections.decisions_answer import Decision, decision
from service.projections.decisions_answer import decisions as asked
from service.projections.rebuild import rebuild
from service.projections.view import Sight, checksum
from service.trust.keyring import SEALED
from tests.domain.hearing import (
    DECISION,
    OBJECTION,
    OPINION,
    decided,
    explained,
    given_up,
    objected,
    opened,
    settled,
)
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    ORGANISATIONS,
    OTHER_BRANCH,
    SUBDISTRICT,
    WANG,
    acting,
    enrolled,
    person,
)
from tests.eventstore.history import given
from tests.projections.service_year import kept_up

SCENE = (*ORGANISATIONS, enrolled(), enrolled(WANG, OTHER_BRANCH))
APPRAISAL, VETTING = DecisionPurpose.APPRAISAL, DecisionPurpose.VETTING
OBJECTED = objected(ObjectionSubject.DECISION, DECISION)
MOVED = BranchTransferAccepted(
    transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
)
ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)
OVERRIDDEN = GateOverridden(
    override_id="override",
    decision_id=DECISION,
    member_id=LI,
    organisation_id=COMMITTEE,
    branch_id=BRANCH,
    conditions=("no_opinion",),
    reason="救灾期间",
    overridden_by="chair",
    overridden_by_person=person("chair"),
)
REVISED = DecisionRevised(
    decision_id=DECISION,
    member_id=LI,
    organisation_id=BRANCH,
    branch_id=BRANCH,
    purpose=APPRAISAL,
    period="2026",
    result=DecisionResult.OUTSTANDING,
    corrects="event",
    objection_id=OBJECTION,
    reason="复议",
    revised_by="officer",
    revised_by_person=person("officer"),
)
OPENED = opened(purpose=APPRAISAL)
CONCLUDED = decided(purpose=APPRAISAL, result=DecisionResult.QUALIFIED)
OF_VETTING = decided("vetting", result=DecisionResult.SUITABLE, purpose=VETTING).model_copy(
    update={
        "branch_id": None,
        "organisation_id": AUTHORITY,
        "period": "2021-03-01/2026-09-30",
        "overridden": ("no_opinion",),
    }
)


async def shown(log: EventLog) -> Decision:
    await kept_up(log, (decisions.VIEW,))
    found = await decision(log.pool, DECISION)
    assert found is not None
    return found[0]


async def test_a_decision_says_how_far_it_has_come(log: EventLog) -> None:
    by = acting(BRANCH)
    await given(log, *SCENE, OPENED, by=by)
    first = await shown(log)
    assert (first.purpose_word, first.period_word) == ("民主评议", "2026年度")
    assert (first.opened.organisation_id, first.opened.by, first.opened.at) == (
        BRANCH, "officer", AT,
    )  # fmt: skip
    assert (first.result, first.result_word, first.conclusion, first.disputed) == (
        None, None, None, False,
    )  # fmt: skip
    await given(log, OVERRIDDEN, by=acting(COMMITTEE))
    concluded = CONCLUDED.model_copy(
        update={"overridden": ("no_opinion",), "override_ids": ("override",)}
    )
    await given(log, concluded, by=by)
    second = await shown(log)
    [override] = second.overrides
    assert (override.override_id, override.conditions) == ("override", ["no_opinion"])
    assert (override.organisation_id, override.reason[: len(SEALED)]) == (COMMITTEE, SEALED)
    assert second.conclusion is not None
    assert second.conclusion.overridden == ["no_opinion"]
    assert second.conclusion.opinion_ids == [OPINION]
    assert second.conclusion.reason.startswith(SEALED)
    assert (second.result, second.result_word) == ("qualified", "合格")


async def test_what_is_objected_to_is_disputed_until_it_is_answered(log: EventLog) -> None:
    await given(log, *SCENE, OPENED, CONCLUDED, objected())
    assert not (await shown(log)).disputed
    await given(log, OBJECTED)
    assert (await shown(log)).disputed
    await given(log, settled(OBJECTED, ObjectionOutcome.UPHELD), REVISED)
    revised = await shown(log)
    assert not revised.disputed
    assert (revised.result, revised.result_word) == ("outstanding", "优秀")
    # What was said at first stays.
    assert revised.conclusion is not None
    assert revised.conclusion.result is DecisionResult.QUALIFIED
    [revision] = revised.revisions
    assert (revision.objection_id, revision.reason[: len(SEALED)]) == (OBJECTION, SEALED)
    await given(log, OBJECTED, given_up(OBJECTED))
    assert not (await shown(log)).disputed


async def test_the_members_line_sees_it_and_the_community_does_not(log: EventLog) -> None:
    """The fence goes with the member: the branch they left sees it no more."""
    await given(log, *SCENE, OPENED, opened("of-wang", WANG), OF_VETTING)

    async def seen(by: str, organisation_id: str = AUTHORITY) -> list[str]:
        page = await asked(Sight(log.fenced, by), organisation_id)
        return [each.decision_id for each in page.items]

    await kept_up(log)
    assert [await seen(by) for by in (AUTHORITY, COMMITTEE)] == [[DECISION, "of-wang"]] * 2
    assert (await seen(BRANCH), await seen(OTHER_BRANCH)) == ([DECISION], ["of-wang"])
    assert await seen(AUTHORITY, BRANCH) == [DECISION]
    for by in (COMMUNITY, SUBDISTRICT, FOREIGN_BRANCH):
        assert await seen(by) == []
        assert await decision(Sight(log.fenced, by), DECISION) is None
    await given(log, MOVED)
    await kept_up(log)
    assert (await seen(BRANCH), await seen(OTHER_BRANCH)) == ([], [DECISION, "of-wang"])


async def test_a_vetting_is_not_among_them(log: EventLog) -> None:
    overridden = OVERRIDDEN.model_copy(update={"decision_id": "vetting", "branch_id": None})
    await given(log, *SCENE, overridden, OF_VETTING)
    await kept_up(log)
    assert (await asked(log.pool, AUTHORITY)).items == []
    assert await decision(log.pool, "vetting") is None


async def test_a_list_is_of_what_is_asked_for(log: EventLog) -> None:
    await given(
        log, *SCENE, OPENED, CONCLUDED, opened("b"), opened("c", period="2025"), opened("d", WANG)
    )
    await kept_up(log)

    async def ids(**wanted: object) -> list[str]:
        page = await asked(log.pool, AUTHORITY, **wanted)  # type: ignore[arg-type]
        return [each.decision_id for each in page.items]

    assert await ids(purpose=APPRAISAL) == [DECISION]
    assert await ids(year=2025) == ["c"]
    assert (await ids(concluded=True), await ids(concluded=False)) == ([DECISION], ["b", "c", "d"])
    page = await asked(log.pool, AUTHORITY, limit=2)
    assert ([each.decision_id for each in page.items], page.next_after) == ([DECISION, "b"], 13)
    rest = await asked(log.pool, AUTHORITY, after=13)
    assert ([each.decision_id for each in rest.items], rest.next_after) == (["c", "d"], None)


async def test_nothing_is_left_of_an_erased_member(log: EventLog) -> None:
    await given(log, *SCENE, OPENED)
    await kept_up(log)
    await given(log, ERASED)
    await given(log, OVERRIDDEN, CONCLUDED, OBJECTED, settled(OBJECTED), REVISED, MOVED)
    await kept_up(log)
    assert [row for row in await rows_about(log.pool, LI) if row[2]] == []
    before = await checksum(log.pool, decisions.VIEW)
    await rebuild(log, (decisions.VIEW,))
    assert await checksum(log.pool, decisions.VIEW) == before


# Notices.


async def told(log: EventLog) -> dict[str, list[str]]:
    await kept_up(log, (notices.VIEW,))
    found = {LI: await notices.of_member_told(log.pool, LI)}
    for each in (AUTHORITY, COMMITTEE, BRANCH, OTHER_BRANCH, COMMUNITY, SUBDISTRICT):
        found[each] = await notices.of_organisation(log.pool, each)
    return {
        who: [each.text for each in page.items if each.word == "评议考核"]
        for who, page in found.items()
        if any(each.word == "评议考核" for each in page.items)
    }


async def test_r28_the_member_is_told_what_was_decided(log: EventLog) -> None:
    await given(log, *SCENE, OPENED, CONCLUDED, by=acting(BRANCH))
    said = "你2026年度民主评议的结论：合格，依据琼组发〔2026〕12号。"
    assert await told(log) == {LI: [said]}
    [notice] = (await notices.of_member_told(log.pool, LI)).items
    assert (notice.rule, notice.document_no) == ("R26", "琼组发〔2026〕12号")
    assert (notice.reason or "").startswith(SEALED)


async def test_r26_whoever_hears_of_the_decision_hears_of_the_override(log: EventLog) -> None:
    await given(log, *SCENE, OPENED, OVERRIDDEN, by=acting(COMMITTEE))
    concluded = CONCLUDED.model_copy(
        update={"overridden": ("no_opinion",), "override_ids": ("override",)}
    )
    await given(log, concluded, by=acting(COMMITTEE))
    of = "的评议考核虽有条件未满足（没有社区意见），committee特批可以作出结论。"
    said = "2026年度民主评议的结论：合格，依据琼组发〔2026〕12号；没有社区意见，经特批作出。"
    assert await told(log) == {
        LI: [f"你{said}", f"你{of}"],
        BRANCH: [f"你支部一名党员{said}", f"你支部一名党员{of}"],
    }


async def test_r26_an_explanation_shows_with_the_conclusion(log: EventLog) -> None:
    concluded = CONCLUDED.model_copy(update={"notices": ("never_checked_in",), "opinion_ids": ()})
    await given(log, *SCENE, OPENED, explained(), concluded, by=acting(BRANCH))
    said = "你2026年度民主评议的结论：合格，依据琼组发〔2026〕12号；"
    assert await told(log) == {
        LI: [
            f"{said}从未到社区报到，由所在支部作出说明。",
            "branch就你从未到社区报到作出书面说明，并提出意见。",
        ]
    }


async def test_r39_the_member_is_told_of_a_changed_conclusion(log: EventLog) -> None:
    await given(log, *SCENE, OPENED, CONCLUDED, REVISED, by=acting(BRANCH))
    assert (await told(log))[LI][0] == "你2026年度民主评议经复议，结论为：优秀。"
    [changed, _] = (await notices.of_member_told(log.pool, LI)).items
    assert (changed.rule, changed.cause_event_ids) == ("R39", ["event"])


@pytest.mark.parametrize("by", [AUTHORITY, BRANCH])
async def test_r29_of_a_vetting_the_member_alone_is_told(log: EventLog, by: str) -> None:
    overridden = OVERRIDDEN.model_copy(update={"branch_id": None, "organisation_id": AUTHORITY})
    await given(log, *SCENE, overridden, OF_VETTING, by=acting(by))
    said = "你2021年3月1日至2026年9月30日任前考察的结论："
    assert await told(log) == {
        LI: [
            f"{said}考察通过，依据琼组发〔2026〕12号；没有社区意见，经特批作出。",
            "你的任前考察虽有条件未满足（没有社区意见），authority特批可以作出结论。",
        ]
    }
