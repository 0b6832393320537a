"""结论的依据: a proposal, or the rule and the events that whoever concludes states (R31)."""

from typing import Annotated

from pydantic import Field

from service.api.consequence import YearNumber
from service.api.fields import Act, Id, LongText, ShortText
from service.api.history import history
from service.api.problems import Fault, InvalidRequest
from service.domain.community_visit import CommunityVisited
from service.domain.consequence import Grounds, Subject, UnknownCause
from service.domain.event import Event, Selector
from service.domain.inspection import InspectionConfirmed
from service.domain.quarterly_report import QuarterlyReportAmended, QuarterReported
from service.eventstore import EventLog

_OF_BRANCH: list[type[Event]] = [
    InspectionConfirmed,
    CommunityVisited,
    QuarterReported,
    QuarterlyReportAmended,
]


class Conclusion(Act):
    """What a conclusion says: whom it is about, on what grounds, and why."""

    proposal_id: Id | None = None
    """所依据的建议；依据建议的，对象、年度、文号和事件都以建议为准，不得另填。"""
    member_id: Id | None = None
    """党员；不依据建议而对党员作出结论的填写。"""
    organisation_id: Id | None = None
    """单位；不依据建议而对单位作出结论的填写。"""
    year: YearNumber | None = None
    """年度；不依据建议的须填写。"""
    document_no: ShortText | None = None
    """所依据规则的文号；不依据建议的须填写。"""
    cause_event_ids: Annotated[list[Id], Field(max_length=200)] = Field(default=[])
    """导致这一结论的事件；不依据建议的须填写，事件须与该党员、该单位有关。"""
    reason: LongText
    """理由；对单位的，不得写入姓名等个人信息。"""


async def stated_grounds(log: EventLog, body: Conclusion) -> Grounds | None:
    """What is stated; None where it rests on a proposal. InvalidRequest, UnknownCause."""
    named = [body.proposal_id, body.member_id, body.organisation_id]
    if named.count(None) != len(named) - 1:
        _refuse("须且只须填写建议、党员、单位三者之一", "/proposal_id")
    if body.proposal_id is not None:
        for name in ("year", "document_no", "cause_event_ids"):
            if getattr(body, name):
                _refuse("依据建议作出结论的，不得另填", f"/{name}")
        return None
    if body.year is None:
        raise InvalidRequest(errors=[Fault(detail="须填写年度", pointer="/year")])
    subject = Subject(body.member_id, body.organisation_id)
    await _require_known(log, subject, body.cause_event_ids)
    return Grounds(subject, body.year, body.document_no or "", tuple(body.cause_event_ids))


def _refuse(detail: str, pointer: str) -> None:
    raise InvalidRequest(errors=[Fault(detail=detail, pointer=pointer)])


async def _require_known(log: EventLog, subject: Subject, event_ids: list[str]) -> None:
    """Refused unless each of these events is about the member, or about the unit."""
    if not event_ids:
        return
    about = [Selector([], [subject.tag])]
    if subject.organisation_id is not None:
        # What is reported about a branch names it as a branch.
        about.append(Selector(_OF_BRANCH, [f"branch:{subject.organisation_id}"]))
    known = {each.event.event_id for each in await history(log, *about)}
    for row, event_id in enumerate(event_ids):
        if event_id not in known:
            raise UnknownCause(pointer=f"/cause_event_ids/{row}")
