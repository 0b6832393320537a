"""Clients with which a newcomer may try the demonstration, and the file that tells their secrets.

A secret is known only when it is made, so the file is the only place that has it: if the file is
kept and its clients are still valid nothing changes, otherwise all of them are made anew.
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from service.api.clients import Clients
from service.api.scopes import Scope
from service.demonstration import bureau
from service.demonstration.city import MEMBERS, City
from service.demonstration.data import bureau as bureau_data
from service.demonstration.story import SEED
from service.domain.organisation import OrganisationKind
from service.trust.master_key import MasterKey

_PREFIX = "演示："
"""How the names of demonstration clients begin, so that they can be found again."""

Credential = dict[str, Any]


@dataclass(frozen=True)
class _Organisation:
    """An organisation that gets a client."""

    organisation_id: str
    name: str
    kind: OrganisationKind


def _organisations(members: int) -> list[_Organisation]:
    """One or more of each kind; the bureau's come first."""
    kinds, county, city = OrganisationKind, bureau_data(), City(members, SEED)
    committees = {
        each.committee_id: committee.name
        for each in city.branches
        for committee in city.data.committees
        if each.name in committee.branches
    }
    committee_id, committee = next(iter(committees.items()))
    return [
        _Organisation(bureau.BRANCH, county.branch, kinds.BRANCH),
        _Organisation(bureau.COMMUNITY, county.community, kinds.COMMUNITY),
        _Organisation(bureau.COMMITTEE, county.agency_committee, kinds.AGENCY_COMMITTEE),
        _Organisation(bureau.AUTHORITY, county.personnel_authority, kinds.PERSONNEL_AUTHORITY),
        _Organisation(bureau.SUBDISTRICT, county.subdistrict, kinds.SUBDISTRICT),
        _Organisation(
            city.home_authority, city.authority_name(city.data.home), kinds.PERSONNEL_AUTHORITY
        ),
        _Organisation(committee_id, committee, kinds.AGENCY_COMMITTEE),
        *(
            _Organisation(each.organisation_id, each.name, kinds.BRANCH)
            for each in city.branches[:2]
        ),
        *(
            _Organisation(each.organisation_id, each.name, kinds.COMMUNITY)
            for each in city.communities[:2]
        ),
        *(
            _Organisation(each.subdistrict_id, each.subdistrict_name, kinds.SUBDISTRICT)
            for each in city.communities[:1]
        ),
    ]


async def write_credentials(
    path: Path, app_url: str, master: MasterKey, members: int = MEMBERS
) -> None:
    """Leaves valid credentials of the demonstration's clients in the file, for its owner only."""
    connection = await asyncpg.connect(app_url)
    try:
        clients = Clients(connection, master)
        wanted = _organisations(members)
        kept = await asyncio.to_thread(_read, path)
        if await _valid(clients, kept, wanted):
            return
        for client in await clients.list():
            if client.name.startswith(_PREFIX) and client.revoked_at is None:
                await clients.revoke(client.client_id)
        made = [await _make(clients, each) for each in wanted]
        await asyncio.to_thread(_write, path, made)
    finally:
        await connection.close()


async def _make(clients: Clients, organisation: _Organisation) -> Credential:
    client_id, secret = await clients.add(
        _PREFIX + organisation.name, organisation.organisation_id, organisation.kind
    )
    return {
        "client_id": client_id,
        "client_secret": secret,
        "organisation_id": organisation.organisation_id,
        "organisation_name": organisation.name,
        "kind": organisation.kind.value,
        "scopes": sorted(scope.value for scope in Scope.of_kind(organisation.kind)),
    }


async def _valid(clients: Clients, kept: list[Credential], wanted: list[_Organisation]) -> bool:
    """Whether these are the credentials of all these organisations, and still good."""
    if [each.get("organisation_id") for each in kept] != [o.organisation_id for o in wanted]:
        return False
    for each in kept:
        caller = await clients.authenticate(
            str(each.get("client_id")), str(each.get("client_secret"))
        )
        if caller is None or caller.organisation_id != each["organisation_id"]:
            return False
    return True


def _read(path: Path) -> list[Credential]:
    """What the file says; nothing if it is lost or damaged."""
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return []
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _write(path: Path, credentials: list[Credential]) -> None:
    """Replaces the file in one step, so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(orjson.dumps(credentials, option=orjson.OPT_INDENT_2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
