"""A selection at the end of the year: the community is asked first, two of it sign, and then the
branch concludes (R26, R27)."""

from collections.abc import Sequence
from datetime import date, datetime

from service.api.history import history
from service.api.opinion_statement import figures_of
from service.api.serving import Serving
from service.data.bases import configured_bases
from service.demonstration import data
from service.demonstration.step import YEAR, Script, Step, ident, officer, on
from service.domain.consultation import OpinionRequested
from service.domain.consulting import AskOpinion
from service.domain.deciding import ConcludeDecision, OpenDecision
from service.domain.decision import DecisionOpened
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import Selector
from service.domain.opinion import Conduct
from service.domain.replying import CountersignOpinion, GiveOpinion
from service.projections import organisation_statistics
from service.projections.consequences import Proposal

_DECISION = ident("decision", "selection")
_CONSULTATION = ident("consultation", "selection")
_OPINION = ident("opinion", "selection")
_BASIS = configured_bases()["recognition"]
_DUE = date(YEAR, 11, 18)


def tell(script: Script) -> None:
    """Adds what comes after the branch has asked."""
    script.scene(on(11, 13, 10), _answer, organisation_statistics.VIEW)
    script.scene(on(11, 16, 10), _countersign)
    script.scene(on(11, 17, 10), _conclude)


def begin(proposed: Sequence[Proposal], serving: Serving, at: datetime) -> list[Step]:
    """The branch of the first who is proposed opens the selection and asks their community."""
    steps = []
    for each in proposed[:1]:
        if each.member_id is None or each.branch_id is None:
            continue
        by, selection = officer(each.branch_id), DecisionPurpose.SELECTION
        opening = OpenDecision(
            by=by,
            at=at,
            decision_id=_DECISION,
            member_id=each.member_id,
            purpose=selection,
            period=str(YEAR),
        )
        asking = AskOpinion(
            by=by,
            at=at,
            consultation_id=_CONSULTATION,
            member_id=each.member_id,
            purpose=selection,
            period=str(YEAR),
            due_on=_DUE,
            document_no=_BASIS.document_no,
            document_title=_BASIS.title,
            masked=False,
            calendars=serving.calendars,
        )
        steps += [Step("selection", opening), Step("selection/asked", asking)]
    return steps


async def _asked(serving: Serving) -> list[str]:
    """The community that was asked, if one was."""
    about = Selector([OpinionRequested], [f"consultation:{_CONSULTATION}"])
    events = [each.event for each in await history(serving.log, about)]
    return [each.community_id for each in events if isinstance(each, OpinionRequested)]


async def _answer(serving: Serving, at: datetime) -> list[Step]:
    return [
        Step(
            "selection/opinion",
            GiveOpinion(
                by=officer(community_id),
                at=at,
                opinion_id=_OPINION,
                consultation_id=_CONSULTATION,
                figures=await figures_of(serving, community_id, _CONSULTATION),
                social_morality=Conduct.GOOD,
                community_pledge=Conduct.GOOD,
                bearing=Conduct.NO_BASIS,
                overall=Conduct.GOOD,
                comment=data.supervision().selection.comment,
            ),
        )
        for community_id in await _asked(serving)
    ]


async def _countersign(serving: Serving, at: datetime) -> list[Step]:
    return [
        Step(
            "selection/countersigned",
            CountersignOpinion(by=officer(community_id, 2), at=at, opinion_id=_OPINION),
        )
        for community_id in await _asked(serving)
    ]


async def _conclude(serving: Serving, at: datetime) -> list[Step]:
    about = Selector([DecisionOpened], [f"decision:{_DECISION}"])
    events = [each.event for each in await history(serving.log, about)]
    return [
        Step(
            "selection/concluded",
            ConcludeDecision(
                by=officer(each.branch_id),
                at=at,
                decision_id=_DECISION,
                result=DecisionResult.SELECTED,
                document_no=_BASIS.document_no,
                reason=data.supervision().selection.reason,
            ),
        )
        for each in events
        if isinstance(each, DecisionOpened)
    ]
