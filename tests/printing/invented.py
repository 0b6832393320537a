"""Invented evidence of a vetting, of any length, with something of everything."""

from datetime import date, datetime, timedelta
from typing import Any

from service.domain.event import SHANGHAI
from service.printing.evidence import Frozen
from service.projections.vetting_evidence_answer import VettingEvidence

AUTHORITY, BRANCH, COMMUNITY = "org-authority", "org-branch", "org-community"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
CHECKPOINT = f"eighthours.local/log\n10234\n{ROOT}\n\n— eighthours.local/log AAAAAAAA\n"
FROZEN = Frozen(DIGEST, CHECKPOINT, date(2026, 9, 28))
PURPOSES = {"vetting": "干部选拔任用考察", "consultation": "征求意见、出具意见"}
_FIRST = datetime(2026, 1, 10, 9, tzinfo=SHANGHAI)
_CONTENTS = (
    "小区环境卫生清理，清运楼道杂物",
    "为社区老人讲解防范电信诈骗知识",
    "入户走访困难家庭，了解就学就医情况",
    "社区图书室值守，整理图书并接待青少年",
    "汛期夜间巡查，排查地下车库积水点",
    "参加社区环境整治志愿服务，清理乱张贴和乱堆放，协助更换破损的宣传栏，并向沿街商户宣传门前三包责任",
)


def said(position: int, organisation_id: str = COMMUNITY, person: str = "officer-0021") -> Any:
    """An origin."""
    at = (_FIRST + timedelta(hours=position)).isoformat()
    return {
        "position": position,
        "event_id": f"3f9c6c1e-1111-4222-8333-{position:012d}",
        "occurred_at": at,
        "recorded_at": at,
        "organisation_id": organisation_id,
        "person": person,
    }


def ended(position: int, code: str | None, reason: str | None, **who: str) -> Any:
    """The same with why."""
    return said(position, **who) | {"reason_code": code, "reason": reason, "note": None}


SIGNATURE = {"signing_key_id": "b5bb9d8014a0f9b1d61e21e796d78dcc", "held_by": "service"}


def minutes(participations: int, outside: int) -> Any:
    """A sum."""
    return {
        "participations": participations,
        "outside_minutes": outside,
        "inside_minutes": 30,
        "pending_minutes": 0,
    }


def entry(number: int, **given: Any) -> Any:
    """One participation; every seventh is disputed, every eleventh voided."""
    starts = _FIRST + timedelta(days=number % 260, hours=number % 3)
    voided = number % 11 == 5
    stated = said(1000 + number)
    return {
        "participation_id": f"participation-{number}",
        "activity_id": None,
        "branch_id": BRANCH,
        "community_id": COMMUNITY,
        "state": "voided" if voided else "endorsed",
        "kind": "community",
        "category": "cleaning",
        "ledger": "duty" if number % 3 else "voluntary",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(minutes=60 + 7 * (number % 20))).isoformat(),
        "signed_in_at": starts.isoformat(),
        "signed_out_at": None,
        "content": _CONTENTS[number % len(_CONTENTS)],
        "credited_minutes": 90,
        "outside_minutes": 60 + 7 * (number % 20),
        "inside_minutes": 30 if number % 5 == 0 else 0,
        "pending_minutes": 0,
        "calendar": "国办发明电〔2025〕7号",
        "default_timetable": False,
        "grade": "ABCD"[number % 4],
        "endorsement": {
            "endorsement_id": f"endorsement-{number}",
            "event_id": stated["event_id"],
            "performance": "good",
            "comment": "态度认真，居民反映良好" if number % 4 == 0 else None,
            "endorsed_at": stated["occurred_at"],
            "endorsed_by": "officer-0021",
        },
        "declined": None,
        "disputed": number % 7 == 3,
        "corrections": [],
        "revocations": [],
        "voided": {
            "event_id": "x",
            "occurred_at": stated["occurred_at"],
            "recorded_at": stated["recorded_at"],
            "corrects": "y",
            "reason": "重复录入",
        }
        if voided
        else None,
        "overlaps": [],
        "recorded_by": "officer-0022",
        "recorded_at": stated["recorded_at"],
        "recorded": said(900 + number, person="officer-0022"),
        "endorsed": {"stated": stated, "signature": SIGNATURE},
    } | given


