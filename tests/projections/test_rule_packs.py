"""Adopted rule packs as of any position, whatever came later and after a rebuild (R34)."""

from datetime import date

from service.domain.rule_pack_adoption import RulePackAdopted, RulePackRepealed
from service.eventstore import EventLog
from service.projections.rebuild import rebuild
from service.projections.rule_packs import VIEW, adoptions, packs_in_force
from service.projections.view import checksum
from tests.domain.rule_packs import HOURS, STARS, changed
from tests.domain.town import AUTHORITY, BRANCH, COMMITTEE
from tests.eventstore.history import given
from tests.projections.service_year import kept_up

LINE = (BRANCH, COMMITTEE, AUTHORITY)


def adopted(pack_id: str, organisation_id: str, **fields: str) -> RulePackAdopted:
    return RulePackAdopted(
        pack_id=pack_id,
        organisation_id=organisation_id,
        pack=changed(HOURS, **fields),
        adopted_by="officer",
        adopted_by_person="person",
    )


REPEALED = RulePackRepealed(
    pack_id="near",
    organisation_id=COMMITTEE,
    document_no=HOURS.document_no,
    valid_to=date(2026, 7, 1),
    reason="另有规定",
    repealed_by="officer",
    repealed_by_person="person",
)


async def codes(log: EventLog, year: int, position: int | None = None) -> dict[str, str]:
    found = await packs_in_force(log.pool, LINE, year, position)
    return {code: each.pack_id for code, each in found.items()}


async def test_r34_what_was_in_force_is_known_as_of_every_position(log: EventLog) -> None:
    far = await given(log, adopted("far", AUTHORITY))
    near = await given(log, adopted("near", COMMITTEE))
    stars = adopted("stars", COMMITTEE).model_copy(update={"pack": STARS})
    both = await given(log, stars)
    repealed = await given(log, REPEALED)
    await kept_up(log, (VIEW,))
    expected = {
        far - 1: {},
        far: {"hours": "far"},
        near: {"hours": "near"},
        both: {"hours": "near", "stars": "stars"},
        repealed: {"hours": "far", "stars": "stars"},
        None: {"hours": "far", "stars": "stars"},
    }
    assert {each: await codes(log, 2026, each) for each in expected} == expected
    assert await codes(log, 2025) == {}
    [before] = [
        each for each in (await adoptions(log.pool, LINE, both))[0] if each.position == near
    ]
    assert (before.adopted.valid_to, before.repealed_at_position) == (HOURS.valid_to, None)
    [after] = [each for each in (await adoptions(log.pool, LINE))[0] if each.position == near]
    assert (after.adopted.valid_to, after.repealed_at_position) == (date(2026, 7, 1), repealed)
    assert after.repeal_reason == "另有规定"


async def test_a_rebuild_in_one_batch_gives_the_rows_that_many_gave(log: EventLog) -> None:
    for event in (adopted("far", AUTHORITY), adopted("near", COMMITTEE), REPEALED):
        await given(log, event)
        await kept_up(log, (VIEW,))
    before = await checksum(log.pool, VIEW)
    await rebuild(log, (VIEW,))
    assert await checksum(log.pool, VIEW) == before
