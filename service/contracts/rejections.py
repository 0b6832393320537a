"""contracts/rejections.json: everything that can be refused, and what it is about."""

import json
from typing import Any

from service.api import problems
from service.contracts.capability import capabilities
from service.contracts.unpublishable import CodeTaken


def entries() -> list[dict[str, Any]]:
    """Every problem by its code, with the capability that refuses; "api" is the API itself."""
    where = {
        rejection.code(): capability.name
        for capability in capabilities()
        for rejection in capability.rejections
    }
    return [
        {**entry, "capability": where.get(entry["code"], "api")} for entry in problems.registry()
    ]


def text() -> str:
    """The file's text, the same every time."""
    return json.dumps(entries(), ensure_ascii=False, indent=2) + "\n"


def require_own_codes() -> None:
    """Raises `CodeTaken` when two refusals have the same code."""
    try:
        problems.registry()
    except ValueError as clash:
        raise CodeTaken(f"两种拒绝的代码相同（{clash}）：请改其中一个类的名称。") from clash
