"""An 8-event boundary out of a million events: what is read before each decision."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice

import umadb
import uvloop
from eventsourcing.dcb.api import DCBQuery, DCBQueryItem

from service.domain.certificate import Certificates
from service.domain.endorsement import Endorsements
from service.domain.event import Command, Rejection, Selector
from service.domain.membership import Memberships
from service.domain.participation import Participations
from service.domain.registration import Registrations
from service.eventstore import EventLog
from service.eventstore.chain import Boundary
from tests.benchmarks.library import events_of, recorder
from tests.benchmarks.measuring import Figures, Window, drive, drive_threads
from tests.benchmarks.world import OFFICER, SPRING, member, participation
from tests.database import MASTER_KEY

CLIENTS = 16
EVENTS = 8
_PREPARED = 5000


class NothingHappens(Rejection):
    """只读，不记录。"""


@dataclass(kw_only=True)
class Look(Command):
    """Learns what a decision about a member and two of their participations rests on."""

    member_id: str
    participation_ids: tuple[str, str]
    memberships: Memberships = field(init=False, default_factory=Memberships)
    certificates: Certificates = field(init=False, default_factory=Certificates)
    registrations: Registrations = field(init=False, default_factory=Registrations)
    participations: Participations = field(init=False, default_factory=Participations)
    endorsements: Endorsements = field(init=False, default_factory=Endorsements)

    def consistency_boundary(self) -> list[Selector]:
        return [
            Memberships.about(self.member_id),
            Certificates.about(self.member_id),
            Registrations.about(self.member_id),
            *(Participations.about(each) for each in self.participation_ids),
            *(Endorsements.about(each) for each in self.participation_ids),
        ]

    def execute(self) -> None:
        raise NothingHappens


def _looks(members: int) -> list[Look]:
    """Commands about members picked by chance; made beforehand, the same for every contender."""
    chance = random.Random(8)
    return [
        Look(
            by=OFFICER,
            at=SPRING,
            member_id=member(number),
            participation_ids=(participation(number), participation(number + members)),
        )
        for number in (chance.randrange(members) for _ in range(_PREPARED))
    ]


def _queries(members: int) -> Iterator[DCBQuery]:
    """Their boundaries, again and again."""
    return cycle(
        [
            DCBQuery([DCBQueryItem(list(types), list(tags)) for types, tags in boundary.items])
            for boundary in (Boundary(look.consistency_boundary()) for look in _looks(members))
        ]
    )


def _check(found: int) -> None:
    if found != EVENTS:
        raise AssertionError(f"the boundary holds {found} events")


def ours(url: str, members: int, window: dict[str, float]) -> Figures:
    """`EventLog.read`, one statement each."""

    async def measure() -> Figures:
        queries = _queries(members)
        async with EventLog.open(url) as log:

            async def read(_: int) -> None:
                _check(len(await log.read(next(queries))))

            return (await drive(CLIENTS, Window(**window), read)).figures()

    return uvloop.run(measure())


def ours_deciding(url: str, members: int, window: dict[str, float]) -> Figures:
    """`EventLog.decide` of a command that refuses: read coalesced, decoded and folded."""

    async def measure() -> Figures:
        looks = cycle(_looks(members))
        async with EventLog.open(url, MASTER_KEY) as log:

            async def decide(_: int) -> None:
                try:
                    await log.decide(next(looks))
                except NothingHappens:
                    return
                raise AssertionError("something happened")

            return (await drive(CLIENTS, Window(**window), decide)).figures()

    return uvloop.run(measure())


def library(url: str, members: int, window: dict[str, float]) -> Figures:
    """`PostgresDCBRecorderTT.read`, a thread and a connection for each client."""
    queries = _queries(members)
    store = recorder(url, CLIENTS)

    def read(_: int) -> None:
        _check(len(events_of(store, next(queries))[0]))

    try:
        return drive_threads(CLIENTS, Window(**window), read).figures()
    finally:
        store.datastore.close()


def uma(url: str, members: int, window: dict[str, float]) -> Figures:
    """UmaDB's client, a thread for each client on one channel."""
    client = umadb.Client(url)
    queries = cycle(
        [
            umadb.Query([umadb.QueryItem(item.types, item.tags) for item in query.items])
            for query in islice(_queries(members), _PREPARED)
        ]
    )

    def read(_: int) -> None:
        found, _head = client.read(next(queries)).collect_with_head()
        _check(len(found))

    return drive_threads(CLIENTS, Window(**window), read).figures()
