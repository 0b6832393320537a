"""Claims: slots, specialities, and who answers (R12)."""

import pytest

from service.domain.claim import (
    AlreadyClaimed,
    ClaimConfirmed,
    ClaimDeclined,
    ClaimDeclineReason,
    ClaimPost,
    ClaimReleased,
    ClaimReleaseReason,
    NoSlotLeft,
    PostClaimed,
    SpecialityMissing,
)
from service.domain.claim_answer import (
    ClaimAlreadyAnswered,
    ClaimIsOver,
    ConfirmClaim,
    DeclineClaim,
    ReleaseClaim,
    UnknownClaim,
)
from service.domain.event import Event
from service.domain.membership import BranchTransferAccepted, UnknownMember
from service.domain.responsibility import NotRegisteredHere
from service.domain.service_post import ServicePostIsClosed, UnknownServicePost
from tests.domain.clean_up import GONE
from tests.domain.story import given
from tests.domain.test_service_post import CLOSED, opened
from tests.domain.town import (
    AT,
    BRANCH,
    COMMUNITY,
    FOREIGN_BRANCH,
    LI,
    MEMBER,
    OTHER_BRANCH,
    OTHER_COMMUNITY,
    SETTLED,
    WANG,
    accepted,
    acting,
    registered,
)

BOTH = (*SETTLED, registered(WANG, COMMUNITY, "r2"), accepted(WANG, COMMUNITY, "r2"))
SUBJECTS = {
    "service_post_id": "post",
    "community_id": COMMUNITY,
    "member_id": LI,
    "branch_id": BRANCH,
}
CLAIMED = PostClaimed(claim_id="claim", **SUBJECTS)
CONFIRMED = ClaimConfirmed(claim_id="claim", **SUBJECTS)
DECLINED = ClaimDeclined(claim_id="claim", reason_code=ClaimDeclineReason.UNSUITED, **SUBJECTS)
RELEASED = ClaimReleased(claim_id="claim", reason_code=ClaimReleaseReason.WORK, **SUBJECTS)
MOVED_TO_OTHER_BRANCH = BranchTransferAccepted(
    transfer_id="t", member_id=LI, branch_id=BRANCH, to_branch_id=OTHER_BRANCH
)


def claim(member_id: str = LI, by: str = COMMUNITY, post: str = "post") -> ClaimPost:
    return ClaimPost(
        claim_id="new", service_post_id=post, member_id=member_id, by=acting(by), at=AT
    )


def confirm(by: str = COMMUNITY) -> ConfirmClaim:
    return ConfirmClaim(claim_id="claim", by=acting(by), at=AT)


def decline(by: str = COMMUNITY) -> DeclineClaim:
    return DeclineClaim(
        claim_id="claim", reason_code=ClaimDeclineReason.UNSUITED, by=acting(by), at=AT
    )


def release(by: str = COMMUNITY) -> ReleaseClaim:
    return ReleaseClaim(claim_id="claim", reason_code=ClaimReleaseReason.WORK, by=acting(by), at=AT)


@pytest.mark.parametrize("by", [COMMUNITY, BRANCH])
def test_the_community_or_the_branch_claims_for_a_member(by: str) -> None:
    given(*SETTLED, opened()).when(claim(by=by)).then(
        PostClaimed, claim_id="new", member_id=LI, branch_id=BRANCH, community_id=COMMUNITY
    )


@pytest.mark.parametrize("by", [OTHER_COMMUNITY, OTHER_BRANCH, FOREIGN_BRANCH])
def test_nobody_else_claims_for_a_member_or_learns_of_the_post(by: str) -> None:
    given(*SETTLED, opened()).when(claim(by=by)).refused(UnknownServicePost)


def test_a_post_that_is_not_there_is_not_claimed() -> None:
    given(*SETTLED).when(claim()).refused(UnknownServicePost)


def test_a_member_registered_elsewhere_claims_nothing_here() -> None:
    elsewhere = (*MEMBER, registered(LI, OTHER_COMMUNITY), accepted(LI, OTHER_COMMUNITY))
    given(*elsewhere, opened()).when(claim(by=BRANCH)).refused(
        NotRegisteredHere, pointer="/member_id"
    )


def test_a_community_does_not_learn_of_members_registered_elsewhere() -> None:
    elsewhere = (*MEMBER, registered(LI, OTHER_COMMUNITY), accepted(LI, OTHER_COMMUNITY))
    given(*elsewhere, opened()).when(claim(by=COMMUNITY)).refused(
        UnknownMember, pointer="/member_id"
    )


def test_a_registration_that_is_not_accepted_yet_is_not_enough() -> None:
    given(*MEMBER, registered(), opened()).when(claim()).refused(NotRegisteredHere)


def test_a_deregistered_member_claims_nothing() -> None:
    given(*SETTLED, GONE, opened()).when(claim(by=BRANCH)).refused(NotRegisteredHere)


def test_the_slot_after_the_last_is_refused() -> None:
    given(*BOTH, opened(slots=1), CLAIMED).when(claim(WANG)).refused(NoSlotLeft)


def test_a_confirmed_claim_holds_its_slot() -> None:
    given(*BOTH, opened(slots=1), CLAIMED, CONFIRMED).when(claim(WANG)).refused(NoSlotLeft)