def evidence(entries: int = 30, *, readings: int = 12, **given: Any) -> VettingEvidence:
    """Evidence with so many entries; ``given`` takes the place of sections."""
    return VettingEvidence.model_validate(_sections(entries, readings) | given)


def _sections(entries: int, readings: int) -> dict[str, Any]:
    totals = {
        "outside_minutes": 3120,
        "inside_minutes": 180,
        "pending_minutes": 0,
        "unendorsed_minutes": 0,
        "by_grade": {"A": minutes(20, 2000), "B": minutes(10, 1120)},
        "by_ledger": {"duty": minutes(18, 1900), "voluntary": minutes(12, 1220)},
        "by_category": {},
    }
    year = {
        "year": 2026,
        "totals": totals,
        "months": [],
        "entries": [entry(number) for number in range(entries)],
    }
    return {
        "form": 1,
        "vetting": {
            "decision_id": "0b9b1f0e-6d0f-4c59-9a42-5f1a6c3f2f10",
            "organisation_id": AUTHORITY,
            "period": "2021-03-01/2026-09-30",
            "team": ["officer-0901", "officer-0902", "officer-0903"],
            "opened": said(8000, AUTHORITY, "officer-0900"),
        },
        "position": 10234,
        "readings_up_to": 4711,
        "calendars": ["国办发明电〔2025〕7号（2026年）"],
        "organisations": [
            {"organisation_id": AUTHORITY, "name": "中共江口市委组织部", "position": 1},
            {"organisation_id": BRANCH, "name": "江口市财政局机关第一党支部", "position": 2},
            {"organisation_id": COMMUNITY, "name": "中共幸福里社区委员会", "position": 3},
        ],
        "member": {
            "member_id": "member-1",
            "member_no": "P-2021-000318",
            "name": "赵䶮",
            "branches": [{"branch_id": BRANCH, "since": said(10, BRANCH, "officer-0300")}],
            "exemptions": [],
        },
        "certificates": [
            {
                "certificate_no": "JK-2026-000318-5",
                "branch_id": BRANCH,
                "state": "valid",
                "issued": said(30, BRANCH, "officer-0300"),
                "signature": SIGNATURE,
                "ended": None,
            }
        ],
        "registrations": [
            {
                "registration_id": "registration-1",
                "community_id": COMMUNITY,
                "certificate_no": "JK-2026-000318-5",
                "transferred_from": None,
                "state": "accepted",
                "deadline": "2026-06-30T23:59:59+08:00",
                "late": False,
                "receipt_no": "HZ-2026-0007",
                "presented": said(40),
                "answered": ended(41, None, None),
                "ended": None,
            }
        ],
        "off_duty_record": [year],
        "inspections": [
            {
                "inspection_id": f"inspection-{month}",
                "branch_id": BRANCH,
                "month": f"2026-{month:02d}",
                "confirmed": said(5000 + month, BRANCH),
            }
            for month in range(1, 9)
        ],
        "discrepancies": [
            {
                "discrepancy_id": "discrepancy-1",
                "inspection_id": "inspection-3",
                "participation_id": "participation-3",
                "kind": "missing_sign_out",
                "state": "resolved",
                "note": "3月5日签到后没有签退",
                "reason_code": None,
                "resolution": "corrected",
                "disputed": True,
                "found": said(5100, BRANCH, "officer-0300"),
                "resolved": ended(5200, None, None, organisation_id=BRANCH, person="officer-0300"),
            }
        ],
        "feedback": [
            {
                "feedback_id": "feedback-1",
                "community_id": COMMUNITY,
                "quarter": "2026-Q2",
                "performance": "excellent",
                "text": "积极参加社区活动，主动承担夜间巡查。",
                "disputed": False,
                "given": said(6000),
            }
        ],
        "consultations": [_consultation()],
        "absences": [],
        "decisions": [_decision()],
        "commendations": [],
        "disqualifications": [],
        "role_models": [],
        "objections": [_objection()],
        "field_inquiries": [
            {
                "inquiry_id": "inquiry-1",
                "decision_id": "0b9b1f0e-6d0f-4c59-9a42-5f1a6c3f2f10",
                "held_on": "2026-09-20",
                "inquirers": ["officer-0901", "officer-0902"],
                "interviewees": 6,
                "findings": "邻里反映该同志热心公益；社区干部反映其遵守社区公约，带头参加活动。",
                "stated": said(9100, AUTHORITY, "officer-0901"),
            }
        ],
        "readings": [
            {
                "number": 4000 + number,
                "at": (_FIRST + timedelta(days=200, hours=number)).isoformat(),
                "organisation_id": AUTHORITY if number % 2 else COMMUNITY,
                "person": "officer-0901" if number % 3 else None,
                "role": "responsible",
                "purpose": "vetting" if number % 2 else "consultation",
                "fields": ["name"],
                "position": 9000 + number,
            }
            for number in range(readings)
        ],
        "as_of_position": 10234,
    }


