"""Who belongs where, who is registered where, and who is not."""

from datetime import date, timedelta

from service.domain.branch_transfer import (
    BranchTransferRefusal,
    BranchTransferRefused,
    BranchTransferRequested,
)
from service.domain.certificate import CertificateReportedLost
from service.domain.exemption import ExemptionEnded, ExemptionReason, MemberExempted
from service.domain.membership import BranchTransferAccepted
from service.domain.registration import (
    DeclineReason,
    DeregistrationReason,
    MemberDeregistered,
    RegistrationDeclined,
)
from service.eventstore import EventLog
from service.projections.membership import (
    MemberDetails,
    member,
    members_of_branch,
    members_of_community,
)
from tests.domain.town import (
    AT,
    BRANCH,
    CERTIFICATE,
    COMMUNITY,
    LI,
    MEMBER,
    OTHER_BRANCH,
    OTHER_CERTIFICATE,
    OTHER_COMMUNITY,
    OTHER_REGISTRATION,
    PHONE,
    REGISTRATION,
    SETTLED,
    TOWN,
    WANG,
    accepted,
    enrolled,
    issued,
    moving,
    registered,
)
from tests.eventstore.history import given
from tests.projections.service_year import at, kept_up


async def shown(log: EventLog, member_id: str = LI) -> MemberDetails:
    await kept_up(log)
    found = await member(log.pool, member_id)
    assert found is not None
    assert found.as_of_position == await log.head()
    return found


async def test_a_member_on_the_roster_is_not_registered_yet(log: EventLog) -> None:
    await given(log, *MEMBER)
    li = await shown(log)
    assert (li.branch_id, li.member_no) == (BRANCH, f"no-of-{LI}")
    assert li.registration is None
    assert not li.registered
    assert li.certificate is not None
    assert (li.certificate.certificate_no, li.certificate.state) == (CERTIFICATE, "valid")


async def test_personal_data_stays_sealed_until_it_is_read(log: EventLog) -> None:
    await given(log, *SETTLED)
    li = await shown(log)
    for text in (li.name, li.id_number, li.phone, li.residence, li.contact_phone):
        assert text is not None
        assert text.startswith("sealed:")
    assert log.keyring.open(LI, "identity", "phone", li.phone) == PHONE


async def test_nobody_knows_a_member_who_is_on_no_roster(log: EventLog) -> None:
    await given(log, *TOWN)
    await kept_up(log)
    assert await member(log.pool, LI) is None


async def test_a_registration_waits_until_the_community_answers(log: EventLog) -> None:
    await given(log, *MEMBER, registered())
    registration = (await shown(log)).registration
    assert registration is not None
    assert (registration.state, registration.community_id) == ("waiting", COMMUNITY)
    await given(log, accepted(), at=AT + timedelta(days=1))
    li = await shown(log)
    assert li.registered
    assert li.registration is not None
    assert li.registration.registered_at == AT
    assert li.registration.accepted_at == AT + timedelta(days=1)
    assert li.registration.receipt_no == "receipt"


async def test_r8_late_is_shown_and_the_last_second_is_on_time(log: EventLog) -> None:
    deadline = at("2026-06-30T23:59:59")
    in_time = registered().model_copy(update={"deadline": deadline})
    late = registered(WANG, registration_id=OTHER_REGISTRATION)
    await given(log, *MEMBER)
    await given(log, in_time, at=deadline)
    await given(
        log,
        late.model_copy(update={"deadline": deadline}),
        at=deadline + timedelta(seconds=1),
    )
    for member_id, is_late in ((LI, False), (WANG, True)):
        registration = (await shown(log, member_id)).registration
        assert registration is not None
        assert (registration.deadline, registration.late) == (deadline, is_late)


async def test_a_declined_member_may_register_again(log: EventLog) -> None:
    declined = RegistrationDeclined(
        registration_id=REGISTRATION,
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        reason_code=DeclineReason.OTHER,
    )
    await given(log, *MEMBER, registered(), declined)
    registration = (await shown(log)).registration
    assert registration is not None
    assert registration.state == "declined"
    assert (await members_of_community(log.pool, COMMUNITY)).items == []
    await given(log, registered(LI, OTHER_COMMUNITY, OTHER_REGISTRATION))
    registration = (await shown(log)).registration
    assert registration is not None
    assert (registration.state, registration.community_id) == ("waiting", OTHER_COMMUNITY)


async def test_r10_the_old_community_is_responsible_until_the_new_one_accepts(
    log: EventLog,
) -> None:
    await given(log, *SETTLED, moving())
    li = await shown(log)
    assert li.registration is not None
    assert li.registration.community_id == COMMUNITY
    assert li.transfer is not None
    assert li.transfer.community_id == OTHER_COMMUNITY
    for community_id in (COMMUNITY, OTHER_COMMUNITY):
        page = await members_of_community(log.pool, community_id)
        assert [each.member_id for each in page.items] == [LI]
    await given(
        log,
        accepted(LI, OTHER_COMMUNITY, OTHER_REGISTRATION, REGISTRATION),
        at=AT + timedelta(days=9),
    )
    li = await shown(log)
    assert li.transfer is None
    assert li.registration is not None
    assert li.registration.community_id == OTHER_COMMUNITY
    # Moving house makes nobody late.
    assert li.registration.registered_at == AT
    assert (await members_of_community(log.pool, COMMUNITY)).items == []


