"""开设、启用与停用账号: by two people, within the organisation or from above it."""

from dataclasses import dataclass, field

from service.domain.account import (
    Account,
    AccountActivated,
    AccountAlreadyActive,
    AccountAlreadyOpened,
    AccountClosed,
    AccountDuty,
    AccountIsClosed,
    AccountOpened,
    Accounts,
    ActivatedByOpener,
    ActivatedByOwner,
    CredentialsGiven,
    FirstAccountExists,
    MemberOfAnotherOrganisation,
    NoCredentialsYet,
    UnknownAccount,
)
from service.domain.event import Command, Selector
from service.domain.identity_number import valid_id_number
from service.domain.membership import Memberships
from service.domain.officer import OfficerNotAppointed, Officers, register_of
from service.domain.organisation import Organisations, UnknownOrganisation
from service.domain.roster import InvalidIdNumber


@dataclass(kw_only=True)
class OpenAccount(Command):
    """开设账号: by the organisation itself or one above it.

    An officer must be appointed and a member on the branch's roster: the person comes from there.
    For the other duties ``person`` and ``id_number`` are given. ``first`` gives out what one signs
    in with and puts the account into force, all in one: it is for whoever installs the service, and
    refused where that duty is held already.
    """

    account_id: str
    organisation_id: str
    duty: AccountDuty
    officer_id: str = ""
    member_id: str = ""
    person: str = ""
    id_number: str = ""
    """Only to be checked; it is not kept."""
    first: bool = False
    organisations: Organisations = field(init=False, default_factory=Organisations)
    officers: Officers = field(init=False, default_factory=Officers)
    memberships: Memberships = field(init=False, default_factory=Memberships)
    accounts: Accounts = field(init=False, default_factory=Accounts)

    def consistency_boundary(self) -> list[Selector]:
        boundary = [
            Organisations.about(self.organisation_id),
            Accounts.about(self.account_id),
        ]
        if self.duty is AccountDuty.OFFICER:
            boundary.append(register_of(self.organisation_id, self.officer_id))
        elif self.duty is AccountDuty.MEMBER:
            boundary.append(Memberships.about(self.member_id))
        else:
            boundary.append(_accounts(f"person:{self.person}"))
        if self.first:
            boundary.append(_accounts(f"organisation:{self.organisation_id}"))
        return boundary

    def execute(self) -> None:
        self._require_place()
        if self.account_id in self.accounts.known:
            raise AccountAlreadyOpened
        if self.first and any(
            each.active and each.duty is self.duty and each.organisation_id == self.organisation_id
            for each in self.accounts.known.values()
        ):
            raise FirstAccountExists
        person = self._person()
        self.happened(
            AccountOpened(
                account_id=self.account_id,
                organisation_id=self.organisation_id,
                duty=self.duty,
                person=person,
                officer_id=self.officer_id if self.duty is AccountDuty.OFFICER else None,
                member_id=self.member_id if self.duty is AccountDuty.MEMBER else None,
                opened_by=self.by.person,
            )
        )
        if self.first:
            self.happened(
                CredentialsGiven(
                    account_id=self.account_id,
                    organisation_id=self.organisation_id,
                    duty=self.duty,
                    given_by=self.by.person,
                )
            )
            self.happened(
                AccountActivated(
                    account_id=self.account_id,
                    organisation_id=self.organisation_id,
                    duty=self.duty,
                    person=person,
                    activated_by=self.by.person,
                )
            )

    def _require_place(self) -> None:
        line = self.organisations.line_of(self.organisation_id)
        known = self.organisation_id in self.organisations.kinds
        if not known or self.by.organisation_id not in line:
            raise UnknownOrganisation(pointer="/organisation_id")

    def _person(self) -> str:
        if self.duty is AccountDuty.OFFICER:
            appointed = self.officers.appointed.get((self.organisation_id, self.officer_id))
            if appointed is None:
                raise OfficerNotAppointed(pointer="/officer_id")
            return appointed.person
        if self.duty is AccountDuty.MEMBER:
            branch_id = self.memberships.branch_of(self.member_id, "/member_id")
            if branch_id != self.organisation_id:
                raise MemberOfAnotherOrganisation(pointer="/member_id")
            return self.memberships.persons[self.member_id]
        if not valid_id_number(self.id_number):
            raise InvalidIdNumber(pointer="/id_number")
        self.accounts.require_duties_apart(self.duty, self.person)
        return self.person


