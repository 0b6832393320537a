"""The database destroys keys for the log's sake and for nobody else's (R40)."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import pytest

from service.domain.account import AccountDuty, AccountOpened
from service.domain.erasing import CancelErasure, EraseSubject
from service.domain.erasure import (
    CANCEL_WINDOW_DAYS,
    ErasureCancelled,
    ErasureConfirmed,
    ErasureNotOpen,
    ErasureRequested,
    LegalBasis,
)
from service.domain.event import SHANGHAI, Actor, Event
from service.domain.membership import MemberEnrolled, SubjectErased
from service.eventstore import EventLog
from service.eventstore.mapping import encode
from service.eventstore.migrate import migrations
from service.trust.erasing import Erasing
from service.trust.keyring import KeyDestroyed, KeyRestricted, LawfulReading
from service.trust.master_key import MasterKey
from tests.database import Database
from tests.domain.town import BRANCH, TOWN, acting, appointed, enrolled
from tests.eventstore.history import given

NOW = datetime.now(SHANGHAI)
WINDOW = timedelta(days=CANCEL_WINDOW_DAYS)
BEFORE = NOW - WINDOW - timedelta(hours=1)
IDENTITY = ("m", "identity")


@dataclass
class Scene:
    """A log that anything can be appended to, as one with the service's password could."""

    log: EventLog

    async def said(self, *events: Event, at: datetime = BEFORE) -> None:
        actor = Actor("branch", "officer")
        keyring = self.log.keyring
        await self.log.append([encode(event, actor, at, at, keyring) for event in events])

    async def state(self) -> str:
        return (await self.log.keyring.standing(["m"]))["m"][-1].state

    async def follow(self) -> str:
        await self.log.keyring.follow_erasures("m")
        return await self.state()

    async def refused(self) -> None:
        with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError):
            await self.log.keyring.follow_erasures("m")
        assert await self.state() != "destroyed"


@pytest.fixture
async def scene(database: Database, master_key: MasterKey) -> AsyncIterator[Scene]:
    async with EventLog.open(database.app_url, master_key) as log:
        await log.keyring.ensure([IDENTITY])
        scene = Scene(log)
        await scene.said(
            MemberEnrolled(
                member_id="m",
                branch_id="branch",
                member_no="no",
                person="hash-of-m",
                name="孟绮",
                id_number="1",
                phone="1",
            )
        )
        yield scene


def requested(by: str = "one", member_id: str = "m") -> ErasureRequested:
    return ErasureRequested(
        erasure_id="e",
        member_id=member_id,
        branch_id="branch",
        legal_basis=LegalBasis.OTHER_LAW,
        document_no="琼组发〔2026〕1号",
        requested_by=by,
        requested_by_person=by,
    )


def confirmed(by: str = "other", due_at: datetime = BEFORE + WINDOW) -> ErasureConfirmed:
    return ErasureConfirmed(
        erasure_id="e",
        member_id="m",
        branch_id="branch",
        confirmed_by=by,
        confirmed_by_person=by,
        due_at=due_at,
    )


CANCELLED = ErasureCancelled(
    erasure_id="e", member_id="m", branch_id="branch", cancelled_by="other"
)
ERASED = SubjectErased(
    erasure_id="e", member_id="m", branch_id="branch", person="hash-of-m", key_fingerprints=()
)


async def test_a_confirmed_erasure_whose_window_has_passed(scene: Scene) -> None:
    ring = scene.log.keyring
    sealed = ring.seal("m", "identity", "name", "孟绮")
    [(_, _, fingerprint, _)] = (await ring.standing(["m"]))["m"]
    await scene.said(requested(), confirmed(), ERASED)
    assert await scene.follow() == "destroyed"
    # At hand until it is forgotten; then nobody gets it again, and no other one is made.
    assert ring.open("m", "identity", "name", sealed) == "孟绮"
    ring.forget("m")
    await ring.ensure([IDENTITY, ("m", "assessment")])
    with pytest.raises(KeyDestroyed):
        ring.open("m", "identity", "name", sealed)
    with pytest.raises(KeyDestroyed):
        ring.seal("m", "assessment", "note", "孟绮")
    keys = (await ring.standing(["m"]))["m"]
    assert [(key.purpose, key.fingerprint) for key in keys] == [
        ("assessment", None),
        ("identity", fingerprint),
    ]


async def test_nothing_in_the_log_nothing_destroyed(scene: Scene) -> None:
    assert await scene.follow() == "active"


async def test_an_erasure_nobody_asked_for(scene: Scene) -> None:
    await scene.said(ERASED)
    await scene.refused()


