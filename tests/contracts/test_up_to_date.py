"""The folder contracts/ says what the code says, and everything in it has a Chinese word."""

import gc
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service import contracts
from service.api.app import create_app
from service.contracts import rejections, words
from service.contracts.capability import capabilities, events, tags_of
from service.domain.event import EVENTS, Event, Rejection

FOLDER = Path(__file__).parents[2] / "contracts"


@pytest.fixture
def imagined() -> Iterator[str]:
    """The module that imagined classes name as theirs; afterwards nobody remembers them."""
    known = dict(EVENTS)
    yield "service.domain.imagined"
    EVENTS.clear()
    EVENTS.update(known)
    gc.collect()


def rejection(name: str, module: str, sentence: str | None) -> type[Rejection]:
    made: type[Rejection] = type(name, (Rejection,), {"__module__": module, "__doc__": sentence})
    return made


def test_contracts_are_up_to_date() -> None:
    assert contracts.check(FOLDER) == []


async def test_the_interface_document_is_the_one_that_is_served() -> None:
    transport = httpx.ASGITransport(create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        served = await client.get("/openapi.json")
    assert served.content == (FOLDER / "openapi.json").read_bytes()


def test_everything_is_in_the_glossary() -> None:
    glossary = (FOLDER / "glossary.md").read_text()
    for event in events():
        assert f"| {event.term} | [`{event.event_type}`]" in glossary
    for entry in json.loads((FOLDER / "rejections.json").read_text()):
        assert f"| {entry['title']} | `{entry['code']}` |" in glossary
    for capability in capabilities():
        for kind in capability.kinds:
            for member in kind:
                assert f"| {words.member(member)} | `{member.value}` |" in glossary


def test_a_difference_names_its_file_and_is_written_away(tmp_path: Path) -> None:
    written = contracts.write(tmp_path)
    assert tmp_path / "openapi.json" in written
    assert contracts.write(tmp_path) == []
    documents = [tmp_path / name for name in ("openapi.json", "rejections.json", "glossary.md")]
    for path in documents:
        path.write_text("{}")
    assert contracts.check(tmp_path) == [
        f"{path} 与代码不一致：请运行 eighthours contracts。" for path in documents
    ]
    assert contracts.write(tmp_path) == documents


def test_an_event_without_a_chinese_term_is_reported(imagined: str, tmp_path: Path) -> None:
    class Nameless(Event, type="Nameless"):
        """Nameless: nobody knows what to call it."""

        __module__ = imagined

        unheard_of: str

    assert words.missing() == [
        "Nameless 的字段 unheard_of 没有中文名称：请写入 service/contracts/words.py 的 FIELDS。",
        "事件 Nameless 没有中文名称：说明文字须以中文名称和冒号开头。",
    ]
    assert contracts.check(tmp_path) == words.missing()
    with pytest.raises(contracts.Unpublishable, match="Nameless"):
        contracts.write(tmp_path)
    assert not any(tmp_path.iterdir())
    assert Nameless in EVENTS.values()


@pytest.mark.parametrize("sentence", ["No Chinese.", "没有句号", None])
def test_a_rejection_without_a_chinese_sentence_is_reported(
    imagined: str, sentence: str | None
) -> None:
    speechless = rejection("Speechless", imagined, sentence)
    assert words.missing() == [
        f"拒绝 {speechless.code()} 没有中文句子：说明文字第一行须为以句号结尾的中文句子。"
    ]


def test_two_rejections_that_share_a_code_are_reported(imagined: str, tmp_path: Path) -> None:
    twin = rejection("UnknownMember", imagined, "没有此人。")
    differences = contracts.check(tmp_path)
    assert len(differences) == 1
    assert twin.code() in differences[0]
    with pytest.raises(contracts.Unpublishable, match=twin.code()):
        contracts.write(tmp_path)


def test_every_broken_rule_names_its_rule() -> None:
    # What keeps the service itself in order is no rule of the domain.
    without_rules = {"api", "account", "review"}
    for entry in rejections.entries():
        if entry["capability"] not in without_rules:
            assert (entry["status"] == 404) == (entry["rule"] is None), entry["code"]


def test_r40_personal_fields_are_sealed_and_never_tags() -> None:
    about_a_person = {"comment", "content", "id_number", "name", "note", "phone", "residence"}
    for event in events():
        assert not set(event.personal) & set(tags_of(event)), event
        if "member_id" in event.model_fields:
            assert about_a_person & set(event.model_fields) <= set(event.personal), event
