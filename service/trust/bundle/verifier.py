"""``verify.py``: the modules that verify a bundle, joined into one file that stands alone (R30).

Joined and not written twice: what checks in the service and what checks at a stranger's is one
text. Lines that import from the service are left out, since all of it is in the file.
"""

import ast
from functools import cache
from importlib.resources import files

PARTS = (
    "verification.py",
    "transparency/merkle.py",
    "transparency/signed_note.py",
    "transparency/checkpoint.py",
    "transparency/cosignature.py",
    "transparency/sm2_verifier.py",
    "transparency/policy.py",
    "transparency/proof.py",
    "bundle/archive.py",
    "bundle/reading.py",
    "bundle/key_history.py",
    "bundle/findings.py",
    "bundle/wrapping.py",
    "bundle/checking.py",
    "bundle/reporting.py",
)
"""Each after what it uses."""
_HEAD = '''#!/usr/bin/env python3
"""核验任前考察材料整包（evidence.zip），不联网：python3 verify.py evidence.zip

本文件由服务的源文件逐个连接而成，各部分以原文件名为界。随整包附送只为方便：伪造整包的人
也能伪造它，请从本服务或者其源代码另行取得，并核对 SHA-256。
"""
'''


@cache
def verifier() -> bytes:
    """The file."""
    room = files("service.trust")
    parts = [_part(name, room.joinpath(name).read_text("utf-8")) for name in PARTS]
    return "\n\n".join((_HEAD, *parts)).encode()


def _part(name: str, source: str) -> str:
    """A module without its imports from the service."""
    lines = source.rstrip().split("\n")
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("service."):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join((f"# ==== {name} ====", *lines, ""))
