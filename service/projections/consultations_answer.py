"""What is read of `consultations`: by whoever asked, and by whoever is asked.

Two reads of two tables. That of the community's side never looks into the other, so that nothing of
a masked consultation can find its way into it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import asyncpg
import orjson

from service.domain.consultation import RecusalGround
from service.domain.decision_purpose import DecisionPurpose, period_word
from service.domain.event import SHANGHAI
from service.domain.opinion import Conduct
from service.projections.consultations import VIEW
from service.projections.consultations_model import (
    Consultation,
    ConsultationPage,
    ConsultationState,
    Opinion,
    OpinionRequest,
    OpinionState,
    Recusal,
    RequestState,
)
from service.projections.model import Answer
from service.projections.view import Connection, Seen, Source, reading

_LISTED = """
SELECT t.* FROM views.{table} t
WHERE t.position > $2 AND ($3::text IS NULL OR t.state = $3)
    AND EXISTS (
        SELECT FROM log.lines l WHERE l.above = $1 AND l.organisation_id = t.{whose}
    )
ORDER BY t.position LIMIT $4
"""
_ASKED = _LISTED.format(table="consultation", whose="organisation_id")
_REQUESTED = _LISTED.format(table="opinion_request", whose="community_id")
_AXES = ("social_morality", "community_pledge", "bearing", "overall")
_OPINIONS = """
SELECT * FROM views.opinion
WHERE consultation_id = ANY ($1) AND ($2 OR countersigned_on IS NOT NULL)
ORDER BY position
"""


async def consultations(
    seen: Seen,
    organisation_id: str,
    *,
    state: ConsultationState | None = None,
    after: int = 0,
    limit: int = 200,
) -> ConsultationPage[Consultation]:
    """What an organisation and those below it asked, the oldest first."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(_ASKED, organisation_id, after, state, limit + 1)
        items = await _asked(connection, rows[:limit])
    return ConsultationPage[Consultation](
        items=items, next_after=_next(rows, limit), as_of_position=position
    )


async def consultation(seen: Seen, consultation_id: str) -> tuple[Consultation | None, int]:
    """What was asked, and the position it is as of; None if there is no such consultation."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT * FROM views.consultation WHERE consultation_id = $1", consultation_id
        )
        found = await _asked(connection, rows)
    return (found[0] if found else None), position


async def requests(
    seen: Seen,
    organisation_id: str,
    *,
    state: RequestState | None = None,
    after: int = 0,
    limit: int = 200,
) -> ConsultationPage[OpinionRequest]:
    """What a community, or those below an organisation, were asked, the oldest first."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(_REQUESTED, organisation_id, after, state, limit + 1)
        items = await _requested(connection, rows[:limit])
    return ConsultationPage[OpinionRequest](
        items=items, next_after=_next(rows, limit), as_of_position=position
    )


async def request(seen: Seen, consultation_id: str) -> tuple[OpinionRequest | None, int]:
    """What was asked, and the position it is as of; None if there is no such request."""
    async with reading(seen, VIEW) as (connection, position):
        rows = await connection.fetch(
            "SELECT * FROM views.opinion_request WHERE consultation_id = $1", consultation_id
        )
        found = await _requested(connection, rows)
    return (found[0] if found else None), position


async def overdue(source: Source, today: date) -> list[tuple[str, list[date]]]:
    """The consultations that nobody answered in time and that are not escalated, each with the days
    on which the community was reminded; the longest due first."""
    rows = await source.fetch(
        "SELECT consultation_id, reminded_on FROM views.opinion_request"
        " WHERE state = 'open' AND due_on < $1 AND escalated_to IS NULL ORDER BY due_on, position",
        today,
    )
    return [(row["consultation_id"], row["reminded_on"]) for row in rows]


def _next(rows: list[asyncpg.Record], limit: int) -> int | None:
    return rows[limit - 1]["position"] if len(rows) > limit else None


async def _asked(connection: Connection, rows: list[asyncpg.Record]) -> list[Consultation]:
    # A view above both sides is still the view of whoever asked.
    opinions = await _opinions(connection, rows, waiting=False)
    return [
        Consultation(
            **_fields(row, Consultation)
            | {
                "purpose_word": DecisionPurpose(row["purpose"]).word,
                "period_word": period_word(row["period"]),
                "state_word": ConsultationState(row["state"]).word,
                "withdrawal": _withdrawal(row),
                "opinions": opinions.get(row["consultation_id"], []),
            }
        )
        for row in rows
    ]


async def _requested(connection: Connection, rows: list[asyncpg.Record]) -> list[OpinionRequest]:
    opinions = await _opinions(connection, rows, waiting=True)
    return [
        OpinionRequest(
            **_fields(row, OpinionRequest)
            | {
                "purpose_word": row["purpose"] and DecisionPurpose(row["purpose"]).word,
                "period_word": row["period"] and period_word(row["period"]),
                "state_word": RequestState(row["state"]).word,
                "recusals": [
                    Recusal(**each, ground_word=RecusalGround(each["ground"]).word)
                    for each in orjson.loads(row["recusals"])
                ],
                "opinions": opinions.get(row["consultation_id"], []),
            }
        )
        for row in rows
    ]


async def _opinions(
    connection: Connection, rows: Iterable[asyncpg.Record], *, waiting: bool
) -> dict[str, list[Opinion]]:
    """By consultation, in the order given; those that wait for the second only if asked."""
    found: dict[str, list[Opinion]] = {}
    for row in await connection.fetch(
        _OPINIONS, [each["consultation_id"] for each in rows], waiting
    ):
        state = _opinion_state(row)
        found.setdefault(row["consultation_id"], []).append(
            Opinion(
                **_fields(row, Opinion)
                | {
                    "state": state,
                    "state_word": state.word,
                    "figures": orjson.loads(row["figures"]),
                    "withdrawal": _withdrawal(row),
                    **{f"{axis}_word": Conduct(row[axis]).word for axis in _AXES},
                }
            )
        )
    return found


def _opinion_state(row: asyncpg.Record) -> OpinionState:
    if row["withdrawn_at"] is not None:
        return OpinionState.WITHDRAWN
    return OpinionState.WAITING if row["countersigned_on"] is None else OpinionState.IN_FORCE


def _withdrawal(row: asyncpg.Record) -> dict[str, Any] | None:
    if row["withdrawn_at"] is None:
        return None
    return {
        "reason": row["withdrawn_reason"],
        "withdrawn_by": row["withdrawn_by"],
        "withdrawn_at": row["withdrawn_at"].astimezone(SHANGHAI),
    }


def _fields(row: asyncpg.Record, model: type[Answer]) -> dict[str, Any]:
    """The columns that the model has as well, moments in local time."""
    found = {name: row[name] for name in model.model_fields if name in row}
    return {
        name: each.astimezone(SHANGHAI) if isinstance(each, datetime) else each
        for name, each in found.items()
    }
