"""Samples: one stored event per version, with invented people and keys that protect nobody.

The members' keys of the samples are published beside them, wrapped by a master key everybody knows:
a sample can be opened, and opening it must go on working with every later version of the code.
"""

import asyncio
import json
from base64 import b64decode, b64encode
from datetime import date, datetime, timedelta
from enum import Enum
from hashlib import sha256
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin
from uuid import NAMESPACE_URL, uuid5

import asyncpg
from pydantic import BaseModel

from service.contracts.capability import tags_of
from service.contracts.unpublishable import SampleMissing
from service.domain.certificate_number import certificate_number
from service.domain.event import SHANGHAI, Actor, Event
from service.domain.signed import text_digest
from service.eventstore.mapping import encode, personal_keys
from service.trust.keyring import KeyRing
from service.trust.master_key import MasterKey
from service.trust.signatures import ServiceKeys
from service.trust.verification import thumbprint

MASTER = MasterKey(sha256(b"eighthours sample key, known to everybody").digest())
"""What the members' keys of the samples are wrapped with."""
SATURDAY = datetime(2026, 3, 7, 9, tzinfo=SHANGHAI)


class SampleKeys:
    """The members' keys of the samples: what a key ring otherwise asks the database for."""

    def __init__(self, text: str = "[]") -> None:
        self._wrapped = {
            (entry["member_id"], entry["purpose"]): b64decode(entry["wrapped"])
            for entry in json.loads(text)
        }

    def text(self) -> str:
        """The keys as they are published."""
        entries = [
            {"member_id": member, "purpose": purpose, "wrapped": b64encode(wrapped).decode()}
            for (member, purpose), wrapped in sorted(self._wrapped.items())
        ]
        return json.dumps(entries, indent=2) + "\n"

    def ring(self) -> KeyRing:
        """A key ring with all of these keys at hand."""
        ring = KeyRing(self, MASTER)
        asyncio.run(ring.load(list(self._wrapped)))
        return ring

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:  # noqa: ARG002 - as `Connections`
        """The keys of these members and purposes; with a third column, keys that are new."""
        columns = cast("tuple[list[Any], ...]", args)
        for member, purpose, *wrapped in zip(*columns, strict=True):
            if wrapped:
                self._wrapped[member, purpose] = wrapped[0]
        rows = [
            {
                "member_id": member,
                "purpose": purpose,
                "wrapped": self._wrapped[member, purpose],
                "state": "active",
            }
            for member, purpose in zip(columns[0], columns[1], strict=True)
            if (member, purpose) in self._wrapped
        ]
        return cast("list[asyncpg.Record]", rows)

    async def fetchval(self, query: str, *args: object) -> object:
        """No single values are asked for."""
        raise NotImplementedError(query)  # pragma: no cover - a key ring of samples is not checked

    async def execute(self, query: str, *args: object) -> str:
        """Nothing is written but keys."""
        raise NotImplementedError(query)  # pragma: no cover - a key ring of samples is not checked


def stored(event: Event, keys: SampleKeys) -> bytes:
    """The exact bytes the log would keep of this event; makes the keys that are missing."""
    ring = KeyRing(keys, MASTER)
    asyncio.run(ring.ensure(personal_keys([event])))
    named = (getattr(event, f"{kind}_id", None) for kind in ("community", "branch", "organisation"))
    acting = next(filter(None, named), _id("organisation"))
    happened = SATURDAY + timedelta(hours=2, minutes=30)
    recorded = SATURDAY + timedelta(days=2)
    actor = Actor(acting, _id("officer"), "responsible", _id("client"))
    return encode(event, actor, happened, recorded, ring).data


def invented(event: type[Event]) -> Event:
    """An event of this class with every field filled; raises `SampleMissing`."""
    tags = tags_of(event)
    values = {
        name: _value(event, name, field.annotation, tags.get(name))
        for name, field in event.model_fields.items()
    }
    return event.model_validate(values | {"event_id": _id(f"event:{event.event_type}")})


def _id(kind: str) -> str:
    """The same made-up id for the same subject in every sample, so that they tell one story."""
    return str(uuid5(NAMESPACE_URL, f"urn:eighthours:sample:{kind}"))


def _value(owner: type[BaseModel], name: str, annotation: Any, tag: str | None) -> Any:
    for known in ((owner.__name__, name), ("", name)):
        if known in _VALUES:
            return _VALUES[known]
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return _value(owner, name, next(each for each in inner if each is not NoneType), tag)
    if origin is tuple:
        return (_value(owner, name, inner[0], tag),)
    if origin is Literal:
        return inner[0]
    return _plain(owner, name, annotation, tag)


