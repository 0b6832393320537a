"""Whoever alters a bundle is refused, whatever keys they hold; nothing in it stops the verifier.

``EIGHTHOURS_FLIPS`` says how many random bits are turned over: 10,000 where it matters.
"""

import json
import os
import random
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from service.trust.bundle.archive import unzipped, zipped
from service.trust.bundle.checking import examined
from service.trust.bundle.findings import Report, Trusted, Verdict
from service.trust.bundle.seal import EvidenceSeal
from service.trust.bundle.verifier import verifier
from service.trust.verification import canonical
from tests.trust.bundle.sealed import ORIGIN, Made, resealed

FLIPS = int(os.environ.get("EIGHTHOURS_FLIPS", "500"))
FORGER = EvidenceSeal(bytes(32), ORIGIN)
"""Somebody with a seal of their own: whoever has no key from elsewhere gets that far with them."""
SEAL_ALONE = ("opened.json", "keys.json", "policy.txt", "report.pdf", "verify.py", "README.txt")
"""What nothing but the seal stands for."""


def verdict(archive: bytes, made: Made) -> Verdict:
    return checked(archive, made).verdict


def checked(archive: bytes, made: Made) -> Report:
    return examined(archive, Trusted(str(made.seal.key), made.policy, made.frozen_proof))


def words(report: Report) -> str:
    return "；".join(each for finding in report.findings for each in finding.details)


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


@pytest.fixture(scope="session")
def program() -> dict[str, Any]:
    """``verify.py`` as it goes out."""
    found: dict[str, Any] = {"__name__": "verify"}
    exec(compile(verifier(), "verify.py", "exec"), found)  # noqa: S102 - it is what is tested
    return found


def test_r30_every_bit_of_the_file_is_covered(whole: Made, program: dict[str, Any]) -> None:
    trusted = program["Trusted"](str(whole.seal.key), whole.policy)
    assert program["examined"](whole.archive, trusted).verdict == 0
    chance = random.Random(1)
    for _ in range(FLIPS):
        report = program["examined"](flipped(whole.archive, chance), trusted)
        assert report.verdict in {Verdict.REFUSED, Verdict.UNREADABLE}


def test_r30_every_bit_of_every_file_is_covered_where_the_archive_was_made_anew(
    whole: Made,
) -> None:
    chance, files = random.Random(2), whole.files
    for name in [*files, *chance.choices(list(files), k=FLIPS)]:
        archive = zipped({**files, name: flipped(files[name], chance)})
        assert verdict(archive, whole) is Verdict.REFUSED, name


