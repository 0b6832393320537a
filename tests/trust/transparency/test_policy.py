"""Trust policies: which witnesses are enough, and which files are refused, by the line at fault."""

from itertools import count

import pytest

from service.trust.transparency.cosignature import Cosigner
from service.trust.transparency.policy import Policy, UnusablePolicy
from service.trust.transparency.signed_note import Ed25519Signer, InvalidSignature, Note, Signature

LOG = Ed25519Signer.generate("example.org/log")
OTHER_LOG = Ed25519Signer.generate("example.org/other")
X, Y, Z, U, V = (Cosigner.generate(f"witness.example/{name}") for name in "xyzuv")
TEXT = "example.org/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"

WITNESSES = f"""
witness x {X.key} http://127.0.0.1:1
witness y {Y.key}
witness z {Z.key}
"""
TWO_OF_THREE = f"""# 谁的话算数
log {LOG.key} https://example.org/log
{WITNESSES}
\tgroup  three\t2 x y z
quorum three
"""
NESTED = f"""{WITNESSES}
witness u {U.key}
witness v {V.key}
group first 2 x y z
group second any u v
group both all first second
quorum both
"""


def policy(text: str) -> Policy:
    return Policy.parse(text.encode())


def note(*cosigners: Cosigner, log: Ed25519Signer | None = LOG) -> Note:
    by_log = [log.sign(TEXT)] if log else []
    return Note(TEXT, (*by_log, *(each.cosign(TEXT, 1) for each in cosigners)))


@pytest.mark.parametrize(
    ("witnessed_by", "met"),
    [("", False), ("x", False), ("xy", True), ("zx", True), ("xyz", True), ("uv", False)],
)
def test_two_of_three(witnessed_by: str, met: bool) -> None:  # noqa: FBT001 - a table
    assert policy(TWO_OF_THREE).met(witnessed_by) is met


@pytest.mark.parametrize(
    ("witnessed_by", "met"),
    [("xyz", False), ("xu", False), ("uv", False), ("xyu", True), ("yzv", True), ("xyzuv", True)],
)
def test_groups_of_groups(witnessed_by: str, met: bool) -> None:  # noqa: FBT001 - a table
    assert policy(NESTED).met(witnessed_by) is met


def test_one_witness_or_none() -> None:
    assert policy(f"{WITNESSES}quorum y").met("y")
    assert not policy(f"{WITNESSES}quorum y").met("xz")
    assert policy("quorum none").met("")
    assert Policy().met("")


def test_addresses_are_kept() -> None:
    found = policy(TWO_OF_THREE)
    assert [each.url for each in found.witnesses] == ["http://127.0.0.1:1", None, None]
    assert [each.url for each in found.logs] == ["https://example.org/log"]


def test_a_checkpoint_counts_when_log_and_quorum_signed_it() -> None:
    found = policy(TWO_OF_THREE).judge(note(Y, X))
    assert (found.signed_by, found.witnessed_by) == ((LOG.key,), ("x", "y"))
    assert found.quorum_met
    assert found.valid


@pytest.mark.parametrize(
    "lacking", [note(X), note(X, X), note(X, Y, log=None), note(X, U, V), note(X, Y, log=OTHER_LOG)]
)
def test_it_does_not_count_otherwise(lacking: Note) -> None:
    """One witness too few, one twice, no log, strangers, another log."""
    assert not policy(TWO_OF_THREE).judge(lacking).valid


def test_a_log_speaks_for_its_own_origin_only() -> None:
    both = policy(f"log {LOG.key}\nlog {OTHER_LOG.key}\nquorum none")
    assert both.judge(note()).valid
    assert not both.judge(note(log=OTHER_LOG)).valid


def test_without_logs_the_witnesses_suffice() -> None:
    assert policy(f"{WITNESSES}quorum x").judge(note(X, log=None)).valid
    assert not policy(f"{WITNESSES}quorum x").judge(note(Y, log=None)).valid


def test_a_forged_signature_spoils_the_note() -> None:
    true = X.cosign(TEXT, 1)
    forged = Signature(true.name, true.key_id, true.value[:-1] + bytes([true.value[-1] ^ 1]))
    with pytest.raises(InvalidSignature):
        policy(TWO_OF_THREE).judge(Note(TEXT, (LOG.sign(TEXT), forged)))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "缺少 quorum 行"),
        ("quorum none\nquorum none", 2, "只能有一行"),
        ("\n\nquorums none", 3, "不认识 quorums"),
        ("quorum", 1, "项数不对"),
        ("quorum x y", 1, "项数不对"),
        ("quorum x", 1, "x 没有在前面定义"),
        ("quorum none\r\n", 1, "控制字符"),
        ("# \x00", 1, "控制字符"),
        ("log nonsense", 1, "不是有效的密钥"),
        (f"log {X.key}", 1, "须为 Ed25519 公钥（0x01）"),
        (f"log {LOG.key}\nlog {LOG.key}", 2, "日志公钥重复"),
        (f"witness x {LOG.key}", 1, "须为见证公钥（0x04）"),
        (f"witness x {X.key}\nwitness y {X.key}", 2, "见证公钥重复：与 x 相同"),
        (f"witness x {X.key}\nwitness x {Y.key}", 2, "名称 x 重复"),
        (f"witness none {X.key}", 1, "none 有专门含义"),
        (f"{WITNESSES}group g 2 x y\ngroup h any x", 6, "x 已是某个组的成员"),
        (f"{WITNESSES}group g 2 x x", 5, "x 已是某个组的成员"),
        (f"{WITNESSES}group g all", 5, "项数不对"),
        (f"{WITNESSES}group g 0 x", 5, "须在 1 与成员数 1 之间"),
        (f"{WITNESSES}group g 3 x y", 5, "须在 1 与成员数 2 之间"),
        (f"{WITNESSES}group g ² x y", 5, "须为 all、any 或一个十进制数"),
        (f"{WITNESSES}group g any none", 5, "none 没有在前面定义"),
        (f"{WITNESSES}group g any h\ngroup h any x", 5, "h 没有在前面定义"),
        (f"{WITNESSES}group x any y", 5, "名称 x 重复"),
    ],
    # The texts hold keys that are made anew by every process.
    ids=count(1),
)
def test_a_policy_that_cannot_be_used(text: str, line: int | None, words: str) -> None:
    with pytest.raises(UnusablePolicy, match="信任策略无法使用") as refused:
        policy(text)
    assert refused.value.line == line
    assert words in str(refused.value)
    assert line is None or f"第 {line} 行" in str(refused.value)


def test_names_are_bytes() -> None:
    """A name in another encoding is a name all the same, and differs from those that look alike."""
    text = f"witness K {X.key}\nwitness ".encode() + b"\xc4\xa3 " + f"{Y.key}\n".encode()
    found = Policy.parse(text + "witness \u212a ".encode() + f"{Z.key}\nquorum K".encode())
    assert len({each.name for each in found.witnesses}) == 3
    assert not found.met([found.witnesses[2].name])