def _plain(owner: type[BaseModel], name: str, annotation: Any, tag: str | None) -> Any:
    if issubclass(annotation, BaseModel):
        return {
            each: _value(annotation, each, field.annotation, None)
            for each, field in annotation.model_fields.items()
        }
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    if annotation is str and name.endswith("_by_person"):
        return _VALUES["", "person"]
    if annotation is str and (tag is not None or name.endswith(("_id", "_by"))):
        return _id(tag or name)
    raise SampleMissing(
        f"{owner.__name__} 的字段 {name} 没有样例值："
        "请写入 service/contracts/samples.py 的 _VALUES。"
    )


_COMMENT, _SALT = "热心耐心，居民评价好", sha256(b"salt").hexdigest()[:32]
_KEY = ServiceKeys(MASTER).public("sample")
"""A public key whose private half everybody can find out."""

_COUNTED = {
    "measure": "outside_minutes",
    "ledgers": ["duty", "voluntary"],
    "grades": ["A", "B"],
    "kinds": ["community", "own"],
    "categories": None,
}
_PACK = {
    "code": "sample",
    "name": "样例考核规则",
    "document_no": "样例组〔2026〕1号",
    "issuer": "样例区委组织部",
    "source": "样例，并非出自任何文件",
    "invented": ["/document_no", "/issuer", "/rules"],
    "valid_from": "2026-01-01",
    "valid_to": "2027-01-01",
    "subject": "member",
    "purpose": "completion",
    "rules": [
        {
            "kind": "minimum",
            "rule_id": "hours",
            "text": "当年八小时外服务满50小时为合格，计60分，此后每满1小时加1分",
            "counted": _COUNTED,
            "at_least": 3000,
            "points": {"base": 60, "step": 60, "per_step": 1, "cap": None},
        },
        {
            "kind": "bands",
            "rule_id": "stars",
            "text": "有服务而不满10小时为一星，满10小时为二星",
            "counted": _COUNTED | {"categories": ["走访群众"]},
            "award": "stars",
            "bands": [
                {"at_least": 0, "below": 1, "value": 0},
                {"at_least": 1, "below": 600, "value": 1},
                {"at_least": 600, "below": None, "value": 2},
            ],
            "cap": 5,
            "at_least": 0,
        },
        {
            "kind": "deadline",
            "rule_id": "registered_in_time",
            "text": "6月30日以前报到",
            "month": 6,
            "day": 30,
        },
    ],
    "passes": ["hours", "registered_in_time"],
}
"""A pack with what members can be judged by."""

_SERVICE = {
    "members": 18,
    "members_duty": 6,
    "members_voluntary": 15,
    "served": [
        {
            "ledger": "duty",
            "grade": "B",
            "category": "cleaning",
            "times": 6,
            "outside_minutes": 720,
        },
        {
            "ledger": "voluntary",
            "grade": "A",
            "category": "culture",
            "times": 31,
            "outside_minutes": 3735,
        },
    ],
    "inside_minutes": 45,
    "pending_minutes": 0,
    "unendorsed": 2,
}
_FIGURES = {
    "standing": {"members": 20, "exempt": 1, "registered": 18},
    "service": _SERVICE,
    "supervision": {
        "inspections": 3,
        "talks": 6,
        "visits": 1,
        "discrepancies": 4,
        "discrepancies_open": 1,
    },
}
"""What a quarter of a branch may come to."""

