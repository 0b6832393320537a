"""Where the steps begin: a town, people on its rosters, and some of what they may have done.

Every word of it is decided like any step, so that the prologues are checked as well.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache

from service.domain.activity import ActivityKind
from service.domain.activity_planning import PlanActivity, PublishActivity
from service.domain.attendance import SignIn, SignOut
from service.domain.branch_transfer import AcceptBranchTransfer, RequestBranchTransfer
from service.domain.certificate import (
    IssueCertificate,
    RenewCertificate,
    WithdrawalReason,
    WithdrawCertificate,
)
from service.domain.certificate_report import ReportCertificateLost
from service.domain.claim import ClaimPost
from service.domain.endorsement import Performance
from service.domain.endorsing import EndorseParticipation
from service.domain.erasing import ConfirmErasure
from service.domain.event import Command
from service.domain.organisation import RegisterOrganisation
from service.domain.recording import RecordParticipation
from service.domain.registration_answer import AcceptRegistration
from service.domain.registration_deadline import SetRegistrationDeadline
from service.domain.registration_request import RegisterMember
from service.domain.registration_transfer import RequestTransfer
from service.domain.roster import EnrolMember
from service.domain.service_post import OpenServicePost
from service.domain.sign_up import SignUp, WithdrawSignUp
from service.domain.signing_key_approval import (
    ApproveSigningKey,
)
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    FOREIGN_BRANCH,
    ORGANISATIONS,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    acting,
    organisation,
    person,
)
from tests.stateful.draws import WINDOWS
from tests.stateful.papers import CERTIFICATE_NUMBERS, CREDIT_CODES
from tests.stateful.prologue_deliberation import deliberation
from tests.stateful.prologue_offices import asked, erasure, keys, officers
from tests.stateful.prologue_supervision import supervision
from tests.stateful.world import World

STAGES = ("on the rosters", "registered", "served", "supervised", "deliberated")
STARTS, ENDS = WINDOWS[0]
CODE = next(iter(CREDIT_CODES))
DEADLINE = ENDS + timedelta(days=100)
_LATER = ENDS + timedelta(days=1)
_FOREIGN_COMMITTEE = organisation("foreign-committee", kind=ORGANISATIONS[1].kind)


@lru_cache
def prologue(stage: str) -> World:
    """The world at this stage; take a copy."""
    world = World()
    stages = (_rosters, _registrations, _services, supervision, deliberation)
    for name, commands in zip(STAGES, stages, strict=True):
        for command in commands(world):
            assert world.decide(command).rejection is None, command
        if name == stage:
            break
    return world


def _rosters(world: World) -> Iterator[Command]:
    known: set[str] = set()
    for each in [_FOREIGN_COMMITTEE, *ORGANISATIONS]:
        parent = "foreign-committee" if each.organisation_id == FOREIGN_BRANCH else each.parent_id
        known.add(each.organisation_id)
        yield RegisterOrganisation(
            organisation_id=each.organisation_id,
            name=each.name,
            kind=each.kind,
            parent_id=parent,
            district=each.district,
            area_code=each.area_code,
            credit_code=CODE if each.organisation_id == AUTHORITY else None,
            by=acting("authority"),
            at=AT,
        )
    yield from officers(world)
    for branch_id in (
        BRANCH,
        BRANCH,
        OTHER_BRANCH,
        FOREIGN_BRANCH,
        OTHER_BRANCH,
        OTHER_BRANCH,
        BRANCH,
    ):
        member_id = world.new("member")
        yield EnrolMember(
            member_id=member_id,
            branch_id=branch_id,
            member_no=f"no-{member_id}",
            person=person(member_id),
            name=f"name of {member_id}",
            id_number="46903019900101001X",
            phone="13800000000",
            specialities=("法律",),
            by=acting(branch_id),
            at=AT,
        )
    for member_id in ("member-1", "member-2", "member-3", "member-4", "member-6"):
        yield IssueCertificate(
            certificate_no=_number(world),
            member_id=member_id,
            by=acting(world.town.branches[member_id]),
            at=AT,
        )
    # One moved to another branch, and one lost a certificate and gave back the next.
    by, first = acting(OTHER_BRANCH), world.town.valid["member-4"]
    transfer_id = world.new("transfer")
    yield RequestBranchTransfer(
        transfer_id=transfer_id, member_id="member-5", to_branch_id=BRANCH, by=by, at=AT
    )
    yield AcceptBranchTransfer(transfer_id=transfer_id, by=acting(BRANCH), at=AT)
    by = acting(FOREIGN_BRANCH)
    yield ReportCertificateLost(certificate_no=first, by=by, at=AT)
    second = _number(world)
    yield RenewCertificate(certificate_no=first, new_certificate_no=second, by=by, at=AT)
    reason = WithdrawalReason.OTHER
    yield WithdrawCertificate(certificate_no=second, reason_code=reason, by=by, at=AT)
    # One is to be erased if somebody else confirms it, and one if nobody cancels it.
    for member_id in ("member-5", "member-7"):
        erasure_id = world.new("erasure")
        yield asked(erasure_id, member_id, acting(BRANCH))
        if member_id == "member-7":
            by = acting(BRANCH, "secretary")
            yield ConfirmErasure(erasure_id=erasure_id, by=by, at=AT)


def _number(world: World) -> str:
    world.made["certificate"] += 1
    return CERTIFICATE_NUMBERS[world.made["certificate"]]


def _registrations(world: World) -> Iterator[Command]:
    for unit, deadline in ((COMMITTEE, DEADLINE), (BRANCH, AT)):
        yield SetRegistrationDeadline(
            organisation_id=unit, campaign="2026", deadline=deadline, by=acting(unit), at=AT
        )
    for member_id in ("member-1", "member-2", "member-3", "member-6"):
        community_id = OTHER_COMMUNITY if member_id == "member-3" else COMMUNITY
        registration_id = world.new("registration")
        yield RegisterMember(
            registration_id=registration_id,
            member_id=member_id,
            community_id=community_id,
            certificate_no=world.town.valid[member_id],
            residence="幸福路1号",
            phone="13800000000",
            specialities=("医疗",) if member_id == "member-1" else (),
            by=acting(community_id),
            at=AT,
        )
        yield AcceptRegistration(
            registration_id=registration_id, receipt_no="回执1", by=acting(community_id), at=AT
        )
    for slots, specialities in ((1, ()), (2, ("医疗", "法律"))):
        yield OpenServicePost(
            service_post_id=world.new("post"),
            community_id=COMMUNITY,
            title="服务岗",
            category="cleaning",
            slots=slots,
            specialities=specialities,
            by=acting(COMMUNITY),
            at=AT,
        )
    yield from keys(world)
    places: tuple[tuple[str, str | None, int | None], ...] = (
        (OTHER_COMMUNITY, None, 1),
        (COMMUNITY, OTHER_BRANCH, 2),
        (COMMUNITY, None, 1),
        (COMMUNITY, None, None),
    )
    for community_id, branch_id, capacity in places:
        activity_id = world.new("activity")
        yield PlanActivity(
            activity_id=activity_id,
            community_id=community_id,
            title="活动",
            kind=ActivityKind.UNIT if branch_id else ActivityKind.COMMUNITY,
            category="cleaning",
            starts_at=STARTS,
            ends_at=ENDS,
            place="广场",
            capacity=capacity,
            branch_id=branch_id,
            by=acting(community_id),
            at=AT,
        )
        yield PublishActivity(activity_id=activity_id, by=acting(community_id), at=AT)


def _services(world: World) -> Iterator[Command]:
    by, activity_id = acting(COMMUNITY), "activity-4"
    yield ClaimPost(
        claim_id=world.new("claim"),
        service_post_id="post-1",
        member_id="member-1",
        by=by,
        at=AT,
    )
    yield SignUp(activity_id="activity-3", member_id="member-1", by=by, at=STARTS)
    place = {"activity_id": "activity-1", "member_id": "member-3"}
    there = acting(OTHER_COMMUNITY)
    yield SignUp(**place, by=there, at=STARTS)
    yield WithdrawSignUp(**place, by=there, at=STARTS)
    yield RequestTransfer(
        registration_id=world.new("registration"),
        transferred_from="registration-3",
        community_id=COMMUNITY,
        residence="幸福路2号",
        phone="13800000000",
        by=there,
        at=AT,
    )
    # The first sign-in and the last sign-out count, whatever else there is.
    midway = STARTS + timedelta(hours=1)
    for signs, signed_at in (
        (SignIn, STARTS),
        (SignIn, midway),
        (SignOut, ENDS),
        (SignOut, midway),
    ):
        yield signs(
            activity_id=activity_id,
            member_id="member-1",
            signed_at=signed_at,
            method="qr",
            by=by,
            at=_LATER,
        )
    records: tuple[tuple[str, str | None], ...] = (
        ("member-1", activity_id),
        ("member-6", None),
        ("member-3", None),
        ("member-2", activity_id),
        ("member-2", None),
    )
    for member_id, attended in records:
        community_id = world.town.community_of(member_id) or COMMUNITY
        yield RecordParticipation(
            participation_id=world.new("participation"),
            community_id=community_id,
            member_id=member_id,
            kind=ActivityKind.COMMUNITY if attended else ActivityKind.OWN,
            starts_at=STARTS,
            ends_at=ENDS,
            content="清扫楼道",
            ledger="voluntary",
            activity_id=attended,
            by=acting(community_id),
            at=_LATER,
        )
    number = world.town.valid["member-3"]
    yield ReportCertificateLost(certificate_no=number, by=acting(OTHER_BRANCH), at=AT)
    yield EndorseParticipation(
        endorsement_id=world.new("endorsement"),
        participation_id="participation-1",
        performance=Performance.GOOD,
        by=acting(COMMUNITY, "secretary"),
        at=_LATER,
    )
    yield from erasure(world)
    # From now on this community signs itself.
    by = acting(COMMUNITY, "secretary")
    yield ApproveSigningKey(signing_key_id="key-5", by=by, at=AT - timedelta(days=9))
