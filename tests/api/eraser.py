"""Erasing members through the API, as two appointed persons do it."""

import asyncio
from datetime import timedelta
from typing import Any

from service.domain.erasure import CANCEL_WINDOW_DAYS
from tests.api.town import ENDORSER, OFFICER, Town

ASKS, CONFIRMS = OFFICER, ENDORSER
WINDOW = timedelta(days=CANCEL_WINDOW_DAYS)


def asking(member_id: str) -> dict[str, Any]:
    """What is sent to ask for a member's erasure."""
    return {
        "member_id": member_id,
        "legal_basis": "retention_expired",
        "document_no": "琼组发〔2026〕12号",
        "acting_officer": ASKS,
    }


async def requested(town: Town, member_id: str) -> str:
    """An erasure that waits to be confirmed."""
    return str((await town.done("branch", "/erasures", asking(member_id)))["erasure_id"])


async def confirmed(town: Town, member_id: str) -> str:
    """An erasure in its window."""
    erasure_id = await requested(town, member_id)
    await town.done("branch", f"/erasures/{erasure_id}/confirmation", {"acting_officer": CONFIRMS})
    return erasure_id


async def state(town: Town, erasure_id: str, *wanted: str) -> dict[str, Any]:
    """The receipt, as soon as its state is one of these; the worker looks every few seconds."""
    for _ in range(200):
        answer = await town.get("branch", f"/erasures/{erasure_id}")
        receipt: dict[str, Any] = answer.json()
        if receipt["state"] in wanted:
            return receipt
        await asyncio.sleep(0.05)
    raise AssertionError(receipt)
