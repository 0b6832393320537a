"""Officers through the API: appointed from above, delegated to, dismissed, and kept as a hash."""

from typing import Any

from tests.api.town import ENDORSER, OFFICER, Town
from tests.domain.town import id_number

CLERK = id_number(7, born="19700101")
NEXT_MONTH = "2026-12-24T10:00:00+08:00"


def officers(town: Town, name: str = "community") -> str:
    return f"/organisations/{town.id(name)}/officers"


def appointment(officer_id: str = "clerk-1", **differently: Any) -> dict[str, Any]:
    return {"officer_id": officer_id, "id_number": CLERK, "role": "officer", **differently}


async def recording(town: Town, member_id: str, person: str) -> Any:
    return await town.post(
        "community",
        f"/communities/{town.id('community')}/participations",
        {
            "member_id": member_id,
            "kind": "own",
            "starts_at": "2026-03-04T18:00:00+08:00",
            "ends_at": "2026-03-04T19:00:00+08:00",
            "content": "看望孤寡老人",
            "ledger": "voluntary",
            "acting_officer": {"person": person, "role": "officer"},
        },
    )


async def test_an_officer_acts_from_the_appointment_to_the_dismissal(town: Town) -> None:
    member_id = await town.registered()
    refused = await recording(town, member_id, "clerk-1")
    assert refused.json()["type"] == "urn:eighthours:problem:officer-not-appointed"
    await town.done("subdistrict", officers(town), appointment())
    refused = await recording(town, member_id, "clerk-1")
    assert refused.json()["type"] == "urn:eighthours:problem:only-responsible-person"
    await town.done("subdistrict", f"{officers(town)}/clerk-1/dismissal")
    refused = await recording(town, member_id, "clerk-1")
    assert refused.json()["type"] == "urn:eighthours:problem:officer-not-appointed"


async def test_a_clerk_records_on_a_delegation_and_it_counts_for_both(town: Town) -> None:
    member_id = await town.registered()
    await town.done("subdistrict", officers(town), appointment())
    delegation = await town.done(
        "community",
        f"/organisations/{town.id('community')}/delegations",
        {"officer_id": "clerk-1", "duty": "recording", "ends_at": NEXT_MONTH},
    )
    recorded = await recording(town, member_id, "clerk-1")
    assert recorded.status_code == 201, recorded.text
    endorsements = f"/participations/{recorded.json()['participation_id']}/endorsements"
    refused = await town.post("community", endorsements, {"performance": "good"})
    assert refused.json()["type"] == "urn:eighthours:problem:endorsed-by-recorder"
    listed = (await town.get("community", officers(town))).json()["items"]
    [clerk] = [each for each in listed if each["officer_id"] == "clerk-1"]
    assert [each["delegated_by"] for each in clerk["delegations"]] == [OFFICER["person"]]
    await town.done("community", endorsements, {"performance": "good", "acting_officer": ENDORSER})
    await town.done("community", f"/delegations/{delegation['delegation_id']}/termination")
    refused = await recording(town, await town.registered(2), "clerk-1")
    assert refused.json()["type"] == "urn:eighthours:problem:only-responsible-person"


async def test_an_organisation_does_not_appoint_its_own_officers(town: Town) -> None:
    await town.done("subdistrict", officers(town, "other_community"), appointment())
    # The committee has an authority above it; the authority has none.
    refused = await town.post("committee", officers(town, "committee"), appointment())
    assert refused.json()["type"] == "urn:eighthours:problem:appointed-from-above"
    await town.done("authority", officers(town, "authority"), appointment())
    refused = await town.post("community", officers(town), appointment())
    assert refused.status_code == 403


async def test_the_number_is_kept_as_a_hash_and_told_to_nobody(town: Town) -> None:
    appointed = await town.done("subdistrict", officers(town), appointment())
    assert set(appointed) == {"organisation_id", "officer_id", "position"}
    stored = [bytes(row["data"]) for row in await town.serving.log.pool.fetch(
        "SELECT data FROM log.events WHERE type = 'OfficerAppointed'"
    )]  # fmt: skip
    assert not any(CLERK.encode() in data for data in stored)
    hashed = town.serving.log.keyring.person_hash(CLERK)
    assert any(hashed.encode() in data for data in stored)
    shown = await town.get("subdistrict", officers(town))
    assert hashed not in shown.text
    assert {each["role"] for each in shown.json()["items"]} == {"responsible", "officer"}
    refused = await town.post("subdistrict", officers(town), appointment(officer_id=id_number(8)))
    assert refused.json()["type"] == "urn:eighthours:problem:officer-id-repeats-id-number"


async def test_only_the_organisation_and_those_above_see_the_list(town: Town) -> None:
    for name in ("community", "subdistrict"):
        assert (await town.get(name, officers(town))).status_code == 200
    for name in ("other_community", "branch", "authority"):
        assert (await town.get(name, officers(town))).status_code == 404
