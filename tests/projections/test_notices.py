"""Who is told what, when and why; and who is not (R22-R25, R31, R33)."""

from datetime import date
from typing import Any

import pytest

from service.domain.commendation import CommendationConcluded, CommendationRevoked
from service.domain.consequence import (
    ConsequenceProposed,
    DismissalReason,
    Measured,
    Outcome,
    ProposalDismissed,
)
from service.domain.disqualification import DisqualificationConcluded, DisqualificationRevoked
from service.domain.event import Actor, Event
from service.domain.membership import BranchTransferAccepted, SubjectErased
from service.domain.period import Month, Task
from service.domain.reminder import SupervisionReminded, reminder_id_of
from service.domain.role_model import (
    RoleModelAgreed,
    RoleModelNominated,
    RoleModelPublicised,
    RoleModelRefused,
)
from service.eventstore import EventLog
from service.projections import (
    notices_of_consequences,
    notices_of_consultations,
    notices_of_decisions,
    notices_of_objections,
    notices_of_supervision,
)
from service.projections.feed import Feed
from service.projections.notices import TELLING, VIEW, Notice, of_member_told, of_organisation
from service.projections.notices_telling import NoticeKind
from service.projections.rebuild import build_next
from service.projections.view import Sight, checksum
from tests.domain.duties import (
    amended,
    fed_back,
    found,
    gone_up,
    inspected,
    objected,
    objection_answered,
    objection_withdrawn,
    resolved,
)
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SETTLED,
    SUBDISTRICT,
    person,
)
from tests.eventstore.history import given
from tests.projections.service_year import kept_up

ORGANISATIONS = (
    AUTHORITY, COMMITTEE, BRANCH, OTHER_BRANCH, FOREIGN_BRANCH, SUBDISTRICT, COMMUNITY,
    OTHER_COMMUNITY,
)  # fmt: skip


async def told(log: EventLog) -> dict[str, list[Notice]]:
    """By who was told, the newest first; whoever was told nothing is left out."""
    await kept_up(log, (VIEW,))
    pages = {each: await of_organisation(log.pool, each) for each in ORGANISATIONS}
    pages[LI] = await of_member_told(log.pool, LI)
    return {who: page.items for who, page in pages.items() if page.items}


async def texts(log: EventLog) -> dict[str, list[str]]:
    return {who: [each.text for each in items] for who, items in (await told(log)).items()}


def reminded(number: int) -> SupervisionReminded:
    return SupervisionReminded(
        reminder_id=reminder_id_of(BRANCH, Task.INSPECTION, Month(2026, 1), number),
        organisation_id=BRANCH,
        above_id=COMMITTEE,
        task=Task.INSPECTION,
        period="2026-01",
        number=number,
        due_on=date(2026, 2, 10),
        reminded_on=date(2026, 2, 11),
    )


async def test_r24_who_owes_is_reminded_and_who_is_above_hears_of_the_last_one(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, inspected("2025-12"), reminded(1))
    first = "你支部2026年1月月查最迟应于2026年2月10日办理完毕，现已逾期，请抓紧办理。"
    assert await texts(log) == {BRANCH: [first]}
    second = reminded(2)
    await given(log, second)
    notices = await told(log)
    assert set(notices) == {BRANCH, COMMITTEE}
    assert notices[BRANCH][0].text == (
        "你支部2026年1月月查最迟应于2026年2月10日办理完毕，经督办仍未办理，请立即办理；"
        "仍不办理的，由上级党组织过问。"
    )
    [above] = notices[COMMITTEE]
    assert above.text == (
        f"{BRANCH}2026年1月月查最迟应于2026年2月10日办理完毕，经2次督办仍未办理，请予督促。"
    )
    assert (above.kind, above.word, above.rule) == (NoticeKind.REMINDER, "督办", "R24")
    assert (above.event_id, above.told_at, above.member_id) == (second.event_id, AT, None)


