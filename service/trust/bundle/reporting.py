"""``verify.py``: verifies a bundle and says in Chinese, or as JSON, what was found."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from service.trust.bundle.archive import LARGEST_ARCHIVE
from service.trust.bundle.checking import examined
from service.trust.bundle.findings import Finding, Report, Trusted, Verdict

_WORDS = {
    Verdict.VERIFIED: "核验通过",
    Verdict.REFUSED: "核验不通过：材料被改动或者不完整，不得采信",
    Verdict.UNREADABLE: "无法读取：不是考察材料整包，或者文件已损坏",
    Verdict.UNSETTLED: "材料自身一致，但有未能核对的事项，见“待核对”各项",
}
_MARKS = {"passed": "通过", "failed": "不通过", "unsettled": "待核对"}
_USAGE = """结束状态：0 核验通过，1 不通过，2 无法读取，3 自身一致但有未能核对的事项。
不联网。只需 Python 3.11 以上和 cryptography；国密（SM2）签名另需 gmssl-pyx。"""


def main(arguments: Sequence[str]) -> int:
    """Verifies the bundle that the arguments name; returns the status to end with."""
    asked = _parser().parse_args(arguments)
    try:
        trusted = Trusted(
            asked.seal_key and _seal_key(asked.seal_key),
            asked.policy and asked.policy.read_bytes(),
            asked.frozen_proof and asked.frozen_proof.read_text("utf-8"),
        )
        report = _examined(asked.bundle, trusted)
    except (OSError, UnicodeDecodeError) as error:
        report = Report([Finding("读取文件", "failed", (str(error),))], readable=False)
    print(_as_json(report) if asked.json else _as_text(report))
    return report.verdict


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="verify.py",
        description="核验任前考察材料整包（evidence.zip）。",
        epilog=_USAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", type=Path, help="整包文件")
    parser.add_argument("--seal-key", help="封印公钥，或者存有它的文件；从材料以外取得")
    parser.add_argument(
        "--policy", type=Path, help="信任策略文件（日志公钥和见证方），从材料以外取得"
    )
    parser.add_argument(
        "--frozen-proof", type=Path, help="“固定考察材料”记录的日志证明，从日志取得"
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出")
    return parser


def _seal_key(text: str) -> str:
    path = Path(text)
    return path.read_text("utf-8").strip() if text.count("+") < 2 else text


def _examined(path: Path, trusted: Trusted) -> Report:
    with path.open("rb") as file:
        archive = file.read(LARGEST_ARCHIVE + 1)
    try:
        return examined(archive, trusted)
    except Exception as error:  # noqa: BLE001 - whatever a forger found: it is not verified
        words = f"核验中断（{type(error).__name__}），材料不得采信"
        return Report([Finding("核验", "failed", (words,))])


def _as_text(report: Report) -> str:
    lines = [f"{_MARKS[each.state]}  {each.name}  {_joined(each)}" for each in report.findings]
    facts = [f"{name}  {value}" for name, value in report.facts.items()]
    return _shown("\n".join((_WORDS[report.verdict], "", *lines, "", *facts)).rstrip())


def _joined(finding: Finding) -> str:
    # What a forger wrote is not repeated at length.
    return "；".join(each[:300] for each in finding.details)


def _as_json(report: Report) -> str:
    content = {
        "verdict": report.verdict.name.lower(),
        "status": int(report.verdict),
        "word": _WORDS[report.verdict],
        "findings": [
            {"name": each.name, "state": each.state, "details": each.details}
            for each in report.findings
        ],
        "facts": report.facts,
    }
    return json.dumps(content, indent=2)


def _shown(text: str) -> str:
    """Without what would move the cursor of whoever reads it, or turn the line around."""
    return "".join(
        each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text
    )


if __name__ == "__main__":
    # A terminal of another encoding shows what it can.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
