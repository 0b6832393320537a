"""Rule packs as documents: what is shipped, what is refused and where, and what is stored (R34)."""

import json
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.data.rulepacks import UnusableRulePack, read_rule_pack, shipped_rule_packs
from service.domain.event import Rejection
from service.domain.open_text import PersonalDataInOpenText
from service.domain.rule_pack import RulePack
from service.domain.rule_pack_adoption import RulePackAdopted
from service.domain.rule_pack_faults import (
    BandReversed,
    BandsLeaveHole,
    BandsOverlap,
    DeadlineOnNoDay,
    InventedMarkLeadsNowhere,
    PackValidityReversed,
    RateAboveOne,
    RuleDoesNotFitSubject,
    RuleIdTwice,
    UnknownRule,
    require_sound,
)
from tests.domain.rule_packs import DEADLINE, HOURS, POINTS, RATES, STARS, changed, with_rule

PACKS = list(shipped_rule_packs().values())


def band(at_least: int, below: int | None, value: int = 1) -> dict[str, Any]:
    return {"at_least": at_least, "below": below, "value": value}


def refused(pack: RulePack, rejection: type[Rejection], *pointers: str, because: str = "") -> None:
    """The pack is refused by this rule, with every place at fault."""
    with pytest.raises(Rejection) as caught:
        require_sound(pack)
    assert type(caught.value) is rejection, caught.value
    assert [pointer for pointer, _ in caught.value.errors] == list(pointers)
    assert because in caught.value.detail


def test_the_packs_the_issue_names_are_shipped_and_say_where_they_are_from() -> None:
    assert list(shipped_rule_packs()) == [
        "hours-2026", "points-2026", "registration_deadline-2026", "stars-2026",
        "unit_rates-2026", "visits-2026",
    ]  # fmt: skip
    for pack in PACKS:
        assert pack.document_no
        assert pack.issuer
        assert {"/document_no", "/issuer"} <= set(pack.invented), "no document of ours is real"


def test_r34_what_60_points_without_cap_means_stands_in_the_pack() -> None:
    [rule] = HOURS.model_dump()["rules"]
    assert rule["points"] == {"base": 60, "step": 60, "per_step": 1, "cap": None}
    assert {"/rules/0/points/step", "/rules/0/points/per_step"} <= set(HOURS.invented)
    for words in ("满50小时", "60分", "每满1小时加1分", "不设上限", "49小时59分为不合格"):
        assert words in rule["text"]


@pytest.mark.parametrize("pack", PACKS, ids=[pack.code for pack in PACKS])
def test_r34_a_pack_comes_back_from_the_log_as_it_was(pack: RulePack) -> None:
    adopted = RulePackAdopted(
        pack_id="pack", organisation_id="o", pack=pack, adopted_by="a", adopted_by_person="p"
    )
    stored = json.loads(json.dumps(adopted.model_dump(mode="json")))
    assert RulePackAdopted.model_validate(stored) == adopted
    assert len(json.dumps(stored)) < 10_000


def test_r34_a_day_is_valid_from_the_first_and_not_on_the_last() -> None:
    assert [HOURS.valid_on(date(*day)) for day in (
        (2025, 12, 31), (2026, 1, 1), (2026, 12, 31), (2027, 1, 1),
    )] == [False, True, True, False]  # fmt: skip
    assert changed(HOURS, valid_to=None).valid_on(date(2099, 12, 31))


@pytest.mark.parametrize("valid_to", ["2026-01-01", "2025-12-31"])
def test_pack_validity_reversed(valid_to: str) -> None:
    refused(changed(HOURS, valid_to=valid_to), PackValidityReversed, "/valid_to")


def test_rule_id_twice() -> None:
    rule = HOURS.model_dump(mode="json")["rules"][0]
    refused(
        changed(HOURS, rules=[rule, rule, rule]),
        RuleIdTwice,
        "/rules/1/rule_id",
        "/rules/2/rule_id",
        because="hours",
    )


def test_unknown_rule() -> None:
    unknown = changed(HOURS, passes=["hours", "visits"])
    refused(unknown, UnknownRule, "/passes/1", because="visits")


def test_rule_does_not_fit_subject() -> None:
    rate = RATES.model_dump(mode="json")["rules"][0]
    refused(changed(HOURS, rules=[rate], passes=["registration_rate"]),
            RuleDoesNotFitSubject, "/rules/0/kind")  # fmt: skip
    refused(changed(STARS, subject="unit"), RuleDoesNotFitSubject, "/rules/0/kind")
    refused(changed(RATES, purpose="completion"), RuleDoesNotFitSubject, "/purpose")


def test_bands_leave_hole() -> None:
    hole = with_rule(STARS, bands=[band(0, 600), band(601, None)])
    refused(hole, BandsLeaveHole, "/rules/0/bands/1/at_least", because="自 600 起至不满 601 的数值")


def test_bands_leave_a_hole_below_the_first_and_above_the_last() -> None:
    refused(
        with_rule(STARS, bands=[band(1, 600), band(600, 1200)]),
        BandsLeaveHole,
        "/rules/0/bands/0/at_least",
        "/rules/0/bands/1/below",
        because="自 0 起至不满 1 的数值",
    )


