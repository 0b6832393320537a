"""Whether a bundle is what it says: sealed, in the log, signed, complete (R30).

What each check rests on: the *seal* is the service's word that nothing was left out and that the
texts were opened truly; that an event is in the log rests on the log's signature and its witnesses;
an organisation's word on the organisation's own key. Whoever verifies brings the keys from
elsewhere; those in the bundle itself prove only that it agrees with itself.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from service.trust.bundle.archive import MalformedArchive, unzipped
from service.trust.bundle.findings import Finding, Report, State, Trusted, Verdict, settled
from service.trust.bundle.key_history import bundled_keys
from service.trust.bundle.reading import (
    CHECKPOINT,
    COMPLETENESS,
    EVIDENCE,
    FROZEN,
    OPENED,
    POLICY,
    SEALED_TEXT,
    Contents,
    Unsound,
    listed,
    sha256_of,
    stored_event,
)
from service.trust.bundle.wrapping import files_agree, manifest_of, seal_holds
from service.trust.transparency.checkpoint import Checkpoint
from service.trust.transparency.merkle import SHA256, verify_inclusion
from service.trust.transparency.policy import Policy
from service.trust.transparency.proof import Proof
from service.trust.transparency.signed_note import Ed25519Verifier, Note
from service.trust.transparency.sm2_verifier import Sm2Verifier
from service.trust.verification import SignatureRefused, verify, verify_text

_LARGEST_POLICY = 64 * 1024
"""Bytes; comparing each witness with all others takes long for very many."""

_NAMES_EVENT = ("event_id", "corrects")
"""Fields of the evidence that hold the id of an event."""


def examined(archive: bytes, trusted: Trusted) -> Report:
    """Checks everything in a bundle; never raises for what is in it.

    Nothing is looked into before the seal holds over all of it.
    """
    report = Report()
    try:
        files = unzipped(archive)
    except MalformedArchive as error:
        report.findings.append(Finding("文件格式", "failed", (str(error),)))
        report.readable = False
        return report
    report.findings.append(Finding("文件格式", "passed", (f"{len(files)} 个文件",)))
    report.findings.append(settled("文件摘要", lambda: files_agree(files, report)))
    if report.verdict is not Verdict.REFUSED:
        report.findings.append(settled("封印", lambda: seal_holds(files, trusted, report)))
    if report.verdict is not Verdict.REFUSED:
        _look_into(files, trusted, report)
    return report


def _look_into(files: dict[str, bytes], trusted: Trusted, report: Report) -> None:
    try:
        contents, manifest = Contents.of(files), manifest_of(files)
        note = contents.note(CHECKPOINT)
        checkpoint = Checkpoint.parse(note.text)
        if str(checkpoint) != note.text or checkpoint.size != manifest["position"]:
            raise Unsound("检查点不是材料固定时的检查点")
    except (ValueError, RecursionError) as error:
        report.findings.append(Finding("文件内容", "failed", (str(error),)))
        return
    report.facts |= {"日志": checkpoint.origin, "树根": note.text.split("\n")[2]}
    examination = _Examination(contents, manifest, note, checkpoint, trusted, report)
    for name, check in examination.checks():
        report.findings.append(settled(name, check))


@dataclass
class _Examination:
    """The checks of what is below the seal."""

    contents: Contents
    manifest: dict[str, Any]
    note: Note
    checkpoint: Checkpoint
    trusted: Trusted
    report: Report

    def checks(self) -> Iterator[tuple[str, Callable[[], Finding]]]:
        yield "日志检查点", self._signed
        yield "在日志之中", self._included
        yield "完整性", self._complete
        yield "单位签名", self._spoken
        yield "考察材料", self._evidence
        yield "打开的文字", self._opened

    def _signed(self) -> Finding:
        policy = self._policy()
        open_questions = []
        try:
            judgement = policy.judge(self.note)
        except ImportError:
            kept = [each for each in policy.logs if not isinstance(each.verifier, Sm2Verifier)]
            judgement = replace(policy, logs=tuple(kept)).judge(self.note)
            open_questions.append("日志的 SM2 签名未核对：需要 gmssl-pyx")
        for key in judgement.signed_by:
            self.report.facts[f"日志公钥 {key.id.hex()}"] = str(key)
        if not judgement.signed_by or (judgement.quorum_met and not judgement.valid):
            raise Unsound("检查点缺少策略所列日志的签名")
        if not judgement.quorum_met:
            open_questions.append("日志签名成立，但共签的见证方未达约定数")
        if self.trusted.policy is None:
            open_questions.append("日志签名成立，但公钥取自材料本身，须另行核对（--policy）")
        witnessed = f"日志已签名，见证方 {len(judgement.witnessed_by)} 个"
        state: State = "unsettled" if open_questions else "passed"
        return Finding("日志检查点", state, (*open_questions, witnessed))

    def _policy(self) -> Policy:
        content = self.trusted.policy or self.contents.files[POLICY]
        if len(content) > _LARGEST_POLICY:
            raise Unsound("信任策略过大")
        return Policy.parse(content)

    def _included(self) -> Finding:
        contents, size = self.contents, self.checkpoint.size
        events = {**contents.key_events, **contents.events}
        if contents.key_events.keys() & contents.events.keys():
            raise Unsound("同一位置有两条记录")
        if lacking := events.keys() ^ contents.proofs.keys():
            raise Unsound(f"记录与证明不相对应：{listed(lacking)}")
        refused = []
        for position, event in events.items():
            try:
                proof = Proof.parse(contents.proofs[position])
                if str(proof) != contents.proofs[position] or proof.extra is not None:
                    raise Unsound("证明不是规范的写法")
                if str(proof.checkpoint) != str(self.note) or proof.index != position - 1:
                    raise Unsound("证明属于别的检查点或者位置")
                leaf = SHA256.leaf(event.raw)
                verify_inclusion(leaf, proof.index, size, proof.path, self.checkpoint.root)
            except ValueError:
                refused.append(position)
        if refused:
            raise Unsound(f"不在日志之中，或者被改动：{listed(refused)}")
        return Finding("在日志之中", "passed", (f"{len(events)} 条记录逐条证明",))

    def _complete(self) -> Finding:
        contents, stated = self.contents, self.contents.json(COMPLETENESS)
        member_id, size = self.manifest["member_id"], self.checkpoint.size
        types: dict[int, str] = {}
        for item in _items(stated, "events"):
            match item:
                case {"position": int(position), "type": str(type_)} if position not in types:
                    types[position] = type_
                case _:
                    raise Unsound("完整性清单的格式不对")
        if (stated.get("member_id"), stated.get("first"), stated.get("last")) != (
            member_id,
            1,
            size,
        ):
            raise Unsound("完整性清单说的不是这名党员的全部记录")
        if missing := types.keys() - contents.events.keys():
            raise Unsound(f"不完整：缺少{listed(missing)}")
        if more := contents.events.keys() - types.keys():
            raise Unsound(f"不在完整性清单之内：{listed(more)}")
        about = f'"{member_id}"'.encode()
        others = [
            position
            for position, event in contents.events.items()
            if event.type != types[position] or about not in event.raw
        ]
        if others:
            raise Unsound(f"类型与完整性清单不符，或者与该党员无关：{listed(others)}")
        if stated.get("by_type") != dict(Counter(types.values())):
            raise Unsound("各类记录的件数不符")
        words = f"第 1 号至第 {size} 号之间该党员的记录共 {len(types)} 条，一条不少；以封印为凭"
        return Finding("完整性", "passed", (words,))

    def _spoken(self) -> Finding:
        keys = bundled_keys(self.contents)
        own, held, unchecked, refused, bare = 0, 0, [], [], 0
        for position, event in self.contents.events.items():
            if "signature" not in event.data:
                continue
            if event.data["signature"] is None:
                bare += 1
                continue
            try:
                key = verify(event.content, keys.get(event.content["actor"]["organisation_id"], []))
            except ImportError:
                unchecked.append(position)
            except SignatureRefused as error:
                refused.append(f"第 {position} 号：{type(error).__doc__}")
            else:
                own, held = own + (key.held_by != "service"), held + (key.held_by == "service")
        if refused:
            return Finding("单位签名", "failed", tuple(refused[:20]))
        details = [f"单位自己签名 {own} 件", f"由服务代为签名 {held} 件，其公钥以封印为凭"]
        if bare:
            details.append(f"签名制度实行之前的 {bare} 件，没有签名")
        if unchecked:
            details.append(f"SM2 签名未核对：{listed(unchecked)}；需要 gmssl-pyx")
        return Finding("单位签名", "unsettled" if unchecked else "passed", tuple(details))

    def _evidence(self) -> Finding:
        raw, manifest = self.contents.files[EVIDENCE], self.manifest
        evidence, frozen = self.contents.json(EVIDENCE), self.contents.files[FROZEN]
        data = stored_event(0, frozen).data
        stated = (
            sha256_of(raw),
            *(manifest[name] for name in ("decision_id", "evidence_id", "member_id", "position")),
            str(self.note),
        )
        if manifest["evidence_sha256"] != sha256_of(raw) or stated != tuple(
            data.get(name)
            for name in (
                "evidence_digest",
                "decision_id",
                "evidence_id",
                "member_id",
                "position",
                "checkpoint",
            )
        ):
            raise Unsound("与“固定考察材料”的记录不符")
        bundled = {each.content["event_id"] for each in self.contents.events.values()}
        if lacking := _told_of(evidence) - bundled:
            raise Unsound(f"不完整：考察材料引用了包内没有的记录，共 {len(lacking)} 条")
        if self.trusted.frozen_proof is None:
            words = (
                "与“固定考察材料”的记录一致；该记录晚于检查点，以封印为凭（另见 --frozen-proof）"
            )
            return Finding("考察材料", "passed", (words,))
        proof = Proof.parse(self.trusted.frozen_proof)
        policy = self._policy()
        logs = [each.verifier for each in policy.logs if isinstance(each.verifier, Ed25519Verifier)]
        if not any(_proves(proof, frozen, log) for log in logs):
            raise Unsound("“固定考察材料”的记录不在所给证明的日志之中")
        return Finding("考察材料", "passed", ("与日志中“固定考察材料”的记录一致",))

    def _opened(self) -> Finding:
        checked, sealed_only = 0, 0
        for item in _items(self.contents.json(OPENED), "texts"):
            match item:
                case {"position": int(position), "field": str(name), "text": str(text)}:
                    event = self.contents.events.get(position)
                case _:
                    raise Unsound("打开的文字的格式不对")
            sealed = None if event is None else event.data.get(name)
            if event is None or not (isinstance(sealed, str) and sealed.startswith(SEALED_TEXT)):
                raise Unsound(f"第 {position} 号没有这样的密文")
            if isinstance(salt := item.get("salt"), str):
                verify_text(event.content, name, text, salt)
                checked += 1
            elif event.data.get(f"{name}_digest") is not None:
                raise Unsound(f"第 {position} 号的文字缺少核对所需的盐")
            else:
                sealed_only += 1
        words = (f"与签名中的摘要一致的 {checked} 段", f"只以封印为凭的 {sealed_only} 段")
        return Finding("打开的文字", "passed", words)


def _proves(proof: Proof, raw: bytes, log: Ed25519Verifier) -> bool:
    try:
        proof.verify(raw, log)
    except ValueError:
        return False
    return True


def _items(stated: dict[str, Any], name: str) -> list[Any]:
    found = stated.get(name)
    if not isinstance(found, list):
        raise Unsound(f"缺少 {name}")
    return found


def _told_of(evidence: dict[str, Any]) -> set[str]:
    """The ids of all events about the member that the evidence names."""
    found = set()
    # An inspection is the branch's, and none of the member's events.
    pending: list[Any] = [value for name, value in evidence.items() if name != "inspections"]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += value.values()
            found |= {each for name in _NAMES_EVENT if isinstance(each := value.get(name), str)}
    return found
