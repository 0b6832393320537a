"""The tree of organisations, credit codes and area codes (R1); pairing (R11)."""

from dataclasses import replace
from datetime import date

import pytest

from service.domain import credit_code
from service.domain.area_code_reassignment import (
    AreaCodeOutOfOrder,
    AreaCodeReassigned,
    ReassignAreaCode,
)
from service.domain.event import Command
from service.domain.organisation import (
    CreditCodeCheckFails,
    CreditCodeException,
    CreditCodeTaken,
    MalformedAreaCode,
    MalformedCreditCode,
    OrganisationAlreadyRegistered,
    OrganisationKind,
    OrganisationRegistered,
    ParentDoesNotFit,
    RegisterOrganisation,
    UnknownOrganisation,
)
from service.domain.pairing import AlreadyPaired, PairUnit, UnitPaired
from tests.domain.story import given
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMITTEE,
    COMMUNITY,
    OTHER_COMMUNITY,
    SUBDISTRICT,
    TOWN,
    acting,
    organisation,
)

REAL = "91350100M000100Y43"
"""The example that the standard itself gives."""
WRONG_DIGIT = "91350100M000100Y44"

register_branch = RegisterOrganisation(
    by=acting(AUTHORITY),
    at=AT,
    organisation_id="new",
    name="文体局机关党支部",
    kind=OrganisationKind.BRANCH,
    parent_id=COMMITTEE,
    district="琼中黎族苗族自治县",
    area_code="469030",
)
register_community = replace(
    register_branch,
    kind=OrganisationKind.COMMUNITY,
    parent_id=SUBDISTRICT,
    area_code="469030100003",
)
reassign = ReassignAreaCode(
    by=acting(COMMUNITY),
    at=AT,
    organisation_id=COMMUNITY,
    area_code="469031100001",
    district="新区",
    valid_from=date(2026, 7, 1),
    reason="区划调整",
)
pair = PairUnit(
    by=acting(BRANCH),
    at=AT,
    organisation_id=BRANCH,
    community_id=COMMUNITY,
    projects=("法律援助",),
)


def test_an_organisation_takes_its_place_below_its_parent_and_all_above() -> None:
    given(*TOWN).when(register_branch).then(
        OrganisationRegistered, ancestors=(COMMITTEE, AUTHORITY), parent_id=COMMITTEE
    )


@pytest.mark.parametrize(
    "kind",
    [
        OrganisationKind.AGENCY_COMMITTEE,
        OrganisationKind.PERSONNEL_AUTHORITY,
        OrganisationKind.SUBDISTRICT,
    ],
)
def test_these_kinds_may_stand_at_the_top(kind: OrganisationKind) -> None:
    root = replace(register_branch, kind=kind, parent_id=None)
    given().when(root).then(OrganisationRegistered, ancestors=())


@pytest.mark.parametrize(
    ("kind", "parent_id"),
    [
        ("branch", COMMITTEE),
        ("branch", AUTHORITY),
        ("agency_committee", AUTHORITY),
        ("personnel_authority", AUTHORITY),
        ("subdistrict", AUTHORITY),
    ],
)
def test_these_kinds_fit_below_these(kind: str, parent_id: str) -> None:
    fitting = replace(register_branch, kind=OrganisationKind(kind), parent_id=parent_id)
    given(*TOWN).when(fitting).then(OrganisationRegistered)


@pytest.mark.parametrize(
    ("kind", "parent_id"),
    [
        ("branch", None),
        ("branch", SUBDISTRICT),
        ("branch", BRANCH),
        ("agency_committee", COMMITTEE),
        ("personnel_authority", COMMITTEE),
        ("community", None),
        ("community", AUTHORITY),
        ("subdistrict", SUBDISTRICT),
    ],
)
def test_parent_does_not_fit(kind: str, parent_id: str | None) -> None:
    unfit = replace(
        register_branch,
        kind=OrganisationKind(kind),
        parent_id=parent_id,
        area_code="469030100003",
    )
    given(*TOWN).when(unfit).refused(ParentDoesNotFit, pointer="/parent_id")


def test_the_parent_must_exist() -> None:
    given().when(register_branch).refused(UnknownOrganisation, pointer="/parent_id")


def test_organisation_already_registered() -> None:
    given(*TOWN).when(register_branch).when(register_branch).refused(OrganisationAlreadyRegistered)


@pytest.mark.parametrize("area_code", ["46903", "4690301", "046903", "46903A", "４６９０３０", ""])
def test_malformed_area_code(area_code: str) -> None:
    command = replace(register_branch, area_code=area_code)
    given(*TOWN).when(command).refused(MalformedAreaCode, pointer="/area_code")


@pytest.mark.parametrize("area_code", ["469030", "469030100", "469030100000"])
def test_a_community_needs_all_twelve_digits_of_its_own(area_code: str) -> None:
    given(*TOWN).when(register_community).then(OrganisationRegistered)
    command = replace(register_community, area_code=area_code)
    given(*TOWN).when(command).refused(MalformedAreaCode, pointer="/area_code")


