"""账号: opened by one, put into force by another; three duties in three hands."""

from typing import Any

import pytest

from service.domain.account import (
    AccountActivated,
    AccountAlreadyActive,
    AccountAlreadyOpened,
    AccountClosed,
    AccountDuty,
    AccountIsClosed,
    AccountOpened,
    ActivatedByOpener,
    ActivatedByOwner,
    CredentialsGiven,
    DutiesNotApart,
    FirstAccountExists,
    MemberOfAnotherOrganisation,
    NoCredentialsYet,
    UnknownAccount,
)
from service.domain.account_keeping import (
    ActivateAccount,
    CloseAccount,
    GiveCredentials,
    OpenAccount,
)
from service.domain.event import Actor
from service.domain.membership import UnknownMember
from service.domain.officer import OfficerDismissed, OfficerNotAppointed
from service.domain.organisation import UnknownOrganisation
from service.domain.roster import InvalidIdNumber
from tests.domain.story import given
from tests.domain.town import (
    AT,
    AUTHORITY,
    BRANCH,
    COMMUNITY,
    LI,
    OTHER_BRANCH,
    SUBDISTRICT,
    TOWN,
    acting,
    enrolled,
    id_number,
    person,
)

FROM_ABOVE = acting(SUBDISTRICT, "sys")
SYSTEM, SECURITY = acting(AUTHORITY, "sys"), acting(AUTHORITY, "sec")


def account(
    account_id: str, duty: AccountDuty, of: str = "", opened_by: str = "operator"
) -> tuple[AccountOpened, AccountActivated]:
    """An account of the authority that is in force."""
    shared: dict[str, Any] = {
        "account_id": account_id,
        "organisation_id": AUTHORITY,
        "duty": duty,
    }
    whose = person(of or account_id)
    return (
        AccountOpened(**shared, person=whose, opened_by=opened_by),
        AccountActivated(**shared, person=whose, activated_by="operator"),
    )


ADMINISTRATORS = (*account("sys", AccountDuty.SYSTEM), *account("sec", AccountDuty.SECURITY))
HERE = (*TOWN, enrolled(), *ADMINISTRATORS)


def opening(
    duty: AccountDuty = AccountDuty.OFFICER,
    organisation_id: str = COMMUNITY,
    by: Actor = FROM_ABOVE,
    account_id: str = "new",
    **more: Any,
) -> OpenAccount:
    given_by_duty: dict[AccountDuty, dict[str, Any]] = {
        AccountDuty.OFFICER: {"officer_id": "secretary"},
        AccountDuty.MEMBER: {"member_id": LI},
    }
    someone: dict[str, Any] = {"person": person("someone"), "id_number": id_number()}
    inputs = given_by_duty.get(duty, someone) | more
    return OpenAccount(
        account_id=account_id,
        organisation_id=organisation_id,
        duty=duty,
        by=by,
        at=AT,
        **inputs,
    )


def activating(by: Actor, account_id: str = "new") -> ActivateAccount:
    return ActivateAccount(account_id=account_id, by=by, at=AT)


def giving(by: Actor = FROM_ABOVE) -> GiveCredentials:
    return GiveCredentials(account_id="new", by=by, at=AT)


def test_an_officer_gets_an_account_for_the_person_of_the_register() -> None:
    story = given(*HERE).when(opening())
    story.then(AccountOpened, person=person("secretary"), officer_id="secretary", member_id=None)


def test_a_member_gets_an_account_for_the_person_of_the_roster() -> None:
    story = given(*HERE).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM))
    story.then(AccountOpened, person=person(LI), member_id=LI, officer_id=None)


def test_an_officer_must_be_appointed() -> None:
    given(*HERE).when(opening(officer_id="nobody")).refused(
        OfficerNotAppointed, pointer="/officer_id"
    )
    dismissed = OfficerDismissed(organisation_id=COMMUNITY, officer_id="secretary")
    given(*HERE, dismissed).when(opening()).refused(OfficerNotAppointed)


def test_a_member_must_be_on_the_roster_of_the_branch() -> None:
    given(*HERE).when(opening(AccountDuty.MEMBER, OTHER_BRANCH, SYSTEM)).refused(
        MemberOfAnotherOrganisation
    )
    given(*HERE).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM, member_id="nobody")).refused(
        UnknownMember
    )


