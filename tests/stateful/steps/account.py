"""Steps about accounts: opened by one, put into force by another, three duties in three hands."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.account import AccountDuty
from service.domain.account_keeping import (
    ActivateAccount,
    CloseAccount,
    GiveCredentials,
    OpenAccount,
)
from service.domain.event import Actor
from tests.domain.town import AT, AUTHORITY, COMMUNITY, person
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.steps.step import Steps, given

DUTIES = st.sampled_from([*AccountDuty, AccountDuty.MEMBER, AccountDuty.SYSTEM])
WHOSE = st.sampled_from([*["system", "security"] * 2, "audit", "somebody", "officer", "newcomer"])
HAND = st.integers(0, 11)
"""Whose hand it is: that of an account, or of nobody who has one."""


class AccountSteps(Steps):
    """Who may sign in."""

    def by(self, who: Who, hand: int, organisation_id: str) -> Actor:
        """Somebody who looks after accounts, mostly of the organisation or above it."""
        line = self.world.town.lines.get(organisation_id, ())
        known = list(self.world.town.accounts)
        account_id = known[-1 - hand % len(known)] if known and hand < 10 else "operator"
        return replace(who.acting(*line), person=account_id)

    @rule(
        organisation=NTH,
        duty=DUTIES,
        nth=NTH,
        elsewhere=draws.RARELY,
        whose=WHOSE,
        id_number=draws.ID_NUMBER,
        first=st.booleans(),
        again=draws.RARELY,
        hand=HAND,
        who=WHO,
    )
    def open_account(
        self,
        *,
        organisation: int,
        duty: AccountDuty,
        nth: int,
        elsewhere: bool,
        whose: str,
        id_number: str,
        first: bool,
        again: bool,
        hand: int,
        who: Who,
    ) -> None:
        town = self.world.town
        organisation_id = self.organisation(["personnel_authority", "subdistrict"], organisation)
        officer_id, member_id = "", ""
        if duty is AccountDuty.OFFICER:
            organisation_id, officer_id = pick_officer(list(town.officers), nth)
        elif duty is AccountDuty.MEMBER:
            member_id = self.member(nth)
            organisation_id = self.branch_of(member_id) or AUTHORITY
        if elsewhere:
            organisation_id = COMMUNITY
        administers = duty not in {AccountDuty.OFFICER, AccountDuty.MEMBER}
        self.decide(
            OpenAccount(
                account_id=pick(list(town.accounts), 0) if again else self.world.new("account"),
                organisation_id=organisation_id,
                duty=duty,
                officer_id=officer_id,
                member_id=member_id,
                person=person(whose) if administers else "",
                id_number=id_number if administers else "",
                first=first and administers and not self.is_suspended(organisation_id, duty),
                by=self.by(who, hand, organisation_id),
                at=AT,
            )
        )

    def is_suspended(self, organisation_id: str, duty: AccountDuty) -> bool:
        """Whether there is such an account that new credentials have put out of force.

        Whether a first one may be opened beside it is left open.
        """
        return any(
            (each.organisation, each.duty, each.state) == (organisation_id, duty.value, "opened")
            for each in self.world.town.accounts.values()
        )

    @given("accounts")
    @rule(
        nth=NTH,
        state=st.sampled_from(["opened"] * 4 + ["active", "closed"]),
        step=st.sampled_from([GiveCredentials, ActivateAccount, ActivateAccount, CloseAccount]),
        hand=HAND,
        who=WHO,
    )
    def keep_account(self, *, nth: int, state: str, step: type, hand: int, who: Who) -> None:
        known = self.world.town.accounts
        account_id = pick(list(known), nth, [each for each in known if known[each].state == state])
        account = known.get(account_id)
        by = self.by(who, hand, account.organisation if account else COMMUNITY)
        self.decide(step(account_id=account_id, by=by, at=AT))


def pick_officer(known: list[tuple[str, str]], nth: int) -> tuple[str, str]:
    """One of the officers with their organisation; rarely one there is not."""
    return (COMMUNITY, draws.NOBODY) if nth == 9 else known[-1 - nth % len(known)]