@pytest.mark.parametrize(
    "code", [REAL, "9144030071526726XG", "91110000802100433B", "91330100799655058B"]
)
def test_real_credit_codes_pass(code: str) -> None:
    command = replace(register_branch, credit_code=code)
    given(*TOWN).when(command).then(
        OrganisationRegistered, credit_code=code, credit_code_exception=None
    )


@pytest.mark.parametrize("code", ["54469030MB00000005", "55469030MB00000002"])
def test_prefixes_54_and_55_are_allowed(code: str) -> None:
    given(*TOWN).when(replace(register_branch, credit_code=code)).then(OrganisationRegistered)


def test_remainder_0_gives_the_check_character_0() -> None:
    weights = [pow(3, at, 31) for at in range(17)]
    code = "54469030MB00000280"
    values = [credit_code.ALPHABET.index(character) for character in code[:17]]
    assert sum(w * v for w, v in zip(weights, values, strict=True)) % 31 == 0
    assert credit_code.check_character(code[:17]) == "0"
    given(*TOWN).when(replace(register_branch, credit_code=code)).then(OrganisationRegistered)


@pytest.mark.parametrize(
    "code",
    [
        REAL[:-1],
        REAL + "3",
        REAL.lower(),
        "9135O100M000100Y43",  # the letter O
        "91350100M000I00Y43",  # the letter I
        "9135A100M000100Y43",  # no letters in the area code
        "95350100M000100Y43",  # no such category
        "B1350100M000100Y43",  # no such authority
    ],
)
def test_malformed_credit_code(code: str) -> None:
    reason = CreditCodeException(reason="发证机关如此", evidence="证书照片 2026-17")
    command = replace(register_branch, credit_code=code, credit_code_exception=reason)
    given(*TOWN).when(command).refused(MalformedCreditCode, pointer="/credit_code")


def test_credit_code_check_fails() -> None:
    command = replace(register_branch, credit_code=WRONG_DIGIT)
    given(*TOWN).when(command).refused(CreditCodeCheckFails, pointer="/credit_code")


def test_a_real_code_that_fails_its_digit_is_kept_with_reason_and_evidence() -> None:
    reason = CreditCodeException(reason="发证机关如此", evidence="证书照片 2026-17")
    command = replace(register_branch, credit_code=WRONG_DIGIT, credit_code_exception=reason)
    given(*TOWN).when(command).then(
        OrganisationRegistered, credit_code=WRONG_DIGIT, credit_code_exception=reason
    )


@pytest.mark.parametrize(("reason", "evidence"), [("发证机关如此", " "), ("", "证书照片")])
def test_an_exception_needs_reason_and_evidence_both(reason: str, evidence: str) -> None:
    half = CreditCodeException(reason=reason, evidence=evidence)
    command = replace(register_branch, credit_code=WRONG_DIGIT, credit_code_exception=half)
    given(*TOWN).when(command).refused(CreditCodeCheckFails)


def test_credit_code_taken() -> None:
    holder = organisation("holder", OrganisationKind.AGENCY_COMMITTEE, credit_code=REAL)
    command = replace(register_branch, credit_code=REAL)
    given(*TOWN, holder).when(command).refused(CreditCodeTaken, pointer="/credit_code")


def test_an_area_code_is_reassigned_from_a_date_on() -> None:
    given(*TOWN).when(reassign).then(AreaCodeReassigned, valid_from=date(2026, 7, 1))


def test_a_reassigned_area_code_must_fit_the_kind() -> None:
    given(*TOWN).when(replace(reassign, area_code="469031")).refused(MalformedAreaCode)


@pytest.mark.parametrize("valid_from", [date(2026, 7, 1), date(2026, 6, 30)])
def test_area_code_out_of_order(valid_from: date) -> None:
    again = replace(reassign, valid_from=valid_from)
    given(*TOWN).when(reassign).when(again).refused(AreaCodeOutOfOrder, pointer="/valid_from")


def test_districts_may_merge_again_later() -> None:
    later = replace(reassign, valid_from=date(2026, 7, 2))
    given(*TOWN).when(reassign).when(later).then(AreaCodeReassigned)


def test_reassigning_needs_an_organisation() -> None:
    given().when(reassign).refused(UnknownOrganisation)


def test_a_unit_pairs_with_a_community_and_offers_projects() -> None:
    given(*TOWN).when(pair).then(UnitPaired, projects=("法律援助",))


def test_already_paired_but_free_to_pair_with_another() -> None:
    story = given(*TOWN).when(pair).then(UnitPaired)
    story.when(pair).refused(AlreadyPaired, pointer="/community_id")
    story.when(replace(pair, community_id=OTHER_COMMUNITY)).then(UnitPaired)


@pytest.mark.parametrize(
    "command",
    [
        replace(pair, organisation_id=SUBDISTRICT),
        replace(pair, organisation_id="nobody"),
        replace(pair, community_id=SUBDISTRICT),
        replace(pair, community_id="nowhere"),
    ],
)
def test_only_a_unit_pairs_and_only_with_a_community(command: Command) -> None:
    given(*TOWN).when(command).refused(UnknownOrganisation)