def test_accounts_are_opened_from_the_organisation_or_above_it() -> None:
    given(*HERE).when(opening(by=acting(COMMUNITY))).then(AccountOpened)
    given(*HERE).when(opening(by=acting(BRANCH))).refused(UnknownOrganisation)
    given(*HERE).when(opening(organisation_id="nowhere")).refused(UnknownOrganisation)


def test_an_account_id_is_used_once() -> None:
    given(*HERE).when(opening()).when(opening()).refused(AccountAlreadyOpened)


def test_an_administrators_id_number_is_checked() -> None:
    bad = opening(AccountDuty.AUDIT, AUTHORITY, SYSTEM, id_number="123")
    given(*HERE).when(bad).refused(InvalidIdNumber, pointer="/id_number")


@pytest.mark.parametrize("duty", [AccountDuty.SECURITY, AccountDuty.AUDIT])
def test_duties_not_apart(duty: AccountDuty) -> None:
    whoever_has_system = opening(duty, AUTHORITY, SECURITY, person=person("sys"))
    given(*HERE).when(whoever_has_system).refused(DutiesNotApart, pointer="/duty")


def test_a_closed_duty_frees_the_person_for_another() -> None:
    closed = AccountClosed(
        account_id="sys",
        organisation_id=AUTHORITY,
        duty=AccountDuty.SYSTEM,
        person=person("sys"),
        closed_by="sec",
    )
    command = opening(AccountDuty.AUDIT, AUTHORITY, SECURITY, person=person("sys"))
    given(*HERE, closed).when(command).then(AccountOpened)


def test_somebody_else_puts_it_into_force() -> None:
    story = given(*HERE).when(opening()).when(giving())
    story.when(activating(acting(SUBDISTRICT, "sec"))).then(AccountActivated, activated_by="sec")
    story.when(activating(acting(SUBDISTRICT, "sec"))).refused(AccountAlreadyActive)


def test_activated_by_opener() -> None:
    story = given(*HERE).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM))
    story.when(giving(acting(AUTHORITY, "sys-2")))
    story.when(activating(SYSTEM)).refused(ActivatedByOpener)
    story.when(activating(acting(AUTHORITY, "sys-2"))).refused(ActivatedByOpener)


def test_activated_by_opener_under_another_account() -> None:
    twin = account("sec-2", AccountDuty.SECURITY, of="sys")
    story = given(*HERE, *twin).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM))
    story.when(giving(SYSTEM)).when(activating(acting(AUTHORITY, "sec-2"))).refused(
        ActivatedByOpener
    )


def test_activated_by_owner() -> None:
    command = opening(AccountDuty.SECURITY, AUTHORITY, SYSTEM, person=person("sec"))
    story = given(*HERE).when(command).when(giving(SYSTEM))
    story.when(activating(SECURITY)).refused(ActivatedByOwner)


def test_no_credentials_yet() -> None:
    story = given(*HERE).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM))
    story.when(activating(SECURITY)).refused(NoCredentialsYet)


def test_new_credentials_put_an_account_out_of_force_until_somebody_else_has_seen_it() -> None:
    story = given(*HERE).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM)).when(giving(SYSTEM))
    story.when(activating(SECURITY)).then(AccountActivated)
    story.when(giving(SYSTEM)).then(CredentialsGiven, given_by="sys")
    story.when(activating(SECURITY)).then(AccountActivated)


def test_accounts_of_others_are_not_known() -> None:
    story = given(*HERE).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM))
    story.when(activating(acting(COMMUNITY, "sec"))).refused(UnknownAccount)
    story.when(giving(acting(COMMUNITY))).refused(UnknownAccount)
    story.when(CloseAccount(account_id="new", by=acting(COMMUNITY), at=AT)).refused(UnknownAccount)
    story.when(activating(SECURITY, "none")).refused(UnknownAccount)


def test_a_closed_account_stays_closed() -> None:
    story = given(*HERE).when(opening(AccountDuty.MEMBER, BRANCH, SYSTEM))
    story.when(CloseAccount(account_id="new", by=SECURITY, at=AT)).then(AccountClosed)
    story.when(activating(SECURITY)).refused(AccountIsClosed)


def test_first_account_exists() -> None:
    operator = acting(AUTHORITY, "operator")
    first = opening(AccountDuty.AUDIT, AUTHORITY, operator, first=True)
    story = given(*HERE).when(first).then(AccountOpened, CredentialsGiven, AccountActivated)
    again = opening(AccountDuty.AUDIT, AUTHORITY, operator, account_id="next", first=True)
    story.when(again).refused(FirstAccountExists)
