"""One installation: its database and its master key, wherever the settings say they are."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from service.embedded_database import EmbeddedDatabase, FolderInUse
from service.eventstore.migrate import application_url, migrate
from service.settings import Settings
from service.trust.keyring import MasterKey


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
        if settings.master_key is not None:
            master = MasterKey.of_text(settings.master_key.get_secret_value())
        else:
            master = MasterKey.load_or_create(settings.key_file)
        yield asyncio.run(_prepared(owner_url, settings.app_database_url, master))


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
    return Installation(
        owner_url=owner_url,
        app_url=app_url or await application_url(owner_url, master),
        master=master,
        migrated=tuple(migrated),
    )
