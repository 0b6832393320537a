"""账号: who may sign in for an organisation, and as what.

Whoever opens an account does not put it into force, and whoever looks after the system neither
grants rights nor reads the trail of those who do (三员分立). Passwords and the like are no facts
and stand elsewhere.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar

from service.domain.event import (
    Event,
    Fact,
    MemberId,
    OrganisationId,
    Rejection,
    Selector,
    Tag,
    on,
)
from service.domain.membership import SubjectErased
from service.domain.officer import OfficerId

AccountId = Annotated[str, Tag("account")]


class AccountDuty(StrEnum):
    """账号职责: what somebody who signs in may do."""

    OFFICER = "officer"
    MEMBER = "member"
    SYSTEM = "system"
    SECURITY = "security"
    AUDIT = "audit"

    @property
    def word(self) -> str:
        return {
            "officer": "办理业务",
            "member": "党员本人",
            "system": "系统管理",
            "security": "安全管理",
            "audit": "审计管理",
        }[self.value]


KEPT_APART = frozenset({AccountDuty.SYSTEM, AccountDuty.SECURITY, AccountDuty.AUDIT})
"""Duties of which one person holds one at the most."""


class AccountOpened(Event, type="AccountOpened"):
    """开设账号: it is of no use until somebody else puts it into force.

    ``person`` is a keyed hash of the ID number. An officer's account names the ``officer_id``, a
    member's the ``member_id``.
    """

    account_id: AccountId
    organisation_id: OrganisationId
    duty: AccountDuty
    person: Annotated[str, Tag("person")]
    officer_id: OfficerId | None = None
    member_id: MemberId | None = None
    opened_by: str


class CredentialsGiven(Event, type="CredentialsGiven"):
    """发放登录凭据: whoever gave them knows them, so the account is out of force until somebody
    else has put it into force (again)."""

    account_id: AccountId
    organisation_id: OrganisationId
    duty: AccountDuty
    given_by: str


class AccountActivated(Event, type="AccountActivated"):
    """启用账号: by somebody who looks after security, and did not open it."""

    account_id: AccountId
    organisation_id: OrganisationId
    duty: AccountDuty
    person: Annotated[str, Tag("person")]
    activated_by: str


class AccountClosed(Event, type="AccountClosed"):
    """停用账号: nobody signs in with it any more; it is not opened again."""

    account_id: AccountId
    organisation_id: OrganisationId
    duty: AccountDuty
    person: Annotated[str, Tag("person")]
    closed_by: str


class UnknownAccount(Rejection):
    """没有这个账号，或者不由贵单位管理。"""

    status = 404


class AccountAlreadyOpened(Rejection):
    """该账号标识已经使用。"""


class AccountAlreadyActive(Rejection):
    """该账号已经启用。"""


class AccountIsClosed(Rejection):
    """该账号已经停用。"""


class NoCredentialsYet(Rejection):
    """该账号尚未发放登录凭据，不能启用。"""


class ActivatedByOpener(Rejection):
    """开设账号或者发放登录凭据的人不得启用该账号。"""


class ActivatedByOwner(Rejection):
    """本人不得启用自己的账号。"""


class DutiesNotApart(Rejection):
    """系统管理、安全管理、审计管理须由不同的人担任。"""


class FirstAccountExists(Rejection):
    """该组织已有启用的此类账号，须由其管理员办理。"""


class MemberOfAnotherOrganisation(Rejection):
    """该党员的组织关系不在这个支部。"""


@dataclass
class Account:
    """What became of an account."""

    organisation_id: str
    duty: AccountDuty
    person: str
    opened_by: str
    officer_id: str | None
    member_id: str | None
    given_by: str | None = None
    """Who gave out what one signs in with."""
    active: bool = False
    closed: bool = False


@dataclass
class Accounts(Fact):
    """What became of accounts, by account."""

    subject: ClassVar[str] = "account"
    known: dict[str, Account] = field(default_factory=dict)

    @on(AccountOpened)
    def _(
        self,
        account_id: str,
        organisation_id: str,
        duty: AccountDuty,
        person: str,
        officer_id: str | None,
        member_id: str | None,
        opened_by: str,
    ) -> None:
        self.known[account_id] = Account(
            organisation_id, duty, person, opened_by, officer_id, member_id
        )

    @on(CredentialsGiven)
    def _(self, account_id: str, given_by: str) -> None:
        self.known[account_id].given_by = given_by
        self.known[account_id].active = False

    @on(AccountActivated)
    def _(self, account_id: str) -> None:
        self.known[account_id].active = True

    @on(AccountClosed)
    def _(self, account_id: str) -> None:
        self.known[account_id].active = False
        self.known[account_id].closed = True

    @on(SubjectErased)
    def _(self, member_id: str) -> None:
        for account in self.known.values():
            if account.member_id == member_id:
                account.active = False
                account.closed = True

    def concerning(self, account_id: str) -> list[Selector]:
        """Selects everything about an account; once it is known, also what ends it elsewhere."""
        account = self.known.get(account_id)
        member_id = account.member_id if account else None
        # An account does not outlive the member it belongs to (R40).
        erased = [Selector([SubjectErased], [f"member:{member_id}"])] if member_id else []
        return [self.about(account_id), *erased]

    def require_duties_apart(self, duty: AccountDuty, person: str) -> None:
        """Refused if this person holds another of the three duties that check each other."""
        if any(
            each.person == person
            and not each.closed
            and each.duty in KEPT_APART
            and each.duty is not duty
            for each in self.known.values()
        ):
            raise DutiesNotApart(pointer="/duty")
