"""An organisation's own signing key over the API, from its proposal to its revocation (R17)."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.domain.certificate_number import certificate_number
from service.domain.signed import text_digest
from service.trust.verification import PublicKey, verify, verify_text
from tests.api.clock import SettableClock
from tests.api.town import ENDORSER, OFFICER, Town
from tests.trust.signing import OwnSystem

UNTIL = "2027-11-24T00:00:00+08:00"
NUMBER = certificate_number("469030", 2026, 2)
SALT = "00112233445566778899aabbccddeeff"


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition(":")[2]


def proof(town: Town, name: str, system: OwnSystem, **differently: Any) -> dict[str, Any]:
    """What an organisation proposes its key with."""
    stated = {"organisation_id": town.id(name), "type": "SigningKeyProposed"} | differently
    return {"proof": system.sign(stated), "valid_until": UNTIL}


async def registered_key(town: Town, name: str) -> OwnSystem:
    """An own system whose key is proposed and approved."""
    system = OwnSystem()
    path = f"/organisations/{town.id(name)}/signing-keys"
    key = await town.done(name, path, proof(town, name, system))
    assert key["signing_key_id"] == system.signing_key_id
    approval = f"/signing-keys/{system.signing_key_id}/approval"
    await town.done(name, approval, {"acting_officer": ENDORSER})
    return system


async def keys(town: Town, name: str, asking: str = "foreign_branch") -> list[dict[str, Any]]:
    answer = await town.get(asking, f"/organisations/{town.id(name)}/signing-keys")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def stored(town: Town, position: int) -> dict[str, Any]:
    [(_, data)] = await town.serving.log.stored(after=position - 1, limit=1)
    found: dict[str, Any] = json.loads(data)
    return found


async def signer_of(town: Town, position: int, name: str) -> PublicKey:
    """Verifies what stands at a position with the keys that anybody is shown."""
    shown = [PublicKey.of(item) for item in await keys(town, name) if item["state"] != "proposed"]
    return verify(await stored(town, position), shown)


async def participation(town: Town, hour: int = 9) -> str:
    member_id = await town.registered(serial=hour)
    recorded = await town.done(
        "community",
        f"/communities/{town.id('community')}/participations",
        {
            "member_id": member_id,
            "kind": "own",
            "starts_at": f"2026-05-01T{hour:02}:00:00+08:00",
            "ends_at": f"2026-05-01T{hour:02}:40:00+08:00",
            "content": "看望孤寡老人",
            "ledger": "voluntary",
        },
    )
    return str(recorded["participation_id"])


async def to_sign(
    town: Town, participation_id: str, comment: str | None = "很好", **data: Any
) -> dict[str, Any]:
    """The statement as the service prepares it, filled in by the community."""
    path = f"/participations/{participation_id}/endorsement-statement"
    prepared = (await town.get("community", path)).json()["statement"]
    prepared["actor"] |= ENDORSER
    prepared["data"] |= {"endorsed_by": ENDORSER["person"], "performance": "good"} | data
    if comment is not None:
        prepared["data"]["comment_digest"] = text_digest(comment, SALT)
    prepared["occurred_at"] = town.serving.clock().isoformat()
    found: dict[str, Any] = prepared
    return found


def endorsement(town: Town, jws: str, **differently: Any) -> dict[str, Any]:
    return {
        "performance": "good",
        "comment": "很好",
        "occurred_at": town.serving.clock().isoformat(),
        "acting_officer": ENDORSER,
        "signature": {"jws": jws, "comment_salt": SALT},
        **differently,
    }


async def test_without_a_key_the_service_signs_and_says_so(town: Town) -> None:
    participation_id = await participation(town)
    done = await town.done(
        "community",
        f"/participations/{participation_id}/endorsements",
        {"performance": "good", "comment": "很好", "acting_officer": ENDORSER},
    )
    key = await signer_of(town, done["position"], "community")
    assert (key.organisation_id, key.held_by) == (town.id("community"), "service")
    assert [item["held_by"] for item in await keys(town, "community")] == ["service"]


async def test_an_own_key_from_its_proposal_to_its_revocation(
    town: Town, clock: SettableClock
) -> None:
    participation_id = await participation(town)
    path = f"/participations/{participation_id}/endorsements"
    system = await registered_key(town, "community")
    unsigned = endorsement(town, "")
    del unsigned["signature"]
    answer = await town.post("community", path, unsigned)
    assert code(answer) == (409, "own-signature-required")
    stated = await to_sign(town, participation_id)
    done = await town.done("community", path, endorsement(town, system.sign(stated)))
    assert done["endorsement_id"] == stated["data"]["endorsement_id"]
    key = await signer_of(town, done["position"], "community")
    assert (key.x, key.held_by) == (system.x, "organisation")
    event = await stored(town, done["position"])
    verify_text(event, "comment", "很好", SALT)
    assert "很好" not in json.dumps(event, ensure_ascii=False)

    clock.now += timedelta(days=1)
    since = clock().isoformat()
    await town.done(
        "community",
        f"/signing-keys/{system.signing_key_id}/revocation",
        {"reason_code": "lost", "distrusted_since": since},
    )
    # What it signed before stays good, and the service signs again.
    assert (await signer_of(town, done["position"], "community")).x == system.x
    await town.done("community", f"/endorsements/{done['endorsement_id']}/revocations",
                    {"reason": "有误", "acting_officer": ENDORSER})  # fmt: skip
    stated = await to_sign(town, participation_id)
    answer = await town.post("community", path, endorsement(town, system.sign(stated)))
    assert code(answer) == (409, "signing-key-is-revoked")
    again = await town.done("community", path, {"performance": "good", "acting_officer": ENDORSER})
    assert (await signer_of(town, again["position"], "community")).held_by == "service"
    shown = (await keys(town, "community"))[1]
    assert shown == {
        "signing_key_id": system.signing_key_id,
        "organisation_id": town.id("community"),
        "held_by": "organisation",
        "state": "revoked",
        "public_key": system.jwk,
        "valid_from": (clock() - timedelta(days=1)).isoformat(),
        "valid_until": UNTIL,
        "distrusted_since": since,
    }


async def test_a_key_is_proposed_by_whoever_holds_it_and_approved_by_another(town: Town) -> None:
    path = f"/organisations/{town.id('branch')}/signing-keys"
    system = OwnSystem()
    for wrong in ({"organisation_id": town.id("community")}, {"type": "CertificateIssued"}):
        answer = await town.post("branch", path, proof(town, "branch", system, **wrong))
        assert code(answer) == (409, "signed-otherwise")
    body = proof(town, "branch", system)
    answer = await town.post("branch", path, {**body, "proof": body["proof"][:-4] + "AAAA"})
    assert code(answer) in {(409, "signature-not-verified"), (409, "signature-malformed")}
    answer = await town.post("branch", path, {**body, "proof": "a.b.c"})
    assert code(answer) == (409, "signature-malformed")
    await town.done("branch", path, body)
    assert code(await town.post("branch", path, body)) == (409, "signing-key-already-proposed")
    approval = f"/signing-keys/{system.signing_key_id}/approval"
    answer = await town.post("branch", approval, {"acting_officer": OFFICER})
    assert code(answer) == (409, "key-approved-by-proposer")
    answer = await town.post("other_branch", approval, {"acting_officer": ENDORSER})
    assert code(answer) == (404, "unknown-signing-key")
    assert [item["state"] for item in await keys(town, "branch")] == ["approved", "proposed"]
    await town.done("branch", approval, {"acting_officer": ENDORSER})
    assert [item["state"] for item in await keys(town, "branch")] == ["approved", "approved"]


async def test_the_next_key_takes_over_at_once(town: Town, clock: SettableClock) -> None:
    first = await registered_key(town, "branch")
    member_id = await town.member()
    body = {"certificate_no": NUMBER}
    clock.now += timedelta(days=1)
    second = await registered_key(town, "branch")
    ended, current = (await keys(town, "branch"))[1:]
    assert ended["valid_until"] == current["valid_from"] == clock().isoformat()
    path = f"/members/{member_id}/certificates"
    for system, verdict in ((first, (409, "signing-key-expired")), (second, (201, ""))):
        stated = certificate(town, member_id, body["certificate_no"])
        answer = await town.post("branch", path, {**body, **signed(town, system, stated)})
        assert answer.status_code == verdict[0], answer.text
        assert verdict[1] in answer.text
    assert (await signer_of(town, answer.json()["position"], "branch")).x == second.x


def certificate(town: Town, member_id: str, certificate_no: str) -> dict[str, Any]:
    return {
        "actor": {"organisation_id": town.id("branch"), **OFFICER},
        "data": {
            "branch_id": town.id("branch"),
            "certificate_no": certificate_no,
            "member_id": member_id,
            "replaces": None,
        },
        "occurred_at": town.serving.clock().isoformat(),
        "type": "CertificateIssued",
        "version": 2,
    }


def signed(town: Town, system: OwnSystem, stated: dict[str, Any]) -> dict[str, Any]:
    return {
        "occurred_at": town.serving.clock().isoformat(),
        "signature": {"jws": system.sign(stated)},
    }


async def test_the_renewed_certificate_is_signed_too(town: Town) -> None:
    member_id = await town.member()
    old = await town.done("branch", f"/members/{member_id}/certificates")
    await town.done("branch", f"/certificates/{old['certificate_no']}/loss-reports")
    system = await registered_key(town, "branch")
    stated = certificate(town, member_id, NUMBER)
    stated["data"]["replaces"] = old["certificate_no"]
    done = await town.done(
        "branch",
        f"/certificates/{old['certificate_no']}/renewals",
        {"new_certificate_no": NUMBER, **signed(town, system, stated)},
    )
    assert (await signer_of(town, done["position"], "branch")).x == system.x


async def test_a_list_is_endorsed_with_a_signature_for_each(town: Town) -> None:
    activity_id = await town.activity("2026-11-23T19:00:00+08:00", "2026-11-23T21:00:00+08:00")
    ids = []
    for serial in (1, 2):
        member_id = await town.registered(serial)
        recorded = await town.done(
            "community",
            f"/communities/{town.id('community')}/participations",
            {
                "member_id": member_id, "activity_id": activity_id, "kind": "community",
                "starts_at": "2026-11-23T19:00:00+08:00", "ends_at": "2026-11-23T21:00:00+08:00",
                "content": "清扫", "ledger": "voluntary",
            },
        )  # fmt: skip
        ids.append(recorded["participation_id"])
    system = await registered_key(town, "community")
    path = f"/activities/{activity_id}/endorsements"
    jws = [system.sign(await to_sign(town, each)) for each in ids]
    body = endorsement(town, "", participation_ids=ids)
    del body["signature"]
    signatures = [{"jws": each, "comment_salt": SALT} for each in jws]
    answer = await town.post("community", path, body)
    assert code(answer) == (409, "batch-not-endorsed")
    answer = await town.post("community", path, {**body, "signatures": signatures[:1]})
    assert code(answer) == (422, "invalid-request")
    answer = await town.post("community", path, {**body, "signatures": signatures[::-1]})
    assert code(answer) == (409, "batch-not-endorsed")
    done = await town.done("community", path, {**body, "signatures": signatures})
    for position in (done["position"] - 1, done["position"]):
        assert (await signer_of(town, position, "community")).x == system.x


def signature(jws: str) -> dict[str, Any]:
    return {"signature": {"jws": jws, "comment_salt": SALT}}


@pytest.mark.parametrize(
    ("differently", "expected"),
    [
        ({"performance": "excellent"}, (409, "signed-otherwise")),
        ({"comment": "一般"}, (409, "signed-otherwise")),
        ({"acting_officer": {"person": "officer-1"}}, (409, "endorsed-by-recorder")),
        ({"signature": {"jws": "e30.e30.AA"}, "comment": None}, (409, "signature-malformed")),
        ({"signature": {"jws": "{jws}"}}, (422, "invalid-request")),
        ({"signature": {"jws": "{jws}", "comment_salt": "1" * 32}}, (409, "signed-otherwise")),
        ({"signature": {"jws": "{jws}", "comment_salt": "short"}}, (422, "invalid-request")),
        (signature("{other}"), (409, "signing-key-not-approved")),
        (signature("{foreign}"), (409, "signing-key-not-approved")),
        (signature("{forged}"), (409, "signature-not-verified")),
        (signature("{swapped}"), (409, "signed-otherwise")),
        (signature("{no_data}"), (409, "signed-otherwise")),
        ({"occurred_at": "2026-11-23T10:00:00+08:00"}, (409, "signing-key-not-yet-valid")),
    ],
)  # fmt: skip
async def test_each_wrong_signature_is_refused_by_name(
    town: Town, differently: dict[str, Any], expected: tuple[int, str]
) -> None:
    participation_id, other_id = await participation(town, 9), await participation(town, 11)
    system = await registered_key(town, "community")
    foreign = await registered_key(town, "other_community")
    stated = await to_sign(town, participation_id)
    jws = {
        "{jws}": system.sign(stated),
        "{other}": OwnSystem().sign(stated),
        "{foreign}": foreign.sign(stated),
        "{forged}": OwnSystem().sign(stated, jwk=system.jwk),
        "{swapped}": system.sign(await to_sign(town, other_id)),
        "{no_data}": system.sign({"data": None}),
    }
    if brought := differently.get("signature"):
        named = jws.get(brought["jws"], brought["jws"])
        differently = {**differently, "signature": {**brought, "jws": named}}
    path = f"/participations/{participation_id}/endorsements"
    body = endorsement(town, jws["{jws}"])
    head = await town.serving.log.head()
    assert code(await town.post("community", path, {**body, **differently})) == expected
    assert await town.serving.log.head() == head
    await town.done("community", path, body)


async def test_what_is_to_be_signed_is_shown_to_the_own_community_only(town: Town) -> None:
    participation_id = await participation(town)
    path = f"/participations/{participation_id}/endorsement-statement"
    assert code(await town.get("other_community", path)) == (404, "unknown-participation")
    assert (await town.get("community", path)).status_code == 200


async def test_of_an_organisation_that_does_not_exist_there_are_no_keys(town: Town) -> None:
    path = f"/organisations/{SALT[:8]}-0000-0000-0000-000000000000/signing-keys"
    assert code(await town.get("branch", path)) == (404, "unknown-organisation")
