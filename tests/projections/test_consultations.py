"""Who sees what of a consultation, whatever was masked, and what the worker is to do (R26, R27)."""

from datetime import date
from typing import Any

import pytest

from service.domain.decision_purpose import DecisionPurpose
from service.domain.event import Command
from service.domain.membership import SubjectErased
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.domain.opinion import Conduct
from service.eventstore import EventLog
from service.projections import notices
from service.projections.consultations import VIEW
from service.projections.consultations_answer import (
    consultation,
    consultations,
    overdue,
    request,
    requests,
)
from service.projections.consultations_model import Consultation, OpinionRequest
from service.projections.feed import Feed
from service.projections.fence import SEEING
from service.projections.rebuild import build_next
from service.projections.view import Sight, checksum
from tests.domain.consultations import (
    CONSULTATION,
    DUE_ON,
    ESCALATED,
    FOREIGN_AUTHORITY,
    HERE,
    OBJECTION_WITHDRAWN,
    answered,
    ask,
    countersign,
    give,
    objected,
    order,
    recuse,
    remind,
    take_back,
    withdraw,
)
from tests.domain.town import (
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SUBDISTRICT,
    person,
)
from tests.eventstore.history import given
from tests.projections.service_year import kept_up

DAYS = "2021-03-01/2026-01-31"
DOCUMENT = ("琼中组发〔2026〕3号", "机关党员进社区实施办法")
ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)
EVERYBODY = (
    AUTHORITY, COMMITTEE, BRANCH, OTHER_BRANCH, FOREIGN_AUTHORITY, FOREIGN_BRANCH, SUBDISTRICT,
    COMMUNITY, OTHER_COMMUNITY,
)  # fmt: skip


def masked() -> Command:
    """The authority vets the member and does not say so."""
    return ask(AUTHORITY, purpose=DecisionPurpose.VETTING, period=DAYS, masked=True)


async def decided(log: EventLog, *commands: Command) -> None:
    for command in commands:
        await log.decide(command)
    await kept_up(log, (VIEW,))


async def asked(log: EventLog, by: str = BRANCH) -> Consultation:
    found, _ = await consultation(Sight(log.fenced, by), CONSULTATION)
    assert found is not None
    return found


async def requested(log: EventLog, by: str = COMMUNITY) -> OpinionRequest:
    found, _ = await request(Sight(log.fenced, by), CONSULTATION)
    assert found is not None
    return found


async def states(log: EventLog) -> set[str]:
    """How it stands, as either side sees it."""
    return {(await asked(log)).state.value, (await requested(log)).state.value}


async def rows(log: EventLog, by: str) -> dict[str, list[str]]:
    """All that an organisation could see in the tables, as text: however anybody asks."""
    found = {}
    for table in ("consultation", "opinion_request", "opinion"):
        async with log.fenced.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config($1, $2, true)", SEEING, by)
            seen = await connection.fetch(f"SELECT t::text FROM views.{table} t")  # noqa: S608 - names above
        found[table] = [row[0] for row in seen]
    return found


async def test_r27_what_is_masked_is_not_in_the_communitys_table(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, masked())
    found = await requested(log)
    hidden: dict[str, Any] = {
        "asking_id": None, "purpose": None, "purpose_word": None, "period": None,
        "period_word": None, "document_no": None, "document_title": None,
    }  # fmt: skip
    assert {name: getattr(found, name) for name in hidden} == hidden
    assert (found.masked, found.due_on, found.member_id) == (True, DUE_ON, LI)
    for organisation in (COMMUNITY, SUBDISTRICT):
        seen = await rows(log, organisation)
        assert (seen["consultation"], len(seen["opinion_request"])) == ([], 1)
        for secret in (AUTHORITY, "vetting", DAYS, *DOCUMENT):
            assert secret not in seen["opinion_request"][0]
    told = await asked(log, AUTHORITY)
    assert (told.purpose_word, told.period, told.document_no) == ("任前考察", DAYS, DOCUMENT[0])
    assert told.period_word == "2021年3月1日至2026年1月31日"


async def test_what_is_not_masked_is_told(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask())
    found = await requested(log)
    assert (found.asking_id, found.purpose_word, found.period) == (BRANCH, "评先评优", "2026")
    assert (found.document_no, found.document_title) == DOCUMENT


