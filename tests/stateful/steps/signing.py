"""Steps about keys of organisations, and how they sign with them (R17)."""

from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.event import Actor
from service.domain.signed import OwnSignature
from service.domain.signing_key import KeyRevocationReason
from service.domain.signing_key_approval import (
    ApproveSigningKey,
    ProposeSigningKey,
    RevokeSigningKey,
)
from tests.domain.town import AT, BRANCH, COMMUNITY, OTHER_COMMUNITY
from tests.stateful import draws
from tests.stateful.draws import NTH, WHO, Who, pick
from tests.stateful.model.signing_keys import canonical, counting
from tests.stateful.steps.step import Steps, given

_DAY = timedelta(days=1)


def when(how: str) -> datetime:
    """The moment at which that is said to have happened which is signed like this."""
    return AT - 20 * _DAY if how == "long ago" else AT


class SigningSteps(Steps):
    """What an organisation's own system does."""

    def own(
        self,
        how: str,
        by: Actor,
        stated: dict[str, object],
        salt: str | None = None,
        at: datetime | None = None,
    ) -> OwnSignature | None:
        """A signature over what is asked for, mostly as it is asked for; None without a key."""
        keys = self.world.town.signing_keys
        binding = counting(self.world.town, by.organisation_id, at or when(how))
        if how == "another key":
            self.world.made["signature"] += 1
            own = [each for each in keys if keys[each].organisation == by.organisation_id]
            likely = [each for each in own if each not in binding]
            signing_key_id = pick(list(keys), self.world.made["signature"] % 10, likely)
        elif binding:
            signing_key_id = binding[-1]
        else:
            return None
        if how == "not at all":
            return None
        if how == "otherwise":
            stated = {**stated, "version": 1}
        elif how == "at another time":
            stated = {**stated, "occurred_at": (AT - _DAY).isoformat()}
        elif how == "by somebody else":
            stated = {**stated, "actor": {"organisation_id": by.organisation_id}}
        return OwnSignature(
            jws=f"signed-with-{signing_key_id}..",
            signing_key_id=signing_key_id,
            statement=canonical(stated),
            received_at=AT + 9999 * _DAY if how == "late" else AT,
            salt=salt,
        )


class SigningKeySteps(Steps):
    """One proposes a key, another approves it, either revokes it."""

    def later(self, by: timedelta) -> datetime:
        """The time when something is done with a key: it only goes on."""
        self.world.made["days"] += by.days
        return AT + timedelta(days=self.world.made["days"])

    @rule(
        organisation=st.sampled_from([COMMUNITY, OTHER_COMMUNITY, BRANCH]),
        days=st.sampled_from([365] * 4 + [2, 2, 3 * 366, 3 * 366 + 1, 0, -1]),
        again=draws.RARELY,
        passes=draws.LATER,
        who=WHO,
    )
    def propose_signing_key(
        self, *, organisation: str, days: int, again: bool, passes: timedelta, who: Who
    ) -> None:
        at = self.later(passes)
        signing_key_id = self.world.new("key")
        if again:
            signing_key_id = pick(list(self.world.town.signing_keys), 0)
        self.decide(
            ProposeSigningKey(
                signing_key_id=signing_key_id,
                public_key="x",
                proof="a..b",
                valid_until=at + timedelta(days=days),
                by=who.acting(organisation),
                at=at,
            )
        )

    @given("signing_keys")
    @rule(
        nth=NTH,
        approves=st.booleans(),
        since=st.sampled_from([0, 0, -1, -30, 1]),
        passes=draws.LATER,
        who=WHO,
    )
    def answer_signing_key(
        self, *, nth: int, approves: bool, since: int, passes: timedelta, who: Who
    ) -> None:
        known, at = self.world.town.signing_keys, self.later(passes)
        likely = [each for each in known if (known[each].since is None) is approves]
        signing_key_id = pick(list(known), nth, likely)
        key = known.get(signing_key_id)
        by = who.acting(key.organisation if key else None)
        if approves:
            self.decide(ApproveSigningKey(signing_key_id=signing_key_id, by=by, at=at))
        else:
            self.decide(
                RevokeSigningKey(
                    signing_key_id=signing_key_id,
                    distrusted_since=at + timedelta(days=since),
                    reason_code=KeyRevocationReason.LOST,
                    by=by,
                    at=at,
                )
            )
