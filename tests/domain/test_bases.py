"""The documents that consultations rest on: local ones, and what is invented says so (R26)."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.data.bases import UnusableBasis, configured_bases, read_basis
from service.domain.decision_purpose import DecisionPurpose


def document(**changes: Any) -> dict[str, Any]:
    """A document of an operator."""
    return {
        "code": "own",
        "document_no": "某县机关工委〔2026〕7号",
        "title": "关于征求社区党组织意见的通知",
        "issued_by": "某县县直机关工委",
        "issued_on": "2026-03-01",
        "purposes": ["selection"],
        "source": "本单位文件",
    } | changes


def read(**changes: Any) -> Any:
    content = document(**changes)
    return read_basis("own.json", json.dumps(content, ensure_ascii=False).encode())


def test_what_comes_along_covers_every_purpose_and_says_that_it_is_invented() -> None:
    shipped = configured_bases()
    assert {each for basis in shipped.values() for each in basis.purposes} == set(DecisionPurpose)
    for basis in shipped.values():
        assert {"/document_no", "/title", "/issued_by", "/issued_on"} <= set(basis.invented)
        assert "示例" in basis.source


def test_an_operators_documents_stand_in_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(json.dumps(document()), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a document", encoding="utf-8")
    assert list(configured_bases(tmp_path)) == ["own"]


def test_a_directory_without_documents_has_none(tmp_path: Path) -> None:
    assert configured_bases(tmp_path) == {}


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableBasis, match="is not a directory"):
        configured_bases(tmp_path / "absent")


def test_a_number_that_comes_twice_is_refused(tmp_path: Path) -> None:
    for code in ("one", "two"):
        content = json.dumps(document(code=code))
        (tmp_path / f"{code}.json").write_text(content, encoding="utf-8")
    with pytest.raises(UnusableBasis, match="comes twice"):
        configured_bases(tmp_path)


@pytest.mark.parametrize("number", ["中发〔2026〕7号", "国办发〔2026〕7号", "中组发〔2026〕7号"])
def test_national_law_is_no_basis(number: str) -> None:
    with pytest.raises(UnusableBasis, match="a local document"):
        read(document_no=number)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"document_no": "某县机关工委2026年7号"}, "document_no"),
        ({"issued_on": "2025-03-01"}, "was not issued in 2025"),
        ({"purposes": []}, "purposes"),
        ({"purposes": ["promotion"]}, "purposes"),
        ({"purposes": ["selection", "selection"]}, "named twice"),
        ({"title": " "}, "title"),
        ({"invented": ["/content"]}, "there is no /content"),
        ({"more": 1}, "more"),
        ({"code": "other"}, "is named other.json"),
        ({"code": "Own"}, "code"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(UnusableBasis, match=place) as refused:
        read(**changes)
    assert "own.json" in str(refused.value)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(UnusableBasis, match=r"own\.json"):
        read_basis("own.json", b"{")
