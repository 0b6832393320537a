"""What the database's guard refuses (0007_duties.sql), told as the rule that it keeps."""

import asyncpg

from service.domain.separation import REFUSALS

_DUTIES_MEET = "EH001"


def told(error: Exception) -> Exception:
    """The rejection the guard names; any other error as it is."""
    if isinstance(error, asyncpg.PostgresError) and error.sqlstate == _DUTIES_MEET:
        refused = REFUSALS[str(error.args[0])]()
        refused.__cause__ = error
        return refused
    return error
