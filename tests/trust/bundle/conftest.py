"""One bundle of a whole life, made once for all tests that read it."""

import asyncio

import pytest

from service.eventstore import EventLog
from service.trust.crypto.profile import GUOMI, INTERNATIONAL
from tests.database import MASTER_KEY, Database, copied
from tests.projections.vetting_life import VETTING, a_life
from tests.trust.bundle.sealed import Made, made


@pytest.fixture(scope="session", params=[False, True], ids=["international", "guomi"])
def whole(template: Database, request: pytest.FixtureRequest) -> Made:
    """The bundle; under 国密 the log has a second key, and the service signs with SM2."""
    profile = GUOMI if request.param else INTERNATIONAL

    async def make() -> Made:
        async with (
            copied(template) as database,
            EventLog.open(database.app_url, MASTER_KEY.under(profile)) as log,
        ):
            return await made(log, a_life(), VETTING, guomi=request.param)

    return asyncio.run(make())