async def test_an_erasure_nobody_confirmed(scene: Scene) -> None:
    await scene.said(requested(), ERASED)
    await scene.refused()


async def test_an_erasure_asked_for_another_member(scene: Scene) -> None:
    await scene.said(requested(member_id="n"), confirmed(), ERASED)
    await scene.refused()


async def test_an_erasure_confirmed_by_the_same_person(scene: Scene) -> None:
    await scene.said(requested("one"), confirmed("one"), ERASED)
    await scene.refused()


async def test_an_erasure_confirmed_only_afterwards(scene: Scene) -> None:
    await scene.said(requested(), ERASED, confirmed())
    await scene.refused()


async def test_an_erasure_that_was_cancelled(scene: Scene) -> None:
    await scene.said(requested(), confirmed(), CANCELLED, ERASED)
    await scene.refused()


async def test_an_erasure_whose_window_is_open(scene: Scene) -> None:
    late = NOW - WINDOW + timedelta(hours=1)
    await scene.said(requested(), confirmed(due_at=late + WINDOW), ERASED, at=late)
    await scene.refused()


async def test_an_erasure_that_claims_a_shorter_window(scene: Scene) -> None:
    await scene.said(requested(), confirmed(due_at=NOW - timedelta(days=1)), ERASED, at=NOW)
    await scene.refused()


async def test_an_erasure_that_is_due_later_than_it_must(scene: Scene) -> None:
    await scene.said(requested(), confirmed(due_at=NOW + timedelta(days=1)), ERASED)
    await scene.refused()


def test_database_and_domain_know_the_same_window() -> None:
    [sql] = [sql for number, _, sql in migrations() if number == 8]
    assert re.findall(r"interval '(\d+) days'", sql) == [str(CANCEL_WINDOW_DAYS)]


