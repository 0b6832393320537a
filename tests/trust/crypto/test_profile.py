"""A choice made once: the default's bytes stay, and what is there says what it was made by."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from service import installation
from service.installation import Installation
from service.settings import Settings
from service.trust.crypto.profile import GUOMI, INTERNATIONAL, PROFILES, CryptoProfile
from service.trust.keyring import KeyRing
from service.trust.master_key import AnotherProfile, MasterKey
from service.trust.signatures import ServiceKeys
from tests.database import Database

MASTER = MasterKey(bytes(range(32)))
IDENTITY = ("m-1", "identity")

# Made by the code from before there was a choice of algorithms.
WRAPPED = bytes.fromhex(
    "bf416d0611286b966ba5db17a6040c0cf0bc7ae2bfa974bcca8e7007e4faf48e"
    "a7a22e1c38bca3d2e853e11cfa69eca6c8ee20392913f9fdafeddd73"
)
SEALED = "sealed:OOQiaSJAk6PvW0Hg+tge/3oLRxlWhYucgasl64ngNDZ7jg=="


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database.app_url)
    yield opened
    await opened.close()


async def test_what_was_sealed_before_there_was_a_choice_opens(
    connection: asyncpg.Connection, master: MasterKey
) -> None:
    """Under either choice: the sealed form says which algorithm it is of."""
    insert = "INSERT INTO keys.member_keys (member_id, purpose, wrapped) VALUES ($1, $2, $3)"
    await connection.execute(insert, *IDENTITY, WRAPPED)
    ring = KeyRing(connection, master)
    await ring.load({IDENTITY})
    assert ring.open(*IDENTITY, "name", SEALED) == "孟绮"
    # A key seals with the algorithm that it is for, also where another one was chosen since.
    sealed = ring.seal(*IDENTITY, "name", "孟绮")
    assert ":" not in sealed.removeprefix("sealed:")
    assert ring.open(*IDENTITY, "name", sealed) == "孟绮"


def test_everything_derived_by_default_is_what_it_was(connection: asyncpg.Connection) -> None:
    ring = KeyRing(connection, MASTER)
    assert ring.person_hash("11010119900307123x") == "9f8deae068442e56a5b4b2dc1815daff"
    assert MASTER.fingerprint.hex() == "5e504e1d600585fa449e3a92bfae8e3b"
    assert (
        MASTER.derive("anything").hex()
        == "259cf89b337f49a4592d00d6367b33b8936387ed17939a1d6b246f76cd17cece"
    )
    public = ServiceKeys(MASTER).public("community-1")
    assert public == "Y1yXrh_5Hb954xi-jJO0WZ6W2mgWUE2a4CdWjPfD_CA"


async def test_what_is_sealed_with_sm4_says_so(connection: asyncpg.Connection) -> None:
    ring = KeyRing(connection, MASTER.under(GUOMI))
    await ring.ensure({IDENTITY})
    sealed = ring.seal(*IDENTITY, "name", "孟绮")
    assert sealed.startswith("sealed:sm4-gcm:")
    wrapped = await connection.fetchval("SELECT wrapped FROM keys.member_keys")
    # A nonce, a key of 128 bits and a tag.
    assert wrapped.startswith(b"sm4-gcm:")
    assert len(wrapped) == 8 + 12 + 16 + 16
    # Under the other choice it opens as well.
    other = KeyRing(connection, MASTER)
    await other.load({IDENTITY})
    assert other.open(*IDENTITY, "name", sealed) == "孟绮"
    with pytest.raises(ValueError, match="another algorithm"):
        other.open(*IDENTITY, "name", sealed.replace("sm4-gcm:", ""))


def test_everything_derived_differs_between_the_choices(connection: asyncpg.Connection) -> None:
    one, other = MASTER, MASTER.under(GUOMI)
    assert one.fingerprint != other.fingerprint
    assert one.derive("member-keys") != other.derive("member-keys")
    hashes = {KeyRing(connection, each).person_hash("1" * 18) for each in (one, other)}
    assert len(hashes) == 2
    assert {len(each) for each in hashes} == {32}


@pytest.mark.parametrize(
    ("chosen", "other"), [(INTERNATIONAL, GUOMI), (GUOMI, INTERNATIONAL)], ids=list(PROFILES)
)
async def test_a_database_keeps_the_choice_of_its_first_start(
    connection: asyncpg.Connection, chosen: CryptoProfile, other: CryptoProfile
) -> None:
    await KeyRing(connection, MASTER.under(chosen)).check()
    await KeyRing(connection, MASTER.under(chosen)).check()
    with pytest.raises(AnotherProfile) as refused:
        await KeyRing(connection, MASTER.under(other)).check()
    words = f"{chosen.word}（CRYPTO_PROFILE={chosen.name}），现设置为{other.word}"
    assert words in str(refused.value)


def test_another_choice_does_not_lock_out_who_is_running(tmp_path: Path) -> None:
    """The role's password is derived as well: it must not be set before the choice is checked."""
    chosen, other = (Settings(data_dir=tmp_path, crypto_profile=each) for each in PROFILES)
    with installation.opened(chosen) as running:
        before = asyncio.run(_password(running))
        with pytest.raises(AnotherProfile), installation.opened(other):
            pass
        # Over the network the role signs in with its password, as set last.
        assert asyncio.run(_password(running)) == before
        with installation.opened(chosen) as again:
            assert again.app_url == running.app_url


async def _password(installed: Installation) -> str:
    """What the server keeps of the role's password."""
    connection = await asyncpg.connect(installed.owner_url)
    try:
        kept: str = await connection.fetchval(
            "SELECT rolpassword FROM pg_authid JOIN log.application ON role = rolname"
        )
        return kept
    finally:
        await connection.close()


def test_no_other_choice_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRYPTO_PROFILE", raising=False)
    assert Settings(data_dir=tmp_path).crypto_profile == INTERNATIONAL.name
    monkeypatch.setenv("CRYPTO_PROFILE", "rot13")
    with pytest.raises(ValueError, match="CRYPTO_PROFILE 须为 international 或 guomi"):
        Settings(data_dir=tmp_path)
