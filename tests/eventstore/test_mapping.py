"""Stored are canonical bytes with personal fields sealed; they come back as they were."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson
import pytest
import rfc8785
from eventsourcing.dcb.api import DCBEvent
from hypothesis import given
from hypothesis import strategies as st

from service.domain.event import EVENTS, SHANGHAI, Actor
from service.domain.membership import MemberEnrolled
from service.eventstore import LONGEST_EVENT, Recorded, UnstorableEvent, decode
from service.eventstore.mapping import canonical, encode, personal_keys
from service.trust.keyring import KeyRing
from service.trust.master_key import MasterKey
from tests.database import Database

NOW = datetime(2026, 3, 4, 16, 0, 0, 120, SHANGHAI)
ACTOR = Actor("org-1", "officer-7", "responsible", "client-3")
ENROLLED = MemberEnrolled(
    member_id="m-1",
    branch_id="b-1",
    member_no="0007",
    person="f00d",
    name="孟绮",
    id_number="11010519491231002X",
    phone="13800000000",
    specialities=("法律", "书法"),
)


@pytest.fixture
async def ring(database: Database) -> AsyncIterator[KeyRing]:
    async with asyncpg.create_pool(database.app_url, min_size=1, max_size=1) as pool:
        keys = KeyRing(pool, MasterKey.passing())
        await keys.ensure({("m-1", "identity")})
        yield keys


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcdefghij_", min_size=1), inner),
    max_leaves=20,
)


@given(json_values)
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_numbers_that_have_no_canonical_form_are_refused() -> None:
    for value in (2**53, object()):
        with pytest.raises(UnstorableEvent):
            canonical(value)


async def test_an_event_comes_back_as_it_was_and_sealed(ring: KeyRing) -> None:
    later = NOW + timedelta(seconds=3)
    stored = encode(ENROLLED, ACTOR, NOW, later, ring, caused_by="e-0")
    recorded = decode_at(7, stored)
    assert (recorded.position, recorded.actor, recorded.caused_by) == (7, ACTOR, "e-0")
    assert (recorded.occurred_at, recorded.recorded_at) == (NOW, later)
    assert set(stored.tags) == {"member:m-1", "branch:b-1", "member-no:0007", "person:f00d"}
    event = recorded.event
    assert isinstance(event, MemberEnrolled)
    assert (event.event_id, event.specialities) == (ENROLLED.event_id, ("法律", "书法"))
    assert ring.open("m-1", "identity", "name", event.name) == "孟绮"
    assert canonical(orjson.loads(stored.data)) == stored.data


async def test_r40_no_personal_field_is_stored_in_clear(ring: KeyRing) -> None:
    stored = encode(ENROLLED, ACTOR, NOW, NOW, ring)
    whole = stored.data.decode() + "".join(stored.tags)
    for secret in (ENROLLED.name, ENROLLED.id_number, ENROLLED.phone):
        assert secret not in whole


def test_r40_every_event_with_personal_fields_is_about_one_member() -> None:
    for event in EVENTS.values():
        if event.personal:
            assert "member_id" in event.model_fields, event


def test_r40_tags_are_never_personal() -> None:
    for event in EVENTS.values():
        assert not set(event.personal) & {name for name, _ in event._tagged}, event


def test_the_keys_an_event_needs() -> None:
    assert personal_keys([ENROLLED]) == {("m-1", "identity")}


async def test_an_event_over_64_kib_is_refused(ring: KeyRing) -> None:
    large = ENROLLED.model_copy(update={"specialities": ("书" * LONGEST_EVENT,)})
    with pytest.raises(UnstorableEvent, match=str(LONGEST_EVENT)):
        encode(large, ACTOR, NOW, NOW, ring)


def decode_at(position: int, stored: DCBEvent) -> Recorded:
    return decode(position, stored.data)
