"""The tree of organisations, its codes, pairings and deadlines (R1, R8, R11)."""

from service.domain.area_code_reassignment import ReassignAreaCode
from service.domain.organisation import RegisterOrganisation
from service.domain.pairing import PairUnit
from service.domain.registration_deadline import SetRegistrationDeadline
from tests.stateful.model.prediction import Prediction, broken, happens, predicts
from tests.stateful.model.town import Town
from tests.stateful.papers import AREA_CODES, CHECK_FAILS, CREDIT_CODES, MALFORMED

UNITS = {"branch", "agency_committee", "personnel_authority"}
STANDS_UNDER: dict[str, set[str | None]] = {
    "branch": {"agency_committee", "personnel_authority"},
    "agency_committee": {"personnel_authority", None},
    "personnel_authority": {"personnel_authority", None},
    "community": {"subdistrict"},
    "subdistrict": {"personnel_authority", None},
}


def area_code_fits(kind: str, code: str) -> bool:
    """Communities have a code of their own, all others one of either length."""
    fits = {"community"} if kind == "community" else {"county", "street", "community"}
    return AREA_CODES[code] in fits


@predicts(RegisterOrganisation)
def register_organisation(town: Town, command: RegisterOrganisation) -> Prediction:
    """One place in the tree, with codes that are right or explained (R1)."""
    kind, parent, code = command.kind.value, command.parent_id, command.credit_code
    parent_kind = None if parent is None else town.kinds.get(parent)
    parent_missing = parent is not None and parent_kind is None
    check_fails = code is not None and CREDIT_CODES[code] == CHECK_FAILS
    given = command.credit_code_exception
    explained = given is not None and bool(given.reason.strip()) and bool(given.evidence.strip())
    if wrong := broken(
        OrganisationAlreadyRegistered=command.organisation_id in town.kinds,
        UnknownOrganisation=parent_missing,
        ParentDoesNotFit=not parent_missing and parent_kind not in STANDS_UNDER[kind],
        MalformedAreaCode=not area_code_fits(kind, command.area_code),
        MalformedCreditCode=code is not None and CREDIT_CODES[code] == MALFORMED,
        CreditCodeTaken=code in town.credit_codes,
        CreditCodeCheckFails=check_fails and not explained,
    ):
        return wrong
    above = () if parent is None else town.lines[parent]
    town.kinds[command.organisation_id] = kind
    town.lines[command.organisation_id] = (command.organisation_id, *above)
    if code is not None:
        town.credit_codes.add(code)
    return happens(
        "OrganisationRegistered",
        ancestors=above,
        credit_code=code,
        credit_code_exception=given if check_fails else None,
    )


@predicts(ReassignAreaCode)
def reassign_area_code(town: Town, command: ReassignAreaCode) -> Prediction:
    """Codes with validity dates, one after the other (R1)."""
    organisation = command.organisation_id
    if wrong := broken(UnknownOrganisation=organisation not in town.kinds):
        return wrong
    last = town.code_valid_from.get(organisation)
    if wrong := broken(
        MalformedAreaCode=not area_code_fits(town.kinds[organisation], command.area_code),
        AreaCodeOutOfOrder=last is not None and command.valid_from <= last,
    ):
        return wrong
    town.code_valid_from[organisation] = command.valid_from
    return happens("AreaCodeReassigned", valid_from=command.valid_from)


@predicts(PairUnit)
def pair_unit(town: Town, command: PairUnit) -> Prediction:
    """A unit pairs with a community, once (R11)."""
    pair = command.organisation_id, command.community_id
    if wrong := broken(
        UnknownOrganisation=town.kinds.get(command.organisation_id) not in UNITS
        or town.kinds.get(command.community_id) != "community",
        AlreadyPaired=pair in town.paired,
    ):
        return wrong
    town.paired.add(pair)
    return happens("UnitPaired")


@predicts(SetRegistrationDeadline)
def set_registration_deadline(town: Town, command: SetRegistrationDeadline) -> Prediction:
    """Set by the branch or above it (R8)."""
    if wrong := broken(UnknownOrganisation=town.kinds.get(command.organisation_id) not in UNITS):
        return wrong
    town.deadlines[command.organisation_id] = command.deadline
    return happens("RegistrationDeadlineSet", deadline=command.deadline)
