"""本人的副本: everything that is held about the member who asks, in one document (R38).

It is put together from what others read as well, written down as one reading, and no larger than
what the log and the list of readings hold about one member. What was said and decided about them,
which they may object to, is read on its own as well.
"""

from dataclasses import replace
from typing import Annotated, Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from service.api.evaluating import settled, year_of
from service.api.member_views import visible_member
from service.api.purposes import Purpose
from service.api.reads import Read, answer, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.domain.event import SHANGHAI
from service.projections import audit_trail, membership, notices
from service.projections.audit_trail import AuditFilter
from service.projections.membership import MemberDetails
from service.projections.own_copy import OwnCopy, OwnDecisions, OwnOpinions, of_oneself
from service.projections.vetting_evidence import EvidenceAbout, named, reading_shown, sections
from service.projections.vetting_evidence_reading import Material, material
from service.trust.keyring import LawfulReading

router = APIRouter(prefix="/api/v1/me", route_class=Route, tags=["本人"])

Own = Annotated[Read, reads(Scope.OWN_READ, Purpose.OWN_RECORD)]
_AT_ONCE = 200
_NAME = "%E6%9C%AC%E4%BA%BA%E8%AE%B0%E5%BD%95%E5%89%AF%E6%9C%AC"
"""本人记录副本, as RFC 8187 writes it: no file name tells whose copy it is (R40)."""


@router.get("/copy", response_model=OwnCopy, summary="本人记录的副本")
async def my_copy(read: Own) -> Response:
    """本系统所存的本人的全部记录，一份文件：归属、活动证、报到、记录、考核、反馈、意见、结论、异议、通知、查阅记录和审计记录。

    同样的内容另有供打印的一份；查阅记录很多的，可在“本人个人信息的查阅记录”中分批取得。
    """
    copy = await own_copy(read)
    headers = {
        "X-Position": str(copy["as_of_position"]),
        "Content-Disposition": f"attachment; filename*=UTF-8''{_NAME}.json",
    }
    return Response(orjson.dumps(copy), headers=headers, media_type="application/json")


@router.get("/opinions", response_model=OwnOpinions, summary="社区对本人的意见和反馈")
async def my_opinions(read: Own) -> Response:
    """历次征求意见及社区意见、季度反馈；对意见提出异议的，以征求意见的标识为异议对象。"""
    return await _of_kind(read, OwnOpinions)


@router.get("/decisions", response_model=OwnDecisions, summary="对本人作出的结论")
async def my_decisions(read: Own) -> Response:
    """评议考核、任前考察、评优、取消资格的结论，以及月查差异；附未决异议。"""
    return await _of_kind(read, OwnDecisions)


async def _of_kind(read: Read, kind: type[OwnOpinions | OwnDecisions]) -> Response:
    """Some sections of what is told of the member, opened."""
    position = await read.serving.log.head()
    _, told = await _told(read, position)
    wanted = {name: told[name] for name in kind.model_fields if name in told}
    shown = kind.model_validate_json(orjson.dumps({**wanted, "as_of_position": position}))
    content = shown.model_dump(mode="json")
    occasion = read.occasion(position, LawfulReading.SUBJECT_RIGHTS)
    await read.serving.opener.members(occasion, [(str(read.caller.person), content)])
    return answer(content, position)


async def _told(read: Read, position: int) -> tuple[Material, dict[str, Any]]:
    """Everything that events up to a position tell of the member, and what it is made of."""
    state, member_id = read.serving, str(read.caller.person)
    about = EvidenceAbout(member_id, "", position, await state.readings.last())
    found = await material(state.log, state.readings, about)
    return found, sections(member_id, found.recorded, state.calendars)


async def own_copy(read: Read) -> dict[str, Any]:
    """What `OwnCopy` declares, of the member who signed in, every text opened.

    One reading is written down, for the right to a copy.
    """
    state, member_id = read.serving, str(read.caller.person)
    position = await state.log.head()
    whole = replace(read, at_least=max(read.at_least, position))
    await whole.fresh(audit_trail.VIEW, membership.VIEW, notices.VIEW)
    details = await visible_member(whole, member_id)
    found, told = await _told(read, position)
    copy: dict[str, Any] = {
        "made_at": state.clock().astimezone(SHANGHAI),
        "organisations": named(found.recorded),
        "contacts": _contacts(details),
        **told,
        "evaluations": await _evaluations(
            whole, details, [each["year"] for each in told["off_duty_record"]]
        ),
        "notices": await _notices(whole, member_id),
        "readings": [reading_shown(each) for each in found.readings],
        "audit_trail": await _trail(whole, member_id),
        "as_of_position": position,
    }
    # By way of its declared form, so that whatever is printed from it and this are one.
    shown = OwnCopy.model_validate_json(orjson.dumps(copy)).model_dump(mode="json")
    occasion = read.occasion(position, LawfulReading.SUBJECT_RIGHTS)
    await state.opener.members(occasion, [(member_id, shown)])
    return shown


def _contacts(member: MemberDetails) -> dict[str, Any]:
    return {
        "phone": member.phone,
        "specialities": member.specialities,
        "residence": member.residence,
        "contact_phone": member.contact_phone,
        "service_intentions": member.service_intentions,
    }


async def _evaluations(read: Read, member: MemberDetails, years: list[int]) -> list[dict[str, Any]]:
    """Of every year of the record, and of this one."""
    today = read.serving.clock().astimezone(SHANGHAI).date()
    position = await settled(read)
    found = []
    for year in sorted({*years, today.year}):
        of_branch = await year_of(read.serving, read.sight, member.branch_id, year, position)
        own = [each for each in of_branch.members if each.member_id == member.member_id]
        for _, judged in of_branch.of_members(own):
            found += [
                {
                    "year": year,
                    "name": each.pack.pack.name,
                    "document_no": each.pack.pack.document_no,
                    "passes": each.judgement.passes,
                    "findings": [
                        {
                            "rule": finding.text,
                            "found": finding.found,
                            "required": finding.required,
                            "holds": finding.holds,
                        }
                        for finding in each.judgement.findings
                    ],
                }
                for each in judged
            ]
    return found


async def _notices(read: Read, member_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    before: int | None = 0
    while before is not None:
        page = await notices.of_member_told(read.sight, member_id, before=before, limit=_AT_ONCE)
        found += [each.model_dump(mode="json") for each in page.items]
        before = page.next_after
    return found


async def _trail(read: Read, member_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: int | None = 0
    wanted = AuditFilter(member_id=member_id)
    while after is not None:
        page = await audit_trail.fetch(read.sight, wanted, after=after, limit=_AT_ONCE)
        found += [of_oneself(each, member_id) for each in page.items]
        after = page.next_after
    return found