@pytest.mark.parametrize("end", [DECLINED, RELEASED])
def test_declining_or_releasing_frees_the_slot(end: Event) -> None:
    given(*BOTH, opened(slots=1), CLAIMED, end).when(claim(WANG)).then(PostClaimed)


def test_a_member_claims_a_post_once() -> None:
    given(*SETTLED, opened(), CLAIMED).when(claim()).refused(AlreadyClaimed)


@pytest.mark.parametrize("end", [DECLINED, RELEASED])
def test_a_member_may_claim_again_after_the_claim_is_over(end: Event) -> None:
    given(*SETTLED, opened(), CLAIMED, end).when(claim()).then(PostClaimed)


def test_a_member_may_claim_several_posts() -> None:
    other = opened(service_post_id="other")
    given(*SETTLED, opened(), other, CLAIMED).when(claim(post="other")).then(PostClaimed)


def test_a_required_speciality_must_have_been_stated() -> None:
    post = opened(specialities=("琼剧",))
    given(*SETTLED, post).when(claim()).refused(SpecialityMissing, pointer="/member_id")


@pytest.mark.parametrize("where", ["roster", "intake form"])
def test_a_speciality_counts_from_the_roster_or_the_intake_form(where: str) -> None:
    stated = {"specialities": ("琼剧", "书法")}
    index = 0 if where == "roster" else 1
    history = list(SETTLED)
    position = [
        next(n for n, event in enumerate(history) if type(event).__name__ == name)
        for name in ("MemberEnrolled", "MemberRegistered")
    ][index]
    history[position] = history[position].model_copy(update=stated)
    given(*history, opened(specialities=("琼剧",))).when(claim()).then(PostClaimed)


def test_a_closed_post_takes_no_claims() -> None:
    given(*SETTLED, opened(), CLOSED).when(claim()).refused(ServicePostIsClosed)


def test_the_community_confirms_a_claim() -> None:
    given(*SETTLED, opened(), CLAIMED).when(confirm()).then(ClaimConfirmed, **SUBJECTS)


def test_the_community_declines_a_claim() -> None:
    given(*SETTLED, opened(), CLAIMED).when(decline()).then(
        ClaimDeclined, reason_code=ClaimDeclineReason.UNSUITED, **SUBJECTS
    )


@pytest.mark.parametrize("by", [BRANCH, OTHER_COMMUNITY])
def test_only_the_post_s_community_answers_a_claim(by: str) -> None:
    story = given(*SETTLED, opened(), CLAIMED)
    story.when(confirm(by)).refused(UnknownClaim)
    story.when(decline(by)).refused(UnknownClaim)


def test_a_claim_that_is_not_there_is_not_answered() -> None:
    story = given(*SETTLED, opened())
    story.when(confirm()).refused(UnknownClaim)
    story.when(decline()).refused(UnknownClaim)
    story.when(release()).refused(UnknownClaim)


@pytest.mark.parametrize("answer", [CONFIRMED, DECLINED, RELEASED])
def test_a_claim_is_answered_once(answer: Event) -> None:
    story = given(*SETTLED, opened(), CLAIMED, answer)
    story.when(confirm()).refused(ClaimAlreadyAnswered)
    story.when(decline()).refused(ClaimAlreadyAnswered)


def test_a_claim_on_a_closed_post_is_not_confirmed() -> None:
    story = given(*SETTLED, opened(), CLAIMED, CLOSED)
    story.when(confirm()).refused(ServicePostIsClosed)
    story.when(decline()).then(ClaimDeclined)


def test_a_claim_of_a_member_who_has_left_is_not_confirmed() -> None:
    given(*SETTLED, opened(), CLAIMED, GONE).when(confirm()).refused(UnknownMember)


@pytest.mark.parametrize("by", [COMMUNITY, BRANCH])
@pytest.mark.parametrize("answered", [[], [CONFIRMED]])
def test_the_community_or_the_branch_releases_a_claim(by: str, answered: list[Event]) -> None:
    given(*SETTLED, opened(), CLAIMED, *answered).when(release(by)).then(
        ClaimReleased, reason_code=ClaimReleaseReason.WORK, **SUBJECTS
    )


@pytest.mark.parametrize("by", [OTHER_COMMUNITY, OTHER_BRANCH])
def test_nobody_else_releases_a_claim(by: str) -> None:
    given(*SETTLED, opened(), CLAIMED).when(release(by)).refused(UnknownClaim)


def test_after_a_branch_transfer_the_new_branch_releases() -> None:
    story = given(*SETTLED, opened(), CLAIMED, MOVED_TO_OTHER_BRANCH)
    story.when(release(BRANCH)).refused(UnknownClaim)
    story.when(release(OTHER_BRANCH)).then(ClaimReleased)


@pytest.mark.parametrize("end", [DECLINED, RELEASED])
def test_a_claim_ends_once(end: Event) -> None:
    given(*SETTLED, opened(), CLAIMED, end).when(release()).refused(ClaimIsOver)


def test_people_claiming_different_posts_do_not_depend_on_each_other() -> None:
    boundary = claim(WANG, post="other").consistency_boundary()
    assert not any("post:post" in selector.tags for selector in boundary)
