"""督办: who owes what is reminded of it once overdue, twice at the most, and never twice for the
same (R24)."""

from datetime import date, datetime

import pytest

from service.domain.event import SHANGHAI, Actor, Event
from service.domain.organisation import UnknownOrganisation
from service.domain.period import Half, Month, Period, Quarter, Task
from service.domain.reminder import (
    OWED_BY,
    AlreadyReminded,
    NotOverdue,
    RemindedTooSoon,
    RemindOfSupervision,
    SupervisionReminded,
    TaskDone,
    title_of,
)
from tests.domain.duties import (
    consolidated,
    fed_back,
    inspected,
    quarter_reported,
    summarised,
    symposium_held,
)
from tests.domain.story import given
from tests.domain.town import BRANCH, COMMITTEE, COMMUNITY, LI, OTHER_BRANCH, TOWN, WANG

MARCH, FIRST_QUARTER, FIRST_HALF = Month(2026, 3), Quarter(2026, 1), Half(2026, 1)
WORKER = Actor("eighthours", "worker", "system")


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=SHANGHAI)


def remind(
    day: str = "2026-04-11",
    task: Task = Task.INSPECTION,
    period: Period = MARCH,
    organisation_id: str = BRANCH,
    number: int = 1,
    member_id: str | None = None,
) -> RemindOfSupervision:
    return RemindOfSupervision(
        by=WORKER,
        at=on(day),
        organisation_id=organisation_id,
        task=task,
        period=period,
        number=number,
        member_id=member_id,
    )


def test_r24_reminded_on_the_day_after_the_last_day_on_time() -> None:
    story = given(*TOWN)
    story.when(remind("2026-04-10")).refused(NotOverdue)
    story.when(remind("2026-04-11")).then(
        SupervisionReminded,
        organisation_id=BRANCH,
        above_id=COMMITTEE,
        task=Task.INSPECTION,
        period="2026-03",
        number=1,
        due_on=date(2026, 4, 10),
        reminded_on=date(2026, 4, 11),
    )


def test_the_day_is_that_of_beijing() -> None:
    late_in_greenwich = datetime.fromisoformat("2026-04-10T16:00:00+00:00")
    command = remind()
    command.at = late_in_greenwich
    given(*TOWN).when(command).then(SupervisionReminded, reminded_on=date(2026, 4, 11))


def test_r24_each_reminder_is_made_once() -> None:
    story = given(*TOWN).when(remind()).then(SupervisionReminded)
    story.when(remind()).refused(AlreadyReminded)
    story.when(remind("2026-05-01")).refused(AlreadyReminded)


def test_r24_the_second_is_made_seven_days_after_the_first() -> None:
    story = given(*TOWN)
    story.when(remind("2026-05-01", number=2)).refused(RemindedTooSoon)
    story.when(remind("2026-04-12")).then(SupervisionReminded)
    story.when(remind("2026-04-18", number=2)).refused(RemindedTooSoon)
    story.when(remind("2026-04-19", number=2)).then(SupervisionReminded, number=2)
    story.when(remind("2026-04-30", number=2)).refused(AlreadyReminded)


def test_r24_after_the_second_it_is_for_whoever_is_above() -> None:
    story = given(*TOWN).when(remind("2026-04-11")).when(remind("2026-04-18", number=2))
    story.when(remind("2026-05-18", number=3)).refused(AlreadyReminded)
    story.when(remind("2026-05-18", number=0)).refused(AlreadyReminded)


DONE: list[tuple[Task, Period, str, Event]] = [
    (Task.INSPECTION, MARCH, BRANCH, inspected("2026-03")),
    (Task.REPORT, FIRST_QUARTER, BRANCH, quarter_reported("2026-Q1")),
    (Task.CONSOLIDATION, FIRST_QUARTER, COMMITTEE, consolidated("2026-Q1")),
    (Task.SYMPOSIUM, FIRST_QUARTER, COMMITTEE, symposium_held("2026-Q1")),
    (Task.SUMMARY, FIRST_HALF, BRANCH, summarised("2026-H1")),
    (Task.FEEDBACK, FIRST_QUARTER, COMMUNITY, fed_back("2026-Q1")),
]


@pytest.mark.parametrize(("task", "period", "owner", "event"), DONE)
def test_r24_nobody_is_reminded_of_what_is_done(
    task: Task, period: Period, owner: str, event: Event
) -> None:
    member_id = LI if task is Task.FEEDBACK else None
    asked = remind("2026-12-31", task, period, owner, member_id=member_id)
    given(*TOWN, event).when(asked).refused(TaskDone)
    given(*TOWN).when(asked).then(SupervisionReminded, task=task, period=str(period))


def test_what_others_did_or_for_another_period_does_not_count() -> None:
    history = (*TOWN, inspected("2026-02"), inspected("2026-03", OTHER_BRANCH))
    given(*history).when(remind()).then(SupervisionReminded)


def test_feedback_about_another_member_does_not_count() -> None:
    asked = remind("2026-12-31", Task.FEEDBACK, FIRST_QUARTER, COMMUNITY, member_id=LI)
    given(*TOWN, fed_back("2026-Q1", WANG)).when(asked).then(SupervisionReminded)


def test_each_task_is_owed_by_one_kind_of_organisation() -> None:
    assert set(OWED_BY) == set(Task)
    story = given(*TOWN)
    for task, period, owner, _ in DONE:
        others = {BRANCH, COMMITTEE, COMMUNITY, "nowhere"} - {owner}
        for other in others:
            story.when(remind("2026-12-31", task, period, other)).refused(UnknownOrganisation)


def test_what_is_owed_is_said_as_people_say_it() -> None:
    said = [title_of(task, period) for task, period, _, _ in DONE]
    assert said == [
        "2026年3月月查",
        "2026年第一季度季报",
        "2026年第一季度汇总",
        "2026年第一季度座谈会",
        "2026年上半年总结",
        "2026年第一季度反馈",
    ]
