"""JSON Schema (2020-12) of a stored event: the envelope of eventstore/mapping, with Chinese words.

``x-tag`` marks a field whose value is a subject the event is found by, ``x-personal`` a field that
is sealed under a key of the member's own, with the purpose of that key.
"""

from hashlib import sha256
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from service.contracts import words
from service.contracts.capability import tags_of
from service.domain.event import Event
from service.eventstore.mapping import canonical
from service.trust.keyring import SEALED

_WORDS = {"$comment", "description", "title"}
"""Keywords that only explain: better words are no change of the schema."""


class _Stored(GenerateJsonSchema):
    """What is stored: no defaults, and a value of a kind comes with its word."""

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        choices = [{"const": each.value, "title": each.word} for each in schema["members"]]
        return {"type": "string", "oneOf": choices}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        choices = [{"const": each, "title": words.choice(each)} for each in schema["expected"]]
        return {"type": "string", "oneOf": choices}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def event_schema(event: type[Event]) -> dict[str, Any]:
    """The schema of this version of the event, as it stands in the log."""
    fields = event.model_json_schema(mode="serialization", schema_generator=_Stored)
    data = _object(event.__name__, fields, fields.pop("$defs", {}))
    del data["properties"]["event_id"]
    data["required"] = sorted(data["properties"])
    for name, kind in tags_of(event).items():
        data["properties"][name]["x-tag"] = kind
    for name, purpose in event.personal.items():
        data["properties"][name] |= {"pattern": f"^{SEALED}", "x-personal": purpose}
    data = {"description": words.ENVELOPE["data"], **data}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:eighthours:event:{event.event_type}:v{event.version}",
        "title": event.term,
        "description": f"{event.term}，第 {event.version} 版在日志中的形式（RFC 8785 规范字节）。",
        "$comment": " ".join((event.__doc__ or "").partition(":")[2].split()),
        "type": "object",
        "properties": {
            "actor": _envelope(
                "actor",
                type="object",
                properties={
                    name: _envelope(name, type="string")
                    for name in ("client", "organisation_id", "person", "role")
                },
                required=["client", "organisation_id", "person", "role"],
                additionalProperties=False,
            ),
            "caused_by": _envelope("caused_by", type="string"),
            "data": data,
            "event_id": _envelope("event_id", type="string"),
            "occurred_at": _envelope("occurred_at", type="string", format="date-time"),
            "recorded_at": _envelope("recorded_at", type="string", format="date-time"),
            "type": _envelope("type", const=event.event_type),
            "version": _envelope("version", const=event.version),
        },
        "required": [
            "actor", "data", "event_id", "occurred_at", "recorded_at", "type", "version",
        ],
        "additionalProperties": False,
    }  # fmt: skip


def meaning(schema: dict[str, Any]) -> str:
    """The SHA-256 of what a schema demands, whatever words it explains itself with."""
    return sha256(canonical(_without_words(schema))).hexdigest()


def _envelope(name: str, **keywords: Any) -> dict[str, Any]:
    return {"description": words.ENVELOPE[name], **keywords}


def _object(owner: str, schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """An object's schema with its parts inside, each field with its word."""
    properties = {
        name: {"title": words.field(owner, name)} | _inlined(inner, parts)
        for name, inner in schema["properties"].items()
    }
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _inlined(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """A field's schema without the framework's words, with what it refers to in its place."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        part = parts[name]
        return _object(name, part, parts) if "properties" in part else _inlined(part, parts)
    found = {keyword: value for keyword, value in schema.items() if keyword not in _WORDS}
    if "items" in found:
        found["items"] = _inlined(found["items"], parts)
    if "anyOf" in found:
        found["anyOf"] = [_inlined(each, parts) for each in found["anyOf"]]
    # Its mapping refers to parts by name; each part's kind says as much.
    if found.pop("discriminator", None):
        found["oneOf"] = [_inlined(each, parts) for each in found["oneOf"]]
    return found


def _without_words(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_words(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        # Below "properties" the keys are names of fields, and a field may be called "title".
        keyword: {name: _without_words(each) for name, each in value.items()}
        if keyword == "properties"
        else _without_words(value)
        for keyword, value in schema.items()
        if keyword not in _WORDS
    }
