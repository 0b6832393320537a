"""What whoever installs the service does about signing in: first administrators, keys of tokens."""

from contextlib import suppress
from uuid import uuid4

import asyncpg

from service.api.credentials import Credentials, FirstCredentials
from service.domain.account import AccountDuty
from service.domain.account_keeping import OpenAccount
from service.domain.event import Actor
from service.eventstore import EventLog, system_clock
from service.installation import Installation

OPERATOR = "operator"
"""Who acts in events of the command line: nobody with an account."""


class NoSuchGeneration(LookupError):
    """没有这一代密钥，或者它已经作废"""


async def first_administrator(
    installed: Installation, organisation_id: str, duty: AccountDuty, login: str, id_number: str
) -> FirstCredentials:
    """Opens the first account with this duty in an organisation, and gives out its credentials.

    Raises the command's rejections, UnusableLogin, LoginTaken.
    """
    async with EventLog.open(installed.app_url, installed.master) as log:
        credentials = Credentials(log.pool, installed.master)
        account_id = str(uuid4())
        # First what one signs in with: an account in force without it would be in the way.
        given = await credentials.give(account_id, login)
        try:
            await log.decide(
                OpenAccount(
                    account_id=account_id,
                    organisation_id=organisation_id,
                    duty=duty,
                    person=log.keyring.person_hash(id_number),
                    id_number=id_number,
                    first=True,
                    by=Actor(organisation_id, OPERATOR, "system", "command-line"),
                    at=system_clock(),
                )
            )
        except BaseException:
            with suppress(asyncpg.PostgresError):
                await credentials.forget(account_id)
            raise
    return given


async def next_generation(installed: Installation) -> int:
    """From now on tokens are signed with a new key; those signed before stay good."""
    connection = await asyncpg.connect(installed.app_url)
    try:
        return int(
            await connection.fetchval(
                "INSERT INTO access.token_keys (generation)"
                " SELECT max(generation) + 1 FROM access.token_keys RETURNING generation"
            )
        )
    finally:
        await connection.close()


async def revoke_generation(installed: Installation, generation: int) -> None:
    """Tokens signed with this key are refused by every process within seconds.

    Raises NoSuchGeneration. The last one is followed by a new one, or nobody could sign in.
    """
    connection = await asyncpg.connect(installed.app_url)
    try:
        async with connection.transaction():
            revoked = await connection.fetchval(
                "UPDATE access.token_keys SET revoked_at = now()"
                " WHERE generation = $1 AND revoked_at IS NULL RETURNING generation",
                generation,
            )
            if revoked is None:
                raise NoSuchGeneration(NoSuchGeneration.__doc__)
            await connection.execute(
                "INSERT INTO access.token_keys (generation)"
                " SELECT max(generation) + 1 FROM access.token_keys"
                " HAVING bool_and(revoked_at IS NOT NULL)"
            )
    finally:
        await connection.close()