async def test_r23_branch_and_committee_hear_of_an_amendment(log: EventLog) -> None:
    await given(log, *SETTLED, amended("2026-Q1", 2))
    said = (
        "2026年第一季度季报上报后，参加记录有变动，已形成第2号更正，涉及1项数字；原报告保持不变。"
    )
    assert await texts(log) == {BRANCH: [f"你支部{said}"], COMMITTEE: [f"{BRANCH}{said}"]}


async def test_r22_the_member_hears_of_a_discrepancy_and_what_became_of_it(log: EventLog) -> None:
    await given(log, *SETTLED, found("a"), resolved(found("a")))
    assert await texts(log) == {
        LI: [
            "月查发现的你的参加记录的差异已处理，结果：查明属实，已作说明。",
            "你所在支部月查发现你的参加记录存在差异（签到后没有签退），请配合核实。",
        ]
    }


async def test_r25_unit_and_member_hear_the_feedback(log: EventLog) -> None:
    await given(log, *SETTLED, fed_back("2026-Q1"))
    notices = await told(log)
    assert set(notices) == {BRANCH, LI}
    assert notices[BRANCH][0].member_id == LI
    assert LI not in notices[BRANCH][0].text


MEASURED = Measured(rule_id="hours", measured="2999", required="3000", passed=False)


def proposed(member_id: str | None = LI, organisation_id: str | None = None) -> ConsequenceProposed:
    return ConsequenceProposed(
        proposal_id="proposal",
        member_id=member_id,
        branch_id=BRANCH if member_id else None,
        organisation_id=organisation_id,
        outcome=Outcome.INELIGIBLE,
        year=2026,
        pack_id="pack",
        document_no="琼组发〔2026〕12号",
        measured=(MEASURED,),
        cause_event_ids=("adoption", "endorsement"),
        as_of_position=1,
        proposed_by="officer",
    )


async def test_r31_the_member_is_told_of_a_proposal_and_sees_why(log: EventLog) -> None:
    await given(log, *SETTLED, proposed(), by=Actor(COMMITTEE, "officer"))
    notices = await told(log)
    assert set(notices) == {BRANCH, LI}
    [notice] = notices[LI]
    assert notice.text == (
        "你2026年度按考核规则（琼组发〔2026〕12号）衡量，建议取消评优评先资格；"
        "是否采纳由党组织负责人决定。"
    )
    assert (notice.rule, notice.document_no) == ("R31", "琼组发〔2026〕12号")
    assert notice.cause_event_ids == ["adoption", "endorsement"]
    assert [each.model_dump() for each in notice.measured] == [MEASURED.model_dump()]


async def test_r32_a_unit_is_told_of_its_own(log: EventLog) -> None:
    await given(log, *SETTLED, proposed(None, BRANCH), by=Actor(AUTHORITY, "officer"))
    [notice] = (await told(log))[BRANCH]
    assert (notice.rule, notice.member_id) == ("R32", None)
    assert notice.text.startswith("你单位2026年度按考核规则")