def _consultation() -> Any:
    return {
        "consultation_id": "consultation-1",
        "purpose": "vetting",
        "period": "2021-03-01/2026-09-30",
        "to_community_id": COMMUNITY,
        "document_no": "江组发〔2026〕12号",
        "document_title": "关于干部任前考察征求社区党组织意见的办法",
        "masked": True,
        "due_on": "2026-09-18",
        "state": "answered",
        "disputed": False,
        "asked": said(8100, AUTHORITY, "officer-0900"),
        "reminders": [
            {
                "number": 1,
                "reminded_on": "2026-09-19",
                "stated": said(8150, "eighthours", "service"),
            }
        ],
        "escalated": None,
        "recusals": [],
        "opinions": [
            {
                "opinion_id": "opinion-1",
                "replying_id": COMMUNITY,
                "state": "countersigned",
                "replaces": None,
                "figures": {
                    "registered_since": "2026-03-02",
                    "grade_a": 20,
                    "grade_b": 10,
                    "grade_c": 0,
                    "grade_d": 0,
                    "voluntary_minutes": 1220,
                    "duty_minutes": 1900,
                    "as_of_position": 8199,
                },
                "social_morality": "good",
                "community_pledge": "good",
                "bearing": "fair",
                "overall": "good",
                "comment": "该同志积极参加社区活动，群众反映好。",
                "given": said(8200),
                "signature": SIGNATURE,
                "countersigned": {
                    "stated": said(8210, COMMUNITY, "officer-0023"),
                    "signature": SIGNATURE,
                    "countersigned_on": "2026-09-20",
                },
                "withdrawn": None,
            }
        ],
        "withdrawn": None,
    }


def _decision() -> Any:
    return {
        "decision_id": "decision-2025",
        "purpose": "assessment",
        "period": "2025",
        "result": "competent",
        "disputed": True,
        "opened": said(7000, BRANCH, "officer-0300"),
        "overrides": [
            {
                "override_id": "override-1",
                "conditions": ["silent_past_due"],
                "reason": "社区换届期间无法出具意见，经研究同意先行作出结论。",
                "stated": said(7050, BRANCH, "officer-0301"),
            }
        ],
        "public_notices": [],
        "conclusion": {
            "result": "competent",
            "document_no": "江财党〔2026〕3号",
            "reason": "履职情况良好。",
            "opinion_ids": [],
            "notices": [],
            "overridden": ["silent_past_due"],
            "override_ids": ["override-1"],
            "stated": said(7100, BRANCH, "officer-0300"),
        },
        "revisions": [],
    }


def _objection() -> Any:
    return {
        "objection_id": "objection-1",
        "against": "decision",
        "subject_id": "decision-2025",
        "against_event_id": "event-7100",
        "state": "open",
        "text": "本人认为2025年的参加记录未计全，请予复核。",
        "notified_on": "2026-09-10",
        "raised_on": "2026-09-15",
        "answer_due_on": "2026-10-15",
        "on_paper": False,
        "raised": said(9000, BRANCH, "member-1"),
        "escalated": None,
        "answer": None,
        "withdrawn": None,
    }
