"""An answer kept as bytes, with its personal texts sealed until they are read."""

import orjson

from service.projections.sealed_object import SealedObject

CONTENT = {
    "entries": [
        {"content": "sealed:AAAA+/=", "endorsement": {"comment": "sealed:BBBB"}},
        {"content": 'he wrote "content":"sealed:no"', "endorsement": None},
    ],
    "note": None,
}


def test_every_sealed_text_is_opened_by_its_name_and_nothing_else_is_touched() -> None:
    opened = orjson.loads(
        SealedObject.of(CONTENT).opened(lambda name, sealed: f'"{name}" {sealed[7:]}', position=5)
    )
    assert opened == {
        "entries": [
            {"content": '"content" AAAA+/=', "endorsement": {"comment": '"comment" BBBB'}},
            CONTENT["entries"][1],  # type: ignore[index]
        ],
        "note": None,
        "position": 5,
    }


def test_left_sealed_it_is_what_it_was_made_of() -> None:
    assert SealedObject.of(CONTENT).left_sealed() == orjson.dumps(CONTENT)
    assert SealedObject.of({"year": 2026}).left_sealed(position=5) == b'{"year":2026,"position":5}'


def test_no_sealed_text_stands_in_the_parts() -> None:
    sealed = SealedObject.of(CONTENT)
    assert sealed.places == (("content", "sealed:AAAA+/="), ("comment", "sealed:BBBB"))
    assert not any(b"sealed:AAAA" in part or b"sealed:BBBB" in part for part in sealed.parts)
