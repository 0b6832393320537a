"""A district to measure on: members with a year of participations, put into a log in bulk.

The events are what the commands would have made, encoded and sealed as the log does it; only the
way into the table is shorter. Ids count, so that a measurement in another process knows them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg
import umadb

from service.api.access import Caller
from service.api.scopes import Scope
from service.domain.activity import ActivityKind, ActivityPlanned, ActivityPublished
from service.domain.attendance import MemberSignedIn, MemberSignedOut
from service.domain.certificate import CertificateIssued
from service.domain.certificate_number import certificate_number
from service.domain.endorsement import ParticipationEndorsed, Performance
from service.domain.event import SHANGHAI, Actor, Event
from service.domain.membership import MemberEnrolled
from service.domain.officer import OfficerAppointed, OfficerRole
from service.domain.organisation import OrganisationKind, OrganisationRegistered
from service.domain.participation import ParticipationRecorded
from service.domain.registration import Basis, MemberRegistered, RegistrationAccepted
from service.eventstore.mapping import encode, personal_keys
from service.trust.keyring import KeyRing
from tests.benchmarks.library import recorder
from tests.database import MASTER_KEY
from tests.domain.town import id_number

YEAR = 2026
BEGINS = datetime(YEAR, 1, 3, 9, tzinfo=SHANGHAI)
SPRING = datetime(YEAR, 3, 4, 10, tzinfo=SHANGHAI)
_CHUNK = 20_000


def _ids(kind: int) -> Any:
    return lambda number: str(UUID(int=(kind << 112) | (4 << 76) | (8 << 60) | number))


member, branch, community = _ids(1), _ids(2), _ids(3)
registration, participation, activity = _ids(4), _ids(5), _ids(6)
AUTHORITY, COMMITTEE, SUBDISTRICT = _ids(7)(1), _ids(7)(2), _ids(7)(3)
_endorsement, _event = _ids(8), _ids(9)
VETTING: str = _ids(10)(1)
CHIEF = "chief"


def _person(officer_id: str) -> str:
    return sha256(officer_id.encode()).hexdigest()[:32]


OFFICER = Actor(COMMITTEE, "officer", "responsible", "benchmark")


@dataclass(frozen=True)
class World:
    """How large it is."""

    members: int
    participations: int = 0
    endorsed: bool = True
    signings: int = 0
    """Sign-ins, each followed by a sign-out."""
    capacities: tuple[int | None, ...] = field(default=(None,))
    """One published activity each."""
    branches: int = 50
    communities: int = 50

    def events(self) -> Iterator[Event]:
        """All of it, in a believable order."""
        yield from self._organisations()
        for number in range(self.members):
            yield from self._registered(number)
        for number, capacity in enumerate(self.capacities):
            yield from self._planned(number, capacity)
        for number in range(self.signings):
            yield from self._signed(number)
        for number in range(self.participations):
            yield from self._taken_part(number)

    def branch_of(self, number: int) -> str:
        return str(branch(number % self.branches))

    def community_of(self, number: int) -> str:
        return str(community(number % self.communities))

    def _organisations(self) -> Iterator[Event]:
        def organisation(
            organisation_id: str, kind: OrganisationKind, *ancestors: str
        ) -> OrganisationRegistered:
            is_community = kind is OrganisationKind.COMMUNITY
            return OrganisationRegistered(
                organisation_id=organisation_id,
                parent_id=ancestors[0] if ancestors else None,
                ancestors=ancestors,
                name=f"{kind.word}{organisation_id[-3:]}",
                kind=kind,
                district="琼中黎族苗族自治县",
                area_code="469030100001" if is_community else "469030",
            )

        yield organisation(AUTHORITY, OrganisationKind.PERSONNEL_AUTHORITY)
        yield organisation(COMMITTEE, OrganisationKind.AGENCY_COMMITTEE, AUTHORITY)
        yield organisation(SUBDISTRICT, OrganisationKind.SUBDISTRICT)
        for number in range(self.branches):
            yield organisation(branch(number), OrganisationKind.BRANCH, COMMITTEE, AUTHORITY)
        for number in range(self.communities):
            yield organisation(community(number), OrganisationKind.COMMUNITY, SUBDISTRICT)
            for officer_id in ("recorder", "secretary"):
                yield OfficerAppointed(
                    organisation_id=community(number),
                    officer_id=officer_id,
                    person=_person(officer_id),
                    role=OfficerRole.RESPONSIBLE,
                )

    def _registered(self, number: int) -> Iterator[Event]:
        who = {"member_id": member(number), "branch_id": self.branch_of(number)}
        where = {"registration_id": registration(number), "community_id": self.community_of(number)}
        yield MemberEnrolled(
            **who,
            member_no=f"QZ{number:07}",
            person=f"{number:032x}",
            name="王小明",
            id_number=id_number(number % 1000),
            phone="13800001234",
            specialities=("书法",),
        )
        card = certificate_number("469030", YEAR, number)
        yield CertificateIssued(**who, certificate_no=card)
        yield MemberRegistered(
            **who,
            **where,
            certificate_no=card,
            basis=Basis.RESIDENCE,
            deadline=None,
            residence="营根镇海榆路1号",
            phone="13800001234",
        )
        yield RegistrationAccepted(**who, **where, receipt_no=f"HZ{number:07}")

    def _planned(self, number: int, capacity: int | None) -> Iterator[Event]:
        what = {"activity_id": activity(number), "community_id": community(0)}
        yield ActivityPlanned(
            **what,
            title="清扫小区",
            kind=ActivityKind.COMMUNITY,
            category="cleaning",
            starts_at=SPRING + timedelta(days=10),
            ends_at=SPRING + timedelta(days=10, hours=2),
            place="小区广场",
            capacity=capacity,
        )
        yield ActivityPublished(**what)

    def _signed(self, number: int) -> Iterator[Event]:
        signed = {
            "activity_id": activity(number % len(self.capacities)),
            "community_id": community(0),
            "member_id": member(number % self.members),
            "method": "qr",
        }
        yield MemberSignedIn(**signed, signed_at=SPRING + timedelta(days=10))
        yield MemberSignedOut(**signed, signed_at=SPRING + timedelta(days=10, hours=2))

    def _taken_part(self, number: int) -> Iterator[Event]:
        whose = number % self.members
        starts = BEGINS + timedelta(days=number // self.members * 11 % 300 + whose % 7)
        about = {
            "participation_id": participation(number),
            "member_id": member(whose),
            "branch_id": self.branch_of(whose),
            "community_id": self.community_of(whose),
        }
        event_id = _event(number)
        yield ParticipationRecorded(
            **about,
            event_id=event_id,
            kind=ActivityKind.OWN,
            category="visit",
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            content="看望孤寡老人",
            ledger="voluntary",
            recorded_by="recorder",
            recorded_by_person=_person("recorder"),
        )
        if self.endorsed:
            yield ParticipationEndorsed(
                **about,
                endorsement_id=_endorsement(number),
                certificate_no=certificate_number("469030", YEAR, whose),
                endorses=event_id,
                performance=Performance.GOOD,
                endorsed_by="secretary",
                endorsed_by_person=_person("secretary"),
            )


def reader_of_everything() -> Caller:
    """The personnel authority, with whatever it may read."""
    kind = OrganisationKind.PERSONNEL_AUTHORITY
    return Caller("benchmark", AUTHORITY, kind, frozenset(Scope.of_kind(kind)))


def chief_of_the_authority() -> Caller:
    """A responsible person of the personnel authority, with whatever it may do."""
    kind = OrganisationKind.PERSONNEL_AUTHORITY
    scopes = frozenset(Scope.of_kind(kind))
    return Caller("benchmark", AUTHORITY, kind, scopes, CHIEF, "responsible")


def secretary_of(community_id: str) -> Caller:
    """A responsible person of a community, with whatever it may do."""
    kind = OrganisationKind.COMMUNITY
    return Caller(
        "benchmark", community_id, kind, frozenset(Scope.of_kind(kind)), "secretary", "responsible"
    )


async def load(owner_url: str, world: World) -> int:
    """Fills an empty log with the world; returns how many events that are."""
    async with _bulk(owner_url, "log.events", "DROP INDEX log.tags_by_hash") as connection:
        keyring = KeyRing(connection, MASTER_KEY)
        await keyring.check()
        position, events = 0, world.events()
        while chunk := list(islice(events, _CHUNK)):
            await keyring.ensure(personal_keys(chunk))
            records = []
            for event in chunk:
                position += 1
                stored = encode(event, OFFICER, SPRING, SPRING, keyring)
                records.append((1, position, stored.type, stored.tags, stored.data))
            await connection.copy_records_to_table(
                "events",
                schema_name="log",
                columns=("shard", "position", "type", "tags", "data"),
                records=records,
            )
        await connection.execute(
            "INSERT INTO log.tags SELECT hashtextextended(tag, 0), position, hashtext(type), shard"
            " FROM log.events, unnest(tags) AS tag ORDER BY position;"
            "CREATE INDEX tags_by_hash ON log.tags (tag_hash, type_hash, shard, position)"
        )
    return position


async def copy_to_library(owner_url: str, library_url: str) -> None:
    """Gives the library's recorder the same events at the same positions."""
    store = recorder(library_url, 1)
    store.datastore.close()
    prefix = "public.dcb_events_tt"
    async with _bulk(
        library_url,
        f"{prefix}_main",
        # Foreign keys are not checked row by row while we load what we know to be right.
        f"SET session_replication_role = replica; DROP INDEX {prefix}_tag_idx_tag_main_id",
    ) as connection:
        async for rows in stored(owner_url):
            await connection.copy_records_to_table(
                "dcb_events_tt_main",
                columns=("id", "type", "tags", "data"),
                records=[tuple(row) for row in rows],
            )
        await connection.execute(
            f"INSERT INTO {prefix}_tag (tag, main_id)"  # noqa: S608 - the library's own tables
            f" SELECT tag, id FROM {prefix}_main, unnest(tags) AS tag ORDER BY id;"
            f"SELECT setval('{prefix}_main_id_seq', (SELECT max(id) FROM {prefix}_main));"
            f"CREATE INDEX dcb_events_tt_tag_idx_tag_main_id ON {prefix}_tag (tag, main_id)"
        )


