"""A committee with eight branches, and what each of them does in a year, over the API.

Everything is a request of the organisation that owes it, with the clock set to the day. Requests
of different organisations go out at once, as they would.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from service.api.serving import Serving
from service.domain.appointment import AppointOfficer
from service.domain.event import SHANGHAI, Actor
from service.domain.officer import OfficerRole
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.domain.period import Month, Quarter
from tests.api.clock import SettableClock
from tests.api.town import ENDORSER, OFFICER, Clients, Town, entry
from tests.domain.town import id_number

Each = TypeVar("Each")
Result = TypeVar("Result")

BRANCHES = [f"branch_{number}" for number in range(1, 9)]
COMMUNITIES = ["community_1", "community_2"]
MEMBERS = 3
"""In each branch."""
_PLACES: dict[str, tuple[str, str | None, str]] = {
    "authority": ("personnel_authority", None, "469030"),
    "committee": ("agency_committee", "authority", "469030"),
    **dict.fromkeys(BRANCHES, ("branch", "committee", "469030")),
    "subdistrict": ("subdistrict", None, "469030"),
    **{
        name: ("community", "subdistrict", f"46903010000{number}")
        for number, name in enumerate(COMMUNITIES, start=1)
    },
}


def moment(day: date, hour: int = 10) -> datetime:
    """An hour of a day, as the clock has it."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def after(period: Month | Quarter, days: int) -> datetime:
    """So many days after a period's last one."""
    return moment(period.last_day + timedelta(days=days))


async def founded(http: httpx.AsyncClient, serving: Serving) -> "Committee":
    """The organisations, each with a client and two responsible persons."""
    clients: Clients = {}
    for name, (kind, parent, area_code) in _PLACES.items():
        organisation_id = str(uuid4())
        above = clients[parent].organisation_id if parent else None
        await serving.log.decide(
            RegisterOrganisation(
                by=Actor("bootstrap", "bootstrap"),
                at=serving.clock(),
                organisation_id=organisation_id,
                name=name,
                kind=OrganisationKind(kind),
                parent_id=above,
                district="琼中黎族苗族自治县",
                area_code=area_code,
            )
        )
        client_id, secret = await serving.clients.add(name, organisation_id, OrganisationKind(kind))
        caller = await serving.clients.authenticate(client_id, secret)
        assert caller is not None
        clients[name] = Town.client(organisation_id, client_id, secret, caller)
        for number, officer in enumerate((OFFICER, ENDORSER)):
            number_of = id_number(2 * len(clients) + number, born="19650101")
            await serving.log.decide(
                AppointOfficer(
                    by=Actor(above or organisation_id, "bootstrap"),
                    at=serving.clock(),
                    organisation_id=organisation_id,
                    officer_id=officer["person"],
                    person=serving.log.keyring.person_hash(number_of),
                    id_number=number_of,
                    role=OfficerRole.RESPONSIBLE,
                )
            )
    return Committee(http, serving, clients)


