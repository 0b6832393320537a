"""What is objected to is shown as disputed wherever it is read, until that is settled (R39)."""

from collections.abc import Awaitable, Callable

import pytest

from service.domain.disqualification import DisqualificationConcluded
from service.domain.event import Event
from service.domain.objection import ObjectionSubject
from service.eventstore import EventLog
from service.projections import consequences, inspections, quarterly_feedback
from service.projections.feedback_answer import feedback_of_member
from service.projections.inspections_answer import discrepancies_of
from service.projections.rebuild import rebuild
from service.projections.view import Pool, View, checksum
from tests.domain.duties import (
    fed_back,
    found,
    inspected,
    objected,
    objection_answered,
    objection_withdrawn,
)
from tests.domain.town import BRANCH, LI, SETTLED, person
from tests.eventstore.history import given
from tests.projections.service_year import kept_up

FEEDBACK = fed_back("2026-Q1")
FOUND = found("found").model_copy(update={"inspection_id": inspected("2026-02").inspection_id})
DISQUALIFIED = DisqualificationConcluded(
    disqualification_id="disqualification",
    member_id=LI,
    branch_id=BRANCH,
    year=2026,
    document_no="琼组发〔2026〕1号",
    cause_event_ids=("cause",),
    reason="未落实",
    concluded_by="chief",
    concluded_by_person=person("chief"),
)
Shown = Callable[[Pool], Awaitable[list[bool]]]


async def of_feedback(pool: Pool) -> list[bool]:
    return [each.disputed for each in (await feedback_of_member(pool, LI)).items]


async def of_discrepancies(pool: Pool) -> list[bool]:
    return [each.disputed for each in (await discrepancies_of(pool, BRANCH)).items]


async def of_disqualifications(pool: Pool) -> list[bool]:
    return [each.disputed for each in (await consequences.disqualifications(pool, BRANCH)).items]


@pytest.mark.parametrize("settled", [objection_answered, objection_withdrawn])
@pytest.mark.parametrize(
    ("against", "subject_id", "view", "shown"),
    [
        (
            ObjectionSubject.FEEDBACK, FEEDBACK.feedback_id, quarterly_feedback.VIEW, of_feedback,
        ),
        (ObjectionSubject.DISCREPANCY, "found", inspections.VIEW, of_discrepancies),
        (
            ObjectionSubject.DISQUALIFICATION, "disqualification", consequences.VIEW,
            of_disqualifications,
        ),
    ],
)  # fmt: skip
async def test_what_is_objected_to_is_disputed_until_that_is_settled(
    log: EventLog,
    against: ObjectionSubject,
    subject_id: str,
    view: View,
    shown: Shown,
    settled: Callable[..., Event],
) -> None:
    another = objected(subject_id, ObjectionSubject.OPINION)
    await given(log, *SETTLED, inspected("2026-02"), FOUND, FEEDBACK, DISQUALIFIED, another)
    await kept_up(log, (view,))
    assert await shown(log.pool) == [False]
    objection = objected(subject_id, against)
    await given(log, objection)
    await kept_up(log, (view,))
    assert await shown(log.pool) == [True]
    await given(log, settled(objection))
    await kept_up(log, (view,))
    assert await shown(log.pool) == [False]
    before = await checksum(log.pool, view)
    await rebuild(log, (view,))
    assert await checksum(log.pool, view) == before