async def test_each_side_sees_its_own_and_an_opinion_once_two_have_signed(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, masked(), give(comment="热心"))

    async def numbers(table: str) -> dict[str, int]:
        seen = {each: len((await rows(log, each))[table]) for each in EVERYBODY}
        return {each: number for each, number in seen.items() if number}

    assert await numbers("consultation") == {AUTHORITY: 1}
    assert await numbers("opinion_request") == {SUBDISTRICT: 1, COMMUNITY: 1}
    assert await numbers("opinion") == {SUBDISTRICT: 1, COMMUNITY: 1}
    await decided(log, countersign())
    assert await numbers("opinion") == {AUTHORITY: 1, SUBDISTRICT: 1, COMMUNITY: 1}
    for each in EVERYBODY:
        sight = Sight(log.fenced, each)
        assert len((await consultations(sight, each)).items) == (each == AUTHORITY)
        assert len((await requests(sight, each)).items) == (each in {COMMUNITY, SUBDISTRICT})


async def test_one_above_both_sides_sees_no_opinion_with_the_question_before_it_counts(
    log: EventLog,
) -> None:
    await given(log, *HERE)
    await decided(log, ask(), give())
    found, _ = await consultation(log.pool, CONSULTATION)
    assert found is not None
    assert found.opinions == []


async def test_how_a_consultation_stands(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask())
    assert await states(log) == {"open"}
    await decided(log, give())
    assert await states(log) == {"open"}
    assert [each.state for each in (await requested(log)).opinions] == ["waiting"]
    await decided(log, countersign())
    assert await states(log) == {"answered"}
    await decided(log, withdraw())
    assert await states(log) == {"open"}
    again = "opinion-2"
    await decided(
        log, give(opinion_id=again, overall=Conduct.NO_BASIS), countersign(opinion_id=again)
    )
    [first, second] = (await asked(log)).opinions
    assert (first.state, second.state, second.replaces) == ("withdrawn", "in_force", "opinion")
    assert second.overall is Conduct.NO_BASIS
    assert first.withdrawal is not None
    assert log.keyring.open(LI, "assessment", "reason", first.withdrawal.reason) == "所附情况有误"


async def test_an_opinion_that_never_counted_is_taken_back_without_a_word_to_whoever_asked(
    log: EventLog,
) -> None:
    await given(log, *HERE)
    await decided(log, ask(), give(), withdraw())
    assert (await asked(log)).opinions == []
    assert [each.state for each in (await requested(log)).opinions] == ["withdrawn"]


async def test_of_two_that_reply_one_takes_back_what_never_counted(log: EventLog) -> None:
    await given(log, *HERE)
    above = "opinion-above"
    await decided(log, ask(), *ESCALATED, give(by=SUBDISTRICT, opinion_id=above))
    await decided(log, give(), countersign(), withdraw(by=SUBDISTRICT, opinion_id=above))
    assert await states(log) == {"answered"}


async def test_a_question_that_is_taken_back(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask(), recuse(), take_back())
    found = await asked(log)
    assert found.withdrawal is not None
    assert (found.state, found.withdrawal.reason) == ("withdrawn", "该同志已调离")
    told = await requested(log)
    assert (told.state, [each.officer_id for each in told.recusals]) == ("cancelled", ["officer"])
    assert person("officer") not in str(await rows(log, COMMUNITY))


async def test_r39_both_sides_see_that_the_member_objects(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask(), give(), countersign())
    for event, disputed in (
        (objected(), True),
        (answered(ObjectionOutcome.REJECTED), False),
        (objected(objection_id="again"), True),
        (OBJECTION_WITHDRAWN.model_copy(update={"objection_id": "again"}), False),
    ):
        await given(log, event)
        await kept_up(log, (VIEW,))
        assert (await asked(log)).disputed is (await requested(log)).disputed is disputed


async def test_what_has_the_same_id_and_is_of_another_kind_is_something_else(
    log: EventLog,
) -> None:
    await given(log, *HERE)
    await decided(log, ask())
    await given(log, objected(ObjectionSubject.DECISION))
    await kept_up(log, (VIEW,))
    assert not (await asked(log)).disputed