ABOUT_LI: dict[str, Any] = {"member_id": LI, "branch_id": BRANCH}
WITH_CAUSE: dict[str, Any] = {
    "document_no": "琼组发〔2026〕12号",
    "cause_event_ids": ("endorsement",),
}
CONCLUSIONS: list[tuple[Event, str]] = [
    (
        ProposalDismissed(
            **ABOUT_LI, proposal_id="p", reason_code=DismissalReason.GOOD_CAUSE, reason="事出有因",
            dismissed_by="officer", dismissed_by_person="hash",
        ),
        "你的考核建议经党组织负责人审查，不予采纳：有正当理由。",
    ),
    (
        CommendationConcluded(
            **ABOUT_LI, **WITH_CAUSE, commendation_id="c", title="优秀共产党员", year=2026,
            reason="事出有因", concluded_by="officer", concluded_by_person="hash",
        ),
        "你被评为2026年度“优秀共产党员”，依据琼组发〔2026〕12号。",
    ),
    (
        CommendationRevoked(
            **ABOUT_LI, commendation_id="c", corrects="e", reason="事出有因",
            revoked_by="officer", revoked_by_person="hash",
        ),
        "你的评优结论已经撤销。",
    ),
    (
        DisqualificationConcluded(
            **ABOUT_LI, **WITH_CAUSE, disqualification_id="d", year=2026, reason="事出有因",
            concluded_by="officer", concluded_by_person="hash",
        ),
        "你2026年度评优评先资格被取消，依据琼组发〔2026〕12号。",
    ),
    (
        DisqualificationRevoked(
            **ABOUT_LI, disqualification_id="d", corrects="e", reason="事出有因",
            revoked_by="officer", revoked_by_person="hash",
        ),
        "你的评优评先资格已经恢复。",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("event", "text"), CONCLUSIONS)
async def test_r31_the_member_hears_what_was_concluded(
    log: EventLog, event: Event, text: str
) -> None:
    await given(log, *SETTLED, event, by=Actor(COMMITTEE, "officer"))
    notices = await told(log)
    assert set(notices) == {BRANCH, LI}
    assert notices[LI][0].text == text
    sealed = notices[LI][0].reason
    assert sealed is not None
    assert log.keyring.open(LI, "assessment", "reason", sealed) == "事出有因"


async def test_whoever_concluded_it_is_not_told_of_it(log: EventLog) -> None:
    await given(log, *SETTLED, CONCLUSIONS[1][0], by=Actor(BRANCH, "officer"))
    assert set(await told(log)) == {LI}


OF_LI = {**ABOUT_LI, "role_model_id": "r", "community_id": COMMUNITY}


@pytest.mark.parametrize(
    ("event", "hears"),
    [
        (
            RoleModelNominated(
                **OF_LI, deeds="助人", nominated_by="officer", nominated_by_person="hash"
            ),
            BRANCH,
        ),
        (RoleModelAgreed(**OF_LI, agreed_by="officer", agreed_by_person="hash"), COMMUNITY),
        (
            RoleModelRefused(
                **OF_LI, reason="不宜宣传", refused_by="officer", refused_by_person="hash"
            ),
            COMMUNITY,
        ),
        (
            RoleModelPublicised(
                **OF_LI, channel="社区宣传栏", publicised_by="officer", publicised_by_person="hash"
            ),
            BRANCH,
        ),
    ],
)
async def test_r33_the_member_and_the_other_side_hear_of_each_step(
    log: EventLog, event: Event, hears: str
) -> None:
    await given(log, *SETTLED, event)
    notices = await told(log)
    assert set(notices) == {hears, LI}
    refused = isinstance(event, RoleModelRefused)
    assert all((items[0].reason is not None) == refused for items in notices.values())


async def test_members_read_their_own_for_the_branch_they_belong_to_now(log: EventLog) -> None:
    await given(log, *SETTLED, found("a"))
    await kept_up(log, (VIEW,))

    async def seen(by: str) -> int:
        return len((await of_member_told(Sight(log.fenced, by), LI)).items)

    assert [await seen(by) for by in (BRANCH, OTHER_BRANCH, FOREIGN_BRANCH)] == [1, 0, 0]
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    await given(log, moved)
    await kept_up(log, (VIEW,))
    assert [await seen(by) for by in (BRANCH, OTHER_BRANCH, FOREIGN_BRANCH)] == [0, 1, 0]


async def test_an_organisations_notices_are_seen_by_it_and_above(log: EventLog) -> None:
    await given(log, *SETTLED, fed_back("2026-Q1"))
    await kept_up(log, (VIEW,))

    async def seen(by: str) -> int:
        return len((await of_organisation(Sight(log.fenced, by), BRANCH)).items)

    seeing = (BRANCH, COMMITTEE, AUTHORITY, OTHER_BRANCH, COMMUNITY, FOREIGN_BRANCH)
    assert [await seen(by) for by in seeing] == [1, 1, 1, 0, 0, 0]


async def test_pages_go_back_in_time(log: EventLog) -> None:
    await given(log, *SETTLED, *(fed_back(f"2026-Q{n}") for n in (1, 2, 3, 4)))
    await kept_up(log, (VIEW,))
    read, before = [], 0
    while True:
        page = await of_organisation(log.pool, BRANCH, before=before, limit=3)
        read += [each.text for each in page.items]
        if page.next_after is None:
            break
        before = page.next_after
    order = [text.partition("年")[2][:4] for text in read]
    assert order == ["第四季度", "第三季度", "第二季度", "第一季度"]


async def test_r40_nothing_is_kept_of_what_was_told_about_an_erased_member(log: EventLog) -> None:
    erased = SubjectErased(
        erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
    )
    await given(log, *SETTLED, found("a"), proposed())
    await kept_up(log, (VIEW,))
    await given(log, erased)
    await kept_up(log, (VIEW,))
    # What was under way is finished without a word about them.
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    await given(log, moved, resolved(found("a")), proposed())
    assert await told(log) == {}


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_however_batches_are_cut_the_rows_are_the_same(log: EventLog, size: int) -> None:
    moved = BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    )
    conclusions = [event for event, _ in CONCLUSIONS]
    await given(log, *SETTLED, proposed(), moved, *conclusions, reminded(1), reminded(2))
    await kept_up(log, (VIEW,))
    before = await checksum(log.pool, VIEW)
    await build_next(log, Feed(log, size=size), VIEW, afresh=True)
    assert await checksum(log.pool, VIEW) == before


