"""The watch list over the demonstration: a year in which nobody does anything wrong."""

from service.demonstration import bureau
from service.demonstration.city import AUTHORITY
from service.eventstore import EventLog
from service.projections import review_answer
from service.projections.review_list import VIEW
from tests.database import MASTER_KEY, Database
from tests.projections.service_year import kept_up


async def test_there_is_no_false_alarm(loaded: Database) -> None:
    async with EventLog.open(loaded.app_url, MASTER_KEY) as log:
        await kept_up(log, (VIEW,))
        for organisation_id in (AUTHORITY, bureau.AUTHORITY):
            page = await review_answer.fetch(log.pool, organisation_id)
            # Somebody who endorses very much and never refuses is told of, and nobody else.
            assert {item.kind for item in page.items} <= {"never_refused"}
