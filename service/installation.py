"""One installation: its database and its master key, wherever the settings say they are."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import asyncpg

from service.embedded_database import EmbeddedDatabase, FolderInUse
from service.eventstore.migrate import application_url, migrate
from service.settings import Settings
from service.trust.crypto.profile import PROFILES
from service.trust.keyring import KeyRing
from service.trust.master_key import MasterKey


@dataclass(frozen=True)
class Installation:
    """What the commands and the server work on; the database is migrated."""

    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    master: MasterKey = field(repr=False)
    migrated: tuple[str, ...] = ()
    """The migrations that were applied just now."""


@contextmanager
def opened(settings: Settings, *, alone: bool = False) -> Iterator[Installation]:
    """Starts the embedded database where no other is named, and migrates.

    A command may share the embedded database with the service that is running it; ``alone`` is for
    the service itself. Raises EmbeddedDatabaseError, UnusableMasterKey, UnknownMigration, OSError.
    """
    with ExitStack() as stack:
        owner_url = settings.database_url or _embedded(settings, stack, alone=alone)
        profile = PROFILES[settings.crypto_profile]
        if settings.master_key is not None:
            master = MasterKey.of_text(settings.master_key.get_secret_value(), profile)
        else:
            master = MasterKey.load_or_create(settings.key_file, profile)
        yield asyncio.run(_prepared(owner_url, settings.app_database_url, master))


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The owner's URL of the database that is there, which is only read: nothing is prepared.

    Raises NoDatabase, EmbeddedDatabaseError, OSError.
    """
    if settings.database_url is None and not (settings.data_dir / "database").exists():
        raise NoDatabase(
            f"{NoDatabase.__doc__}：{settings.data_dir}，请设置 DATA_DIR 或 DATABASE_URL"
        )
    with ExitStack() as stack:
        yield settings.database_url or _embedded(settings, stack, alone=False)


class NoDatabase(LookupError):
    """此处没有数据库"""


def _embedded(settings: Settings, stack: ExitStack, *, alone: bool) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = EmbeddedDatabase(settings.data_dir / "database")
    try:
        stack.enter_context(database)
    except FolderInUse:
        if alone:
            raise
    return database.url


async def _prepared(owner_url: str, app_url: str | None, master: MasterKey) -> Installation:
    migrated = await migrate(owner_url)
    # Before the password of the role is derived anew: with another key, or other algorithms, a
    # service that is running would be locked out.
    connection = await asyncpg.connect(owner_url)
    try:
        await KeyRing(connection, master).check()
    finally:
        await connection.close()
    return Installation(
        owner_url=owner_url,
        app_url=app_url or await application_url(owner_url, master),
        master=master,
        migrated=tuple(migrated),
    )