async def test_a_declined_transfer_leaves_the_member_where_they_were(log: EventLog) -> None:
    declined = RegistrationDeclined(
        registration_id=OTHER_REGISTRATION,
        member_id=LI,
        branch_id=BRANCH,
        community_id=OTHER_COMMUNITY,
        reason_code=DeclineReason.OTHER,
        transferred_from=REGISTRATION,
    )
    await given(log, *SETTLED, moving(), declined)
    li = await shown(log)
    assert li.registered
    assert li.transfer is None


async def test_a_deregistered_member_is_no_longer_the_communitys(log: EventLog) -> None:
    gone = MemberDeregistered(
        registration_id=REGISTRATION,
        member_id=LI,
        branch_id=BRANCH,
        community_id=COMMUNITY,
        reason_code=DeregistrationReason.RETIRED,
    )
    await given(log, *SETTLED, gone)
    li = await shown(log)
    assert li.registration is not None
    assert li.registration.state == "deregistered"
    assert (await members_of_community(log.pool, COMMUNITY)).items == []


async def test_r4_a_member_belongs_to_the_old_branch_until_the_new_one_accepts(
    log: EventLog,
) -> None:
    facts = {
        "transfer_id": "transfer",
        "member_id": LI,
        "branch_id": BRANCH,
        "to_branch_id": OTHER_BRANCH,
    }
    await given(log, *MEMBER, BranchTransferRequested(**facts))
    li = await shown(log)
    assert (li.branch_id, li.joining_branch_id) == (BRANCH, OTHER_BRANCH)
    await given(log, BranchTransferRefused(**facts, reason_code=BranchTransferRefusal.OTHER))
    assert (await shown(log)).joining_branch_id is None
    await given(log, BranchTransferRequested(**facts), BranchTransferAccepted(**facts))
    li = await shown(log)
    assert (li.branch_id, li.joining_branch_id) == (OTHER_BRANCH, None)
    page = await members_of_branch(log.pool, OTHER_BRANCH)
    assert [each.member_id for each in page.items] == [LI, WANG]


async def test_r3_exemptions_have_terms(log: EventLog) -> None:
    exempted = MemberExempted(
        exemption_id="exemption",
        member_id=LI,
        branch_id=BRANCH,
        reason_code=ExemptionReason.ILLNESS,
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 6, 30),
    )
    await given(log, *MEMBER, exempted)
    li = await shown(log)
    assert li.exempt_on(date(2026, 3, 1))
    assert li.exempt_on(date(2026, 6, 30))
    assert not li.exempt_on(date(2026, 7, 1))
    ended = ExemptionEnded(
        exemption_id="exemption",
        member_id=LI,
        branch_id=BRANCH,
        ended_on=date(2026, 4, 30),
        reason="痊愈",
    )
    await given(log, ended)
    li = await shown(log)
    assert not li.exempt_on(date(2026, 5, 1))
    assert li.exemptions[0].reason_code == "illness"


async def test_a_lost_certificate_is_replaced_by_the_next(log: EventLog) -> None:
    lost = CertificateReportedLost(certificate_no=CERTIFICATE, member_id=LI, branch_id=BRANCH)
    await given(log, *MEMBER, lost)
    certificate = (await shown(log)).certificate
    assert certificate is not None
    assert certificate.state == "lost"
    await given(log, issued(LI, OTHER_CERTIFICATE), lost)
    certificate = (await shown(log)).certificate
    assert certificate is not None
    # What is said of the old one does not touch the new one.
    assert (certificate.certificate_no, certificate.state) == (OTHER_CERTIFICATE, "valid")


async def test_pages_follow_the_order_of_enrolment_and_miss_nobody(log: EventLog) -> None:
    members = [f"member-{number}" for number in (3, 1, 4, 5, 9, 2, 6)]
    await given(log, *TOWN, *map(enrolled, members))
    await kept_up(log)
    found: list[str] = []
    after: int | None = 0
    while after is not None:
        page = await members_of_branch(log.pool, BRANCH, after=after, limit=3)
        assert len(page.items) <= 3
        found += [each.member_id for each in page.items]
        after = page.next_after
    assert found == members


async def test_who_is_registered_and_who_is_not(log: EventLog) -> None:
    await given(log, *SETTLED, enrolled("member-zhang"))
    await kept_up(log)
    there = await members_of_branch(log.pool, BRANCH, registered=True)
    missing = await members_of_branch(log.pool, BRANCH, registered=False)
    assert [each.member_id for each in there.items] == [LI]
    assert [each.member_id for each in missing.items] == ["member-zhang"]
