"""The bundle is one file, the same each time, and verified by one program, by itself (R30)."""

import ast
import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from service.trust.bundle.checking import examined
from service.trust.bundle.findings import Trusted, Verdict
from service.trust.bundle.making import bundle
from service.trust.bundle.seal import EvidenceSeal
from service.trust.bundle.trust_policy import policy_told
from service.trust.bundle.verifier import verifier
from service.trust.transparency.policy import Policy
from service.trust.transparency.signed_note import Key
from tests.trust.bundle.sealed import ORIGIN, SECRET, Made, verify_py


def test_r30_verified_offline_by_one_file_alone(whole: Made, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    proof.write_text(whole.frozen_proof)
    trusted = (*whole.trusted(tmp_path), "--frozen-proof", str(proof))
    done = verify_py(tmp_path, whole.archive, *trusted)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("核验通过\n")
    assert "单位自己签名 3 件；由服务代为签名" in done.stdout
    assert f"该党员的记录共 {len(whole.material.events)} 条，一条不少" in done.stdout
    assert "与日志中“固定考察材料”的记录一致" in done.stdout
    told = json.loads(verify_py(tmp_path, whole.archive, *trusted, "--json").stdout)
    assert (told["verdict"], told["status"]) == ("verified", 0)
    assert {each["state"] for each in told["findings"]} == {"passed"}
    assert told["facts"]["封印公钥"] == str(whole.seal.key)


def test_r30_keys_from_the_bundle_itself_prove_only_that_it_agrees_with_itself(
    whole: Made, tmp_path: Path
) -> None:
    done = verify_py(tmp_path, whole.archive)
    assert done.returncode == Verdict.UNSETTLED
    assert done.stdout.count("公钥取自材料本身，须另行核对") == 2
    policy_alone = whole.trusted(tmp_path)[2:]
    assert verify_py(tmp_path, whole.archive, *policy_alone).returncode == Verdict.UNSETTLED


def test_r30_a_forger_with_keys_of_their_own_is_refused(whole: Made, tmp_path: Path) -> None:
    forger = EvidenceSeal(bytes(32), ORIGIN)
    forged = bundle(whole.material, forger)
    assert verify_py(tmp_path, forged).returncode == Verdict.UNSETTLED
    done = verify_py(tmp_path, forged, *whole.trusted(tmp_path))
    assert done.returncode == Verdict.REFUSED
    assert "封印不是用这一公钥所作" in done.stdout
    other = Key.of(ORIGIN, 1, bytes(range(1, 33)))
    (tmp_path / "policy").write_text(f"log {other}\nquorum none\n")
    arguments = ("--seal-key", str(whole.seal.key), "--policy", str(tmp_path / "policy"))
    done = verify_py(tmp_path, whole.archive, *arguments)
    assert "检查点缺少策略所列日志的签名" in done.stdout
    assert done.returncode == Verdict.REFUSED


def test_r30_too_few_witnesses_are_told(whole: Made) -> None:
    note = json.loads(whole.material.frozen)["data"]["checkpoint"]
    cosigned = next(each for each in note.split("\n") if "witness.example" in each)
    frozen = whole.material.frozen.replace(
        json.dumps(f"{cosigned}\n", ensure_ascii=False)[1:-1].encode(), b""
    )
    archive = whole.changed(frozen=frozen)
    report = examined(archive, Trusted(str(whole.seal.key), whole.policy))
    assert report.verdict is Verdict.UNSETTLED
    assert any("未达约定数" in words for each in report.findings for words in each.details)


def test_r30_it_is_the_same_bytes_in_every_process(whole: Made, tmp_path: Path) -> None:
    """Whatever the order in which a process hashes strings."""
    program = (
        "import hashlib, pickle, sys; from service.trust.bundle.making import bundle;"
        "from service.trust.bundle.seal import EvidenceSeal;"
        "material = pickle.load(open(sys.argv[1], 'rb'));"
        f"made = bundle(material, EvidenceSeal({SECRET!r}, {ORIGIN!r}));"
        "sys.stdout.buffer.write(made)"
    )
    (tmp_path / "material").write_bytes(pickle.dumps(whole.material))
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "material")],
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            timeout=60,
        )
        assert done.stdout == whole.archive