async def test_r39_the_member_and_whoever_owes_the_answer_hear_of_an_objection(
    log: EventLog,
) -> None:
    """The member's branch does not, whoever raised it."""
    objection = objected("p")
    await given(log, *SETTLED, objection, by=Actor(BRANCH, LI, "member"))
    assert await texts(log) == {
        COMMUNITY: [
            "一名党员对你单位的参加记录及其认定提出异议，最迟应于2026年4月3日答复；作出者本人不得答复。"
        ],
        LI: [f"你对{COMMUNITY}的参加记录及其认定的异议已经收到，该单位最迟应于2026年4月3日答复。"],
    }
    await given(log, gone_up(objection))
    heard = await texts(log)
    [asked] = heard[SUBDISTRICT]
    assert asked == (
        f"一名党员对{COMMUNITY}的参加记录及其认定的异议逾期未答复，提请你单位答复，"
        "最迟应于2026年5月4日答复。"
    )
    assert heard[COMMUNITY][0].endswith(f"逾期未答复，已提请{SUBDISTRICT}答复。")
    assert "2026年5月4日" in heard[LI][0]
    await given(log, objection_answered(objection, SUBDISTRICT))
    heard = await texts(log)
    assert heard[LI][0] == f"{SUBDISTRICT}答复了你对{COMMUNITY}的参加记录及其认定的异议：成立。"
    assert heard[COMMUNITY][0].startswith(f"{SUBDISTRICT}答复了一名党员")
    assert BRANCH not in heard


async def test_r39_whoever_need_not_answer_any_more_is_told(log: EventLog) -> None:
    objection = objected("p")
    await given(log, *SETTLED, objection, objection_withdrawn(objection, on_paper=True))
    heard = await texts(log)
    assert heard[COMMUNITY][0].endswith("的异议，不必答复。")
    assert heard[LI][0] == "你对参加记录及其认定的异议已经撤回。"


def test_no_event_is_told_of_in_two_places() -> None:
    places = (
        notices_of_supervision,
        notices_of_consequences,
        notices_of_consultations,
        notices_of_objections,
        notices_of_decisions,
    )
    assert len(TELLING) == sum(len(each.TELLINGS.of) for each in places)
    assert all(each.word for each in NoticeKind)