_OF_DECISIONS: dict[tuple[str, str], object] = {
    ("", "answer_due_on"): date(2026, 5, 10),
    ("", "calendars"): ("国办发明电〔2025〕7号（2026年，版本0123456789ab）",),
    ("", "checkpoint"): "log.example.cn\n20260\nc2FtcGxl\n\n— log.example.cn c2FtcGxl\n",
    ("", "conditions"): ("silent_past_due",),
    ("", "countersigned_on"): date(2026, 4, 9),
    ("", "document_title"): "关于做好征求社区党组织意见工作的通知",
    ("", "duty_minutes"): 720,
    ("", "escalated_on"): date(2026, 5, 11),
    ("", "evidence_digest"): sha256(b"evidence").hexdigest(),
    ("", "explained_on"): date(2026, 4, 9),
    ("", "explanation"): "该同志住在单位宿舍，所在片区尚未设立社区",
    ("", "findings"): "邻里反映该同志热心公益，遵守社区公约",
    ("", "grade_a"): 12,
    ("", "grade_b"): 6,
    ("", "grade_c"): 1,
    ("", "grade_d"): 0,
    ("", "inquirers"): (_id("officer"),),
    ("", "interviewees"): 6,
    ("", "masked"): False,
    ("", "notices"): ("never_checked_in",),
    ("", "notified_on"): date(2026, 4, 1),
    ("", "officer_person"): sha256(b"nobody").hexdigest()[:32],
    ("", "on_paper"): False,
    ("", "opinion_ids"): (_id("opinion"),),
    ("", "overridden"): ("silent_past_due",),
    ("", "override_ids"): (_id("override"),),
    ("", "position"): 20260,
    ("", "raised_on"): date(2026, 4, 10),
    ("", "readings_up_to"): 1000,
    ("", "registered_since"): "2026-03-09",
    ("", "team"): (_id("officer"), _id("another-officer")),
    ("", "unit_view"): "建议予以考虑",
    ("", "voluntary_minutes"): 3735,
    ("ConsultationAsked", "period"): "2026",
    ("ConsultationWithdrawn", "corrects"): _id("event:ConsultationAsked"),
    ("DecisionConcluded", "period"): "2026",
    ("DecisionConcluded", "result"): "selected",
    ("DecisionOpened", "period"): "2026",
    ("DecisionRevised", "corrects"): _id("event:DecisionConcluded"),
    ("DecisionRevised", "period"): "2026",
    ("ObjectionAnswered", "text"): "经核实，签到记录有误，予以更正",
    ("ObjectionRaised", "text"): "当日签退时间记录有误",
    ("OpinionGiven", "figures"): {
        "registered_since": "2026-03-09",
        "grade_a": 12,
        "grade_b": 6,
        "grade_c": 1,
        "grade_d": 0,
        "voluntary_minutes": 3735,
        "duty_minutes": 720,
        "as_of_position": 20260,
    },
    ("OpinionGiven", "replaces"): None,
    **{
        (owner, "replying_id"): _id("community")
        for owner in ("OpinionGiven", "OpinionCountersigned", "OpinionWithdrawn")
    },
    ("OpinionReminded", "number"): 1,
    ("OpinionRequested", "period"): "2026",
    ("OpinionWithdrawn", "corrects"): _id("event:OpinionGiven"),
    ("PublicNoticePosted", "ends_on"): date(2026, 10, 13),
    ("PublicNoticePosted", "starts_on"): date(2026, 9, 30),
    ("VettingOpened", "period"): "2021-03-01/2026-09-30",
}
"""Of consultation, decisions, vetting and objections."""

