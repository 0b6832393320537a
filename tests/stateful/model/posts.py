"""Service posts and claims on them (R12)."""

from service.domain.claim import ClaimPost
from service.domain.claim_answer import ConfirmClaim, DeclineClaim, ReleaseClaim
from service.domain.service_post import AddPostCategory, CloseServicePost, OpenServicePost
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Claim, Post, Town
from tests.stateful.papers import NINE_POSTS

NINE = {*NINE_POSTS, *NINE_POSTS.values()}


def _added_above(town: Town, organisation: str, category: str) -> bool:
    line = town.lines.get(organisation, ())
    return any((each, category) in town.categories for each in line)


@predicts(AddPostCategory)
def add_post_category(town: Town, command: AddPostCategory) -> Prediction:
    """A district may add to the nine (R12)."""
    organisation, category = command.organisation_id, command.category
    kind = town.kinds.get(organisation)
    if wrong := broken(
        UnknownOrganisation=kind is None,
        MayNotAddCategory=kind not in {None, "subdistrict", "personnel_authority"},
        PostCategoryExists=category in NINE or _added_above(town, organisation, category),
    ):
        return wrong
    town.categories.add((organisation, category))
    return happens("PostCategoryAdded", category=category)


@predicts(OpenServicePost)
def open_service_post(town: Town, command: OpenServicePost) -> Prediction:
    """In one of the nine categories or one added above the community (R12)."""
    community, category = command.community_id, command.category
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(community) != "community",
        UnknownPostCategory=category not in NINE and not _added_above(town, community, category),
    ):
        return wrong
    town.posts[command.service_post_id] = Post(community, command.slots, command.specialities)
    return happens("ServicePostOpened", category=NINE_POSTS.get(category, category))


@predicts(CloseServicePost)
def close_service_post(town: Town, command: CloseServicePost) -> Prediction:
    """By the community whose post it is."""
    post = town.posts.get(command.service_post_id)
    if post is None or post.community != command.by.organisation_id:
        return refused("UnknownServicePost")
    if post.closed:
        return refused("ServicePostIsClosed")
    post.closed = True
    return happens("ServicePostClosed", community_id=post.community)


@predicts(ClaimPost)
def claim_post(town: Town, command: ClaimPost) -> Prediction:
    """While a slot is free, for a registered member with the specialities it needs (R12)."""
    member, acting = command.member_id, command.by.organisation_id
    post = town.posts.get(command.service_post_id)
    branch = town.branches.get(member)
    if post is None or acting not in {post.community, branch}:
        return refused("UnknownServicePost")
    stranger = town.stranger(acting, post.community, member)
    if branch is None or stranger == "UnknownMember":
        return refused("UnknownMember")
    holding = town.holding(command.service_post_id)
    if wrong := broken(
        NotRegisteredHere=stranger is not None,
        ServicePostIsClosed=post.closed,
        AlreadyClaimed=member in holding,
        SpecialityMissing=not set(post.specialities) <= town.stated[member],
        NoSlotLeft=len(holding) >= post.slots,
    ):
        return wrong
    town.claims[command.claim_id] = Claim(command.service_post_id, member, branch)
    return happens("PostClaimed", community_id=post.community, branch_id=branch)


def _names(town: Town, claim: Claim) -> dict[str, object]:
    return {
        "service_post_id": claim.post,
        "community_id": town.posts[claim.post].community,
        "member_id": claim.member,
        "branch_id": claim.branch,
    }


@predicts(ConfirmClaim)
def confirm_claim(town: Town, command: ConfirmClaim) -> Prediction:
    """By the community, while there is something to confirm (R12)."""
    acting = command.by.organisation_id
    claim = town.claims.get(command.claim_id)
    if claim is None or town.posts[claim.post].community != acting:
        return refused("UnknownClaim")
    stranger = town.stranger(acting, acting, claim.member)
    if wrong := broken(
        ClaimAlreadyAnswered=claim.state != "waiting",
        ServicePostIsClosed=town.posts[claim.post].closed,
        UnknownMember=stranger == "UnknownMember",
        NotRegisteredHere=stranger == "NotRegisteredHere",
    ):
        return wrong
    claim.state = "confirmed"
    return happens("ClaimConfirmed", **_names(town, claim))


@predicts(DeclineClaim)
def decline_claim(town: Town, command: DeclineClaim) -> Prediction:
    """By the community; the slot is free again (R12)."""
    claim = town.claims.get(command.claim_id)
    if claim is None or town.posts[claim.post].community != command.by.organisation_id:
        return refused("UnknownClaim")
    if claim.state != "waiting":
        return refused("ClaimAlreadyAnswered")
    claim.state = "over"
    return happens("ClaimDeclined", **_names(town, claim))


@predicts(ReleaseClaim)
def release_claim(town: Town, command: ReleaseClaim) -> Prediction:
    """By the community or the member's branch of today; the slot is free again (R12)."""
    claim = town.claims.get(command.claim_id)
    if claim is None:
        return refused("UnknownClaim")
    allowed = {town.posts[claim.post].community, town.branches[claim.member]}
    if command.by.organisation_id not in allowed:
        return refused("UnknownClaim")
    if claim.state == "over":
        return refused("ClaimIsOver")
    claim.state = "over"
    return happens("ClaimReleased", **_names(town, claim))
