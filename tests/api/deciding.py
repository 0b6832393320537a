"""The town's branch decides about its members, behind the gate."""

from typing import Any

import httpx

from tests.api.clock import SettableClock
from tests.api.consulting import Consulting
from tests.api.town import ENDORSER, Town

CONCLUSION = {"result": "selected", "document_no": "琼组发〔2026〕12号", "reason": "经大会表决"}


async def opened(
    town: Town, member_id: str, purpose: str = "selection", period: str = "2026"
) -> str:
    """The id of a decision that the branch opened."""
    body = {"member_id": member_id, "purpose": purpose, "period": period}
    return str((await town.done("branch", "/decisions", body))["decision_id"])


async def heard(town: Town, member_id: str, purpose: str = "selection") -> str:
    """The id of the opinion that the community gave, as it was asked to."""
    asking = Consulting(town, SettableClock())
    return await asking.answered(await asking.asked(member_id, purpose=purpose))


async def conclude(
    town: Town, decision_id: str, name: str = "branch", **more: Any
) -> httpx.Response:
    """What comes of concluding it, by somebody who did not override."""
    body = {**CONCLUSION, "acting_officer": ENDORSER, **more}
    return await town.post(name, f"/decisions/{decision_id}/conclusion", body)


async def selected(town: Town, member_id: str) -> str:
    """The id of the decision by which the member was selected for 2026."""
    decision_id = await opened(town, member_id)
    await heard(town, member_id)
    answer = await conclude(town, decision_id)
    assert answer.status_code == 201, answer.text
    return decision_id
