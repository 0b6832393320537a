"""Whole rosters: through the public import of the API, and as batches through the library."""

from datetime import date, datetime, timedelta
from time import perf_counter
from uuid import uuid4

import httpx
import uvloop
from eventsourcing.dcb.api import DCBEvent

from service.api.access import Caller, Tokens
from service.api.scopes import Scope
from service.domain.event import SHANGHAI
from service.domain.membership import MemberEnrolled
from service.domain.organisation import OrganisationKind
from service.eventstore import EventLog
from service.eventstore.mapping import encode, personal_keys
from tests.benchmarks.library import recorder
from tests.benchmarks.measuring import Figures
from tests.benchmarks.world import OFFICER, SPRING, branch
from tests.database import MASTER_KEY
from tests.domain.town import id_number

ROWS = 1000
"""In one file and in one batch."""


def _person(number: int) -> tuple[str, str]:
    """A member number and an identity number, each of one person only."""
    born = date(1950, 1, 1) + timedelta(days=number // 900)
    return f"DR{number:08}", id_number(number % 900 + 1, f"{born:%Y%m%d}")


def _file(first: int) -> bytes:
    lines = ["党员编号,姓名,公民身份号码,联系电话,特长"]
    for number in range(first, first + ROWS):
        member_no, number_of_person = _person(number)
        lines.append(f"{member_no},王小明,{number_of_person},13800001234,书法")
    return "\n".join(lines).encode()


def ours(port: int, first: int, files: int) -> Figures:
    """CSV files through `roster-imports`: read, checked row by row, decided, sealed, appended."""
    kind = OrganisationKind.BRANCH
    uploads = [_file(first + each * ROWS) for each in range(files)]
    took: list[float] = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=120) as client:
        for number, content in enumerate(uploads):
            # A fresh branch for each: a roster is a decision about its branch.
            branch_id = branch(first // ROWS + number)
            caller = Caller(
                "benchmark", branch_id, kind, frozenset(Scope.of_kind(kind)), "officer", "officer"
            )
            token = Tokens(MASTER_KEY).issue(caller, datetime.now(SHANGHAI))
            begun = perf_counter()
            answer = client.post(
                f"/branches/{branch_id}/roster-imports",
                files={"file": ("roster.csv", content, "text/csv")},
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())},
            )
            took.append(perf_counter() - begun)
            if answer.status_code != 201:
                raise AssertionError(answer.text[:600])
    return {"rate": files * ROWS / sum(took), "p50": sorted(took)[files // 2] * 1000}


def _events() -> list[MemberEnrolled]:
    events = []
    for number in range(ROWS):
        member_no, number_of_person = _person(number)
        events.append(
            MemberEnrolled(
                member_id=str(uuid4()),
                branch_id=branch(0),
                member_no=f"{member_no}-{uuid4()}",
                person=uuid4().hex,
                name="王小明",
                id_number=number_of_person,
                phone="13800001234",
                specialities=("书法",),
            )
        )
    return events


async def _stored(url: str) -> list[DCBEvent]:
    """The same events, sealed as the log would."""
    async with EventLog.open(url, MASTER_KEY) as log:
        events = _events()
        await log.keyring.ensure(personal_keys(events))
        return [encode(event, OFFICER, SPRING, SPRING, log.keyring) for event in events]


def ours_appending(url: str, batches: int) -> Figures:
    """`EventLog.append` of the same events, ready made and without a condition."""

    async def measure() -> Figures:
        events = await _stored(url)
        async with EventLog.open(url, MASTER_KEY) as log:
            begun = perf_counter()
            for _ in range(batches):
                await log.append(events)
            return {"rate": batches * ROWS / (perf_counter() - begun)}

    return uvloop.run(measure())


def library(url: str, app_url: str, batches: int) -> Figures:
    """`PostgresDCBRecorderTT.append` of the same events, ready made and without a condition."""
    events = uvloop.run(_stored(app_url))
    store = recorder(url, 1)
    try:
        begun = perf_counter()
        for _ in range(batches):
            store.append(events)
        return {"rate": batches * ROWS / (perf_counter() - begun)}
    finally:
        store.datastore.close()
