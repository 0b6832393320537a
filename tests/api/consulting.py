"""The town's organisations ask a community about a member, and it answers."""

from typing import Any

import httpx

from service.supervision.opinion_reminders import remind_of_opinions
from tests.api.clock import SettableClock
from tests.api.town import ENDORSER, OFFICER, Town

GOOD = {
    "social_morality": "good",
    "community_pledge": "good",
    "bearing": "no_basis",
    "overall": "good",
}
YEAR = "2026"
DAYS = "2021-03-01/2026-09-30"


class Consulting:
    """Asks, answers and reads, as any organisation of the town."""

    def __init__(self, town: Town, clock: SettableClock) -> None:
        self.town = town
        self.clock = clock

    def on(self, day: str) -> None:
        """It is the morning of this day."""
        self.clock.now = self.town.at(f"{day}T10:00:00+08:00")

    @staticmethod
    def question(member_id: str, **more: Any) -> dict[str, Any]:
        """A branch's question; ``more`` replaces parts of it."""
        return {
            "member_id": member_id,
            "purpose": "selection",
            "period": YEAR,
            "due_on": "2026-12-08",
            "basis": "recognition",
            **more,
        }

    async def asked(self, member_id: str, name: str = "branch", **more: Any) -> str:
        """The id of a consultation."""
        body = self.question(member_id, **more)
        return str((await self.town.done(name, "/consultations", body))["consultation_id"])

    async def vetted(self, member_id: str, **more: Any) -> str:
        """The id of a consultation before a vetting that does not say so."""
        vetting = {"purpose": "vetting", "period": DAYS, "basis": "vetting", "masked": True}
        return await self.asked(member_id, "authority", **vetting, **more)

    async def given(self, consultation_id: str, name: str = "community", **more: Any) -> str:
        """The id of an opinion that waits for the second to sign."""
        path = f"/consultations/{consultation_id}/opinions"
        answer = await self.sent(name, path, {**GOOD, **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["opinion_id"])

    async def sent(self, name: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """A write, sent again while the view that the figures come from is behind."""
        for _ in range(100):
            answer = await self.town.post(name, path, body)
            if answer.status_code != 425:
                break
        return answer

    async def countersigned(self, opinion_id: str, name: str = "community") -> int:
        """The position at which the opinion counts."""
        path = f"/opinions/{opinion_id}/countersignature"
        return int((await self.town.done(name, path, {"acting_officer": ENDORSER}))["position"])

    async def answered(self, consultation_id: str, name: str = "community", **more: Any) -> str:
        """The id of an opinion that counts."""
        opinion_id = await self.given(consultation_id, name, **more)
        await self.countersigned(opinion_id, name)
        return opinion_id

    async def read(self, name: str, path: str) -> dict[str, Any]:
        """What is there right now."""
        answer = await self.town.get(name, path, await self.town.serving.log.head())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def status(self, name: str, path: str) -> int:
        return (await self.town.get(name, path, await self.town.serving.log.head())).status_code

    async def refused(
        self, name: str, path: str, body: dict[str, Any], officer: dict[str, str] = OFFICER
    ) -> tuple[int, str]:
        """Status and code of a refusal."""
        answer = await self.sent(name, path, {"acting_officer": officer, **body})
        assert answer.status_code >= 400, answer.text
        return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]

    async def reminded(self) -> int:
        """Lets the service remind and escalate what is due."""
        serving = self.town.serving
        assert await serving.runner.caught_up(await serving.log.head())
        return await remind_of_opinions(serving.log, self.clock.now)
