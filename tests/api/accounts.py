"""People with accounts, as the tests of signing in know them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pyotp

from service import administrators
from service.domain.account import AccountDuty
from service.installation import Installation
from tests.api.clock import SettableClock
from tests.api.town import Town
from tests.database import MASTER_KEY, Database
from tests.domain.town import id_number

OWN_PASSWORD = "海榆路上飞过的十二只白鹭"


@dataclass
class Person:
    """Somebody, and what they sign in with at present."""

    account_id: str
    login: str
    password: str
    codes: pyotp.TOTP
    token: str = ""
    renewal: str = ""

    @classmethod
    def given(cls, account_id: str, credentials: dict[str, Any]) -> "Person":
        """What the answer to the giving of credentials shows."""
        codes = pyotp.parse_uri(credentials["totp_uri"])
        assert isinstance(codes, pyotp.TOTP)
        return cls(account_id, credentials["login"], credentials["password"], codes)

    def headers(self) -> dict[str, str]:
        """Those of a write."""
        return {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}


class Doors:
    """Speaks to the API as people do: with a clock that goes on."""

    def __init__(self, town: Town, clock: SettableClock, database: Database) -> None:
        self.town = town
        self.http = town.http
        self.clock = clock
        self._installed = Installation(database.owner_url, database.app_url, MASTER_KEY)

    async def first(self, duty: AccountDuty, name: str = "authority", serial: int = 0) -> Person:
        """An organisation's first administrator, who has chosen a password."""
        login = f"{duty.value}-{serial}"
        number = id_number(900 + serial + 10 * list(AccountDuty).index(duty))
        given = await administrators.first_administrator(
            self._installed, self.town.id(name), duty, login, number
        )
        account_id = await self.town.serving.log.pool.fetchval(
            "SELECT account_id FROM access.credentials WHERE login = $1", login
        )
        codes = pyotp.parse_uri(given.totp_uri)
        assert isinstance(codes, pyotp.TOTP)
        person = Person(account_id, login, given.password, codes)
        await self.settled(person)
        return person

    async def opened(self, system: Person, **whose: Any) -> str:
        """An account that a system administrator has opened."""
        done = await self.post(system, "/accounts", whose)
        assert done.status_code == 201, done.text
        return str(done.json()["account_id"])

    async def given(self, system: Person, account_id: str, login: str, **more: str) -> Person:
        """Credentials that a system administrator has given out."""
        answer = await self.post(
            system, f"/accounts/{account_id}/credentials", {"login": login, **more}
        )
        assert answer.status_code == 201, answer.text
        return Person.given(account_id, answer.json())

    async def activated(self, security: Person, account_id: str) -> None:
        """An account that somebody who looks after security has put into force."""
        answer = await self.post(security, f"/accounts/{account_id}/activation")
        assert answer.status_code == 201, answer.text

    async def officer(
        self, system: Person, security: Person, officer_id: str, login: str
    ) -> Person:
        """An officer of the authority with an account in force and an initial password."""
        whose = {"organisation_id": self.town.id("authority"), "duty": "officer"}
        account_id = await self.opened(system, **whose, officer_id=officer_id)
        person = await self.given(system, account_id, login)
        await self.activated(security, account_id)
        return person

    async def post(
        self, person: Person, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """A write by somebody who has signed in."""
        return await self.http.post(f"/api/v1{path}", json=body or {}, headers=person.headers())

    async def get(self, person: Person, path: str) -> httpx.Response:
        """A read of everything that was written so far."""
        head = await self.town.serving.log.head()
        headers = {**person.headers(), "X-Position-At-Least": str(head)}
        for _ in range(100):
            answer = await self.http.get(f"/api/v1{path}", headers=headers)
            if answer.status_code != 425:
                break
        return answer

    def code(self, person: Person) -> str:
        """The code that the authenticator shows now."""
        return person.codes.at(self.clock())

    def shown(self, person: Person, **changed: str) -> dict[str, str]:
        """What somebody signs in with."""
        right = {"login": person.login, "password": person.password, "code": self.code(person)}
        return right | changed

    async def sign_in(self, person: Person, **changed: str) -> httpx.Response:
        """A try to sign in; no code is good twice, so that the clock goes on first."""
        self.later(30)
        answer = await self.http.post("/sign-in", json=self.shown(person, **changed))
        if answer.is_success:
            person.token, person.renewal = (
                answer.json()["access_token"],
                answer.json()["renewal_token"],
            )
        return answer

    async def settled(self, person: Person, password: str = OWN_PASSWORD) -> httpx.Response:
        """Chooses a password in place of the initial one."""
        self.later(30)
        body = self.shown(person, new_password=password)
        answer = await self.http.post("/sign-in/password", json=body)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        if found["totp_uri"] is not None:
            codes = pyotp.parse_uri(found["totp_uri"])
            assert isinstance(codes, pyotp.TOTP)
            person.codes = codes
        person.password, person.token = password, found["access_token"]
        person.renewal = found["renewal_token"]
        return answer

    async def renew(self, renewal: str) -> httpx.Response:
        """The next tokens for a renewal token."""
        return await self.http.post("/sign-in/renewal", json={"renewal_token": renewal})

    def later(self, seconds: float) -> None:
        """Lets time pass."""
        self.clock.now += timedelta(seconds=seconds)


def type_of(answer: httpx.Response) -> str:
    """What it is that was refused, by its stable code."""
    found: str = answer.json()["type"]
    return found.removeprefix("urn:eighthours:problem:")
