"""A conclusion against what shuts the gate, at the same moment: no wrong order slips through (R26).

Each pair runs five hundred times on the real log, through two processes' writers. Both orders must
occur, or nothing raced.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from service.domain.concluding import ConcludeCommendation
from service.domain.consequence import Grounds, Subject
from service.domain.deciding import ConcludeDecision, OpenDecision
from service.domain.decision_purpose import DecisionPurpose, DecisionResult
from service.domain.event import SHANGHAI, Command, Event
from service.domain.objecting import AnswerObjection, RaiseObjection, Said
from service.domain.objection import ObjectionOutcome, ObjectionSubject
from service.domain.reconsidering import ReviseDecision
from service.domain.replying import WithdrawOpinion
from service.eventstore import EventLog
from tests.database import MASTER_KEY, Database
from tests.domain.hearing import (
    HEARD,
    answered,
    consulted,
    decided,
    objected,
    opened,
    said,
)
from tests.domain.town import (
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OFFICERS,
    ORGANISATIONS,
    accepted,
    acting,
    appointed,
    enrolled,
)
from tests.eventstore.history import given
from tests.eventstore.racing import Pair, race

AT = datetime(2026, 11, 25, 10, tzinfo=SHANGHAI)
SHARED = (
    *ORGANISATIONS,
    *OFFICERS,
    *(appointed(who, BRANCH) for who in ("officer", "other")),
    appointed("chair", COMMITTEE),
)


def history(number: int) -> list[Event]:
    """A member about whom the community was heard, with a decision that is opened.

    Another one is concluded already, and objected to.
    """
    member, consultation = f"member-{number}", f"consultation-{number}"
    appraisal: dict[str, Any] = {"purpose": DecisionPurpose.APPRAISAL, "member_id": member}
    return [
        enrolled(member),
        accepted(member, registration_id=f"registration-{number}"),
        consulted(consultation, member_id=member),
        said(f"opinion-{number}", consultation, member_id=member),
        answered(f"opinion-{number}", consultation, member_id=member),
        opened(f"decision-{number}", member),
        opened(f"appraisal-{number}", **appraisal),
        decided(f"appraisal-{number}", result=DecisionResult.QUALIFIED, **appraisal),
        objected(
            ObjectionSubject.DECISION, f"appraisal-{number}", f"objection-{number}", member, BRANCH
        ),
        opened(f"selection-{number}", member, period="2025"),
        decided(f"selection-{number}", member, period="2025"),
    ]


def by(organisation_id: str = BRANCH, who: str = "officer") -> dict[str, Any]:
    return {"by": acting(organisation_id, who), "at": AT}


def open_(number: int, decision_id: str) -> Command:
    return OpenDecision(
        decision_id=f"{decision_id}-{number}",
        member_id=f"member-{number}",
        purpose=DecisionPurpose.ASSESSMENT,
        period="2026",
        **by(),
    )


def conclude(number: int, **who: str) -> Command:
    return ConcludeDecision(
        decision_id=f"decision-{number}",
        result=DecisionResult.SELECTED,
        document_no="琼组发〔2026〕12号",
        reason="经支部大会表决",
        **by(**who),
    )


def object_to(number: int, against: ObjectionSubject, subject_id: str) -> Command:
    member = f"member-{number}"
    return RaiseObjection(
        by=acting(BRANCH, member, "member"),
        at=AT,
        objection_id=f"new-{number}",
        member_id=member,
        against=against,
        subject_id=subject_id,
        said=Said(_said(number, against), COMMUNITY, HEARD),
        text="与事实不符",
    )


def _said(number: int, against: ObjectionSubject) -> str:
    """The last event that said it: a history has the same every time it is made."""
    place = 4 if against is ObjectionSubject.OPINION else 10
    return f"event-{number}-{place}"


def placed(number: int) -> list[Event]:
    """The history, its events with ids that can be known beforehand."""
    return [
        event.model_copy(update={"event_id": f"event-{number}-{place}"})
        for place, event in enumerate(history(number))
    ]


def object_to_opinion(number: int) -> Command:
    return object_to(number, ObjectionSubject.OPINION, f"consultation-{number}")


def object_to_selection(number: int) -> Command:
    return object_to(number, ObjectionSubject.DECISION, f"selection-{number}")


def take_opinion_back(number: int) -> Command:
    return WithdrawOpinion(
        opinion_id=f"opinion-{number}", reason="数据有误", **by(COMMUNITY, "somebody-else")
    )


def commend(number: int) -> Command:
    subject = Subject(member_id=f"member-{number}")
    return ConcludeCommendation(
        commendation_id=f"commendation-{number}",
        title="优秀共产党员",
        reason="服务突出",
        stated=Grounds(subject, 2025, "琼组发〔2026〕12号", ("event",)),
        **by(COMMITTEE, "chair"),
    )


def revise(number: int, who: str) -> Command:
    return ReviseDecision(
        decision_id=f"appraisal-{number}",
        result=DecisionResult.OUTSTANDING,
        reason="复议",
        **by(who=who),
    )


def answer(number: int) -> Command:
    return AnswerObjection(
        objection_id=f"objection-{number}",
        outcome=ObjectionOutcome.UPHELD,
        text="异议成立",
        **by(COMMITTEE, "chair"),
    )


NOT_AFTER: dict[str, Pair] = {
    "an objection to the opinion, a conclusion": lambda n: (object_to_opinion(n), conclude(n)),
    "the opinion is withdrawn, a conclusion": lambda n: (take_opinion_back(n), conclude(n)),
    "an objection to the selection, a commendation": lambda n: (
        object_to_selection(n),
        commend(n),
    ),
}
"""The second may be done before the first, but not after it."""
ONLY_AFTER: dict[str, Pair] = {
    "an objection is upheld, the conclusion is revised": lambda n: (answer(n), revise(n, "other")),
}
ONE_AT_MOST: dict[str, Pair] = {
    "one decision is opened twice": lambda n: (open_(n, "one"), open_(n, "two")),
    "one decision is concluded twice": lambda n: (conclude(n), conclude(n, who="other")),
}


@pytest.fixture
async def logs(database: Database) -> AsyncIterator[tuple[EventLog, EventLog]]:
    async with (
        EventLog.open(database.app_url, MASTER_KEY) as one,
        EventLog.open(database.app_url, MASTER_KEY) as other,
    ):
        await given(one, *SHARED, at=AT)
        yield one, other


@pytest.mark.parametrize("pair", NOT_AFTER.values(), ids=NOT_AFTER)
async def test_nothing_is_concluded_once_the_gate_is_shut(
    logs: tuple[EventLog, EventLog], pair: Pair
) -> None:
    results = await race(logs, pair, placed)
    for shut, concluded in results:
        assert isinstance(shut, int), shut
        assert not isinstance(concluded, int) or concluded < shut, (shut, concluded)
    assert {isinstance(concluded, int) for _, concluded in results} == {True, False}


@pytest.mark.parametrize("pair", ONLY_AFTER.values(), ids=ONLY_AFTER)
async def test_nothing_is_revised_before_it_may_be(
    logs: tuple[EventLog, EventLog], pair: Pair
) -> None:
    results = await race(logs, pair, placed)
    for allowed, revised in results:
        assert isinstance(allowed, int), allowed
        assert not isinstance(revised, int) or revised > allowed, (allowed, revised)
    assert {isinstance(revised, int) for _, revised in results} == {True, False}


@pytest.mark.parametrize("pair", ONE_AT_MOST.values(), ids=ONE_AT_MOST)
async def test_of_two_that_exclude_each_other_one_happens(
    logs: tuple[EventLog, EventLog], pair: Pair
) -> None:
    results = await race(logs, pair, placed)
    assert all(sum(isinstance(each, int) for each in result) == 1 for result in results)
    assert {isinstance(first, int) for first, _ in results} == {True, False}
