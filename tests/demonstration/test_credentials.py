"""Credentials of the demonstration's clients."""

import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from service.api.clients import Client, Clients
from service.api.scopes import Scope
from service.demonstration import bureau, write_credentials
from service.domain.organisation import OrganisationKind
from tests.database import MASTER_KEY, Database


def read(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return found


async def credentials(path: Path, database: Database) -> list[dict[str, Any]]:
    await write_credentials(path, database.app_url, MASTER_KEY)
    return read(path)


async def clients(database: Database) -> list[Client]:
    connection = await asyncpg.connect(database.app_url)
    try:
        return await Clients(connection, MASTER_KEY).list()
    finally:
        await connection.close()


async def test_every_kind_of_organisation_has_a_client_that_works(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "data" / "demo-credentials.json"
    found = await credentials(path, database)
    assert path.stat().st_mode & 0o777 == 0o600
    assert {each["kind"] for each in found} == {kind.value for kind in OrganisationKind}
    assert {bureau.BRANCH, bureau.COMMUNITY} <= {each["organisation_id"] for each in found}
    connection = await asyncpg.connect(database.app_url)
    try:
        for each in found:
            assert set(each) == {
                "client_id",
                "client_secret",
                "organisation_id",
                "organisation_name",
                "kind",
                "scopes",
            }
            caller = await Clients(connection, MASTER_KEY).authenticate(
                each["client_id"], each["client_secret"]
            )
            assert caller is not None
            assert caller.organisation_id == each["organisation_id"]
            assert sorted(caller.scopes) == each["scopes"]
            assert each["scopes"] == sorted(Scope.of_kind(OrganisationKind(each["kind"])))
    finally:
        await connection.close()


async def test_valid_credentials_are_kept(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "demo-credentials.json"
    assert await credentials(path, database) == await credentials(path, database)


@pytest.mark.parametrize("damage", ["lost", "cut off", "revoked"])
async def test_lost_credentials_are_made_anew_and_the_old_ones_revoked(
    database: Database, tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "demo-credentials.json"
    before = await credentials(path, database)
    if damage == "lost":
        path.unlink()
    elif damage == "cut off":
        path.write_text(path.read_text("utf-8")[:100], "utf-8")
    else:
        connection = await asyncpg.connect(database.app_url)
        await Clients(connection, MASTER_KEY).revoke(before[-1]["client_id"])
        await connection.close()
    after = await credentials(path, database)
    assert [each["organisation_id"] for each in after] == [e["organisation_id"] for e in before]
    valid = {each.client_id for each in await clients(database) if each.revoked_at is None}
    assert valid == {each["client_id"] for each in after}
    assert not valid & {each["client_id"] for each in before}


async def test_other_clients_are_left_alone(database: Database, tmp_path: Path) -> None:
    connection = await asyncpg.connect(database.app_url)
    other, _ = await Clients(connection, MASTER_KEY).add(
        "某社区系统", bureau.COMMUNITY, OrganisationKind.COMMUNITY
    )
    await connection.close()
    path = tmp_path / "demo-credentials.json"
    await credentials(path, database)
    path.unlink()
    await credentials(path, database)
    valid = {each.client_id for each in await clients(database) if each.revoked_at is None}
    assert other in valid