async def test_r26_what_is_overdue(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask())
    assert await overdue(log.pool, DUE_ON) == []
    day = date(2026, 3, 12)
    assert await overdue(log.pool, day) == [(CONSULTATION, [])]
    # One signature is no answer yet.
    await decided(log, remind("2026-03-12"), order("2026-03-13"), give())
    assert await overdue(log.pool, day) == [(CONSULTATION, [day, date(2026, 3, 13)])]
    await decided(log, countersign())
    assert await overdue(log.pool, day) == []


async def test_r26_what_is_escalated_is_on_the_list_no_more(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask(), *ESCALATED)
    assert await overdue(log.pool, date(2026, 12, 31)) == []
    for found in (await asked(log), await requested(log)):
        assert found.reminded_on == [date(2026, 3, 12), date(2026, 3, 19)]
        assert (found.escalated_to, found.escalated_on) == (SUBDISTRICT, date(2026, 3, 26))


async def test_r40_nothing_is_kept_about_an_erased_member(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask(), masked_too())

    async def about() -> list[int]:
        tables = [f"views.{table.name}" for table in VIEW.about_members]
        return [
            await log.pool.fetchval(f"SELECT count(*) FROM {table} WHERE member_id = $1", LI)  # noqa: S608 - names of our own tables
            for table in tables
        ]

    await decided(log, give())
    assert await about() == [2, 2, 1]
    await given(log, ERASED)
    await kept_up(log, (VIEW,))
    # What was under way is finished.
    await decided(log, countersign(), give(consultation_id="another", opinion_id="too"))
    assert await about() == [0, 0, 0]


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_however_batches_are_cut_the_rows_are_the_same(log: EventLog, size: int) -> None:
    await given(log, *HERE)
    await decided(log, ask(), *ESCALATED, recuse(), give(by=SUBDISTRICT), masked_too())
    await given(log, objected())
    await kept_up(log, (VIEW,))
    before = await checksum(log.pool, VIEW)
    await build_next(log, Feed(log, size=size), VIEW, afresh=True)
    assert await checksum(log.pool, VIEW) == before


def masked_too() -> Command:
    """Another question about the same member."""
    return ask(
        AUTHORITY,
        consultation_id="another",
        purpose=DecisionPurpose.VETTING,
        period=DAYS,
        masked=True,
    )


async def told(log: EventLog) -> dict[str, list[str]]:
    """What was said to whom, in order; who heard nothing is left out."""
    await kept_up(log, (notices.VIEW,))
    pages = {each: await notices.of_organisation(log.pool, each) for each in EVERYBODY}
    pages[LI] = await notices.of_member_told(log.pool, LI)
    return {
        who: [each.text for each in page.items[::-1]] for who, page in pages.items() if page.items
    }


async def test_who_hears_of_what(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, ask(), *ESCALATED, give(by=SUBDISTRICT), countersign(by=SUBDISTRICT))
    await decided(log, withdraw(by=SUBDISTRICT), take_back())
    until = "最迟应于2026年3月11日出具"
    late = f"你社区对一名党员的意见{until}，现已逾期，请抓紧出具。"
    assert await told(log) == {
        COMMUNITY: [
            f"{BRANCH}就评先评优（2026年度）征求你社区对一名党员的意见，{until}。",
            late,
            late,
            f"你社区对一名党员的意见经催办仍未出具，已提请{SUBDISTRICT}督办。",
            "不再需要你社区对一名党员出具意见。",
        ],
        SUBDISTRICT: [
            f"{COMMUNITY}对一名党员的意见经催办仍未出具，提请督办；你党工委也可以出具意见。"
        ],
        BRANCH: ["已收到社区对一名党员的意见。"],
        LI: [f"{SUBDISTRICT}出具了对你的意见，总体评价：好。", f"{SUBDISTRICT}撤回了对你的意见。"],
    }


async def test_r27_a_masked_notice_says_nothing_of_it(log: EventLog) -> None:
    await given(log, *HERE)
    await decided(log, masked())
    assert await told(log) == {
        COMMUNITY: ["请你社区对一名党员出具意见，最迟应于2026年3月11日出具；所办事项不予告知。"]
    }
    [notice] = (await notices.of_organisation(log.pool, COMMUNITY)).items
    assert (notice.document_no, notice.rule, notice.member_id) == (None, "R27", LI)
