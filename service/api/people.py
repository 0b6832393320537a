"""Whoever signs in, as a caller: for which organisation, as what, and with which rights.

Whether an account is in force, and what its officer is appointed as, is looked up in the log at
each sign-in and renewal: an access token therefore says what was so a quarter of an hour ago at the
most.
"""

from service.api.access import Caller
from service.api.history import history
from service.api.places import Places
from service.api.scopes import Holder, Scope
from service.domain.account import Account, AccountDuty, Accounts
from service.domain.membership import Memberships
from service.domain.officer import Officers, register_of
from service.domain.organisation import OrganisationKind
from service.eventstore import EventLog

_HOLDERS = {
    AccountDuty.OFFICER: Holder.ORGANISATION,
    AccountDuty.MEMBER: Holder.MEMBER,
    AccountDuty.SYSTEM: Holder.SYSTEM,
    AccountDuty.SECURITY: Holder.SECURITY,
    AccountDuty.AUDIT: Holder.AUDIT,
}


class NotInForce(ValueError):
    """账号未启用、已停用，或者所依据的任命、名册已不存在"""


class People:
    """Finds out what an account may do now."""

    def __init__(self, log: EventLog, places: Places) -> None:
        self._log = log
        self._places = places

    async def caller(self, account_id: str) -> Caller:
        """Somebody who has signed in with this account; NotInForce."""
        accounts = Accounts()
        for recorded in await history(self._log, Accounts.about(account_id)):
            recorded.event.mutate(accounts)
        account = accounts.known.get(account_id)
        if account is None or not account.active:
            raise NotInForce(NotInForce.__doc__)
        place = await self._places.find(account.organisation_id)
        if place is None:
            raise NotInForce(NotInForce.__doc__)
        person, role = await self._as(account_id, account)
        return Caller(
            client_id=f"account:{account_id}",
            organisation_id=account.organisation_id,
            kind=place.kind,
            scopes=scopes_of(account.duty, place.kind),
            person=person,
            role=role,
        )

    async def _as(self, account_id: str, account: Account) -> tuple[str, str]:
        """The person and role that acts."""
        if account.duty is AccountDuty.OFFICER:
            officer_id = account.officer_id or ""
            officers = Officers()
            selector = register_of(account.organisation_id, officer_id)
            for recorded in await history(self._log, selector):
                recorded.event.mutate(officers)
            appointed = officers.appointed.get((account.organisation_id, officer_id))
            if appointed is None or appointed.person != account.person:
                raise NotInForce(NotInForce.__doc__)
            return officer_id, appointed.role.value
        if account.duty is AccountDuty.MEMBER:
            member_id = account.member_id or ""
            memberships = Memberships()
            for recorded in await history(self._log, Memberships.about(member_id)):
                recorded.event.mutate(memberships)
            if memberships.branches.get(member_id) != account.organisation_id:
                raise NotInForce(NotInForce.__doc__)
            return member_id, AccountDuty.MEMBER.value
        return account_id, account.duty.value


def scopes_of(duty: AccountDuty, kind: OrganisationKind) -> frozenset[str]:
    """What somebody with this duty may do in an organisation of this kind."""
    return frozenset(scope.value for scope in Scope.of_kind(kind, _HOLDERS[duty]))
