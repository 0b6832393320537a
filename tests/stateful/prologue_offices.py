"""How the town comes to its officers, accounts and keys, and to somebody who was erased."""

from collections.abc import Iterator
from datetime import timedelta

from service.domain.account import AccountDuty
from service.domain.account_keeping import OpenAccount
from service.domain.appointment import AppointOfficer, DismissOfficer
from service.domain.decision_purpose import DecisionPurpose
from service.domain.erasing import ConfirmErasure, EraseSubject, RequestErasure
from service.domain.erasure import LegalBasis
from service.domain.event import Actor, Command
from service.domain.exemption import ExemptionReason, ExemptMember
from service.domain.objection import ObjectionSubject
from service.domain.officer import OfficerRole
from service.domain.opinion import Conduct
from service.domain.sign_up import SignUp
from service.domain.signing_key import KeyRevocationReason
from service.domain.signing_key_approval import (
    ApproveSigningKey,
    ProposeSigningKey,
    RevokeSigningKey,
)
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SUBDISTRICT,
    acting,
    person,
)
from tests.stateful.deliberating import (
    consultation_asked,
    objected,
    opened,
    opinion_given,
    vetting_opened,
)
from tests.stateful.draws import WINDOWS
from tests.stateful.world import World


def officers(world: World) -> Iterator[Command]:
    """Who may act, and who looks after the accounts."""
    for community_id in (COMMUNITY, OTHER_COMMUNITY):
        # The members among them have to do with everything but their own entries.
        for officer_id in ("officer", "secretary", "deputy", "clerk", "member-1", "member-2"):
            yield AppointOfficer(
                organisation_id=community_id,
                officer_id=officer_id,
                person=person(officer_id),
                id_number="46903019900101001X",
                role=OfficerRole.OFFICER if officer_id == "clerk" else OfficerRole.RESPONSIBLE,
                by=acting(SUBDISTRICT),
                at=AT,
            )
    for officer_id in ("officer", "secretary", "deputy"):
        # A silent community's question may go up to them.
        yield AppointOfficer(
            organisation_id=SUBDISTRICT,
            officer_id=officer_id,
            person=person(officer_id),
            id_number="46903019900101001X",
            role=OfficerRole.RESPONSIBLE,
            by=acting(SUBDISTRICT),
            at=AT,
        )
    # They act on the branches' members, and the committee's secretary is the branch's as well.
    for unit, officer_ids in (
        (BRANCH, ("officer", "secretary", "clerk", "member-1", "member-2")),
        (COMMITTEE, ("officer", "secretary", "deputy", "member-5")),
        (OTHER_BRANCH, ("officer", "clerk")),
        (AUTHORITY, ("officer", "secretary", "clerk", "member-2")),
    ):
        for officer_id in officer_ids:
            yield AppointOfficer(
                organisation_id=unit,
                officer_id=officer_id,
                person=person(officer_id),
                id_number="46903019900101001X",
                role=OfficerRole.OFFICER if officer_id == "clerk" else OfficerRole.RESPONSIBLE,
                by=acting(AUTHORITY),
                at=AT,
            )
    for duty in (AccountDuty.SYSTEM, AccountDuty.SECURITY):
        yield OpenAccount(
            account_id=world.new("account"),
            organisation_id=AUTHORITY,
            duty=duty,
            person=person(duty.value),
            id_number="46903019900101001X",
            first=True,
            by=acting(AUTHORITY, "operator"),
            at=AT,
        )
    yield AppointOfficer(
        organisation_id=COMMUNITY,
        officer_id="former",
        person=person("former"),
        id_number="46903019900101001X",
        role=OfficerRole.RESPONSIBLE,
        by=acting(SUBDISTRICT),
        at=AT,
    )
    yield DismissOfficer(
        organisation_id=COMMUNITY, officer_id="former", by=acting(SUBDISTRICT), at=AT
    )


def asked(erasure_id: str, member_id: str, by: Actor) -> RequestErasure:
    return RequestErasure(
        erasure_id=erasure_id,
        member_id=member_id,
        legal_basis=LegalBasis.CONSENT_WITHDRAWN,
        document_no="琼组发〔2026〕12号",
        by=by,
        at=AT,
    )


def keys(world: World) -> Iterator[Command]:
    """Of two who sign themselves, and of one whose keys count no more or not yet."""
    begins = AT - timedelta(days=10)
    for organisation_id, last_day in (
        (OTHER_COMMUNITY, AT + timedelta(days=365)),
        (COMMUNITY, AT + timedelta(days=365)),
        (COMMUNITY, AT),
        (BRANCH, AT + timedelta(days=365)),
        (COMMUNITY, AT + timedelta(days=365)),
    ):
        signing_key_id = world.new("key")
        yield ProposeSigningKey(
            signing_key_id=signing_key_id,
            public_key="x",
            proof="a..b",
            valid_until=last_day,
            by=acting(organisation_id),
            at=begins,
        )
        if signing_key_id != "key-5":
            by = acting(organisation_id, "secretary")
            yield ApproveSigningKey(signing_key_id=signing_key_id, by=by, at=begins)
        if signing_key_id == "key-2":
            yield RevokeSigningKey(
                signing_key_id=signing_key_id,
                distrusted_since=begins,
                reason_code=KeyRevocationReason.LOST,
                by=acting(organisation_id),
                at=begins,
            )


def erasure(world: World) -> Iterator[Command]:
    """Somebody of whom everything is there, and who is erased."""
    by = acting(COMMITTEE)
    yield ExemptMember(
        exemption_id=world.new("exemption"),
        member_id="member-6",
        reason_code=ExemptionReason.ILLNESS,
        starts_on=AT.date(),
        ends_on=AT.date() + timedelta(days=9),
        by=acting(OTHER_BRANCH),
        at=AT,
    )
    yield SignUp(
        activity_id="activity-4", member_id="member-6", by=acting(COMMUNITY), at=WINDOWS[0][0]
    )
    yield OpenAccount(
        account_id=world.new("account"),
        organisation_id=OTHER_BRANCH,
        duty=AccountDuty.MEMBER,
        member_id="member-6",
        by=by,
        at=AT,
    )
    # What is under way is finished without a word about them.
    under_way = ObjectionSubject.PARTICIPATION, "participation-2"
    yield consultation_asked(world, "member-6", DecisionPurpose.APPRAISAL)
    yield opinion_given(world, Conduct.GOOD)
    yield consultation_asked(world, "member-6", DecisionPurpose.SELECTION)
    yield opened(world, "member-6", DecisionPurpose.APPRAISAL)
    yield vetting_opened(world, "member-6")
    yield objected(world, "member-6", *under_way, COMMUNITY)
    erasure_id = world.new("erasure")
    yield asked(erasure_id, "member-6", by)
    yield ConfirmErasure(erasure_id=erasure_id, by=acting(COMMITTEE, "secretary"), at=AT)
    yield EraseSubject(
        erasure_id=erasure_id,
        key_fingerprints=("identity:00",),
        by=acting(OTHER_BRANCH, "erasure-worker", "system"),
        at=AT + timedelta(days=7),
    )