_VALUES: dict[tuple[str, str], object] = {
    **_OF_DECISIONS,
    ("", "amendments"): (1,),
    ("", "ancestors"): (_id("parent"), _id("authority")),
    ("", "area_code"): "469030",
    ("", "as_of_position"): 20260,
    ("", "attendees"): 32,
    ("", "calendar"): "国办发明电〔2025〕7号（2026年，版本0123456789ab）",
    ("", "campaign"): "2026年机关党员进社区报到",
    ("", "capacity"): 20,
    ("", "category"): "cleaning",
    ("", "cause_event_ids"): (_id("event:ParticipationEndorsed"),),
    ("", "certificate_no"): certificate_number("469030", 2026, 1),
    ("", "channel"): "社区宣传栏",
    ("", "comment"): _COMMENT,
    ("", "comment_digest"): text_digest(_COMMENT, _SALT),
    ("", "comment_salt"): _SALT,
    ("", "conclusions"): "各支部经验做法已经交流，下一季度着重走访群众",
    ("", "content"): "打扫楼道，清理小广告",
    ("", "corrects"): _id("event:ParticipationRecorded"),
    # Its check character is wrong, which is why the sample has an exception too.
    ("", "credit_code"): "11469030MB0A000010",
    ("", "deadline"): datetime(2026, 6, 30, 23, 59, 59, tzinfo=SHANGHAI),
    ("", "deeds"): "三年如一日照看独居老人",
    ("", "difference_explained"): "一名党员的组织关系正在转接",
    ("", "differences"): ({"figure": "/members", "before": 18, "after": 17},),
    ("", "distrusted_since"): SATURDAY + timedelta(days=1),
    ("", "district"): "琼中黎族苗族自治县",
    ("", "document_no"): "琼组发〔2026〕12号",
    ("", "due_at"): SATURDAY + timedelta(days=7),
    ("", "due_on"): date(2026, 4, 10),
    ("", "ended_on"): date(2026, 8, 31),
    ("", "endorses"): _id("event:ParticipationRecorded"),
    ("", "ends_at"): SATURDAY + timedelta(hours=2),
    ("", "ends_on"): date(2026, 12, 31),
    ("", "evidence"): "登记管理部门出具的证明，2026年第3号",
    ("", "figures"): _FIGURES,
    ("", "first"): 1,
    ("", "from_community_id"): _id("old-community"),
    ("", "half"): "2026-H1",
    ("", "held_on"): date(2026, 4, 20),
    ("", "id_number"): "469030199001010000",
    ("", "insurance"): "已为参加者投保意外伤害险",
    ("", "key_fingerprints"): (f"identity:{sha256(b'no key').hexdigest()}",),
    ("", "last"): 1000,
    ("", "listed_head_count"): 19,
    ("", "measured"): (
        {"rule_id": "hours", "measured": "60小时", "required": "不少于50小时", "passed": True},
    ),
    ("", "member_no"): "QZ-0001",
    ("", "name"): "林样例",
    ("", "narrative"): "本期党员服务以环境卫生和文体活动为主",
    ("", "note"): "已与本人核对",
    ("", "parent_id"): _id("parent"),
    ("", "person"): sha256(b"nobody").hexdigest()[:32],
    ("", "phone"): "13800000000",
    ("", "place"): "社区活动中心",
    ("", "projects"): ("政策宣讲", "结对帮扶"),
    ("", "proof"): "e30..c2FtcGxl",
    ("", "public_key"): _KEY,
    ("", "quarter"): "2026-Q1",
    ("", "reason"): "情况有变",
    ("", "readings_digest"): sha256(b"readings").hexdigest(),
    ("", "receipt_no"): "HZ-2026-0001",
    ("", "reminded_on"): date(2026, 4, 11),
    ("", "replaces"): certificate_number("469030", 2025, 1),
    ("", "residence"): "样例路1号1单元101室",
    ("", "risk_notes"): "登高作业，注意防滑",
    ("", "risky"): True,
    ("", "service_intentions"): ("环境卫生",),
    # Left to the service, which signs what it stores.
    ("", "signature"): None,
    ("", "signing_key_id"): thumbprint(_KEY),
    ("", "signed_at"): SATURDAY + timedelta(minutes=-5),
    ("", "signed_in_at"): SATURDAY + timedelta(minutes=-5),
    ("", "signed_out_at"): SATURDAY + timedelta(hours=2, minutes=3),
    ("", "slots"): 5,
    ("", "specialities"): ("法律", "书法"),
    ("", "starts_at"): SATURDAY,
    ("", "starts_on"): date(2026, 7, 1),
    ("", "stated_head_count"): 20,
    ("", "title"): "周末清洁家园",
    ("", "to_branch_id"): _id("new-branch"),
    ("", "transferred_from"): _id("old-registration"),
    ("", "valid_from"): date(2026, 4, 1),
    ("", "valid_until"): datetime(2028, 12, 31, 23, 59, 59, tzinfo=SHANGHAI),
    ("", "window_ends_at"): SATURDAY + timedelta(hours=2),
    ("", "window_starts_at"): SATURDAY,
    ("ActivityPlanned", "kind"): "unit",
    ("CommendationConcluded", "title"): "优秀共产党员",
    ("CommendationRevoked", "corrects"): _id("event:CommendationConcluded"),
    ("DisqualificationRevoked", "corrects"): _id("event:DisqualificationConcluded"),
    ("EndorsementRevoked", "corrects"): _id("event:ParticipationEndorsed"),
    ("OrganisationRegistered", "name"): "样例局第一党支部",
    ("PostCategoryAdded", "category"): "防火巡山岗",
    ("QuarterlyReportAmended", "number"): 1,
    ("QuarterlyReportAmended", "service"): _SERVICE | {"members": 17},
    ("RollCallException", "member_id"): _id("absent-member"),
    ("RulePackAdopted", "pack"): _PACK,
    ("RulePackRepealed", "valid_to"): date(2026, 10, 1),
    ("SigningKeyApproved", "replaces"): thumbprint(ServiceKeys(MASTER).public("old sample")),
    ("SigningKeyApproved", "valid_from"): SATURDAY,
    ("ServicePostOpened", "title"): "环境卫生保洁岗",
    ("SupervisionReminded", "number"): 1,
    ("SupervisionReminded", "period"): "2026-03",
    ("SymposiumHeld", "present"): (_id("branch"), _id("community")),
    ("WorkingHours", "starts_at"): "09:00",
    ("WorkingHours", "ends_at"): "12:00",
    ("", "year"): 2026,
    ("", "certificates"): 19,
    ("", "entries"): 37,
    ("", "exempt"): 1,
    ("", "unendorsed"): 2,
    ("", "visited_on"): date(2026, 3, 18),
    ("InspectionConfirmed", "month"): "2026-03",
    ("QuarterlyFeedbackGiven", "text"): _COMMENT,
    # These speak of a member, or else of a unit.
    **{
        (owner, name): None
        for owner in (
            "ConsequenceProposed",
            "ProposalDismissed",
            "CommendationConcluded",
            "CommendationRevoked",
            "DisqualificationConcluded",
            "DisqualificationRevoked",
        )
        for name in ("organisation_id", "open_reason")
    },
}
"""Invented values by field name, or by class and field where the class needs its own."""
