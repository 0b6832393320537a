"""Steps about service posts and claims on them: R12."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.claim import ClaimDeclineReason, ClaimPost, ClaimReleaseReason
from service.domain.claim_answer import ConfirmClaim, DeclineClaim, ReleaseClaim
from service.domain.service_post import AddPostCategory, CloseServicePost, OpenServicePost
from tests.domain.town import AT, COMMUNITY, acting
from tests.stateful import draws
from tests.stateful.draws import (
    NTH,
    WHO,
    Who,
    pick,
)
from tests.stateful.steps.step import Steps, given


class PostSteps(Steps):
    """Service posts and claims."""

    @rule(organisation=NTH, category=draws.CATEGORY)
    def add_post_category(self, organisation: int, category: str) -> None:
        kinds = ["subdistrict", "personnel_authority"]
        organisation_id = self.organisation(kinds, organisation)
        by = acting(organisation_id)
        self.decide(
            AddPostCategory(organisation_id=organisation_id, category=category, by=by, at=AT)
        )

    @rule(
        community=NTH,
        category=draws.CATEGORY,
        slots=draws.COUNT,
        specialities=draws.SPECIALITIES,
    )
    def open_service_post(
        self, community: int, category: str, slots: int, specialities: tuple[str, ...]
    ) -> None:
        community_id = self.organisation(["community"], community)
        self.decide(
            OpenServicePost(
                service_post_id=self.world.new("post"),
                community_id=community_id,
                title="服务岗",
                category=category,
                slots=slots,
                specialities=specialities,
                by=acting(community_id),
                at=AT,
            )
        )

    @given("posts")
    @rule(nth=NTH, who=WHO)
    def close_service_post(self, nth: int, who: Who) -> None:
        posts = self.world.town.posts
        post_id = pick(list(posts), nth)
        by = who.acting(posts[post_id].community if post_id in posts else None)
        self.decide(CloseServicePost(service_post_id=post_id, reason="不再需要", by=by, at=AT))

    @given("posts")
    @rule(post=NTH, member=NTH, who=WHO)
    def claim_post(self, post: int, member: int, who: Who) -> None:
        posts = self.world.town.posts
        post_id = pick(list(posts), post, [each for each in posts if not posts[each].closed])
        community_id = posts[post_id].community if post_id in posts else None
        member_id = self.neighbour(community_id or COMMUNITY, member)
        self.decide(
            ClaimPost(
                claim_id=self.world.new("claim"),
                service_post_id=post_id,
                member_id=member_id,
                by=who.acting(community_id, self.branch_of(member_id)),
                at=AT,
            )
        )

    @given("claims")
    @rule(nth=NTH, answer=st.sampled_from(["confirm", "decline", "release"]), who=WHO)
    def answer_claim(self, nth: int, answer: str, who: Who) -> None:
        town = self.world.town
        claim_id = pick(list(town.claims), nth)
        claim = town.claims.get(claim_id)
        community_id = town.posts[claim.post].community if claim else None
        if answer == "confirm":
            self.decide(ConfirmClaim(claim_id=claim_id, by=who.acting(community_id), at=AT))
        elif answer == "decline":
            no = ClaimDeclineReason.UNSUITED
            by = who.acting(community_id)
            self.decide(DeclineClaim(claim_id=claim_id, reason_code=no, by=by, at=AT))
        else:
            over = ClaimReleaseReason.HEALTH
            by = who.acting(community_id, self.branch_of(claim.member) if claim else None)
            self.decide(ReleaseClaim(claim_id=claim_id, reason_code=over, by=by, at=AT))
