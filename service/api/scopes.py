"""What a caller may be allowed: one named scope per route, and who may hold it."""

from enum import Enum, StrEnum
from typing import Self

from service.domain.organisation import OrganisationKind

_BRANCH = OrganisationKind.BRANCH
_COMMITTEE = OrganisationKind.AGENCY_COMMITTEE
_AUTHORITY = OrganisationKind.PERSONNEL_AUTHORITY
_COMMUNITY = OrganisationKind.COMMUNITY
_SUBDISTRICT = OrganisationKind.SUBDISTRICT
_ALL = frozenset(OrganisationKind)


class Holder(Enum):
    """Who holds a right, in the words of whoever reads about it.

    One person holds those of one kind only, so that none checks themselves: whoever opens accounts
    does not put them into force, and neither reads about the other.
    """

    ORGANISATION = "客户端，以及登录的办理人"
    MEMBER = "登录的党员本人"
    SYSTEM = "登录的系统管理员"
    SECURITY = "登录的安全管理员"
    AUDIT = "登录的审计管理员"


class Scope(StrEnum):
    """权限: what a route needs; `word` is what a person reads.

    An organisation of one of the `kinds` may have it, and there `holder` holds it.
    """

    word: str
    kinds: frozenset[OrganisationKind]
    holder: Holder

    def __new__(
        cls,
        value: str,
        word: str,
        kinds: frozenset[OrganisationKind],
        holder: Holder = Holder.ORGANISATION,
    ) -> Self:
        scope = str.__new__(cls, value)
        scope._value_ = value
        scope.word = word
        scope.kinds = kinds
        scope.holder = holder
        return scope

    ORGANISATIONS_WRITE = (
        "organisations:write", "登记组织", frozenset({_COMMITTEE, _AUTHORITY, _SUBDISTRICT})
    )  # fmt: skip
    OFFICERS_WRITE = (
        "officers:write",
        "任免负责人与经办人",
        frozenset({_COMMITTEE, _AUTHORITY, _SUBDISTRICT}),
    )
    DELEGATIONS_WRITE = "delegations:write", "委托经办人", frozenset({_COMMUNITY})
    PAIRINGS_WRITE = (
        "pairings:write",
        "单位与社区结对",
        frozenset({_BRANCH, _COMMITTEE, _AUTHORITY}),
    )
    ROSTER_WRITE = "roster:write", "编制名册", frozenset({_BRANCH})
    WORKING_TIME_WRITE = "working-time:write", "登记作息、请假与排班", frozenset({_BRANCH})
    EXEMPTIONS_WRITE = "exemptions:write", "免予报到", frozenset({_BRANCH})
    BRANCH_TRANSFERS_WRITE = "branch-transfers:write", "转接组织关系", frozenset({_BRANCH})
    CERTIFICATES_WRITE = "certificates:write", "管理活动证", frozenset({_BRANCH, _COMMUNITY})
    DEADLINES_WRITE = (
        "deadlines:write", "设定报到期限", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    REGISTRATIONS_WRITE = "registrations:write", "办理报到", frozenset({_BRANCH, _COMMUNITY})
    SERVICE_POSTS_WRITE = (
        "service-posts:write", "设置服务岗", frozenset({_COMMUNITY, _SUBDISTRICT, _AUTHORITY})
    )  # fmt: skip
    CLAIMS_WRITE = "claims:write", "办理认岗", frozenset({_BRANCH, _COMMUNITY})
    ACTIVITIES_WRITE = "activities:write", "安排活动", frozenset({_COMMUNITY})
    SIGN_UPS_WRITE = "sign-ups:write", "活动报名", frozenset({_BRANCH, _COMMUNITY})
    ATTENDANCES_WRITE = "attendances:write", "签到签退", frozenset({_COMMUNITY})
    PARTICIPATIONS_WRITE = "participations:write", "记录参加情况", frozenset({_COMMUNITY})
    ENDORSEMENTS_WRITE = "endorsements:write", "认定", frozenset({_COMMUNITY})

    INSPECTIONS_WRITE = "inspections:write", "办理月查", frozenset({_BRANCH})
    VISITS_WRITE = (
        "visits:write", "登记走访社区", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    FEEDBACK_WRITE = "feedback:write", "向单位反馈党员表现", frozenset({_COMMUNITY})
    REPORTS_WRITE = (
        "reports:write", "上报季报、汇总和半年总结", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    RULE_PACKS_WRITE = (
        "rule-packs:write", "采用考核规则", frozenset({_COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    CONSEQUENCES_WRITE = (
        "consequences:write", "评优与取消资格", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    CONSULTATIONS_WRITE = (
        "consultations:write", "征求社区意见", frozenset({_BRANCH, _AUTHORITY})
    )  # fmt: skip
    OPINIONS_WRITE = (
        "opinions:write", "出具社区意见", frozenset({_COMMUNITY, _SUBDISTRICT})
    )  # fmt: skip
    DECISIONS_WRITE = (
        "decisions:write",
        "评先评优、民主评议和年度考核",
        frozenset({_BRANCH, _COMMITTEE, _AUTHORITY}),
    )
    VETTINGS_WRITE = "vettings:write", "办理任前考察", frozenset({_AUTHORITY})
    OBJECTIONS_WRITE = "objections:write", "代为登记和答复异议", _ALL
    ROLE_MODELS_WRITE = (
        "role-models:write", "办理先进典型", frozenset({_BRANCH, _COMMITTEE, _COMMUNITY})
    )  # fmt: skip

    SIGNING_KEYS_WRITE = "signing-keys:write", "登记、核准和撤销签名密钥", _ALL

    ERASURES_WRITE = (
        "erasures:write", "办理删除个人信息", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip

    REVIEWS_WRITE = "reviews:write", "复核关注事项", frozenset({_AUTHORITY, _SUBDISTRICT})

    REVIEW_LIST_READ = (
        "review-list:read", "查看关注事项", frozenset({_AUTHORITY, _SUBDISTRICT})
    )  # fmt: skip
    OFFICERS_READ = "officers:read", "查看负责人与经办人", _ALL
    MEMBERS_READ = "members:read", "查看党员名单", _ALL
    RECORDS_READ = "off-duty-records:read", "查看八小时外记录", _ALL
    REGISTRATIONS_READ = "registrations:read", "查看报到", _ALL
    SERVICE_POSTS_READ = "service-posts:read", "查看服务岗", _ALL
    ACTIVITIES_READ = "activities:read", "查看活动", _ALL
    STATISTICS_READ = "statistics:read", "查看统计", _ALL
    SUPERVISION_READ = "supervision:read", "查看督查情况与报告", _ALL
    RULE_PACKS_READ = "rule-packs:read", "查看考核规则", _ALL
    EVALUATIONS_READ = (
        "evaluations:read", "查看按规则考核的结果", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    CONSEQUENCES_READ = "consequences:read", "查看评优、取消资格与先进典型", _ALL
    CONSULTATIONS_READ = "consultations:read", "查看征求意见与社区意见", _ALL
    DECISIONS_READ = (
        "decisions:read", "查看评议考核", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    VETTINGS_READ = "vettings:read", "查看任前考察与考察材料", frozenset({_AUTHORITY})
    OBJECTIONS_READ = "objections:read", "查看异议", _ALL
    NOTICES_READ = "notices:read", "查看通知", _ALL
    SIGNING_KEYS_READ = "signing-keys:read", "查看各组织的签名公钥", _ALL
    AUDIT_TRAIL_READ = "audit-trail:read", "查看审计记录", _ALL
    READINGS_READ = (
        "readings:read", "查看个人信息的查阅记录", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    ERASURES_READ = (
        "erasures:read", "查看删除回执", frozenset({_BRANCH, _COMMITTEE, _AUTHORITY})
    )  # fmt: skip
    RESTRICTED_READ = (
        "restricted-data:read",
        "查看已限制处理的个人信息",
        frozenset({_BRANCH, _COMMITTEE, _AUTHORITY}),
    )
    LOG_READ = "log:read", "取得日志原文", frozenset({_AUTHORITY})

    ACCOUNTS_OPEN = "accounts:open", "开设账号，发放登录凭据", _ALL, Holder.SYSTEM
    ACCOUNTS_ACTIVATE = "accounts:activate", "启用和停用账号", _ALL, Holder.SECURITY
    ACCOUNTS_READ = "accounts:read", "查看账号", _ALL, Holder.SECURITY
    ACCOUNTS_AUDIT = "accounts:audit", "查看账号的开设、启用和停用", _ALL, Holder.AUDIT
    OWN_READ = "own:read", "查看本人的记录", frozenset({_BRANCH}), Holder.MEMBER
    OWN_WRITE = "own:write", "提出和撤回本人的异议", frozenset({_BRANCH}), Holder.MEMBER

    @classmethod
    def of_kind(cls, kind: OrganisationKind, holder: Holder = Holder.ORGANISATION) -> list["Scope"]:
        """Every scope that ``holder`` may have in an organisation of this kind."""
        return [scope for scope in cls if kind in scope.kinds and scope.holder is holder]
