"""The rule packs that are shipped, one file for each and its first year (R34).

A file `<code>-<year>.json` is one pack as `RulePack` describes it. None of them is in force before
an organisation adopts it; whoever has a document of their own adopts that instead.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from service.domain.event import Rejection
from service.domain.rule_pack import RulePack
from service.domain.rule_pack_faults import require_sound


class UnusableRulePack(ValueError):
    """A rule pack's file cannot be used; the message names the file, the place and the fault."""


def read_rule_pack(name: str, content: bytes) -> RulePack:
    """The pack in one file named `name`; raises UnusableRulePack."""
    try:
        pack = RulePack.model_validate_json(content)
        require_sound(pack)
    except ValidationError as error:
        faults = [("/".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        raise UnusableRulePack(_message(name, faults)) from None
    except Rejection as refused:
        raise UnusableRulePack(_message(name, refused.errors)) from None
    if name != f"{pack.code}-{pack.valid_from.year}.json":
        raise UnusableRulePack(f"{name}: is named {pack.code}-{pack.valid_from.year}.json")
    return pack


def _message(name: str, faults: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {place}: {fault}" for place, fault in faults)


@cache
def shipped_rule_packs() -> Mapping[str, RulePack]:
    """Every shipped pack by the name of its file, without the ending; raises UnusableRulePack."""
    return {
        entry.name.removesuffix(".json"): read_rule_pack(entry.name, entry.read_bytes())
        for entry in sorted(files(__name__).iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".json")
    }