async def test_the_service_itself_can_neither_destroy_nor_restrict(database: Database) -> None:
    connection = await asyncpg.connect(database.app_url)
    for statement in (
        "UPDATE keys.member_keys SET state = 'destroyed', wrapped = NULL",
        "UPDATE keys.member_keys SET state = 'restricted'",
        "DELETE FROM keys.member_keys",
        "SELECT keys.forget_requests('m')",
        "SELECT keys.erasures_of('m')",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()


async def test_restricted_from_the_confirmation_until_it_is_cancelled(scene: Scene) -> None:
    ring = scene.log.keyring
    sealed = ring.seal("m", "identity", "name", "孟绮")
    await scene.said(requested())
    assert await scene.follow() == "active"
    await scene.said(confirmed(due_at=NOW + WINDOW), at=NOW)
    assert await scene.follow() == "restricted"
    ring.forget("m")
    await ring.load([IDENTITY])
    with pytest.raises(KeyRestricted):
        ring.open("m", "identity", "name", sealed)
    for lawful in LawfulReading:
        assert ring.open("m", "identity", "name", sealed, lawful) == "孟绮"
        assert lawful.word
    assert ring.seal("m", "identity", "name", "孟绮")
    # A key that is made meanwhile is restricted from the start.
    await ring.ensure([("m", "assessment")])
    assert [key.state for key in (await ring.standing(["m"]))["m"]] == ["restricted"] * 2
    await scene.said(CANCELLED, at=NOW)
    assert await scene.follow() == "active"
    ring.forget("m")
    await ring.load([IDENTITY])
    assert ring.open("m", "identity", "name", sealed) == "孟绮"


async def test_a_key_that_was_being_fetched_while_it_was_forgotten_is_not_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, connections = scene.log.keyring, scene.log.pool
    ring.forget("m")
    await scene.said(requested(), confirmed(), ERASED)

    class Slow:
        """Between the answer and its arrival the key is destroyed and forgotten."""

        async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
            rows: list[asyncpg.Record] = await connections.fetch(query, *args)
            monkeypatch.setattr(ring, "_connections", connections)
            await ring.follow_erasures("m")
            ring.forget("m")
            return rows

    monkeypatch.setattr(ring, "_connections", Slow())
    await ring.load([IDENTITY])
    assert ring.missing([IDENTITY]) == {IDENTITY}


async def test_the_work_list_is_what_the_log_says_and_is_done_once(scene: Scene) -> None:
    await scene.said(requested(), confirmed())
    first = Erasing(scene.log, lambda: NOW, lambda _: None)
    second = Erasing(scene.log, lambda: NOW, lambda _: None)
    forgotten: list[str] = []
    third = Erasing(scene.log, lambda: NOW, forgotten.append)
    await first.catch_up()
    await second.catch_up()
    await first.carry_out()
    await second.carry_out()
    # The first one is killed here; whoever comes next goes on.
    assert await scene.state() == "restricted"
    assert await third.catch_up() == 1
    assert forgotten == ["m"]
    assert await scene.state() == "destroyed"
    assert await second.catch_up() == 0
    count = "SELECT count(*) FROM log.events WHERE type = 'SubjectErased'"
    assert await scene.log.pool.fetchval(count) == 1


async def test_what_the_database_refuses_is_tried_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """The clock of a process is ahead: it waits for that of the database."""
    confirmed_at = datetime.now(SHANGHAI) - WINDOW + timedelta(seconds=2)
    await scene.said(requested(), confirmed(due_at=confirmed_at + WINDOW), at=confirmed_at)
    ahead = Erasing(scene.log, lambda: NOW + timedelta(hours=1), lambda _: None)
    await ahead.catch_up()
    await ahead.carry_out()
    assert await ahead.catch_up() == 0
    assert "the database refuses" in caplog.text
    await asyncio.sleep(2)
    assert await ahead.catch_up() == 1
    assert await scene.state() == "destroyed"


async def test_a_restored_copy_loses_its_keys_again_at_the_start(
    scene: Scene, database: Database
) -> None:
    owner = await asyncpg.connect(database.owner_url)
    [row] = await owner.fetch("SELECT * FROM keys.member_keys")
    await scene.said(requested(), confirmed(), ERASED)
    assert await scene.follow() == "destroyed"
    await owner.execute("DELETE FROM keys.member_keys")
    await owner.execute(
        "INSERT INTO keys.member_keys (member_id, purpose, wrapped) VALUES ($1, $2, $3)",
        row["member_id"],
        row["purpose"],
        row["wrapped"],
    )
    await owner.close()
    scene.log.keyring.forget("m")
    async with Erasing.running(scene.log, lambda: NOW):
        assert await scene.state() == "destroyed"
        await scene.log.keyring.load([IDENTITY])
        assert scene.log.keyring.missing([IDENTITY])


async def test_of_a_cancellation_and_the_erasure_one_wins(
    scene: Scene, database: Database, master_key: MasterKey
) -> None:
    """Decided in two processes at the same moment, again and again."""
    before = [
        *TOWN,
        appointed("canceller", BRANCH),
        *(each for n in range(40) for each in _confirmed_of(n)),
    ]
    await given(scene.log, *before, at=BEFORE)
    async with EventLog.open(database.app_url, master_key) as other:
        for n in range(40):
            cancel = CancelErasure(by=acting(BRANCH, "canceller"), at=BEFORE, erasure_id=f"e-{n}")
            erase = EraseSubject(
                by=acting(BRANCH), at=NOW, erasure_id=f"e-{n}", key_fingerprints=()
            )
            done = await asyncio.gather(
                scene.log.decide(cancel), other.decide(erase), return_exceptions=True
            )
            refused = [type(each) for each in done if isinstance(each, BaseException)]
            assert refused == [ErasureNotOpen]


def _confirmed_of(n: int) -> list[Event]:
    about = {"erasure_id": f"e-{n}", "member_id": f"member-{n}", "branch_id": BRANCH}
    return [
        enrolled(f"member-{n}"),
        requested().model_copy(update=about | {"event_id": f"asked-{n}"}),
        confirmed().model_copy(update=about | {"event_id": f"confirmed-{n}"}),
    ]


async def test_the_account_of_an_erased_member_goes_with_the_keys(
    scene: Scene, database: Database
) -> None:
    for account_id, member_id in (("of-m", "m"), ("of-another", "another")):
        await scene.said(
            AccountOpened(
                account_id=account_id,
                organisation_id="branch",
                duty=AccountDuty.MEMBER,
                person=f"hash-of-{member_id}",
                member_id=member_id,
                opened_by="system",
            )
        )
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        "INSERT INTO access.credentials (account_id, login, password_hash, initial, totp_secret)"
        " VALUES ('of-m', 'mengqi', '-', false, ''), ('of-another', 'another', '-', false, '')"
    )
    await owner.execute(
        "INSERT INTO access.sessions (session_id, account_id, ends_at)"
        " VALUES (gen_random_uuid(), 'of-m', now()), (gen_random_uuid(), 'of-another', now())"
    )
    await scene.said(requested(), confirmed(), ERASED)
    assert await scene.follow() == "destroyed"
    for table, left in (
        ("credentials", "of-another"),
        ("sessions", "of-another"),
        ("closed_accounts", "of-m"),
    ):
        rows = await owner.fetch(f"SELECT account_id FROM access.{table}")  # noqa: S608 - named above
        assert [row["account_id"] for row in rows] == [left]
    await owner.close()
