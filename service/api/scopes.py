"""What a caller may be allowed: one named scope per route, and who may hold it."""

from enum import StrEnum
from typing import Self

from service.domain.organisation import OrganisationKind

_BRANCH = OrganisationKind.BRANCH
_COMMITTEE = OrganisationKind.AGENCY_COMMITTEE
_AUTHORITY = OrganisationKind.PERSONNEL_AUTHORITY
_COMMUNITY = OrganisationKind.COMMUNITY
_SUBDISTRICT = OrganisationKind.SUBDISTRICT
_ALL = frozenset(OrganisationKind)


class Scope(StrEnum):
    """权限: what a route needs; `word` is what a person reads, `kinds` may hold it."""

    word: str
    kinds: frozenset[OrganisationKind]

    def __new__(cls, value: str, word: str, kinds: frozenset[OrganisationKind]) -> Self:
        scope = str.__new__(cls, value)
        scope._value_ = value
        scope.word = word
        scope.kinds = kinds
        return scope

    ORGANISATIONS_WRITE = (
        "organisations:write", "登记组织", frozenset({_COMMITTEE, _AUTHORITY, _SUBDISTRICT})
    )  # fmt: skip
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

    MEMBERS_READ = "members:read", "查看党员名单", _ALL
    RECORDS_READ = "off-duty-records:read", "查看八小时外记录", _ALL
    REGISTRATIONS_READ = "registrations:read", "查看报到", _ALL
    SERVICE_POSTS_READ = "service-posts:read", "查看服务岗", _ALL
    ACTIVITIES_READ = "activities:read", "查看活动", _ALL
    STATISTICS_READ = "statistics:read", "查看统计", _ALL
    AUDIT_TRAIL_READ = "audit-trail:read", "查看审计记录", _ALL

    @classmethod
    def of_kind(cls, kind: OrganisationKind) -> list["Scope"]:
        """Every scope an organisation of this kind may hold."""
        return [scope for scope in cls if kind in scope.kinds]
