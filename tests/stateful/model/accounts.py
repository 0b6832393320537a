"""Accounts: opened by one, put into force by another; three duties in three hands."""

from service.domain.account_keeping import (
    ActivateAccount,
    CloseAccount,
    GiveCredentials,
    OpenAccount,
)
from tests.stateful.model.prediction import Expected, Prediction, broken, happens, predicts, refused
from tests.stateful.model.town import Account, Town
from tests.stateful.papers import ID_NUMBERS

THREE_DUTIES = {"system", "security", "audit"}


@predicts(OpenAccount)
def open_account(town: Town, command: OpenAccount) -> Prediction:
    """From the organisation or above it, for somebody of the register or the roster, if it says."""
    here, duty = command.organisation_id, command.duty.value
    if command.by.organisation_id not in town.lines.get(here, ()):
        return refused("UnknownOrganisation")
    person, by_papers = command.person, duty in THREE_DUTIES
    officer = town.officers.get((here, command.officer_id)) if duty == "officer" else None
    branch = town.branches.get(command.member_id) if duty == "member" else None
    if officer is not None:
        person = officer.person
    elif duty == "member":
        person = town.natural.get(command.member_id, "")
    if wrong := broken(
        AccountAlreadyOpened=command.account_id in town.accounts,
        FirstAccountExists=command.first
        and any(
            (each.organisation, each.duty, each.state) == (here, duty, "active")
            for each in town.accounts.values()
        ),
        OfficerNotAppointed=duty == "officer" and officer is None,
        UnknownMember=duty == "member" and not branch,
        MemberOfAnotherOrganisation=duty == "member" and branch != here,
        InvalidIdNumber=by_papers and not ID_NUMBERS[command.id_number],
        DutiesNotApart=by_papers
        and any(
            each.person == person and each.state != "closed" and each.duty in THREE_DUTIES - {duty}
            for each in town.accounts.values()
        ),
    ):
        return wrong
    account = town.accounts[command.account_id] = Account(
        here, duty, person, command.by.person, command.member_id if duty == "member" else None
    )
    events: list[Expected] = [("AccountOpened", {"person": person, "member_id": account.member})]
    if command.first:
        account.giver, account.state = command.by.person, "active"
        events += [("CredentialsGiven", {}), ("AccountActivated", {"person": person})]
    return Prediction(events=tuple(events))


def _managed(
    town: Town, command: GiveCredentials | ActivateAccount | CloseAccount
) -> Account | Prediction:
    """The account, if the organisation that acts is its own or stands above it."""
    account = town.accounts.get(command.account_id)
    if account is None:
        return refused("UnknownAccount")
    if command.by.organisation_id not in town.lines[account.organisation]:
        return refused("UnknownAccount")
    return broken(AccountIsClosed=account.state == "closed") or account


@predicts(GiveCredentials)
def give_credentials(town: Town, command: GiveCredentials) -> Prediction:
    """Whoever gives them knows them: it is of no use until somebody else has seen to it."""
    account = _managed(town, command)
    if isinstance(account, Prediction):
        return account
    account.giver, account.state = command.by.person, "opened"
    return happens(
        "CredentialsGiven", organisation_id=account.organisation, given_by=command.by.person
    )


def _behind(town: Town, account_id: str) -> set[str]:
    """The account and the natural person who has it."""
    account = town.accounts.get(account_id)
    return {account_id} | ({account.person} if account else set())


@predicts(ActivateAccount)
def activate_account(town: Town, command: ActivateAccount) -> Prediction:
    """By somebody who neither had it in their hands before nor is going to sign in with it."""
    account = _managed(town, command)
    if isinstance(account, Prediction):
        return account
    acting, hands = _behind(town, command.by.person), _behind(town, account.opener)
    if account.giver is not None:
        hands |= _behind(town, account.giver)
    if wrong := broken(
        AccountAlreadyActive=account.state == "active",
        NoCredentialsYet=account.giver is None,
        ActivatedByOpener=bool(acting & hands),
        ActivatedByOwner=account.person in acting,
    ):
        return wrong
    account.state = "active"
    return happens("AccountActivated", person=account.person, activated_by=command.by.person)


@predicts(CloseAccount)
def close_account(town: Town, command: CloseAccount) -> Prediction:
    """For good, by the organisation itself or one above it."""
    account = _managed(town, command)
    if isinstance(account, Prediction):
        return account
    account.state = "closed"
    return happens("AccountClosed", person=account.person, closed_by=command.by.person)
