"""Published samples: real stored bytes, which every later version of the code must still read."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from service.contracts.capability import events
from service.contracts.event_schema import event_schema
from service.contracts.samples import SampleKeys, invented, stored
from service.domain.event import EVENTS, Event
from service.eventstore.mapping import Decoder, canonical, decode
from service.trust.keyring import SEALED

FOLDER = Path(__file__).parents[2] / "contracts"
SAMPLES = sorted((FOLDER / "samples").glob("*.json"))
by_name = pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)


def schema_of(sample: Path) -> jsonschema_rs.Draft202012Validator:
    document = json.loads((FOLDER / "events" / sample.name).read_text())
    jsonschema_rs.meta.validate(document)
    return jsonschema_rs.Draft202012Validator(document, validate_formats=True)


def personal_values(data: dict[str, Any], event: type[Event]) -> dict[str, str]:
    return {name: data[name] for name in event.personal if data[name] is not None}


@by_name
def test_a_sample_is_what_its_schema_says(sample: Path) -> None:
    schema_of(sample).validate(orjson.loads(sample.read_bytes()))


@by_name
def test_a_sample_loads_with_todays_code(sample: Path) -> None:
    stored_bytes = sample.read_bytes()
    envelope = orjson.loads(stored_bytes)
    event_type, _, version = sample.stem.rpartition(".v")
    assert (envelope["type"], envelope["version"]) == (event_type, int(version))
    assert canonical(envelope) == stored_bytes
    recorded = decode(1, stored_bytes)
    assert type(recorded.event) is EVENTS[event_type]
    assert recorded.recorded_at > recorded.occurred_at
    if recorded.event.version == envelope["version"]:
        fields = recorded.event.model_dump(mode="json", exclude={"event_id"})
        assert canonical({**envelope, "data": fields}) == stored_bytes


@by_name
def test_r40_what_is_sealed_in_a_sample_opens_with_the_samples_keys(sample: Path) -> None:
    ring = SampleKeys((FOLDER / "sample-keys.json").read_text()).ring()
    envelope = orjson.loads(sample.read_bytes())
    event = EVENTS[envelope["type"]]
    document = json.loads((FOLDER / "events" / sample.name).read_text())
    marked = {
        name: field["x-personal"]
        for name, field in document["properties"]["data"]["properties"].items()
        if "x-personal" in field
    }
    for name, purpose in marked.items():
        sealed = envelope["data"][name]
        assert sealed.startswith(SEALED)
        assert ring.open(envelope["data"]["member_id"], purpose, name, sealed)
    assert envelope["version"] != event.version or marked == event.personal


@pytest.mark.parametrize("event", events(), ids=lambda event: event.event_type)
def test_an_event_without_what_it_may_lack_is_stored_as_its_schema_says(event: type[Event]) -> None:
    schema = event_schema(event)
    fields = schema["properties"]["data"]["properties"]
    absent = {
        name: None for name, field in fields.items() if {"type": "null"} in field.get("anyOf", ())
    }
    sparse = event.model_validate(invented(event).model_dump() | absent)
    data = stored(sparse, SampleKeys())
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(orjson.loads(data))
    again = Decoder().event(1, data)
    # What is stored is signed, whoever signs it.
    unknown = {*event.personal, "signature"}
    assert again.model_dump(exclude=unknown) == sparse.model_dump(exclude=unknown)


def test_what_a_schema_does_not_know_is_no_stored_event() -> None:
    sample = FOLDER / "samples" / "MemberEnrolled.v1.json"
    validator = schema_of(sample)
    for change in (
        {"name": "明文姓名"},
        {"unheard_of": 1},
        {"member_no": None},
        {"specialities": "法律"},
    ):
        envelope = orjson.loads(sample.read_bytes())
        envelope["data"] |= change
        assert not validator.is_valid(envelope), change