async def copy_to_umadb(owner_url: str, url: str) -> None:
    """Gives UmaDB the same events at the same positions."""
    client = umadb.Client(url)
    async for rows in stored(owner_url):
        for begin in range(0, len(rows), 1000):
            events = [
                umadb.Event(type_, data, tags)
                for _, type_, tags, data in rows[begin : begin + 1000]
            ]
            await asyncio.to_thread(client.append, events)


async def stored(owner_url: str, after: int = 0) -> AsyncIterator[list[Any]]:
    """All events of a log, in order: position, type, tags, data."""
    connection = await asyncpg.connect(owner_url)
    try:
        while rows := await connection.fetch(
            "SELECT position, type, tags, data FROM log.events"
            " WHERE shard = 1 AND position > $1 ORDER BY position LIMIT $2",
            after,
            _CHUNK,
        ):
            yield rows
            after = rows[-1]["position"]
    finally:
        await connection.close()


@asynccontextmanager
async def _bulk(url: str, table: str, begin: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection for loading; afterwards statistics and visibility are as after a long life."""
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
        await connection.execute(begin)
        yield connection
        await connection.execute("SET session_replication_role = DEFAULT")
        for each in (
            table,
            table.replace("events_tt_main", "events_tt_tag").replace("log.events", "log.tags"),
        ):
            await connection.execute(f"VACUUM (ANALYZE) {each}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