class Committee(Town):
    """Speaks as any organisation of the committee's world."""

    def __init__(self, http: httpx.AsyncClient, serving: Serving, clients: Clients) -> None:
        super().__init__(http, serving, clients)
        self.members: dict[str, list[str]] = {}
        """By branch."""
        self.home: dict[str, str] = {}
        """The community of each branch's members."""
        assert isinstance(serving.clock, SettableClock)
        self.clock = serving.clock

    async def done(self, name: str, path: str, body: Any = None) -> dict[str, Any]:
        """A write that must succeed, sent again while a view is behind."""
        key = str(uuid4())
        for _ in range(50):
            answer = await self.post(name, path, body or {}, key=key)
            if answer.status_code != 425:
                break
        assert answer.status_code == 201, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def read(self, name: str, path: str) -> dict[str, Any]:
        """A read of everything that was written so far."""
        answer = await self.get(name, path, await self.serving.log.head())
        assert answer.status_code == 200, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def listed(self, name: str, path: str) -> list[dict[str, Any]]:
        """Every item of a list."""
        mark = "&" if "?" in path else "?"
        items: list[dict[str, Any]] = []
        token: str | None = ""
        while token is not None:
            more = f"&page_token={token}" if token else ""
            page = await self.read(name, f"{path}{mark}page_size=200{more}")
            items += page["items"]
            token = page["next_page_token"]
        return items

    async def each(
        self, several: Iterable[Each], act: Callable[[Each], Awaitable[Result]]
    ) -> list[Result]:
        """The same act of several organisations, or about several things, at once."""
        return list(await asyncio.gather(*map(act, several)))

    async def enrol(self) -> None:
        """Three members in each branch, with certificates, all of them registered."""
        await self.each(enumerate(BRANCHES), self._enrol)

    async def _enrol(self, numbered: tuple[int, str]) -> None:
        place, branch = numbered
        self.home[branch] = COMMUNITIES[place % 2]
        self.members[branch] = []
        for number in range(MEMBERS):
            path = f"/branches/{self.id(branch)}/members"
            member = await self.done(branch, path, entry(MEMBERS * place + number + 100))
            member_id = member["member_id"]
            certificate = await self.done(branch, f"/members/{member_id}/certificates")
            registration = await self.done(
                branch,
                "/registrations",
                {
                    "member_id": member_id,
                    "community_id": self.id(self.home[branch]),
                    "certificate_no": certificate["certificate_no"],
                    "intake": {"residence": "营根镇海榆路1号", "phone": "13800001234"},
                },
            )
            accepted = f"/registrations/{registration['registration_id']}/acceptance"
            await self.done(self.home[branch], accepted)
            self.members[branch].append(member_id)

    async def serve(
        self,
        branch: str,
        member_id: str,
        starts_at: datetime,
        minutes: int,
        *,
        endorsed: bool = True,
    ) -> str:
        """A member serves; the community writes it down and another of its officers endorses."""
        community = self.home[branch]
        recorded = await self.done(
            community,
            f"/communities/{self.id(community)}/participations",
            {
                "member_id": member_id,
                "kind": "own",
                "category": "走访群众",
                "starts_at": starts_at.isoformat(),
                "ends_at": (starts_at + timedelta(minutes=minutes)).isoformat(),
                "content": "看望孤寡老人",
                "ledger": "voluntary",
            },
        )
        participation_id = str(recorded["participation_id"])
        if endorsed:
            await self.endorse(branch, participation_id)
        return participation_id

    async def endorse(self, branch: str, participation_id: str) -> None:
        """The community endorses."""
        body = {"performance": "good", "acting_officer": ENDORSER}
        path = f"/participations/{participation_id}/endorsements"
        await self.done(self.home[branch], path, body)

    async def inspect(self, branch: str, month: Month) -> dict[str, Any]:
        """The branch looks through the list, talks to each community on it and confirms."""
        path = f"/branches/{self.id(branch)}"
        sheet = await self.read(branch, f"{path}/inspection-worksheet?month={month}")
        talks = [
            {
                "community_id": each["community_id"],
                "held_on": self.clock().date().isoformat(),
                "outcome": "consistent",
            }
            for each in sheet["communities"]
        ]
        body = {"month": str(month), "talks": talks}
        return await self.done(branch, f"{path}/inspections", body)

    async def give_feedback(self, community: str, quarter: Quarter) -> None:
        """The community tells of everybody with a record in the quarter."""
        path = f"/communities/{self.id(community)}"
        due = await self.listed(community, f"{path}/feedback-due?quarter={quarter}")
        feedback = [{"member_id": each["member_id"], "performance": "good"} for each in due]
        body = {"quarter": str(quarter), "feedback": feedback}
        await self.done(community, f"{path}/feedback", body)

    async def visit(self, branch: str) -> None:
        """Somebody of the branch goes to its members' community."""
        body = {
            "community_id": self.id(self.home[branch]),
            "visited_on": self.clock().date().isoformat(),
        }
        await self.done(branch, f"/organisations/{self.id(branch)}/community-visits", body)

    async def report(self, branch: str, quarter: Quarter) -> None:
        """The branch reports the quarter."""
        path = f"/branches/{self.id(branch)}/quarterly-reports"
        await self.done(branch, path, {"quarter": str(quarter)})

    async def consolidate(self, quarter: Quarter) -> None:
        """The committee puts the reports together."""
        path = f"/committees/{self.id('committee')}/consolidated-reports"
        await self.done("committee", path, {"quarter": str(quarter)})

    async def hold_symposium(self, quarter: Quarter) -> None:
        """The committee talks the quarter over with its branches and the communities."""
        body = {
            "quarter": str(quarter),
            "held_on": self.clock().date().isoformat(),
            "attendees": 18,
            "present": [self.id(name) for name in (*BRANCHES, *COMMUNITIES)],
            "conclusions": "下季度每个支部至少走访社区一次。",
        }
        await self.done("committee", f"/committees/{self.id('committee')}/symposiums", body)

    async def summarise(self, branch: str, half: str) -> None:
        """The branch sums up the half-year."""
        path = f"/organisations/{self.id(branch)}/half-year-summaries"
        await self.done(branch, path, {"half": half})

    async def board(self, **more: str) -> dict[str, Any]:
        """The supervision board of the committee and everything under it, for 2026."""
        query = "".join(f"&{name}={value}" for name, value in more.items())
        organisation = f"organisation_id={self.id('committee')}"
        return await self.read("authority", f"/supervision-board?{organisation}&year=2026{query}")

    async def totals(self) -> Mapping[str, tuple[int, int, int, int]]:
        """Of each task: done, of it late, due, overdue; tasks nobody owes are left out."""
        return {
            each["task"]: (each["done"], each["late"], each["due"], each["overdue"])
            for each in (await self.board())["totals"]
            if each["expected"]
        }