def test_bands_overlap() -> None:
    refused(
        with_rule(STARS, bands=[band(0, 600), band(599, None)]),
        BandsOverlap,
        "/rules/0/bands/1/at_least",
        because="自 599 起至不满 600 的数值已属于前一档",
    )
    refused(
        with_rule(STARS, bands=[band(0, None), band(600, None)]),
        BandsOverlap,
        "/rules/0/bands/0/below",
    )


@pytest.mark.parametrize("below", [600, 599])
def test_band_reversed(below: int) -> None:
    reversed_band = with_rule(STARS, bands=[band(0, 600), band(600, below), band(600, None)])
    refused(reversed_band, BandReversed, "/rules/0/bands/1/below")


@pytest.mark.parametrize(("month", "day"), [(2, 29), (2, 30), (6, 31), (11, 31)])
def test_deadline_on_no_day(month: int, day: int) -> None:
    refused(with_rule(DEADLINE, month=month, day=day), DeadlineOnNoDay, "/rules/0/day")


def test_rate_above_one() -> None:
    refused(with_rule(RATES, numerator=101), RateAboveOne, "/rules/0/numerator")
    require_sound(with_rule(RATES, numerator=100))


@pytest.mark.parametrize(
    "pointer", ["/nothing", "/rules/1", "/rules/first", "/rules/0/points/cap/deeper", "/rules/0/no"]
)
def test_invented_mark_leads_nowhere(pointer: str) -> None:
    marked = changed(HOURS, invented=["/code", pointer])
    refused(marked, InventedMarkLeadsNowhere, "/invented/1", because=pointer)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda text: changed(HOURS, name=text), "/name"),
        (lambda text: changed(HOURS, source=text), "/source"),
        (lambda text: with_rule(HOURS, text=text), "/rules/0/text"),
        (
            lambda text: with_rule(
                HOURS,
                counted=HOURS.model_dump(mode="json")["rules"][0]["counted"]
                | {"categories": ["走访", text]},
            ),
            "/rules/0/counted/categories/1",
        ),
    ],
)
def test_r40_no_text_of_a_pack_names_somebody_by_number(
    change: Callable[[str], RulePack], pointer: str
) -> None:
    refused(change("联系电话13800001234"), PersonalDataInOpenText, pointer)


@given(st.lists(st.integers(1, 999_999), max_size=8, unique=True), st.integers(0, 1_000_000))
def test_r34_bands_that_are_taken_partition_every_number(cuts: list[int], number: int) -> None:
    bounds = [0, *sorted(cuts), None]
    bands = [
        band(begins, ends, place)
        for place, (begins, ends) in enumerate(pairwise(bounds))
        if begins is not None
    ]
    pack = with_rule(POINTS, bands=bands, cap=None)
    require_sound(pack)
    [rule] = pack.model_dump()["rules"]
    assert len([b for b in rule["bands"] if _holds(b, number)]) == 1


@given(st.data())
def test_r34_bands_that_do_not_partition_are_refused(data: st.DataObject) -> None:
    bands = data.draw(
        st.lists(
            st.builds(band, st.integers(0, 9), st.none() | st.integers(1, 9)),
            min_size=1,
            max_size=4,
        )
    )
    pack = with_rule(POINTS, bands=bands)
    # Beyond the largest bound nothing changes any more.
    once = all(len([b for b in bands if _holds(b, number)]) == 1 for number in range(11))
    if not once:
        with pytest.raises((BandsLeaveHole, BandsOverlap, BandReversed)):
            require_sound(pack)


def _holds(band: dict[str, Any], number: int) -> bool:
    return band["at_least"] <= number and (band["below"] is None or number < band["below"])


@pytest.mark.parametrize(
    "fields",
    [
        {"surprise": 1},
        {"valid_from": 20_000},
        {"valid_from": "2026-1-1"},
        {"valid_from": "20260101"},
        {"valid_from": "2026-W01-1"},
        {"valid_from": "1850-01-01"},
        {"valid_from": "2026-02-30"},
        {"valid_from": "2026-01-01T00:00:00"},
        {"code": "Hours"},
        {"passes": []},
        {"rules": []},
        {"rules": [{"kind": "maximum"}]},
    ],
)
def test_what_has_not_the_form_of_a_pack_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        changed(HOURS, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"at_least": 3000.0},
        {"at_least": "3000"},
        {"at_least": True},
        {"at_least": 0},
        {"points": {"base": 60, "step": 0, "per_step": 1, "cap": None}},
        {"threshold": 1},
    ],
)
def test_r34_numbers_are_whole_and_parameters_known(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        with_rule(HOURS, **fields)


def test_a_file_that_cannot_be_used_is_named_with_its_fault() -> None:
    document = HOURS.model_dump(mode="json")
    for name, content, words in (
        ("hours-2026.json", document | {"surprise": 1}, "hours-2026.json: surprise: "),
        ("hours-2026.json", document | {"passes": ["stars"]}, "hours-2026.json: /passes/0: "),
        ("hours-2025.json", document, "is named hours-2026.json"),
    ):
        with pytest.raises(UnusableRulePack, match=words):
            read_rule_pack(name, json.dumps(content).encode())
