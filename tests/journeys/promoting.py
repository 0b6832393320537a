"""Everybody who has to do with a promotion, over HTTP: organisations and somebody signed in."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pyotp

from service import administrators
from service.domain.account import AccountDuty
from service.domain.event import SHANGHAI
from service.installation import Installation
from tests.api.accounts import OWN_PASSWORD, Person
from tests.api.consulting import GOOD, Consulting
from tests.api.deciding import CONCLUSION
from tests.api.town import ENDORSER, OFFICER, Clients, entry
from tests.database import MASTER_KEY, Database
from tests.domain.town import id_number
from tests.journeys.clocked_service import ClockFile

DUE = {"due_on": "2026-09-21"}
"""By when a community is to answer."""
PATIENCE = 20.0
"""Seconds that anything may take which the service does by itself."""


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and stable code of a refusal."""
    assert answer.status_code >= 400, answer.text
    return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


class Promoting:
    """Speaks to a running service, and sets its clock."""

    def __init__(
        self, http: httpx.AsyncClient, clients: Clients, clock: ClockFile, database: Database
    ) -> None:
        self.http = http
        self.clients = clients
        self.clock = clock
        self._installed = Installation(database.owner_url, database.app_url, MASTER_KEY)
        self.position = 0
        """How far the log was when it last answered."""
        self._tokens: dict[tuple[str, datetime], str] = {}

    def on(self, day: str, at: str = "10:00") -> None:
        """It is this day and hour."""
        self.clock.now = datetime.fromisoformat(f"{day}T{at}:00").replace(tzinfo=SHANGHAI)

    def id(self, name: str) -> str:
        return self.clients[name].organisation_id

    async def token(self, name: str) -> str:
        """What the organisation's client gets for its secret."""
        key = name, self.clock.now
        if key not in self._tokens:
            client = self.clients[name]
            answer = await self.http.post(
                "/oauth/token",
                auth=(client.client_id, client.secret),
                data={"grant_type": "client_credentials"},
            )
            assert answer.status_code == 200, answer.text
            self._tokens[key] = answer.json()["access_token"]
        return self._tokens[key]

    async def get(self, name: str, path: str, **headers: str) -> httpx.Response:
        """A read by an organisation of everything that was written so far."""
        return await self._read(await self.token(name), path, **headers)

    async def read(self, name: str, path: str) -> dict[str, Any]:
        return self._found(await self.get(name, path))

    async def items(self, name: str, path: str) -> list[dict[str, Any]]:
        """A list that fits on one page."""
        page = await self.read(name, f"{path}{'&' if '?' in path else '?'}page_size=200")
        assert page["next_page_token"] is None
        items: list[dict[str, Any]] = page["items"]
        return items

    async def post(
        self, name: str, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """A write by an organisation's client, its first responsible officer acting."""
        body = {"acting_officer": OFFICER, **(body or {})}
        return await self._write(await self.token(name), path, body)

    async def done(
        self, name: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """A write that must succeed."""
        answer = await self.post(name, path, body)
        assert answer.status_code == 201, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def refused(
        self, name: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, str]:
        return code(await self.post(name, path, body))

    async def member(self, serial: int, name: str) -> str:
        """A member of the branch, whom no community knows."""
        path = f"/branches/{self.id('branch')}/members"
        return str((await self.done("branch", path, entry(serial, name=name)))["member_id"])

    async def registered(self, serial: int, name: str) -> str:
        """A member of the branch who is registered with the community."""
        member_id = await self.member(serial, name)
        certificate = await self.done("branch", f"/members/{member_id}/certificates")
        body = {
            "member_id": member_id,
            "community_id": self.id("community"),
            "certificate_no": certificate["certificate_no"],
            "intake": {"residence": "营根镇海榆路1号", "phone": "13800001234"},
        }
        registration = await self.done("branch", "/registrations", body)
        path = f"/registrations/{registration['registration_id']}/acceptance"
        await self.done("community", path)
        return member_id

    async def served(self, member_id: str, day: str, content: str) -> str:
        """The id of an evening that the community recorded and another officer endorsed."""
        body = {
            "member_id": member_id,
            "kind": "own",
            "starts_at": f"{day}T18:00:00+08:00",
            "ends_at": f"{day}T20:00:00+08:00",
            "content": content,
            "ledger": "voluntary",
        }
        path = f"/communities/{self.id('community')}/participations"
        participation_id = str((await self.done("community", path, body))["participation_id"])
        endorsed = {"performance": "good", "acting_officer": ENDORSER}
        await self.done("community", f"/participations/{participation_id}/endorsements", endorsed)
        return participation_id

    async def asked(self, member_id: str, name: str = "branch", **more: Any) -> str:
        """The id of a consultation."""
        body = Consulting.question(member_id, **more)
        return str((await self.done(name, "/consultations", body))["consultation_id"])

    async def answered(self, consultation_id: str, name: str = "community", **more: Any) -> str:
        """The id of an opinion that two have signed."""
        path = f"/consultations/{consultation_id}/opinions"
        opinion_id = str((await self.done(name, path, {**GOOD, **more}))["opinion_id"])
        second = {"acting_officer": ENDORSER}
        await self.done(name, f"/opinions/{opinion_id}/countersignature", second)
        return opinion_id

    async def opened(self, member_id: str, purpose: str = "selection") -> str:
        """The id of a decision about 2026."""
        body = {"member_id": member_id, "purpose": purpose, "period": "2026"}
        return str((await self.done("branch", "/decisions", body))["decision_id"])

    async def conclude(self, decision_id: str, name: str = "branch", **more: Any) -> httpx.Response:
        body = {**CONCLUSION, "acting_officer": ENDORSER, **more}
        return await self.post(name, f"/decisions/{decision_id}/conclusion", body)

    async def gate(self, decision_id: str) -> dict[str, Any]:
        """How the gate stands, as the branch is shown it."""
        gate: dict[str, Any] = (await self.read("branch", f"/decisions/{decision_id}"))["gate"]
        return gate

    async def by_itself(self, happened: Callable[[], Awaitable[bool]]) -> None:
        """Waits for what the service does without being asked."""
        async with asyncio.timeout(PATIENCE):
            while not await happened():
                await asyncio.sleep(0.05)

    # Somebody who signs in.

    async def administrator(self, duty: AccountDuty, serial: int) -> Person:
        """The authority's first one with this duty, as whoever installs the service makes them."""
        given = await administrators.first_administrator(
            self._installed, self.id("authority"), duty, f"{duty.value}-0", id_number(serial)
        )
        codes = pyotp.parse_uri(given.totp_uri)
        assert isinstance(codes, pyotp.TOTP)
        person = Person("", given.login, given.password, codes)
        await self.settled(person)
        return person

    async def account(self, system: Person, security: Person, **whose: str) -> Person:
        """Somebody for whom one administrator opened an account and another put it into force."""
        opened = await self.as_person(system, "/accounts", whose)
        account_id = opened.json()["account_id"]
        path = f"/accounts/{account_id}"
        given = await self.as_person(system, f"{path}/credentials", {"login": "wang.xiaoming"})
        activated = await self.as_person(security, f"{path}/activation")
        assert activated.status_code == 201, activated.text
        person = Person.given(account_id, given.json())
        await self.settled(person)
        return person

    async def settled(self, person: Person) -> None:
        """Chooses a password in place of the initial one."""
        body = {**self._shown(person), "new_password": OWN_PASSWORD}
        answer = await self.http.post("/sign-in/password", json=body)
        assert answer.status_code == 200, answer.text
        if answer.json()["totp_uri"] is not None:
            codes = pyotp.parse_uri(answer.json()["totp_uri"])
            assert isinstance(codes, pyotp.TOTP)
            person.codes = codes
        person.password = OWN_PASSWORD
        person.token = answer.json()["access_token"]

    async def sign_in(self, person: Person) -> None:
        answer = await self.http.post("/sign-in", json=self._shown(person))
        assert answer.status_code == 200, answer.text
        person.token = answer.json()["access_token"]

    async def as_person(
        self, person: Person, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """A write by somebody who has signed in."""
        return await self._write(person.token, path, body or {})

    async def own(self, person: Person, path: str) -> httpx.Response:
        """A read by somebody who has signed in."""
        answer = await self._read(person.token, path)
        assert answer.status_code == 200, answer.text
        return answer

    def _shown(self, person: Person) -> dict[str, str]:
        # No code is good twice.
        self.clock.now += timedelta(seconds=30)
        shown = person.codes.at(self.clock.now)
        return {"login": person.login, "password": person.password, "code": shown}

    async def _read(self, token: str, path: str, **headers: str) -> httpx.Response:
        return await self._until_there(
            lambda: self.http.get(f"/api/v1{path}", headers=self._so_far(token) | headers)
        )

    async def _write(self, token: str, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {**self._so_far(token), "Idempotency-Key": str(uuid4())}
        answer = await self._until_there(
            lambda: self.http.post(f"/api/v1{path}", json=body, headers=headers)
        )
        if answer.status_code == 201:
            self.position = max(self.position, answer.json()["position"])
        return answer

    def _so_far(self, token: str) -> dict[str, str]:
        """Asks for an answer that knows of everything that was written so far."""
        return {"Authorization": f"Bearer {token}", "X-Position-At-Least": str(self.position)}

    @staticmethod
    async def _until_there(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Sent again while a view, or the published log, is behind."""
        began = time.monotonic()
        while (answer := await send()).status_code == 425:
            assert time.monotonic() < began + PATIENCE, answer.text
            await asyncio.sleep(0.02)
        return answer

    @staticmethod
    def _found(answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
