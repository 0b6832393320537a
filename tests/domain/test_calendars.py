"""The calendars: right for every day, complete, and extended by adding a file (R20, R21)."""

import json
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest

from service.data.calendars import UnusableCalendar, published_calendars, read_calendar


def notice(year: int = 2027, **changes: Any) -> dict[str, Any]:
    """An invented notice: every festival is one day off, 元旦 costs the Saturday after."""
    festivals = [
        ("元旦", 1, 1),
        ("春节", 2, 5),
        ("清明节", 4, 5),
        ("劳动节", 5, 3),
        ("端午节", 6, 9),
        ("中秋节", 9, 15),
        ("国庆节", 10, 1),
    ]
    days = [(name, date(year, month, day).isoformat()) for name, month, day in festivals]
    return {
        "year": year,
        "document_number": f"国办发明电〔{year - 1}〕9号",
        "title": f"国务院办公厅关于{year}年部分节假日安排的通知",
        "issued_by": "国务院办公厅",
        "issued_on": f"{year - 1}-11-05",
        "festivals": [
            {"name": name, "first_day_off": day, "last_day_off": day, "working_days": []}
            for name, day in days
        ],
    } | changes


def read(document: dict[str, Any], name: str = "2027.json") -> Any:
    return read_calendar(name, json.dumps(document, ensure_ascii=False).encode())


def swapped(document: dict[str, Any], *days: str) -> dict[str, Any]:
    document["festivals"][0]["working_days"] = list(days)
    return document


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_agrees_with_an_independent_calendar(year: int) -> None:
    calendar = published_calendars().of(year)
    assert calendar is not None
    day = date(year, 1, 1)
    while day.year == year:
        assert calendar.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("year", "source"),
    [
        (2024, "国办发明电〔2023〕7号"),
        (2025, "国办发明电〔2024〕12号"),
        (2026, "国办发明电〔2025〕7号"),
    ],
)
def test_a_calendar_names_its_notice_and_its_version(year: int, source: str) -> None:
    calendar = published_calendars().of(year)
    assert calendar is not None
    assert calendar.source == source
    assert calendar.version in calendar.citation
    assert source in calendar.citation


def test_2027_is_not_published() -> None:
    assert published_calendars().years == (2024, 2025, 2026)
    assert published_calendars().of(2027) is None


def test_a_calendar_answers_for_its_own_year_only() -> None:
    calendar = published_calendars().of(2026)
    assert calendar is not None
    with pytest.raises(ValueError, match="not in the calendar of 2026"):
        calendar.is_working_day(date(2027, 1, 1))


def test_an_added_file_publishes_its_year(tmp_path: Path) -> None:
    (tmp_path / "2027.json").write_text(json.dumps(swapped(notice(), "2027-01-02")))
    calendar = published_calendars(tmp_path).of(2027)
    assert calendar is not None
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.is_working_day(date(2027, 1, 2))
    assert calendar.is_working_day(date(2027, 1, 4))
    assert published_calendars(tmp_path).of(2026) == published_calendars().of(2026)


def test_an_amended_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "2026.json").write_text(json.dumps(notice(2026)))
    amended = published_calendars(tmp_path).of(2026)
    assert amended is not None
    assert amended.source == "国办发明电〔2025〕9号"


def test_other_files_beside_the_calendars_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("calendars of the operator")
    assert published_calendars(tmp_path).years == (2024, 2025, 2026)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableCalendar, match="not a directory"):
        published_calendars(tmp_path / "absent")


def test_the_version_depends_on_what_a_file_says_not_on_its_layout() -> None:
    shipped = (files("service.data.calendars") / "2026.json").read_bytes()
    again = read_calendar("2026.json", json.dumps(json.loads(shipped)).encode())
    assert again == published_calendars().of(2026)
    changed = shipped.replace(b"2026-01-04", b"2026-01-10")
    assert read_calendar("2026.json", changed).version != again.version


def test_a_file_is_named_after_its_year() -> None:
    with pytest.raises(UnusableCalendar, match=r"is named 2027\.json"):
        read(notice(), name="2028.json")


def test_a_file_that_is_no_notice_is_refused_and_named() -> None:
    with pytest.raises(UnusableCalendar, match=r"^2027\.json: "):
        read_calendar("2027.json", b"{}")


def test_a_day_outside_the_year_is_refused() -> None:
    with pytest.raises(UnusableCalendar, match="2026-12-26 is not in 2027"):
        read(swapped(notice(), "2026-12-26"))


def test_a_day_named_twice_is_refused() -> None:
    with pytest.raises(UnusableCalendar, match="2027-01-02 is named twice"):
        read(swapped(notice(), "2027-01-02", "2027-01-02"))


def test_a_swap_day_is_a_weekend_day() -> None:
    with pytest.raises(UnusableCalendar, match="no weekend day"):
        read(swapped(notice(), "2027-01-04"))


def test_a_festival_ends_after_it_begins() -> None:
    document = notice()
    document["festivals"][0]["first_day_off"] = "2027-01-03"
    with pytest.raises(UnusableCalendar, match="ends before it begins"):
        read(document)


def test_a_notice_without_one_of_the_festivals_is_incomplete() -> None:
    document = notice()
    document["festivals"].pop()
    with pytest.raises(UnusableCalendar, match="国庆节 is missing"):
        read(document)


def test_a_notice_names_a_document_of_the_state_council() -> None:
    with pytest.raises(UnusableCalendar, match="document_number"):
        read(notice(document_number="some web page"))
