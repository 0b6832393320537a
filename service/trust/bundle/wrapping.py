"""The outermost of a bundle: a manifest of all files, and the seal over it."""

from collections.abc import Mapping
from typing import Any

from service.trust.bundle.findings import Finding, Report, Trusted
from service.trust.bundle.reading import (
    FORM_OF_BUNDLE,
    KEYS,
    MANIFEST,
    SEAL,
    SEALED_AS,
    Unsound,
    json_object,
    sha256_of,
)
from service.trust.transparency.signed_note import Ed25519Verifier, Key, Note


def manifest_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """The list of all the others; raises Unsound."""
    if MANIFEST not in files or SEAL not in files:
        raise Unsound("缺少清单或者封印")
    manifest = json_object(files[MANIFEST], MANIFEST)
    match manifest:
        case {
            "form": int(form),
            "decision_id": str(),
            "evidence_id": str(),
            "evidence_sha256": str(),
            "files": dict(),
            "member_id": str(),
            "position": int(),
        } if form == FORM_OF_BUNDLE:
            return manifest
    raise Unsound("清单的格式不对，或者出自更新的版本")


def files_agree(files: Mapping[str, bytes], report: Report) -> Finding:
    """Whether every file is the one that the manifest lists. Raises Unsound."""
    manifest = manifest_of(files)
    stated = manifest["files"]
    report.facts |= {
        "考察编号": manifest["decision_id"],
        "材料编号": manifest["evidence_id"],
        "党员标识": manifest["member_id"],
        "日志位置": str(manifest["position"]),
        "材料摘要": manifest["evidence_sha256"],
    }
    found = {name: sha256_of(raw) for name, raw in files.items() if name not in {MANIFEST, SEAL}}
    faults = [
        *(f"不完整：缺少 {name}" for name in sorted(stated.keys() - found.keys())),
        *(f"多出 {name}，不在清单之内" for name in sorted(found.keys() - stated.keys())),
        *(
            f"{name} 被改动"
            for name in sorted(found.keys() & stated.keys())
            if found[name] != stated[name]
        ),
    ]
    if faults:
        return Finding("文件摘要", "failed", tuple(faults[:20]))
    return Finding("文件摘要", "passed", ("每个文件都与清单所载的 SHA-256 一致",))


def seal_holds(files: Mapping[str, bytes], trusted: Trusted, report: Report) -> Finding:
    """Whether the service sealed this manifest. Raises ValueError where it did not."""
    manifest, text = files[MANIFEST], files[SEAL].decode()
    stated = trusted.seal_key or json_object(files.get(KEYS, b""), KEYS).get("seal_key")
    if not isinstance(stated, str):
        raise Unsound("没有封印公钥")
    verifier = Ed25519Verifier(Key.parse(stated))
    note = Note.parse(text)
    report.facts["封印公钥"] = str(verifier.key)
    if note.text != f"{SEALED_AS}\nsha256 {sha256_of(manifest)}\n" or str(note) != text:
        raise Unsound("封印的不是这份清单")
    if len(note.verified([verifier])) != 1 or len(note.signatures) != 1:
        raise Unsound("封印不是用这一公钥所作")
    if trusted.seal_key is None:
        words = "封印成立，但公钥取自材料本身，须另行核对（--seal-key）"
        return Finding("封印", "unsettled", (words,))
    return Finding("封印", "passed", ("全部文件都在封印之内，封印成立",))