@dataclass(kw_only=True)
class GiveCredentials(Command):
    """发放登录凭据: a new password and code in place of those there were."""

    account_id: str
    organisations: Organisations = field(init=False, default_factory=Organisations)
    accounts: Accounts = field(init=False, default_factory=Accounts)

    def consistency_boundary(self) -> list[Selector]:
        return _with_place(self.accounts, self.account_id)

    def execute(self) -> None:
        account = _managed(self)
        self.happened(
            CredentialsGiven(
                account_id=self.account_id,
                organisation_id=account.organisation_id,
                duty=account.duty,
                given_by=self.by.person,
            )
        )


@dataclass(kw_only=True)
class ActivateAccount(Command):
    """启用账号: by an account that looks after security, of another person than its opener."""

    account_id: str
    organisations: Organisations = field(init=False, default_factory=Organisations)
    accounts: Accounts = field(init=False, default_factory=Accounts)

    def consistency_boundary(self) -> list[Selector]:
        boundary = _with_place(self.accounts, self.account_id)
        boundary.append(Accounts.about(self.by.person))
        account = self.accounts.known.get(self.account_id)
        if account is not None:
            boundary += [Accounts.about(each) for each in _hands(account)]
        return boundary

    def execute(self) -> None:
        account = _managed(self)
        if account.active:
            raise AccountAlreadyActive
        if account.given_by is None:
            raise NoCredentialsYet
        behind = self._persons(self.by.person)
        if any(behind & self._persons(each) for each in _hands(account)):
            raise ActivatedByOpener
        if account.person in behind:
            raise ActivatedByOwner
        self.happened(
            AccountActivated(
                account_id=self.account_id,
                organisation_id=account.organisation_id,
                duty=account.duty,
                person=account.person,
                activated_by=self.by.person,
            )
        )

    def _persons(self, account_id: str) -> set[str]:
        """The account and the natural person who acts with it."""
        known = self.accounts.known.get(account_id)
        return {account_id} | ({known.person} if known else set())


@dataclass(kw_only=True)
class CloseAccount(Command):
    """停用账号: at once, by the organisation itself or one above it."""

    account_id: str
    organisations: Organisations = field(init=False, default_factory=Organisations)
    accounts: Accounts = field(init=False, default_factory=Accounts)

    def consistency_boundary(self) -> list[Selector]:
        return _with_place(self.accounts, self.account_id)

    def execute(self) -> None:
        account = _managed(self)
        self.happened(
            AccountClosed(
                account_id=self.account_id,
                organisation_id=account.organisation_id,
                duty=account.duty,
                person=account.person,
                closed_by=self.by.person,
            )
        )


def _hands(account: Account) -> list[str]:
    """The accounts that had the account in their hands before it is put into force."""
    return [each for each in (account.opened_by, account.given_by) if each is not None]


def _managed(command: GiveCredentials | ActivateAccount | CloseAccount) -> Account:
    """The account; refused unless its organisation, or one above it, acts and it is not closed.

    Of an account of others nothing is told, not even that it is closed.
    """
    account = command.accounts.known.get(command.account_id)
    line = command.organisations.line_of(account.organisation_id) if account else ()
    if account is None or command.by.organisation_id not in line:
        raise UnknownAccount
    if account.closed:
        raise AccountIsClosed
    return account


def _with_place(accounts: Accounts, account_id: str) -> list[Selector]:
    """Selects the account, and once it is known where its organisation stands."""
    account = accounts.known.get(account_id)
    above = [Organisations.about(account.organisation_id)] if account else []
    return [*accounts.concerning(account_id), *above]


def _accounts(tag: str) -> Selector:
    return Selector([AccountOpened, AccountActivated, AccountClosed], [tag])
