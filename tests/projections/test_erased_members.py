"""What views hold about a member goes with the member, and does not come back (R40)."""

from service.data.calendars import published_calendars
from service.domain.endorsement import Performance
from service.domain.event import Event
from service.domain.exemption import ExemptionEnded, ExemptionReason, MemberExempted
from service.domain.feedback import QuarterlyFeedbackGiven
from service.domain.inspection import (
    DiscrepancyFound,
    DiscrepancyKind,
    DiscrepancyResolved,
    InspectionConfirmed,
    Resolution,
)
from service.domain.membership import BranchTransferAccepted, SubjectErased
from service.domain.objection import ObjectionSubject
from service.domain.participation import ParticipationVoided
from service.eventstore import EventLog
from service.projections import membership, off_duty_record
from service.projections.about_members import rows_about
from service.projections.catalogue import VIEWS
from service.projections.rebuild import rebuild
from service.projections.view import checksum
from tests.domain.clean_up import PARTICIPATION, endorsed, recorded
from tests.domain.consultations import HERE, after, ask, countersign, give
from tests.domain.duties import gone_up, objected, objection_answered, objection_withdrawn
from tests.domain.hearing import decided, opened
from tests.domain.town import AT, BRANCH, COMMUNITY, LI, OTHER_BRANCH, SETTLED, WANG, person
from tests.eventstore.history import given
from tests.projections.service_year import kept_up
from tests.projections.vetting_life import vetted

EXEMPTED = MemberExempted(
    exemption_id="x",
    member_id=LI,
    branch_id=BRANCH,
    reason_code=ExemptionReason.ILLNESS,
    starts_on=AT.date(),
    ends_on=AT.date(),
)
RECORDED = recorded()
INSPECTED = InspectionConfirmed(
    inspection_id="i",
    branch_id=BRANCH,
    month="2026-02",
    certificates=1,
    entries=1,
    unendorsed=0,
    exempt=0,
    talks=(),
    as_of_position=1,
    confirmed_by="officer",
    confirmed_by_person=person("officer"),
)
FOUND = DiscrepancyFound(
    discrepancy_id="d",
    inspection_id="i",
    branch_id=BRANCH,
    member_id=LI,
    kind=DiscrepancyKind.OTHER,
    note="照片不是本人",
)
FEEDBACK = QuarterlyFeedbackGiven(
    feedback_id="f",
    community_id=COMMUNITY,
    branch_id=BRANCH,
    member_id=LI,
    quarter="2025-Q4",
    performance=Performance.GOOD,
    text="热心",
    given_by="secretary",
    given_by_person=person("secretary"),
)
CONSULTED = after(ask(), give(), countersign()).history[len(HERE) :]
VETTED = vetted()
OBJECTIONS = objected(PARTICIPATION), objected("f", ObjectionSubject.FEEDBACK)
LIFE: tuple[Event, ...] = (
    *SETTLED,
    VETTED[0],
    EXEMPTED,
    RECORDED,
    endorsed(RECORDED),
    INSPECTED,
    FOUND,
    FEEDBACK,
    opened(),
    decided(),
    *CONSULTED[:3],
    *OBJECTIONS,
)
ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)
AFTER: tuple[Event, ...] = (
    BranchTransferAccepted(
        transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
    ),
    ExemptionEnded(
        exemption_id="x", member_id=LI, branch_id=BRANCH, ended_on=AT.date(), reason="痊愈"
    ),
    ParticipationVoided(
        participation_id=PARTICIPATION,
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        corrects=RECORDED.event_id,
        reason="重复",
        voided_by_person=person("officer"),
    ),
    DiscrepancyResolved(
        discrepancy_id="d",
        branch_id=BRANCH,
        member_id=LI,
        resolution=Resolution.EXPLAINED,
        resolved_by="officer",
        resolved_by_person=person("officer"),
    ),
    *CONSULTED[3:],
    *VETTED[1:],
    gone_up(OBJECTIONS[0]),
    objection_answered(OBJECTIONS[0]),
    objection_withdrawn(OBJECTIONS[1]),
)
"""What was under way, and is decided after the member was erased."""


async def left(log: EventLog, member_id: str = LI) -> dict[str, int]:
    return {table: rows for _, table, rows in await rows_about(log.pool, member_id) if rows}


async def test_an_erased_member_is_in_no_view_that_tells_who_they_are(log: EventLog) -> None:
    await given(log, *LIFE)
    await kept_up(log)
    assert await left(log) == {
        "board_entry": 1,
        "board_discrepancy": 1,
        "board_feedback": 2,
        "board_member": 1,
        "consequence_member": 1,
        "consultation": 1,
        "decision": 1,
        "decision_member": 1,
        "feedback_given": 1,
        "feedback_member": 1,
        "feedback_record": 1,
        "inspection_discrepancy": 1,
        "membership_member": 1,
        "membership_exemption": 1,
        "notice": 10,
        "notice_member": 1,
        "objection": 2,
        "off_duty_member": 1,
        "off_duty_entry": 1,
        "opinion": 1,
        "opinion_request": 1,
        "review_entry": 1,
        "review_member": 1,
        "review_word": 1,
        "role_model_member": 1,
        "vetting": 1,
    }
    await given(log, ERASED)
    await kept_up(log)
    assert await left(log) == {}
    assert await membership.member(log.pool, LI) is None
    assert await membership.member(log.pool, WANG) is not None
    assert [each.member_id for each in (
        await membership.members_of_branch(log.pool, BRANCH)
    ).items] == []  # fmt: skip
    records = off_duty_record.Records(log.pool, published_calendars())
    assert await records.read(LI, AT.year) is None


async def test_what_is_still_decided_about_them_stops_no_view_and_leaves_no_row(
    log: EventLog,
) -> None:
    await given(log, *LIFE, ERASED)
    await kept_up(log)
    await given(log, *AFTER)
    await kept_up(log)
    assert await left(log) == {}


async def test_the_same_rows_however_the_events_are_cut_into_batches(log: EventLog) -> None:
    for events in (LIFE, (ERASED,), AFTER):
        await given(log, *events)
        await kept_up(log)
    before = [await checksum(log.pool, view) for view in VIEWS]
    await rebuild(log, VIEWS)  # all in one batch
    assert [await checksum(log.pool, view) for view in VIEWS] == before
    assert await left(log) == {}


async def test_a_remembered_record_is_let_go(log: EventLog) -> None:
    await given(log, *LIFE)
    await kept_up(log)
    records = off_duty_record.Records(log.pool, published_calendars())
    for year in (AT.year, AT.year + 1):
        assert await records.read(LI, year) is not None
    assert records._size > 0
    records.forget(LI)
    assert records._known == {}
    assert records._size == 0
