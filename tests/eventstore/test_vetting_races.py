"""A vetting is decided on what the log holds at that moment: no wrong order slips through (R29)."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBQuery, DCBQueryItem

from service.domain.consultation import ConsultationWithdrawn
from service.domain.event import Command, Event
from service.domain.membership import SubjectErased
from service.domain.objection import ObjectionRaised, ObjectionSubject
from service.domain.officer import OfficerDismissed
from service.domain.opinion import OpinionWithdrawn
from service.eventstore import EventLog, IntegrityError
from service.eventstore.chain import Boundary
from service.eventstore.mapping import encode, personal_keys
from tests.database import MASTER_KEY, Database
from tests.domain.story import Story
from tests.domain.test_vetting import (
    CHIEF,
    DEPUTY,
    ENDS,
    HERE,
    OPENED,
    READY,
    concluding,
    frozen,
    inquiring,
    opening,
    posted,
    posting,
)
from tests.domain.town import AT, AUTHORITY, BRANCH, COMMUNITY, LI, WANG, person
from tests.eventstore.history import given
from tests.projections.service_year import endorsed, recorded

OBJECTED = ObjectionRaised(
    objection_id="objection",
    member_id=LI,
    organisation_id=COMMUNITY,
    against=ObjectionSubject.OPINION,
    subject_id="consultation",
    against_event_id="event",
    notified_on=ENDS,
    raised_on=ENDS,
    answer_due_on=ENDS + timedelta(days=30),
    text="与事实不符",
    on_paper=False,
    raised_by=LI,
)
TAKEN_BACK = OpinionWithdrawn(
    opinion_id="opinion",
    consultation_id="consultation",
    member_id=LI,
    community_id=COMMUNITY,
    replying_id=COMMUNITY,
    corrects="event",
    reason="有误",
    withdrawn_by="secretary",
    withdrawn_by_person=person("secretary"),
)
ASKED_NO_MORE = ConsultationWithdrawn(
    consultation_id="consultation",
    member_id=LI,
    organisation_id=AUTHORITY,
    corrects="event",
    reason="不再任用",
    withdrawn_by=CHIEF,
    withdrawn_by_person=person(CHIEF),
)
ERASED = SubjectErased(
    erasure_id="e", member_id=LI, branch_id=BRANCH, person=person(LI), key_fingerprints=()
)
DISMISSED = OfficerDismissed(organisation_id=AUTHORITY, officer_id=DEPUTY)
CONCLUDED = Story(*READY).when(concluding()).happened[0]
ENTRY = recorded("one", "2026-03-07T09:00", "2026-03-07T11:00")
OF_WANG = {"member_id": WANG, "decision_id": "vetting-of-wang"}

CLASH: dict[str, tuple[Sequence[Event], Event, Command]] = {
    "objecting, then concluding": (READY, OBJECTED, concluding()),
    "withdrawing the opinion, then concluding": (READY, TAKEN_BACK, concluding()),
    "withdrawing the consultation, then concluding": (READY, ASKED_NO_MORE, concluding()),
    "freezing without the opinion, then concluding": (READY, frozen(), concluding()),
    "posting a later notice, then concluding": (READY, posted(date(2026, 12, 1)), concluding()),
    "concluding twice": (READY, CONCLUDED, concluding()),
    "erasing, then concluding": (READY, ERASED, concluding()),
    "concluding, then another notice": (READY, CONCLUDED, posting()),
    "concluding, then an inquiry": (READY, CONCLUDED, inquiring()),
    "opening twice": (HERE, OPENED, opening(decision_id="again")),
    "dismissing one of the team, then opening": (HERE, DISMISSED, opening()),
}
FREE: dict[str, tuple[Sequence[Event], Event, Command]] = {
    "an entry endorsed, then concluding": ([*READY, ENTRY], endorsed(ENTRY), concluding()),
    "vettings of two members": (HERE, OPENED, opening(**OF_WANG)),
}


async def clashes(
    database: Database, history: Sequence[Event], first: Event, second: Command
) -> bool:
    """Whether the second, decided before the first was recorded, is refused after it."""
    story = Story(*history).when(second)
    assert story.rejection is None, story.rejection
    async with EventLog.open(database.app_url, MASTER_KEY) as log:
        after = await given(log, *history)
        await given(log, first)
        await log.keyring.ensure(personal_keys(story.happened))
        stored = [encode(each, second.by, AT, AT, log.keyring) for each in story.happened]
        boundary = Boundary(story.boundary)
        query = DCBQuery([DCBQueryItem(list(types), list(tags)) for types, tags in boundary.items])
        try:
            await log.append(stored, DCBAppendCondition(query, after))
        except IntegrityError:
            return True
        return False


@pytest.mark.parametrize("race", CLASH.values(), ids=CLASH)
async def test_these_clash(
    database: Database, race: tuple[Sequence[Event], Event, Command]
) -> None:
    assert await clashes(database, *race)


@pytest.mark.parametrize("race", FREE.values(), ids=FREE)
async def test_these_do_not_wait_for_each_other(
    database: Database, race: tuple[Sequence[Event], Event, Command]
) -> None:
    assert not await clashes(database, *race)
