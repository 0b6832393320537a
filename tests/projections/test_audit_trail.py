"""Every event in plain Chinese words, for whoever it concerns and nobody else."""

from datetime import timedelta
from string import Formatter

import pytest

from service.domain import capabilities
from service.domain.attendance import RollCalled
from service.domain.event import EVENTS
from service.eventstore import EventLog
from service.projections.audit_trail import AuditFilter, AuditPage, fetch
from service.projections.audit_words import WORDS
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    OTHER_COMMUNITY,
    PHONE,
    SETTLED,
    SUBDISTRICT,
    WANG,
    acting,
)
from tests.eventstore.history import given
from tests.projections.service_year import at, corrected, endorsed, kept_up, recorded

SATURDAY = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")


async def shown(log: EventLog, after: int = 0, limit: int = 200, **wanted: object) -> AuditPage:
    await kept_up(log)
    page = await fetch(log.pool, AuditFilter(**wanted), after=after, limit=limit)  # type: ignore[arg-type]
    assert page.as_of_position == await log.head()
    return page


def types(page: AuditPage) -> list[str]:
    return [item.type for item in page.items]


def test_every_type_of_event_has_words() -> None:
    assert capabilities.CAPABILITIES
    assert set(EVENTS.values()) - set(WORDS) == set()


@pytest.mark.parametrize("event", WORDS, ids=lambda event: event.__name__)
def test_every_template_names_fields_of_its_event(event: type) -> None:
    fields = {name for _, name, _, _ in Formatter().parse(WORDS[event]) if name}
    known = set(EVENTS[event.__name__].model_fields)
    if {"member_id", "organisation_id"} <= known:
        known |= {"about"}  # whichever of the two is named
    assert {each for each in fields if not isinstance(vars(event).get(each), property)} <= known


async def test_who_for_whom_when_and_when_it_was_recorded(log: EventLog) -> None:
    await given(log, *SETTLED)
    await given(log, SATURDAY, by=acting(COMMUNITY, "recorder"), at=at("2026-03-07T12:00"))
    [item] = (await shown(log, types=["ParticipationRecorded"])).items
    assert item.summary == (
        "2026年3月7日12:00，community（经办人recorder）记录党员no-of-member-li"
        "自2026年3月7日09:00至2026年3月7日11:00参加环境卫生保洁岗（自愿），内容【已加密】；"
        "记录于2026年3月7日12:00。"
    )
    assert (item.term, item.actor.person, item.actor.organisation) == (
        "参加记录",
        "recorder",
        "community",
    )
    names = {subject.kind: subject.name for subject in item.subjects}
    assert (names["member"], names["community"]) == ("党员no-of-member-li", "community")


async def test_what_a_correction_corrects_is_said(log: EventLog) -> None:
    await given(log, *SETTLED, SATURDAY, corrected(SATURDAY))
    [item] = (await shown(log, types=["ParticipationCorrected"])).items
    assert item.corrects == SATURDAY.event_id
    assert f"更正事件{SATURDAY.event_id}" in item.summary


async def test_no_personal_data_is_shown_sealed_or_in_clear(log: EventLog) -> None:
    await given(log, *SETTLED, SATURDAY, endorsed(SATURDAY))
    text = (await shown(log)).model_dump_json()
    assert "sealed:" not in text
    assert PHONE not in text
    assert "hash-of-" not in text
    assert "【已加密】" in text


async def test_an_organisation_sees_what_concerns_it_and_everything_under_it(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, SATURDAY)
    registered = "MemberRegistered"
    for organisation_id in (BRANCH, COMMITTEE, AUTHORITY, COMMUNITY, SUBDISTRICT):
        page = await shown(log, organisation_id=organisation_id)
        assert registered in types(page), organisation_id
    for organisation_id in (OTHER_COMMUNITY, FOREIGN_BRANCH):
        page = await shown(log, organisation_id=organisation_id)
        assert set(types(page)) <= {"OrganisationRegistered", "OfficerAppointed"}
    # The enrolment is the branch's business, not the community's.
    assert "MemberEnrolled" not in types(await shown(log, organisation_id=COMMUNITY))


async def test_whoever_acted_sees_what_they_did(log: EventLog) -> None:
    await given(log, *SETTLED)
    await given(log, SATURDAY, by=acting(OTHER_COMMUNITY))
    page = await shown(log, organisation_id=OTHER_COMMUNITY)
    assert types(page)[0] == "OrganisationRegistered"
    assert types(page)[-1] == "ParticipationRecorded"


async def test_filters_hold_together(log: EventLog) -> None:
    await given(log, *SETTLED)
    await given(log, SATURDAY, by=acting(COMMUNITY, "recorder"), at=AT + timedelta(days=9))
    assert types(await shown(log, member_id=WANG)) == ["MemberEnrolled"]
    assert types(await shown(log, actor="recorder")) == ["ParticipationRecorded"]
    assert types(await shown(log, member_id=LI, types=["CertificateIssued"])) == [
        "CertificateIssued"
    ]
    assert types(await shown(log, visible_to=COMMUNITY, member_id=LI)) == [
        "MemberRegistered",
        "RegistrationAccepted",
        "ParticipationRecorded",
    ]
    assert types(await shown(log, visible_to=BRANCH, organisation_id=OTHER_COMMUNITY)) == []
    assert types(await shown(log, since=AT + timedelta(days=9))) == ["ParticipationRecorded"]
    assert "ParticipationRecorded" not in types(await shown(log, until=AT + timedelta(days=9)))


async def test_everybody_on_a_roll_call_is_concerned(log: EventLog) -> None:
    called = RollCalled(
        activity_id="activity",
        community_id=COMMUNITY,
        present=(LI, WANG),
        signed_in_at=AT,
        signed_out_at=AT + timedelta(hours=1),
    )
    await given(log, *SETTLED, called)
    for member_id in (LI, WANG):
        assert "RollCalled" in types(await shown(log, member_id=member_id))


async def test_pages_go_on_after_a_position_and_miss_nothing(log: EventLog) -> None:
    await given(log, *SETTLED, SATURDAY)
    await kept_up(log)
    found: list[int] = []
    after: int | None = 0
    while after is not None:
        page = await shown(log, after=after, limit=4)
        found += [item.position for item in page.items]
        after = page.next_after
    assert found == list(range(1, await log.head() + 1))
