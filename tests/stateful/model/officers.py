"""Who may act for an organisation, by appointment or by delegation (R6, R17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.appointment import AppointOfficer, DismissOfficer
from service.domain.delegation import DelegateDuty, EndDelegation
from service.domain.event import Actor
from tests.stateful.model.prediction import Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Delegation, Officer, Town
from tests.stateful.papers import ID_NUMBERS

QUARTER = timedelta(days=92)
_DUTY = {"record": "recording", "endorse": "endorsing"}


def not_responsible(town: Town, by: Actor) -> dict[str, bool]:
    """What speaks against an act that only a responsible person does, and nobody for them (R6)."""
    officer = town.officers.get((by.organisation_id, by.person))
    return {
        "OfficerNotAppointed": officer is None,
        "OnlyResponsiblePerson": officer is not None
        and "responsible" not in {officer.role} & {by.role},
    }


@dataclass(frozen=True)
class Behind:
    """Everybody an act counts for: accounts and persons."""

    accounts: frozenset[str]
    persons: frozenset[str]


def behind(town: Town, by: Actor, duty: str, at: datetime) -> Behind | None:
    """Who stands behind what a responsible person does, or somebody they let do it."""
    officer = town.officers.get((by.organisation_id, by.person))
    if officer is None:
        return None
    if officer.role == "responsible" and by.role == "responsible":
        return Behind(frozenset({by.person}), frozenset({officer.person}))
    for each in town.delegations.values():
        held = (each.organisation, each.officer, each.duty) == (
            by.organisation_id,
            by.person,
            _DUTY[duty],
        )
        if held and not each.over and each.starts <= at < each.ends:
            giver = town.officers[by.organisation_id, each.giver]
            return Behind(
                frozenset({by.person, each.giver}), frozenset({officer.person, giver.person})
            )
    return None


def may_not(town: Town, by: Actor, duty: str, at: datetime, member: str) -> dict[str, bool]:
    """What speaks against this person's having to do with a member's entry at all (R6)."""
    appointed = (by.organisation_id, by.person) in town.officers
    those = behind(town, by, duty, at)
    return {
        "OfficerNotAppointed": not appointed,
        "OnlyResponsiblePerson": appointed and those is None,
        "NotInOwnMatter": those is not None
        and (town.natural[member] in those.persons or member in those.accounts),
    }


def _from_above(town: Town, by: Actor, organisation: str) -> str | None:
    """The rule against somebody who does not stand above the organisation."""
    if organisation not in town.kinds:
        return "UnknownOrganisation"
    above = town.lines[organisation][1:]
    if by.organisation_id in above:
        return None
    if by.organisation_id != organisation:
        return "UnknownOrganisation"
    return "AppointedFromAbove" if above else None


@predicts(AppointOfficer)
def appoint_officer(town: Town, command: AppointOfficer) -> Prediction:
    """From above; one id for one person and one person for one id, for ever (R17)."""
    if wrong := _from_above(town, command.by, command.organisation_id):
        return refused(wrong)
    known = town.register.setdefault(command.organisation_id, {})
    officer_id, person = command.officer_id, command.person
    if wrong_too := broken(
        InvalidIdNumber=not ID_NUMBERS[command.id_number],
        OfficerIdRepeatsIdNumber=ID_NUMBERS.get(officer_id, False),
        OfficerAlreadyAppointed=(command.organisation_id, officer_id) in town.officers,
        OfficerIdTaken=known.get(officer_id, person) != person,
        PersonAlreadyAppointed=any(
            each == person and other != officer_id for other, each in known.items()
        ),
    ):
        return wrong_too
    known[officer_id] = person
    town.officers[command.organisation_id, officer_id] = Officer(person, command.role.value)
    return happens("OfficerAppointed", person=person, role=command.role)


@predicts(DismissOfficer)
def dismiss_officer(town: Town, command: DismissOfficer) -> Prediction:
    """What they hold and what they gave ends with it."""
    if wrong := _from_above(town, command.by, command.organisation_id):
        return refused(wrong)
    who = command.organisation_id, command.officer_id
    if who not in town.officers:
        return refused("UnknownOfficer")
    del town.officers[who]
    for each in town.delegations.values():
        if who in {(each.organisation, each.officer), (each.organisation, each.giver)}:
            each.over = True
    return happens("OfficerDismissed", officer_id=command.officer_id)


@predicts(DelegateDuty)
def delegate_duty(town: Town, command: DelegateDuty) -> Prediction:
    """By whoever the register makes responsible, to an officer of the same organisation."""
    here = command.by.organisation_id
    giver = town.officers.get((here, command.by.person))
    receiver = town.officers.get((here, command.officer_id))
    delegation = Delegation(
        here,
        command.officer_id,
        command.duty.value,
        command.by.person,
        command.at,
        command.ends_at,
    )
    lasts = command.ends_at - command.at
    if wrong := broken(
        OfficerNotAppointed=giver is None or receiver is None,
        OnlyResponsiblePerson=giver is not None
        and "responsible" not in {giver.role} & {command.by.role},
        DelegatedToResponsible=receiver is not None and receiver.role == "responsible",
        DelegationTermWrong=lasts <= timedelta(0) or lasts > QUARTER,
        AlreadyDelegated=any(
            (each.organisation, each.officer, each.duty)
            == (delegation.organisation, delegation.officer, delegation.duty)
            and not each.over
            and max(each.starts, delegation.starts) < min(each.ends, delegation.ends)
            for each in town.delegations.values()
        ),
    ):
        return wrong
    town.delegations[command.delegation_id] = delegation
    return happens("DutyDelegated", delegated_by=command.by.person, starts_at=command.at)


@predicts(EndDelegation)
def end_delegation(town: Town, command: EndDelegation) -> Prediction:
    """By any responsible person of the organisation; what lapsed may still be ended once."""
    delegation = town.delegations.get(command.delegation_id)
    if delegation is None or delegation.organisation != command.by.organisation_id:
        return refused("UnknownDelegation")
    if command.delegation_id in town.ended:
        return refused("UnknownDelegation")
    if wrong := broken(**not_responsible(town, command.by)):
        return wrong
    delegation.over = True
    town.ended.add(command.delegation_id)
    return happens("DelegationEnded", officer_id=delegation.officer)
