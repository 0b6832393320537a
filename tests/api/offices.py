"""The units of the town at the turn of the year, about the quarter that has just ended."""

from typing import Any

import httpx

from service.domain.endorsement import EndorsementRevoked, ParticipationEndorsed
from service.domain.inspection import CommunityTalk, InspectionConfirmed, TalkOutcome
from service.domain.participation import ParticipationCorrected, ParticipationVoided
from service.domain.period import Month, Quarter
from service.domain.working_time import Calendars
from service.eventstore import decode
from service.supervision.amendments import amend
from tests.api.clock import SettableClock
from tests.api.town import Town
from tests.eventstore.history import given

PROBLEM = "urn:eighthours:problem:"
LAST = Quarter(2026, 4)


def evening(day: str) -> tuple[str, str]:
    """Two hours after work on a day, ``2026-12-01``."""
    return f"{day}T19:00:00+08:00", f"{day}T21:00:00+08:00"


def differences(amendment: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """What was and what is, by figure."""
    return {each["figure"]: (each["before"], each["after"]) for each in amendment["differences"]}


def times(service: dict[str, Any]) -> int:
    """How many endorsed participations are counted."""
    return sum(int(each["times"]) for each in service["served"])


class Offices:
    """Inspects, reports, consolidates and sums up, and computes again what was said."""

    def __init__(self, town: Town, clock: SettableClock) -> None:
        self.town = town
        self.clock = clock

    def on(self, day: str) -> None:
        """It is the morning of this day."""
        self.clock.now = self.town.at(f"{day}T10:00:00+08:00")

    async def inspected(self, *branches: str, quarter: Quarter = LAST) -> None:
        """Every month of the quarter."""
        for branch in branches or ("branch",):
            for month in quarter.months:
                await self.inspected_in(month, branch)

    async def inspected_in(self, month: Month, branch: str = "branch") -> None:
        """One month, as the log has it when it was confirmed."""
        talk = CommunityTalk(
            community_id=self.town.id("community"),
            held_on=month.last_day,
            outcome=TalkOutcome.CONSISTENT,
        )
        confirmed = InspectionConfirmed(
            inspection_id=f"{branch}/{month}",
            branch_id=self.town.id(branch),
            month=str(month),
            certificates=2,
            entries=2,
            unendorsed=0,
            exempt=0,
            talks=(talk,),
            as_of_position=1,
            confirmed_by="officer-1",
            confirmed_by_person="hash",
        )
        await given(self.town.serving.log, confirmed)

    async def send(self, name: str, path: str, body: dict[str, Any]) -> httpx.Response:
        """A write, sent again while the views are behind."""
        for _ in range(100):
            answer = await self.town.post(name, path, body)
            if answer.status_code != 425:
                break
        return answer

    async def report(self, branch: str = "branch", quarter: str = "2026-Q4") -> str:
        """The path of the report."""
        path = f"/branches/{self.town.id(branch)}/quarterly-reports"
        return await self._made(branch, path, {"quarter": quarter})

    async def consolidate(self, quarter: str = "2026-Q4") -> str:
        """The path of the consolidation."""
        path = f"/committees/{self.town.id('committee')}/consolidated-reports"
        return await self._made("committee", path, {"quarter": quarter})

    async def summarise(self, name: str, half: str = "2026-H2") -> str:
        """The path of the summary."""
        path = f"/organisations/{self.town.id(name)}/half-year-summaries"
        return await self._made(name, path, {"half": half})

    async def _made(self, name: str, path: str, body: dict[str, Any]) -> str:
        answer = await self.send(name, path, body)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"].removeprefix("/api/v1")

    async def refused(
        self, name: str, path: str, body: dict[str, Any], status: int = 409
    ) -> tuple[str, str, str]:
        """Code, detail and pointer of a refusal."""
        answer = await self.send(name, path, body)
        assert answer.status_code == status, answer.text
        found = answer.json()
        [fault] = found["errors"]
        return found["type"].removeprefix(PROBLEM), found["detail"], fault["pointer"]

    async def read(self, name: str, path: str) -> dict[str, Any]:
        """What is there right now."""
        answer = await self.town.get(name, path, await self.town.serving.log.head())
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def amended(
        self, calendars: Calendars | None = None, looked: dict[str, int] | None = None
    ) -> int:
        """Lets the service look for what is to be amended."""
        serving = self.town.serving
        assert await serving.runner.caught_up(await serving.log.head())
        return await amend(serving.log, self.clock.now, calendars or serving.calendars, looked)

    async def recomputed(self, path: str, name: str = "authority") -> dict[str, Any]:
        """A document computed again: it comes to what it says, and so does each amendment."""
        again = await self.read(name, f"{path}/recomputation")
        stated = await self.read(name, path)
        for each in (again, *again.get("amendments", ())):
            assert (each["equal"], each["differences"]) == (True, []), again
        assert again["figures"] == stated["figures"]
        assert again["as_of_position"] == stated["as_of_position"]
        return stated

    async def endorsed_by(self, position: int) -> set[str]:
        """The participations that stood endorsed at a position, by the events alone."""
        standing: set[str] = set()
        for place, data in await self.town.serving.log.stored(after=0, limit=100_000):
            event = decode(place, data).event
            match event:
                case _ if place > position:
                    break
                case ParticipationEndorsed():
                    standing.add(event.participation_id)
                case ParticipationCorrected() | ParticipationVoided() | EndorsementRevoked():
                    standing.discard(event.participation_id)
                case _:
                    pass
        return standing
