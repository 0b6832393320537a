"""A published event version cannot change unnoticed; the way forward is a new version."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.contracts import publication
from service.contracts.publication import differences, publish
from service.contracts.unpublishable import PublishedVersionChanged, SampleMissing
from service.domain.event import EVENTS, Event, MemberId, PersonalText

IMAGINED = "service.domain.imagined"
NAME = "VisitPaid.v1.json"


def first() -> type[Event]:
    class VisitPaid(Event, type="VisitPaid"):
        """走访: somebody was visited."""

        __module__ = IMAGINED

        member_id: MemberId
        place: str
        title: str
        residence: PersonalText

    return VisitPaid


def with_another_field(version: int = 1, *, upcast: bool = False) -> type[Event]:
    number = version

    class VisitPaid(Event, type="VisitPaid"):
        """走访: somebody was visited, for a reason."""

        __module__ = IMAGINED
        version = number

        member_id: MemberId
        place: str
        title: str
        residence: PersonalText
        reason: str

    if upcast:

        def filled(data: dict[str, Any], version: int) -> dict[str, Any]:
            assert version == 1
            return {**data, "reason": "未写明"}

        VisitPaid.upcast = staticmethod(filled)  # type: ignore[method-assign]
    return VisitPaid


@pytest.fixture(autouse=True)
def no_other_events() -> Iterator[None]:
    """A world in which only the event of the story exists."""
    known = dict(EVENTS)
    EVENTS.clear()
    yield
    EVENTS.clear()
    EVENTS.update(known)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the first version was published; the event's class is to be written anew."""
    first()
    publish(tmp_path)
    assert differences(tmp_path) == []
    EVENTS.clear()
    return tmp_path


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_published_is_not_written_again(folder: Path) -> None:
    first()
    before = contents(folder)
    assert publish(folder) == []
    assert contents(folder) == before


def test_a_field_more_in_a_published_version_is_refused(folder: Path) -> None:
    with_another_field()
    before = contents(folder)
    expected = (
        f"{folder / 'events' / NAME} 已发布，代码中 VisitPaid 的字段却变了。已发布的版本不能改："
        "请把事件类的 version 提高到 2，写 upcast 把旧版带到新版，再运行 eighthours contracts。"
    )
    assert expected in differences(folder)
    with pytest.raises(PublishedVersionChanged) as refused:
        publish(folder)
    assert expected in str(refused.value)
    assert contents(folder) == before


def test_a_new_version_is_added_and_the_old_one_stays(folder: Path) -> None:
    before = contents(folder)
    with_another_field(2, upcast=True)
    assert differences(folder) == [
        f"{folder / 'events' / 'VisitPaid.v2.json'} 尚未发布：请运行 eighthours contracts。"
    ]
    assert set(publish(folder)) == {
        folder / "events" / "VisitPaid.v2.json",
        folder / "samples" / "VisitPaid.v2.json",
        folder / "published.json",
    }
    assert differences(folder) == []
    before.pop(folder / "published.json")
    assert before.items() <= contents(folder).items()
    assert set(publication.read(folder)) == {"VisitPaid.v1", "VisitPaid.v2"}


def test_an_old_sample_that_no_longer_loads_is_reported(folder: Path) -> None:
    with_another_field(2)
    sentence = (
        f"{folder / 'samples' / NAME} 用今天的代码读不出来（ValidationError）："
        "VisitPaid.upcast 须能处理第 1 版。"
    )
    assert sentence in differences(folder)
    with pytest.raises(PublishedVersionChanged):
        publish(folder)


def test_an_event_that_is_gone_or_went_back_is_reported(folder: Path) -> None:
    sentence = "已发布，代码中却没有这一版：日志中的事件须能一直读出，请恢复。"
    assert differences(folder) == [f"{folder / 'events' / NAME} {sentence}"]
    with_another_field(2, upcast=True)
    publish(folder)
    EVENTS.clear()
    first()
    assert f"{folder / 'events' / 'VisitPaid.v2.json'} {sentence}" in differences(folder)


@pytest.mark.parametrize("part", ["events", "samples"])
def test_a_published_file_that_was_altered_or_removed_is_reported(folder: Path, part: str) -> None:
    first()
    path = folder / part / NAME
    sentence = f"{path} 已发布，文件却被改动：请恢复原文件。"
    path.write_text(path.read_text().replace("place", "plaza"))
    assert differences(folder) == [sentence]
    with pytest.raises(PublishedVersionChanged):
        publish(folder)
    path.unlink()
    assert differences(folder) == [sentence]


def test_better_words_are_no_new_version(folder: Path) -> None:
    first()
    path = folder / "events" / NAME
    document = json.loads(path.read_text())
    document["title"] = document["properties"]["data"]["properties"]["title"]["title"] = "旧词"
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    assert differences(folder) == [f"{path} 与代码不一致：请运行 eighthours contracts。"]
    assert publish(folder) == [path]
    del document["properties"]["data"]["properties"]["title"]
    path.write_text(json.dumps(document))
    assert differences(folder) == [f"{path} 已发布，文件却被改动：请恢复原文件。"]


def test_a_file_that_nobody_published_is_reported(folder: Path) -> None:
    first()
    stray = folder / "samples" / "VisitPaid.v7.json"
    stray.write_text("{}")
    assert differences(folder) == [f"{stray} 不在 {folder / 'published.json'} 之中：请删除。"]


def test_a_field_without_an_invented_value_is_reported(tmp_path: Path) -> None:
    class VisitPaid(Event, type="VisitPaid"):
        """走访: to somewhere nobody has thought of."""

        __module__ = IMAGINED

        organisation_id: str
        kind: int

    assert VisitPaid in EVENTS.values()
    with pytest.raises(SampleMissing, match="的字段 kind 没有样例值"):
        publish(tmp_path)
    assert not any(tmp_path.iterdir())
