"""Keys: made once, wrapped, bound to the member; without them nothing can be read (R40)."""

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from service.trust.keyring import KeyDestroyed, KeyRing
from service.trust.master_key import MasterKey, UnusableMasterKey
from tests.database import Database

MASTER = MasterKey(bytes(range(32)))


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database.app_url, min_size=1, max_size=2) as opened:
        yield opened


async def test_what_is_sealed_opens_again_also_elsewhere(
    pool: asyncpg.Pool, master: MasterKey
) -> None:
    ring, other = KeyRing(pool, master), KeyRing(pool, master)
    await ring.ensure({("m-1", "identity")})
    sealed = ring.seal("m-1", "identity", "name", "孟绮")
    assert "孟绮" not in sealed
    await other.load({("m-1", "identity")})
    assert other.open("m-1", "identity", "name", sealed) == "孟绮"


async def test_a_key_is_made_once_however_many_ask(pool: asyncpg.Pool, master: MasterKey) -> None:
    ring, other = KeyRing(pool, master), KeyRing(pool, master)
    await ring.ensure({("m-1", "identity")})
    await other.ensure({("m-1", "identity"), ("m-1", "assessment")})
    sealed = other.seal("m-1", "identity", "name", "孟绮")
    assert ring.open("m-1", "identity", "name", sealed) == "孟绮"


async def test_equal_texts_do_not_look_equal(pool: asyncpg.Pool, master: MasterKey) -> None:
    ring = KeyRing(pool, master)
    await ring.ensure({("m-1", "identity")})
    assert len({ring.seal("m-1", "identity", "name", "孟绮") for _ in range(5)}) == 5


async def test_a_sealed_field_opens_in_its_own_place_only(
    pool: asyncpg.Pool, master: MasterKey
) -> None:
    ring = KeyRing(pool, master)
    await ring.ensure({("m-1", "identity"), ("m-2", "identity"), ("m-1", "assessment")})
    sealed = ring.seal("m-1", "identity", "name", "孟绮")
    altered = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    for member, purpose, field, text in (
        ("m-2", "identity", "name", sealed),
        ("m-1", "assessment", "name", sealed),
        ("m-1", "identity", "phone", sealed),
        ("m-1", "identity", "name", altered),
        ("m-1", "identity", "name", "孟绮"),
    ):
        with pytest.raises(ValueError, match="sealed"):
            ring.open(member, purpose, field, text)


async def test_without_the_members_key_the_person_is_gone(
    pool: asyncpg.Pool, database: Database, master: MasterKey
) -> None:
    ring = KeyRing(pool, master)
    await ring.ensure({("m-1", "identity")})
    sealed = ring.seal("m-1", "identity", "name", "孟绮")
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("DELETE FROM keys.member_keys")
    await owner.close()
    fresh = KeyRing(pool, master)
    await fresh.load({("m-1", "identity")})
    with pytest.raises(KeyDestroyed):
        fresh.open("m-1", "identity", "name", sealed)


async def test_the_database_alone_holds_no_usable_key(
    pool: asyncpg.Pool, master: MasterKey
) -> None:
    ring = KeyRing(pool, master)
    await ring.ensure({("m-1", "identity")})
    thief = KeyRing(pool, MasterKey.passing())
    with pytest.raises(UnusableMasterKey):
        await thief.load({("m-1", "identity")})


async def test_another_master_key_is_refused(pool: asyncpg.Pool, master: MasterKey) -> None:
    await KeyRing(pool, master).check()
    await KeyRing(pool, master).check()
    with pytest.raises(UnusableMasterKey, match="不一致"):
        await KeyRing(pool, MasterKey.passing()).check()


def test_the_person_hash_is_keyed_and_ignores_how_x_is_written(
    pool: asyncpg.Pool, master: MasterKey
) -> None:
    ring, other = KeyRing(pool, master), KeyRing(pool, MasterKey.passing())
    assert ring.person_hash("11010519491231002x") == ring.person_hash(" 11010519491231002X ")
    assert ring.person_hash("11010519491231002X") != other.person_hash("11010519491231002X")
    assert "1949" not in ring.person_hash("11010519491231002X")


def test_the_master_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "data" / "master.key"
    first = MasterKey.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert MasterKey.load_or_create(path).fingerprint == first.fingerprint
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "00", "not a key", "5" * 63, "5" * 65, "密" * 32])
def test_a_master_key_that_is_none_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UnusableMasterKey) as refused:
        MasterKey.of_text(text)
    assert not text or text not in str(refused.value)


def test_derived_keys_differ_by_purpose() -> None:
    assert MASTER.derive("a") != MASTER.derive("b")
    assert MASTER.derive("a") == MasterKey.of_text(bytes(range(32)).hex()).derive("a")
