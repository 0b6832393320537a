"""What every command of `eighthours` needs: settings, an installation, and words for what fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import asyncpg
import typer
from pydantic import ValidationError
from rich.console import Console

from service import administrators, auditing, installation, server
from service.api.clients import ScopeDoesNotFit
from service.api.credentials import LoginTaken, UnusableLogin
from service.data.bases import UnusableBasis
from service.data.calendars import UnusableCalendar
from service.domain.event import Rejection
from service.embedded_database import EmbeddedDatabaseError
from service.eventstore import UnsafeDatabase
from service.eventstore.migrate import UnknownMigration
from service.installation import Installation
from service.settings import Settings
from service.trust.master_key import UnusableMasterKey
from service.trust.transparency.policy import UnusablePolicy
from service.trust.transparency.signed_note import MalformedKey
from service.trust.transparency.tiles import MalformedTile
from service.trust.transparency.witness import UnusableWitness

console = Console(highlight=False)


@contextmanager
def opened(*, alone: bool = False) -> Iterator[Installation]:
    """The installation that the environment names, as `installation.opened` opens it."""
    with installation.opened(read_settings(), alone=alone) as installed:
        yield installed


def read_settings() -> Settings:
    """What the environment says; if it cannot be right, why, and that is the end."""
    try:
        return Settings()
    except ValidationError as error:
        for each in error.errors():
            variable = "_".join(str(part) for part in each["loc"]).upper() or "环境变量"
            console.print(f"{variable}：{each['msg']}")
        fail("环境变量设置有误。")


@contextmanager
def explained() -> Iterator[None]:
    """What a person can do something about is said in a sentence and not as a traceback."""
    try:
        yield
    except (
        EmbeddedDatabaseError,
        LoginTaken,
        MalformedKey,
        MalformedTile,
        Rejection,
        ScopeDoesNotFit,
        UnknownMigration,
        UnsafeDatabase,
        UnusableBasis,
        UnusableCalendar,
        UnusableLogin,
        UnusableMasterKey,
        UnusablePolicy,
        UnusableWitness,
        administrators.NoSuchGeneration,
        auditing.NoPolicy,
        auditing.NothingToAudit,
        auditing.UntrustedCheckpoint,
        installation.NoDatabase,
        server.PortTaken,
    ) as error:
        fail(str(error))
    except (asyncpg.PostgresError, OSError) as error:
        fail(f"无法使用数据库：{error}")


def fail(words: str) -> NoReturn:
    """Says why it does not go on; exit code 1."""
    console.print(words, style="red")
    raise typer.Exit(1)
