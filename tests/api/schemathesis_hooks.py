"""What schemathesis must know beyond the OpenAPI document; loaded by its command line.

Who calls depends on the route's scope, ids are mostly real ones, and formats of our own are
generated as the document says in words.
"""

import gc
import json
import os
import re
import unicodedata
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case, GenerationMode, HookContext

from service.api.scopes import Holder, Scope
from tests.domain.rule_packs import HOURS

# What is imported and generated stays; to go through it again and again is an eighth of the run.
gc.set_threshold(100_000, 50, 100)

_TOWN: dict[str, Any] = json.loads(Path(os.environ["EIGHTHOURS_FUZZED_TOWN"]).read_text())
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OTHER_YEAR = re.compile("^(?!192[1-9]|19[3-9]|20)[0-9]{2}(?=[0-9]{2}-[0-9]{2}-[0-9]{2})")
_ASKED_FIRST = ("branch", "community", "authority")
_PACK = HOURS.model_dump(mode="json")
_CONCLUSIONS = {"/api/v1/commendations", "/api/v1/disqualifications"}
_ABOUT = ("proposal_id", "member_id", "organisation_id")


# Not filtered: hypothesis reads the source of a filter anew for each value, a third of the run.
schemathesis.openapi.format(
    "plain-text",
    st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=30).map(
        partial(unicodedata.normalize, "NFC")
    ),
)
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(2020, 1, 1), datetime(2026, 11, 1)).map(  # noqa: DTZ001
        lambda moment: moment.isoformat(timespec="seconds") + "+08:00"
    ),
)
schemathesis.openapi.format(
    "date", st.dates(date(1990, 1, 1), date(2050, 1, 1)).map(lambda day: day.isoformat())
)


@schemathesis.auth(refresh_interval=None)
class Token:
    """The token of an organisation that may call the operation."""

    def get(self, case: Case[Any], _context: AuthContext) -> str:
        definition = case.operation.definition.raw
        scopes = [each for entry in definition.get("security", ()) for each in entry.values()]
        if not scopes:
            return ""
        kinds = {kind.value for scope in Scope if scope == scopes[0][0] for kind in scope.kinds}
        holder = next(scope.holder for scope in Scope if scope == scopes[0][0])
        if holder is not Holder.ORGANISATION:
            return str(_TOWN["people"][holder.name])
        asked: tuple[str, ...] = _ASKED_FIRST
        if case.path.startswith("/api/v1/organisations"):
            asked = _ASKED_FIRST[::-1]
        elif case.path.startswith("/api/v1/committees"):
            asked = ("committee", *_ASKED_FIRST)
        for name in asked:
            if _TOWN["kinds"][name] in kinds:
                return str(_TOWN["tokens"][name])
        raise LookupError(scopes)

    def set(self, case: Case[Any], data: str, _context: AuthContext) -> None:
        if data:
            case.headers["Authorization"] = f"Bearer {data}"


def _concluded(body: dict[str, Any]) -> dict[str, Any]:
    """A conclusion about one thing: on a proposal, or on grounds that are stated in full."""
    about = next((name for name in _ABOUT if body.get(name)), "proposal_id")
    left_out = {*_ABOUT} - {about}
    if about == "proposal_id":
        left_out |= {"year", "document_no", "cause_event_ids"}
    kept = {name: each for name, each in body.items() if each is not None}
    needed = {about: str(uuid4())} if about == "proposal_id" else {"year": 2026}
    return needed | {name: each for name, each in kept.items() if name not in left_out}


def _due(body: dict[str, Any]) -> dict[str, Any]:
    """A question with one of the two ways to say until when."""
    stated = {name: each for name, each in body.items() if each is not None}
    if "due_on" in stated:
        return {name: each for name, each in stated.items() if name != "working_days"}
    return {"working_days": 5, **stated}


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Real ids and files for random ones, a key for each request, no made-up page token.

    The same key with another body is refused, rightly, and so is a token that we did not sign.
    """
    if re.fullmatch("[!-~]{1,255}", str(case.headers.get("Idempotency-Key", ""))):
        case.headers["Idempotency-Key"] = uuid4().hex
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    # Cases share what they were made from, so that nothing is changed in place.
    query = {name: each for name, each in case.query.items() if name != "page_token"}
    case.query = _of_this_age(query)
    body: Any = case.body
    if isinstance(body, dict) and "file" in body:
        # JSON Schema cannot say that these bytes are a roster and that text an object in JSON.
        case.body = {**body, "file": "党员编号,姓名,公民身份号码,联系电话\n"}
        case.body.pop("acting_officer", None)
    if isinstance(body, dict) and "pack" in body:
        # Nor can it say of a rule pack whether anybody could judge by it.
        case.body = {**body, "pack": _PACK}
    if isinstance(body, dict) and case.path in _CONCLUSIONS:
        # Nor which of its parts go together.
        case.body = _concluded(body)
    if isinstance(body, dict) and case.path == "/api/v1/consultations":
        case.body = _due(body)
    if isinstance(case.body, dict):
        # Nor can it say what must be signed, and how.
        signed = {"signature", "signatures"}
        body = {name: each for name, each in case.body.items() if name not in signed}
        case.body = _of_this_age(body)
    case.path_parameters = {
        name: _TOWN["ids"].get(name, each)
        if _UUID.fullmatch(str(each)) or name == "certificate_no"
        else each
        for name, each in case.path_parameters.items()
    }


def _of_this_age(value: Any) -> Any:
    """The same day in one of the years that the document names in words, from 1921 to 2099.

    Days that the service answered, e.g. when something expires, are sent as well.
    """
    if isinstance(value, dict):
        return {name: _of_this_age(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_of_this_age(each) for each in value]
    return _OTHER_YEAR.sub("20", value, count=1) if isinstance(value, str) else value


@schemathesis.hook
def map_body(_context: HookContext, body: Any) -> Any:
    """3.0 is an integer for JSON Schema and none for us: a count is written without a point."""
    if isinstance(body, dict):
        return {name: map_body(_context, value) for name, value in body.items()}
    if isinstance(body, list):
        return [map_body(_context, value) for value in body]
    return int(body) if isinstance(body, float) and body.is_integer() else body
