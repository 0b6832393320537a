"""Eight clients that enrol members over HTTP and ask again, with the same key, until answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from uuid import uuid4

import httpx

from service.api.access import Caller, Tokens
from service.api.scopes import Scope
from service.domain.event import Actor
from service.domain.organisation import OrganisationKind, RegisterOrganisation
from service.eventstore import EventLog, system_clock
from tests.database import MASTER_KEY
from tests.domain.town import id_number

CLIENTS = 8
CITY, AGENCY, BRANCH = (str(uuid4()) for _ in range(3))

_ASK_AGAIN = {401, 429, 500, 502, 503}
_LIVES = timedelta(minutes=10)
_BORN = date(1950, 1, 1)


async def found(log: EventLog) -> None:
    """Registers the three organisations above the members."""
    for organisation_id, kind, parent in (
        (CITY, OrganisationKind.PERSONNEL_AUTHORITY, None),
        (AGENCY, OrganisationKind.AGENCY_COMMITTEE, CITY),
        (BRANCH, OrganisationKind.BRANCH, AGENCY),
    ):
        await log.decide(
            RegisterOrganisation(
                by=Actor(CITY, "officer", "officer", "faults"),
                at=system_clock(),
                organisation_id=organisation_id,
                name=kind.word,
                kind=kind,
                parent_id=parent,
                district="琼中黎族苗族自治县",
                area_code="469030",
            )
        )


class Clients:
    """The clients and what they were told: they can be held, and then nothing is under way."""

    def __init__(
        self,
        place: str,
        *,
        clock: Callable[[], datetime] = system_clock,
        transport: httpx.AsyncBaseTransport | None = None,
        pause: float = 0.03,
    ) -> None:
        self.answered: dict[str, tuple[str, int]] = {}
        """The member and the position that each key was answered with."""
        self.answers: Counter[str] = Counter()
        self.retried = 0
        self.wrong: list[str] = []
        self._http = httpx.AsyncClient(
            base_url=place, timeout=45, transport=transport, limits=httpx.Limits(max_connections=16)
        )
        self._clock = clock
        self._pause = pause
        self._number = 0
        self._go = asyncio.Event()
        self._busy = 0
        self._idle = asyncio.Condition()
        self._acknowledged = asyncio.Condition()
        self._tokens = Tokens(MASTER_KEY)
        kind = OrganisationKind.BRANCH
        self._caller = Caller("faults", BRANCH, kind, frozenset(Scope.of_kind(kind)))
        self._token, self._issued = "", clock()

    @asynccontextmanager
    async def working(self) -> AsyncIterator["Clients"]:
        """All of them at work until the block ends."""
        tasks = [asyncio.create_task(self._work()) for _ in range(CLIENTS)]
        tasks.append(asyncio.create_task(self._read()))
        self._go.set()
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            for each in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(each, Exception):
                    self.wrong.append(f"a client failed: {each!r}")
            await self._http.aclose()

    @asynccontextmanager
    async def held(self, *, for_good: bool = False) -> AsyncIterator[None]:
        """Everything that was asked is answered, and nothing more is asked in the block."""
        self._go.clear()
        async with asyncio.timeout(90), self._idle:
            await self._idle.wait_for(lambda: self._busy == 0)
        yield
        if not for_good:
            self._go.set()

    async def one_acknowledged(self, patience: float = 90) -> None:
        """Waits until another write that begins after this moment has been acknowledged."""
        before = self._number
        async with asyncio.timeout(patience), self._acknowledged:
            await self._acknowledged.wait_for(
                lambda: any(_key(number) in self.answered for number in range(before, self._number))
            )

    async def ask_again(self, most: int = 40) -> None:
        """Sends the last requests once more: each must get its first answer."""
        await asyncio.gather(
            *(self._enrol(number) for number in range(max(0, self._number - most), self._number))
        )

    async def _work(self) -> None:
        while True:
            await self._go.wait()
            number, self._number = self._number, self._number + 1
            self._busy += 1
            try:
                await self._enrol(number)
            finally:
                self._busy -= 1
                async with self._idle:
                    self._idle.notify_all()
            await asyncio.sleep(self._pause)

    async def _read(self) -> None:
        """One more client that reads: it may be told to come again, never that we failed."""
        while True:
            with suppress(httpx.TransportError):
                answer = await self._http.get(
                    f"/api/v1/branches/{BRANCH}/members", headers=self._authorised()
                )
                self.answers[f"read: {answer.status_code}"] += 1
                if answer.status_code not in {200, *_ASK_AGAIN} or answer.status_code == 500:
                    self.wrong.append(f"a read was answered with {answer.text[:200]}")
            await asyncio.sleep(0.05)

    def _authorised(self) -> dict[str, str]:
        # A client goes by the clock of the service: its token may have become too old or too new.
        if not self._token or abs(self._clock() - self._issued) > _LIVES:
            self._issued = self._clock()
            self._token = self._tokens.issue(self._caller, self._issued)
        return {"Authorization": f"Bearer {self._token}"}

    async def _enrol(self, number: int) -> None:
        """Sends one request until it is answered, however often that takes."""
        body = {
            "member_no": f"F{number:07}",
            "name": "王小明",
            "id_number": id_number(
                number % 1000, f"{_BORN + timedelta(days=number // 1000):%Y%m%d}"
            ),
            "phone": "13800001234",
            "specialities": [],
        }
        while True:
            try:
                answer = await self._http.post(
                    f"/api/v1/branches/{BRANCH}/members",
                    json=body,
                    headers={**self._authorised(), "Idempotency-Key": _key(number)},
                )
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
            else:
                self.answers[str(answer.status_code)] += 1
                if answer.status_code == 201:
                    await self._note(_key(number), answer)
                    return
                if answer.status_code == 401:
                    self._token = ""
                if answer.status_code == 500:
                    self.wrong.append(f"answered with 500: {answer.text[:200]}")
                in_use = answer.status_code == 409 and "IdempotencyKeyInUse" in answer.text
                if answer.status_code not in _ASK_AGAIN and not in_use:
                    self.wrong.append(f"{_key(number)} was refused: {answer.text[:200]}")
                    return
            self.retried += 1
            await asyncio.sleep(0.05)

    async def _note(self, key: str, answer: httpx.Response) -> None:
        told = answer.json()
        now = (str(told["member_id"]), int(told["position"]))
        if self.answered.setdefault(key, now) != now:
            self.wrong.append(f"{key} was answered with {self.answered[key]}, then with {now}")
        async with self._acknowledged:
            self._acknowledged.notify_all()


def _key(number: int) -> str:
    return f"enrolment-{number}"
