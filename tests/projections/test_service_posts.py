"""Posts and claims: 人次 apart from 人 (R12)."""

from service.domain.claim import (
    ClaimConfirmed,
    ClaimDeclined,
    ClaimDeclineReason,
    ClaimReleased,
    ClaimReleaseReason,
    PostClaimed,
)
from service.domain.service_post import PostCategory, ServicePostClosed, ServicePostOpened
from service.eventstore import EventLog
from service.projections.service_posts import PostPage, post, posts_of_community
from tests.domain.town import BRANCH, COMMUNITY, LI, TOWN, WANG
from tests.eventstore.history import given
from tests.projections.service_year import kept_up

SOURCE_TABLE = [17, 5, 2, 2, 1, 1, 1, 1, 1]
"""Claims by post in the source's tenth document: 31 by 19 members."""


def opened(number: int, category: PostCategory, slots: int) -> ServicePostOpened:
    return ServicePostOpened(
        service_post_id=f"post-{number}",
        community_id=COMMUNITY,
        title=category.word,
        category=category,
        slots=slots,
    )


def claim_of(number: int, member: int | str) -> dict[str, str]:
    return {
        "claim_id": f"claim-{number}-{member}",
        "service_post_id": f"post-{number}",
        "community_id": COMMUNITY,
        "member_id": f"member-{member}",
        "branch_id": BRANCH,
    }


def source_claims() -> list[dict[str, str]]:
    """31 claims so that each of 19 members has at least one."""
    # 17 claim the first post; the 14 other claims go to the two left and to some of them again.
    others = iter([18, 17, *range(12)])
    claims = [claim_of(0, member) for member in range(17)]
    for number, times in enumerate(SOURCE_TABLE[1:], start=1):
        claims += [claim_of(number, next(others)) for _ in range(times)]
    return claims


async def shown(log: EventLog) -> PostPage:
    await kept_up(log)
    page = await posts_of_community(log.pool, COMMUNITY)
    assert page.as_of_position == await log.head()
    return page


async def test_r12_the_sources_table_has_19_members_9_posts_31_claims(log: EventLog) -> None:
    posts = [opened(number, category, 20) for number, category in enumerate(PostCategory)]
    claims = source_claims()
    await given(log, *TOWN, *posts)
    await given(log, *[PostClaimed(**claim) for claim in claims])
    await given(log, *[ClaimConfirmed(**claim) for claim in claims])
    page = await shown(log)
    assert (page.totals.members, page.totals.posts, page.totals.claims) == (19, 9, 31)
    assert [each.claims for each in page.items] == SOURCE_TABLE
    assert page.items[0].category_word == "文体活动服务岗"


async def test_r12_claims_that_wait_or_are_confirmed_hold_a_slot(log: EventLog) -> None:
    li, wang = claim_of(0, LI), claim_of(0, WANG)
    await given(log, *TOWN, opened(0, PostCategory.CLEANING, 2), PostClaimed(**li))
    [item] = (await shown(log)).items
    assert (item.claims, item.confirmed_claims, item.members, item.open_slots) == (1, 0, 1, 1)
    await given(log, ClaimConfirmed(**li), PostClaimed(**wang))
    [item] = (await shown(log)).items
    assert (item.claims, item.confirmed_claims, item.members, item.open_slots) == (2, 1, 2, 0)
    await given(
        log,
        ClaimReleased(**li, reason_code=ClaimReleaseReason.WORK),
        ClaimDeclined(**wang, reason_code=ClaimDeclineReason.OTHER),
    )
    [item] = (await shown(log)).items
    assert (item.claims, item.members, item.open_slots) == (0, 0, 2)


async def test_a_post_shows_all_its_claims(log: EventLog) -> None:
    li = claim_of(0, LI)
    await given(log, *TOWN, opened(0, PostCategory.CLEANING, 2), PostClaimed(**li))
    await given(log, ClaimReleased(**li, reason_code=ClaimReleaseReason.WORK))
    await kept_up(log)
    found = await post(log.pool, "post-0")
    assert found is not None
    assert [(each.member_id, each.state) for each in found.history] == [
        (li["member_id"], "released")
    ]
    assert await post(log.pool, "post-1") is None


async def test_a_closed_post_has_no_open_slots(log: EventLog) -> None:
    closed = ServicePostClosed(service_post_id="post-0", community_id=COMMUNITY, reason="不再需要")
    await given(log, *TOWN, opened(0, PostCategory.CLEANING, 2), closed)
    [item] = (await shown(log)).items
    assert (item.state, item.open_slots) == ("closed", 0)


async def test_posts_come_in_pages_and_totals_are_of_all(log: EventLog) -> None:
    await given(log, *TOWN, *[opened(n, PostCategory.CLEANING, 1) for n in range(5)])
    await kept_up(log)
    first = await posts_of_community(log.pool, COMMUNITY, limit=3)
    assert first.next_after is not None
    second = await posts_of_community(log.pool, COMMUNITY, after=first.next_after, limit=3)
    found = [each.service_post_id for each in first.items + second.items]
    assert found == [f"post-{n}" for n in range(5)]
    assert (second.next_after, second.totals.posts, second.totals.slots) == (None, 5, 5)
