"""The record as `eighthours demo` prints it."""

from io import StringIO

import pytest
from rich.console import Console

from service.demonstration import bureau, show
from service.demonstration.showing import hours
from service.demonstration.supervision import COMMITTEE
from service.installation import Installation
from tests.database import MASTER_KEY, Database


async def shown(database: Database) -> str:
    console = Console(file=StringIO(), width=200)
    await show(Installation(database.owner_url, database.app_url, MASTER_KEY), console, 8000)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


async def test_a_members_record_is_shown_with_the_name_and_the_page_to_open(
    loaded: Database,
) -> None:
    text = await shown(loaded)
    assert "符海宁 同志2026年八小时外记录" in text
    assert "2026年1月16日报到" in text
    assert "到百花岭林场慰问困难职工" in text
    assert "组织安排" in text
    assert "自愿服务" in text
    assert "sealed:" not in text
    assert f"http://127.0.0.1:8000/api/v1/members/{bureau.PROTAGONIST}/off-duty-record" in text
    board = f"http://127.0.0.1:8000/api/v1/supervision-board?organisation_id={COMMITTEE}&year=2026"
    assert board in text
    assert "http://127.0.0.1:8000/docs" in text


async def test_a_log_without_the_demonstration_shows_nothing(database: Database) -> None:
    assert "日志中没有演示数据" in await shown(database)


@pytest.mark.parametrize(("minutes", "words"), [(0, "0:00"), (95, "1:35"), (600, "10:00")])
def test_minutes_are_shown_as_hours_and_minutes(minutes: int, words: str) -> None:
    assert hours(minutes) == words