def test_r30_other_programs_read_the_archive(whole: Made) -> None:
    with zipfile.ZipFile(io.BytesIO(whole.archive)) as archive:
        assert archive.testzip() is None
        assert {each: archive.read(each) for each in archive.namelist()} == whole.files
        assert archive.namelist() == sorted(archive.namelist())
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}


def test_r30_nothing_is_opened_that_the_evidence_does_not_show(whole: Made) -> None:
    opened = json.loads(whole.files["opened.json"])["texts"]
    fields = {each["field"] for each in opened}
    assert {"name", "comment", "findings"} <= fields
    assert not fields & {"id_number", "phone", "residence"}
    sealed = {each["position"]: each for each in opened}
    for each in whole.material.events:
        for name, value in each.data.items():
            if isinstance(value, str) and value.startswith("sealed:"):
                shown = value.encode() in whole.material.evidence
                is_open = any(
                    item["position"] == each.position and item["field"] == name for item in opened
                )
                assert is_open == shown, (each.type, name)
    assert sealed


def _named(node: ast.stmt) -> list[tuple[str, object]]:
    """The names that a statement gives, and to what: the statement itself, or what it imports."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [(name, node)]
        case ast.Assign() | ast.AnnAssign():
            names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
            return [(each.id, node) for each in names if isinstance(each.ctx, ast.Store)]
        case ast.ImportFrom(module=module):
            return [(each.asname or each.name, (module, each.name)) for each in node.names]
        case ast.Import():
            return [(each.asname or each.name, each.name) for each in node.names]
    return []


def test_the_program_names_nothing_twice_and_nothing_of_the_service() -> None:
    """Its parts are modules that each had their names for themselves."""
    program = ast.parse(verifier())
    names: dict[str, set[object]] = defaultdict(set)
    for node in program.body:
        for name, meant in _named(node):
            names[name].add(meant)
    assert {name for name, meant in names.items() if len(meant) > 1} == set()
    imported = {
        str(node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for node in ast.walk(program)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    roots = {each.partition(".")[0] for each in imported}
    assert roots - sys.stdlib_module_names == {"cryptography", "gmssl_pyx"}
    assert not roots & {"socket", "http", "urllib", "subprocess"}


def test_without_gmssl_it_says_what_it_cannot_check(whole: Made, tmp_path: Path) -> None:
    """The log of a 国密 installation has a second line, of SM2."""
    program = tmp_path / "run.py"
    program.write_text(
        "import sys; sys.modules['gmssl_pyx'] = None\n"
        "import runpy; runpy.run_path(sys.argv.pop(1), run_name='__main__')\n"
    )
    (tmp_path / "verify.py").write_bytes(verifier())
    (tmp_path / "evidence.zip").write_bytes(whole.archive)
    done = subprocess.run(
        [sys.executable, "-I", program, "verify.py", "evidence.zip", *whole.trusted(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    expected = Verdict.UNSETTLED if whole.guomi else Verdict.VERIFIED
    assert done.returncode == expected, done.stdout
    assert ("日志的 SM2 签名未核对：需要 gmssl-pyx" in done.stdout) == whole.guomi
    assert ("待核对  单位签名" in done.stdout) == whole.guomi


def test_the_policy_that_goes_out_says_whom_the_operator_trusts_and_not_where_they_are(
    whole: Made,
) -> None:
    log = Policy.parse(whole.policy).logs[0]
    text = (
        f"log {log.verifier.key} https://log.internal\n"
        f"witness w {Policy.parse(whole.policy).witnesses[0].verifier.key} https://w.internal\n"
        "group g all w\nquorum g\n"
    )
    policy = Policy.parse(text.encode())
    told = policy_told(policy, [], ORIGIN)
    assert b"internal" not in told
    again = Policy.parse(told)
    assert replace(again, logs=(), witnesses=()) == replace(policy, logs=(), witnesses=())
    assert [each.verifier for each in again.logs] == [log.verifier]
    assert policy_told(Policy(), [log.verifier.key], ORIGIN).startswith(b"log example.org")
    assert policy_told(Policy(), [log.verifier.key], "other.org").startswith(b"quorum none")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    done = verify_py(tmp_path, b"PK")
    assert done.returncode == Verdict.UNREADABLE
    assert done.stdout.startswith("无法读取")
    missing = subprocess.run(
        [sys.executable, "-I", tmp_path / "verify.py", "nowhere.zip"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        timeout=60,
        check=False,
    )
    assert (missing.returncode, missing.stderr) == (Verdict.UNREADABLE, "")
