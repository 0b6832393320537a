"""The town's authority vets a member: short ways to each step."""

from datetime import timedelta
from typing import Any

from tests.api.clock import SettableClock
from tests.api.consulting import DAYS, Consulting
from tests.api.test_transparency import PublishedBy
from tests.api.town import ENDORSER, OFFICER, Town

TEAM = [OFFICER["person"], ENDORSER["person"]]
SUITABLE = {"result": "suitable", "document_no": "琼组〔2026〕9号", "reason": "符合任职条件"}


class Examining:
    """Opens, freezes, publishes and concludes as the authority."""

    def __init__(self, town: Town, clock: SettableClock, published_by: PublishedBy) -> None:
        self.town = town
        self.clock = clock
        self.consulting = Consulting(town, clock)
        self.published_by = published_by

    async def opened(self, member_id: str, **more: Any) -> str:
        """The id of a vetting."""
        body = {"member_id": member_id, "period": DAYS, "team": TEAM, **more}
        return str((await self.town.done("authority", "/vettings", body))["decision_id"])

    async def frozen(self, decision_id: str) -> dict[str, Any]:
        """The evidence, of everything there is so far."""
        async with self.published_by.running():
            return await self.town.done("authority", f"/vettings/{decision_id}/evidence")

    async def posted(self, decision_id: str) -> dict[str, Any]:
        """A public notice that begins today."""
        body = {"starts_on": str(self.clock.now.date()), "place": "机关公示栏"}
        path = f"/vettings/{decision_id}/public-notice"
        return await self.town.done("authority", path, body)

    async def heard(self, member_id: str) -> str:
        """The id of an opinion that counts, asked for without saying what for."""
        return await self.consulting.answered(await self.consulting.vetted(member_id))

    async def ready(self, member_id: str) -> str:
        """A vetting that is to be concluded, on the first day on which it may be."""
        await self.heard(member_id)
        decision_id = await self.opened(member_id)
        await self.frozen(decision_id)
        notice = await self.posted(decision_id)
        ends = self.town.at(f"{notice['ends_on']}T10:00:00+08:00")
        self.clock.now = ends + timedelta(days=1)
        return decision_id
