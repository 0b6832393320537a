"""Service posts: their nine categories, and what a district adds (R12)."""

from typing import Any

import pytest

from service.domain.event import Event
from service.domain.organisation import UnknownOrganisation
from service.domain.service_post import (
    AddPostCategory,
    CloseServicePost,
    MayNotAddCategory,
    OpenServicePost,
    PostCategory,
    PostCategoryAdded,
    PostCategoryExists,
    ServicePostClosed,
    ServicePostIsClosed,
    ServicePostOpened,
    UnknownPostCategory,
    UnknownServicePost,
    post_category_word,
)
from tests.domain.story import given
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_COMMUNITY,
    SUBDISTRICT,
    TOWN,
    acting,
)

ADDED = PostCategoryAdded(organisation_id=SUBDISTRICT, category="护林防火岗")


def add(category: str = "护林防火岗", organisation_id: str = SUBDISTRICT) -> AddPostCategory:
    return AddPostCategory(
        organisation_id=organisation_id, category=category, by=acting(organisation_id), at=AT
    )


def open_post(**differently: Any) -> OpenServicePost:
    post: dict[str, Any] = {
        "service_post_id": "post",
        "community_id": COMMUNITY,
        "title": "楼道保洁",
        "category": "cleaning",
        "slots": 2,
    }
    return OpenServicePost(by=acting(COMMUNITY), at=AT, **post | differently)


def close(organisation_id: str = COMMUNITY) -> CloseServicePost:
    return CloseServicePost(
        service_post_id="post", reason="已有物业", by=acting(organisation_id), at=AT
    )


def opened(**differently: Any) -> ServicePostOpened:
    post: dict[str, Any] = {
        "service_post_id": "post",
        "community_id": COMMUNITY,
        "title": "楼道保洁",
        "category": "cleaning",
        "slots": 2,
    }
    return ServicePostOpened(**post | differently)


CLOSED = ServicePostClosed(service_post_id="post", community_id=COMMUNITY, reason="已有物业")


def test_the_nine_categories_are_those_of_the_source() -> None:
    assert [category.word for category in PostCategory] == [
        "文体活动服务岗",
        "文明新风践行岗",
        "环境卫生保洁岗",
        "科普知识宣传岗",
        "党建工作指导岗",
        "学生关怀服务岗",
        "计划生育服务岗",
        "政策法规宣传岗",
        "流动人口服务岗",
    ]


def test_a_community_opens_a_post_in_one_of_the_nine() -> None:
    given(*TOWN).when(open_post()).then(ServicePostOpened, category="cleaning", slots=2)


def test_a_category_may_be_given_by_its_word() -> None:
    given(*TOWN).when(open_post(category="环境卫生保洁岗")).then(
        ServicePostOpened, category="cleaning"
    )


def test_a_category_of_neither_the_nine_nor_the_district_is_refused() -> None:
    given(*TOWN).when(open_post(category="护林防火岗")).refused(
        UnknownPostCategory, pointer="/category"
    )


def test_a_category_the_district_added_may_be_used() -> None:
    given(*TOWN, ADDED).when(open_post(category="护林防火岗")).then(
        ServicePostOpened, category="护林防火岗"
    )
    assert post_category_word("护林防火岗") == "护林防火岗"
    assert post_category_word("cleaning") == "环境卫生保洁岗"


def test_a_category_another_district_added_is_refused() -> None:
    elsewhere = PostCategoryAdded(organisation_id="other-subdistrict", category="护林防火岗")
    given(*TOWN, elsewhere).when(open_post(category="护林防火岗")).refused(UnknownPostCategory)


def test_only_a_community_opens_a_post() -> None:
    given(*TOWN).when(open_post(community_id=BRANCH)).refused(UnknownOrganisation)


@pytest.mark.parametrize("organisation_id", [SUBDISTRICT, AUTHORITY])
def test_a_district_adds_a_category(organisation_id: str) -> None:
    given(*TOWN).when(add(organisation_id=organisation_id)).then(
        PostCategoryAdded, organisation_id=organisation_id, category="护林防火岗"
    )


@pytest.mark.parametrize("organisation_id", [COMMUNITY, BRANCH, COMMITTEE])
def test_only_a_subdistrict_or_an_authority_adds_a_category(organisation_id: str) -> None:
    given(*TOWN).when(add(organisation_id=organisation_id)).refused(MayNotAddCategory)


def test_nobody_unknown_adds_a_category() -> None:
    given(*TOWN).when(add(organisation_id="unknown")).refused(UnknownOrganisation)


@pytest.mark.parametrize("category", ["cleaning", "环境卫生保洁岗"])
def test_one_of_the_nine_is_not_added_again(category: str) -> None:
    given(*TOWN).when(add(category)).refused(PostCategoryExists, pointer="/category")


def test_a_category_is_not_added_twice() -> None:
    given(*TOWN, ADDED).when(add()).refused(PostCategoryExists)


def test_a_community_closes_its_post() -> None:
    given(opened()).when(close()).then(ServicePostClosed, reason="已有物业")


@pytest.mark.parametrize("history", [[], [opened(community_id=OTHER_COMMUNITY)]])
def test_a_post_that_is_not_there_or_another_s_is_not_closed(history: list[Event]) -> None:
    given(*history).when(close()).refused(UnknownServicePost)


def test_a_post_is_not_closed_twice() -> None:
    given(opened(), CLOSED).when(close()).refused(ServicePostIsClosed)