def test_r30_even_whoever_holds_the_seal_cannot_alter_what_the_log_knows(whole: Made) -> None:
    chance, files = random.Random(3), whole.files
    below = [name for name in files if name not in {*SEAL_ALONE, "manifest.json", "seal.txt"}]
    for name in [*below, *chance.choices(below, k=FLIPS // 5)]:
        archive = resealed({**files, name: flipped(files[name], chance)}, whole.seal)
        assert verdict(archive, whole) is Verdict.REFUSED, name
    for name in chance.choices(SEAL_ALONE, k=FLIPS // 5):
        archive = resealed({**files, name: flipped(files[name], chance)}, whole.seal)
        assert verdict(archive, whole) in {Verdict.REFUSED, Verdict.VERIFIED}, name


def without(made: Made, position: int, *, stated: bool) -> dict[str, bytes]:
    """The files without one event; ``stated``: the list of all of them no longer names it."""
    left_out = {f"events/{position}.json", f"proofs/{position}.txt"}
    files = {name: raw for name, raw in made.files.items() if name not in left_out}
    if not stated:
        return files
    listed = json.loads(files["completeness.json"])
    [gone] = [each for each in listed["events"] if each["position"] == position]
    listed["events"].remove(gone)
    listed["by_type"][gone["type"]] -= 1
    if not listed["by_type"][gone["type"]]:
        del listed["by_type"][gone["type"]]
    return {**files, "completeness.json": canonical(listed)}


def test_r30_one_event_left_out_is_found(whole: Made) -> None:
    for event in whole.material.events:
        dropped = without(whole, event.position, stated=False)
        report = checked(zipped(dropped), whole)
        assert report.verdict is Verdict.REFUSED
        assert f"不完整：缺少 events/{event.position}.json" in words(report)
        # With a manifest that fits, and the seal that is there.
        covered = without(whole, event.position, stated=True)
        assert verdict(resealed(covered), whole) is Verdict.REFUSED
        # By whoever holds the seal, but forgets the list of everything.
        report = checked(resealed(dropped, whole.seal), whole)
        assert f"不完整：缺少第 {event.position} 号" in words(report)


def test_r30_whoever_holds_the_seal_cannot_leave_out_what_the_evidence_tells_of(
    whole: Made,
) -> None:
    """What the evidence does not tell of rests on the seal alone."""
    told = whole.material.evidence
    found = 0
    for event in whole.material.events:
        archive = resealed(without(whole, event.position, stated=True), whole.seal)
        if event.content["event_id"].encode() in told:
            assert "考察材料引用了包内没有的记录" in words(checked(archive, whole)), event.type
            found += 1
    assert found > len(whole.material.events) / 2


def test_r30_an_event_of_somebody_else_does_not_pass_for_one_of_the_members(whole: Made) -> None:
    stranger = whole.material.key_events[0]
    events = [*whole.material.events, stranger]
    report = checked(whole.changed(events=events, key_events=[]), whole)
    assert "与该党员无关" in words(report)


def test_r30_a_proof_of_another_place_is_refused(whole: Made) -> None:
    first, second = (each.position for each in whole.material.events[:2])
    paths = {**whole.material.paths, first: whole.material.paths[second]}
    report = checked(whole.changed(paths=paths), whole)
    assert f"不在日志之中，或者被改动：第 {first} 号" in words(report)


def test_r17_a_signature_by_a_key_that_did_not_count_is_refused(whole: Made) -> None:
    """The history of the key is the log's: keys.json cannot tell another."""
    files = whole.files
    keys = json.loads(files["keys.json"])
    own = next(each for each in keys["items"] if each["held_by"] == "organisation")
    own["valid_from"] = "2020-01-01T00:00:00+08:00"
    report = checked(resealed({**files, "keys.json": canonical(keys)}, whole.seal), whole)
    assert "单位自己的公钥与日志所载不符" in words(report)
    report = checked(whole.changed(service_keys={}), whole)
    assert "签名所用的密钥不在已审批的密钥之中" in words(report)


def test_r17_a_text_that_was_not_signed_is_refused(whole: Made) -> None:
    files = whole.files
    opened = json.loads(files["opened.json"])
    signed = next(each for each in opened["texts"] if "salt" in each)
    signed["text"] += "。"
    report = checked(resealed({**files, "opened.json": canonical(opened)}, whole.seal), whole)
    assert "文字与所签的摘要不符" in words(report)
    del signed["salt"]
    report = checked(resealed({**files, "opened.json": canonical(opened)}, whole.seal), whole)
    assert "缺少核对所需的盐" in words(report)


def test_r29_evidence_frozen_otherwise_is_not_that_of_the_log(whole: Made) -> None:
    evidence = whole.material.evidence.replace("两".encode(), "三".encode())
    evidence = evidence.replace(b'"form":1', b'"form":2')
    report = checked(resealed({**whole.files, "evidence.json": evidence}, whole.seal), whole)
    assert "与“固定考察材料”的记录不符" in words(report)
    digest = json.loads(whole.material.frozen)["data"]["evidence_digest"].encode()
    frozen = whole.material.frozen.replace(digest, sha256(evidence).hexdigest().encode())
    forged = whole.changed(frozen=frozen, evidence=evidence)
    # The seal's word is all there is against it, until the log is asked.
    assert examined(forged, Trusted(str(whole.seal.key), whole.policy)).verdict is Verdict.VERIFIED
    assert "不在所给证明的日志之中" in words(checked(forged, whole))


DEEP = b"[" * 200_000
HOSTILE: dict[str, Callable[[dict[str, bytes]], dict[str, bytes]]] = {
    "deep keys": lambda f: {**f, "keys.json": b'{"items":' + DEEP},
    "closed deep opened": lambda f: {
        **f,
        "opened.json": b'{"texts":' + DEEP + b"]" * 200_000 + b"}",
    },
    "huge number": lambda f: {**f, "opened.json": b'{"texts":[' + b"9" * 1_000_000 + b"]}"},
    "huge position": lambda f: {
        **f,
        "opened.json": b'{"texts":[{"field":"name","position":' + b"9" * 4000 + b',"text":""}]}',
    },
    "not a number": lambda f: {**f, "opened.json": b'{"texts":NaN}'},
    "a fraction": lambda f: {**f, "opened.json": b'{"texts":1.0}'},
    "a list": lambda f: {**f, "completeness.json": b"[]"},
    "no list": lambda f: {**f, "completeness.json": b'{"events":{}}'},
    "wrong items": lambda f: {**f, "keys.json": b'{"items":[1,null,[],{}]}'},
    "half a character": lambda f: {**f, "opened.json": rb'{"texts":"\ud800"}'},
    "an event of nothing": lambda f: {**f, "events/1.json": b"{}", "proofs/1.txt": b""},
    "an event without data": lambda f: {
        **f,
        "events/1.json": b'{"actor":null,"data":[],"type":1}',
        "proofs/1.txt": b"\xff",
    },
    "a long proof": lambda f: {**f, "proofs/1.txt": b"c2sp.org/tlog-proof@v1\n" * 100_000},
    "a nested policy": lambda f: {
        **f,
        "policy.txt": f["policy.txt"].replace(b"quorum w\n", b"")
        + b"group g0 all w\n"
        + b"".join(b"group g%d all g%d\n" % (n + 1, n) for n in range(2_400))
        + b"quorum g2400\n",
    },
    "a long policy": lambda f: {**f, "policy.txt": b"# nothing\n" * 3_000_000},
    "a policy of octets": lambda f: {**f, "policy.txt": b"witness \xff\xfe x\nquorum none\n"},
    "a checkpoint of nothing": lambda f: {**f, "checkpoint.txt": b"\n\n\n"},
    "many keys": lambda f: {
        **f,
        "keys.json": canonical({"items": json.loads(f["keys.json"])["items"] * 500}),
    },
    "no keys": lambda f: {name: raw for name, raw in f.items() if name != "keys.json"},
    "no policy": lambda f: {name: raw for name, raw in f.items() if name != "policy.txt"},
    "a file too many": lambda f: {**f, "events/0.json": b"{}"},
    "another file too many": lambda f: {**f, "extra.json": b"{}"},
    "a frozen event of nothing": lambda f: {**f, "frozen.json": b'{"data":1}'},
    "an evidence of nothing": lambda f: {**f, "evidence.json": b"{}"},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_r30_hostile_contents_are_refused_at_once(case: str, whole: Made) -> None:
    """Sealed by their maker, and verified by somebody who has no keys from elsewhere."""
    files = HOSTILE[case](whole.files)
    began = time.process_time()
    report = examined(resealed(files, FORGER), Trusted(seal_key=str(FORGER.key)))
    assert report.verdict is Verdict.REFUSED
    assert time.process_time() - began < 5
    assert all(len(each) < 100_000 for each in words(report).split("；"))


def test_r30_what_takes_long_in_great_numbers_is_limited(whole: Made) -> None:
    files, trusted = whole.files, Trusted(seal_key=str(whole.seal.key))
    policy = {**files, "policy.txt": files["policy.txt"] + b"#" * 70_000}
    assert "信任策略过大" in words(examined(resealed(policy, whole.seal), trusted))
    keys = json.loads(files["keys.json"])
    keys["items"] += [each for each in keys["items"] if each["held_by"] == "service"] * 50
    many = {**files, "keys.json": canonical(keys)}
    assert "公钥过多" in words(examined(resealed(many, whole.seal), trusted))


@pytest.mark.parametrize("number", ["1.5", "NaN", "Infinity"])
def test_a_number_is_a_whole_one(number: str, whole: Made) -> None:
    opened = whole.files["opened.json"].replace(b"{", f'{{"at":{number},'.encode(), 1)
    report = checked(resealed({**whole.files, "opened.json": opened}, whole.seal), whole)
    assert "opened.json 不是规范的 JSON" in words(report)


@pytest.mark.parametrize("length", [0, 4, 29, 30, 31, 100, -1, -22, -23])
def test_r30_half_an_archive_is_none(length: int, whole: Made) -> None:
    report = examined(whole.archive[:length], Trusted())
    assert report.verdict is Verdict.UNREADABLE


def test_r30_nothing_can_stand_beside_the_files(whole: Made) -> None:
    for archive in (
        whole.archive + b"\0",
        b"\0" + whole.archive,
        whole.archive + whole.archive,
        whole.archive[:-2] + b"\1\0?",
    ):
        assert examined(archive, Trusted()).verdict is Verdict.UNREADABLE
    assert unzipped(whole.archive)["seal.txt"]
