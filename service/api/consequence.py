"""考核建议: what the rule packs in force propose, and what is not followed (R28, R31, R32)."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from service.api.access import acting_for
from service.api.evaluating import Judged, Year, year_of
from service.api.fields import FIRST_YEAR, LAST_YEAR, Act, Code, Id, LongText
from service.api.fields import Year as AskedYear
from service.api.pages import EXPORTS, Page, Paged
from service.api.places import Places
from service.api.purposes import Purpose
from service.api.reads import Read, reached, reads
from service.api.route import Route
from service.api.scopes import Scope
from service.api.writes import Recorded, Write, ids, recorded, writes
from service.domain.consequence import (
    ConsequenceProposed,
    DismissalReason,
    Measured,
    Outcome,
    Subject,
)
from service.domain.dismissing import DismissProposal
from service.domain.event import Event
from service.domain.organisation import UNITS
from service.domain.proposing import Finding, ProposeConsequences
from service.domain.rule_pack import PackPurpose
from service.domain.rule_pack_adoption import UnknownPack
from service.projections import consequences, organisation_statistics, rule_packs
from service.projections.consequences import Proposal, ProposalPage, ProposalState
from service.projections.statistics_years import counting_events
from service.projections.view import Sight

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["评优与取消资格"])

Consequences = Annotated[Write, writes(Scope.CONSEQUENCES_WRITE)]
ConsequencesRead = Annotated[Read, reads(Scope.CONSEQUENCES_READ, Purpose.COMMENDATION)]
Within = Annotated[Id, Query(description="所查看的组织，含其下级。")]
InYear = Annotated[AskedYear | None, Query(description="年度；不填为历年。")]
YearNumber = Annotated[int, Field(strict=True, ge=FIRST_YEAR, le=LAST_YEAR)]


class ProposeConsequencesBody(Act):
    """按考核规则提出建议。"""

    year: YearNumber
    """年度。"""
    code: Code
    """规则包代码。"""


class ConsequencesProposed(Recorded):
    """已提出建议。"""

    proposal_ids: list[str]
    """新提出的各项建议；以前提出过的不重复提出。"""


class DismissProposalBody(Act):
    """不予采纳。"""

    reason_code: Annotated[DismissalReason, Field(strict=False)]
    """原因：record_corrected 记录已经更正，good_cause 有正当理由，not_warranted 尚不足以作出这一
    处理，other 其他原因。"""
    reason: LongText | None = None
    """说明；对单位的，不得写入姓名等个人信息。"""


@router.post(
    "/organisations/{organisation_id}/consequence-proposals",
    status_code=201,
    response_model=ConsequencesProposed,
    responses={425: {}},
    summary="按考核规则提出建议",
)
async def propose_consequences(
    organisation_id: Id, body: ProposeConsequencesBody, write: Consequences
) -> Response:
    """考核本单位及其下级的党员和单位：达到推荐标准的推荐，没有达到其他标准的建议取消资格。

    只是建议，不改变任何人的资格；同一党员（单位）、同一规则包、同一年度只提出一次。
    """
    acting_for(write.caller, organisation_id, *UNITS)
    state = write.serving
    head = await state.log.head()
    for view in (organisation_statistics.VIEW, rule_packs.VIEW):
        await reached(state, view, head)
    at = write.at(body)
    sight = Sight(state.log.fenced, organisation_id)
    year = await year_of(state, sight, organisation_id, body.year, head)
    if not any(body.code in year.in_force(each) for each in year.lines):
        raise UnknownPack("没有采用这一代码的规则包，或者它不适用于这一年度。", "/code")
    found = await findings(state.places, sight, year, body.code)
    return await write.decide(
        ProposeConsequences(
            by=write.by(body), at=at, year=body.year, findings=found, as_of_position=head
        ),
        _proposal_ids,
    )


@router.get(
    "/consequence-proposals",
    response_model=Page[Proposal],
    responses=EXPORTS,
    summary="考核建议",
)
async def consequence_proposals(
    read: ConsequencesRead,
    paging: Paged,
    organisation_id: Within,
    year: InYear = None,
    state: Annotated[
        ProposalState | None,
        Query(description="只列：open 待决定，dismissed 不予采纳，concluded 已作出结论。"),
    ] = None,
) -> Response:
    """对党员和单位的建议，供所在支部、单位及其上级查看，按提出先后排列。"""
    await read.serving.places.within(read.caller, organisation_id)
    await read.fresh(consequences.VIEW)

    async def fetch(after: int, limit: int) -> ProposalPage:
        return await consequences.proposals(
            read.sight, organisation_id, year=year, state=state, after=after, limit=limit
        )

    async def present(page: ProposalPage) -> list[dict[str, Any]]:
        items = [item.model_dump(mode="json") for item in page.items]
        return await opened(read, items, page.as_of_position)

    return await paging.answer(fetch, present, Proposal)


@router.post(
    "/consequence-proposals/{proposal_id}/dismissal",
    status_code=201,
    response_model=recorded("ProposalDismissalRecorded", "proposal_id"),
    summary="不予采纳建议",
)
async def dismiss_proposal(
    proposal_id: Id, body: DismissProposalBody, write: Consequences
) -> Response:
    """由党员所在支部、单位的上级的负责人决定，须有原因；对单位的建议，由其上级决定。"""
    return await write.decide(
        DismissProposal(
            by=write.by(body),
            at=write.at(body),
            proposal_id=proposal_id,
            reason_code=body.reason_code,
            reason=body.reason,
        ),
        ids("proposal_id"),
    )


async def opened(
    read: Read, items: list[dict[str, Any]], as_of_position: int
) -> list[dict[str, Any]]:
    """What is said about members opened, in place, and written down as read."""
    about = [(item["member_id"], item) for item in items if item["member_id"] is not None]
    await read.serving.opener.members(read.occasion(as_of_position), about)
    return items


async def findings(places: Places, sight: Sight, year: Year, code: str) -> list[Finding]:
    """What the packs of this code propose for a year, about members and about units."""
    return [*await _of_members(sight, year, code), *await _of_units(places, year, code)]


def _outcome(judged: Judged, code: str) -> Outcome | None:
    """What a pack of this code proposes on its judgement, if anything."""
    adopted, passes = judged.pack.pack, judged.judgement.passes
    if adopted.code != code or passes is None:
        return None
    if adopted.purpose is PackPurpose.RECOGNITION:
        return Outcome.RECOMMENDED if passes else None
    return None if passes else Outcome.INELIGIBLE


async def _of_members(sight: Sight, year: Year, code: str) -> list[Finding]:
    """What the pack proposes about members, with the endorsements that counted."""
    found = []
    for member, several in year.of_members(year.members):
        for judged in several:
            if (outcome := _outcome(judged, code)) is not None:
                counted = await counting_events(
                    sight, member.member_id, year.year, year.as_of_position
                )
                subject = Subject(member_id=member.member_id)
                found.append(_found(outcome, judged, subject, member.branch_id, counted))
    return found


async def _of_units(places: Places, year: Year, code: str) -> list[Finding]:
    """What the pack proposes about units that have somebody above them to decide on it."""
    found = []
    for unit, several in year.of_units():
        place = await places.find(unit.organisation_id)
        for judged in several:
            outcome = _outcome(judged, code)
            if outcome is not None and place is not None and place.ancestors:
                subject = Subject(organisation_id=unit.organisation_id)
                found.append(_found(outcome, judged, subject))
    return found


def _proposal_ids(events: Sequence[Event]) -> dict[str, Any]:
    return {"proposal_ids": [e.proposal_id for e in events if isinstance(e, ConsequenceProposed)]}


def _found(
    outcome: Outcome,
    judged: Judged,
    subject: Subject,
    branch_id: str | None = None,
    causes: Sequence[str] = (),
) -> Finding:
    adopted = judged.pack
    return Finding(
        subject=subject,
        branch_id=branch_id,
        outcome=outcome,
        pack_id=adopted.pack_id,
        document_no=adopted.pack.document_no,
        measured=tuple(
            Measured(
                rule_id=each.rule_id,
                measured=each.found,
                required=each.required,
                passed=each.holds,
            )
            for each in judged.judgement.findings
        ),
        cause_event_ids=(adopted.event_id, *causes),
    )
