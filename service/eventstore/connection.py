"""As whom the service connects besides itself, and how a database that went away looks."""

import asyncpg

READER = "eighthours_reader"
"""The role that questions about members are asked as; migrations/0009_readings.sql makes it."""

BROKEN = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # A connection that breaks while a statement is prepared leaves asyncpg in disorder.
    asyncpg.InternalClientError,
    OSError,
)
"""What asyncpg raises when a connection breaks or cannot be made; ask `lost_connection` as well."""


def lost_connection(error: BaseException) -> bool:
    """Whether the database went away."""
    # asyncpg reports values that it cannot encode as an interface error that is a ValueError too.
    return isinstance(error, BROKEN) and not isinstance(error, ValueError)
