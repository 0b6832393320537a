"""服务岗: what a community needs filled, in which category and with how many slots (R12)."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, ClassVar

from service.domain.event import (
    Command,
    CommunityId,
    Event,
    Fact,
    OrganisationId,
    Rejection,
    Selector,
    ServicePostId,
    Tag,
    on,
)
from service.domain.organisation import OrganisationKind, Organisations, UnknownOrganisation


class PostCategory(StrEnum):
    """岗位类别: the nine of the source's tenth document; a district may add to them (R12)."""

    CULTURE = "culture"
    CIVILITY = "civility"
    CLEANING = "cleaning"
    SCIENCE = "science"
    PARTY_BUILDING = "party_building"
    STUDENTS = "students"
    FAMILY_PLANNING = "family_planning"
    POLICY_AND_LAW = "policy_and_law"
    MIGRANTS = "migrants"

    @property
    def word(self) -> str:
        return {
            "culture": "文体活动服务岗",
            "civility": "文明新风践行岗",
            "cleaning": "环境卫生保洁岗",
            "science": "科普知识宣传岗",
            "party_building": "党建工作指导岗",
            "students": "学生关怀服务岗",
            "family_planning": "计划生育服务岗",
            "policy_and_law": "政策法规宣传岗",
            "migrants": "流动人口服务岗",
        }[self.value]


def post_category(text: str) -> str:
    """The stored category for a code or a Chinese word; a district's category is its own word."""
    return {each.word: each.value for each in PostCategory}.get(text, text)


def post_category_word(category: str) -> str:
    """What a person reads for a stored category."""
    return {each.value: each.word for each in PostCategory}.get(category, category)


class PostCategoryAdded(Event, type="PostCategoryAdded"):
    """增设岗位类别: beside the nine of the source, for communities under the organisation (R12)."""

    organisation_id: OrganisationId
    category: Annotated[str, Tag("post-category")]


class ServicePostOpened(Event, type="ServicePostOpened"):
    """设岗: a community opens a service post with a number of slots (R12)."""

    service_post_id: ServicePostId
    community_id: CommunityId
    title: str
    category: str
    slots: int
    specialities: tuple[str, ...] = ()


class ServicePostClosed(Event, type="ServicePostClosed"):
    """撤岗: the post takes no further claims."""

    service_post_id: ServicePostId
    community_id: CommunityId
    reason: str


class UnknownServicePost(Rejection):
    """没有这个服务岗，或者该岗位不由贵单位管理。"""

    status = 404


class MayNotAddCategory(Rejection):
    """岗位类别只能由街道或者组织部门增设。"""

    rule = "R12"


class PostCategoryExists(Rejection):
    """该岗位类别已经有了。"""

    rule = "R12"


class UnknownPostCategory(Rejection):
    """没有这个岗位类别：既不在九类之中，本地区也没有增设。"""

    rule = "R12"


class ServicePostIsClosed(Rejection):
    """该服务岗已经撤销。"""

    rule = "R12"


@dataclass(frozen=True)
class Post:
    """A service post as it stands."""

    community_id: str
    slots: int
    specialities: tuple[str, ...]
    closed: bool = False


@dataclass
class ServicePosts(Fact):
    """Which service posts there are, of which community, and whether they are open."""

    subject: ClassVar[str] = "post"
    posts: dict[str, Post] = field(default_factory=dict)

    @on(ServicePostOpened)
    def _(
        self, service_post_id: str, community_id: str, slots: int, specialities: tuple[str, ...]
    ) -> None:
        self.posts[service_post_id] = Post(community_id, slots, specialities)

    @on(ServicePostClosed)
    def _(self, service_post_id: str) -> None:
        self.posts[service_post_id] = replace(self.posts[service_post_id], closed=True)

    def require(self, service_post_id: str, community_id: str = "", pointer: str = "") -> Post:
        """The post; refused if there is none, or none of ``community_id`` where that is given."""
        post = self.posts.get(service_post_id)
        if post is None or community_id not in {"", post.community_id}:
            raise UnknownServicePost(pointer=pointer)
        return post

    def require_open(self, service_post_id: str, community_id: str = "", pointer: str = "") -> Post:
        """The post; refused if there is none or it is closed."""
        post = self.require(service_post_id, community_id, pointer)
        if post.closed:
            raise ServicePostIsClosed(pointer=pointer)
        return post


def added_categories(organisations: tuple[str, ...], category: str) -> list[Selector]:
    """Selects whether one of these organisations added the category."""
    return [
        Selector([PostCategoryAdded], [f"post-category:{category}", f"organisation:{each}"])
        for each in organisations
    ]


@dataclass(kw_only=True)
class AddPostCategory(Command):
    """增设岗位类别: a district adds to the nine, for the communities under it (R12)."""

    organisation_id: str
    category: str
    organisations: Organisations = field(init=False, default_factory=Organisations)
    added: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        line = self.organisations.line_of(self.organisation_id)
        return [Organisations.about(self.organisation_id), *added_categories(line, self.category)]

    @on(PostCategoryAdded)
    def _(self) -> None:
        self.added = True

    def execute(self) -> None:
        kind = self.organisations.kinds.get(self.organisation_id)
        if kind is None:
            raise UnknownOrganisation
        if kind not in {OrganisationKind.SUBDISTRICT, OrganisationKind.PERSONNEL_AUTHORITY}:
            raise MayNotAddCategory
        if self.added or post_category(self.category) in set(PostCategory):
            raise PostCategoryExists(pointer="/category")
        self.happened(
            PostCategoryAdded(organisation_id=self.organisation_id, category=self.category)
        )


@dataclass(kw_only=True)
class OpenServicePost(Command):
    """设岗: in one of the nine categories or one that the district added (R12)."""

    service_post_id: str
    community_id: str
    title: str
    category: str
    slots: int
    specialities: tuple[str, ...] = ()
    organisations: Organisations = field(init=False, default_factory=Organisations)
    added: bool = field(init=False, default=False)

    def consistency_boundary(self) -> list[Selector]:
        line = self.organisations.line_of(self.community_id)
        return [Organisations.about(self.community_id), *added_categories(line, self.category)]

    @on(PostCategoryAdded)
    def _(self) -> None:
        self.added = True

    def execute(self) -> None:
        self.organisations.require(self.community_id, OrganisationKind.COMMUNITY)
        category = post_category(self.category)
        if not self.added and category not in set(PostCategory):
            raise UnknownPostCategory(pointer="/category")
        self.happened(
            ServicePostOpened(
                service_post_id=self.service_post_id,
                community_id=self.community_id,
                title=self.title,
                category=category,
                slots=self.slots,
                specialities=self.specialities,
            )
        )


@dataclass(kw_only=True)
class CloseServicePost(Command):
    """撤岗: by the community whose post it is."""

    service_post_id: str
    reason: str
    posts: ServicePosts = field(init=False, default_factory=ServicePosts)

    def consistency_boundary(self) -> list[Selector]:
        return [ServicePosts.about(self.service_post_id)]

    def execute(self) -> None:
        post = self.posts.require_open(self.service_post_id, self.by.organisation_id)
        self.happened(
            ServicePostClosed(
                service_post_id=self.service_post_id,
                community_id=post.community_id,
                reason=self.reason,
            )
        )
