"""Readings are sealed once, in order, without a gap (R40)."""

from dataclasses import replace

from service.domain.event import Actor
from service.domain.reading_seal import (
    ReadingsAlreadySealed,
    ReadingsOutOfOrder,
    ReadingsSealed,
    SealReadings,
)
from tests.domain.story import given
from tests.domain.town import AT

seal = SealReadings(
    by=Actor("eighthours", "reading-sealer", "system"), at=AT, first=1, last=10, readings_digest="a"
)
following = replace(seal, first=11, last=11, readings_digest="b")


def test_seals_join() -> None:
    given().when(seal).then(ReadingsSealed, first=1, last=10).when(following).then(
        ReadingsSealed, first=11, last=11, readings_digest="b"
    )


def test_readings_already_sealed() -> None:
    given().when(seal).when(replace(seal, last=12)).refused(ReadingsAlreadySealed)
    given().when(seal).when(following).when(following).refused(ReadingsAlreadySealed)


def test_readings_out_of_order() -> None:
    given().when(following).refused(ReadingsOutOfOrder)
    given().when(seal).when(replace(following, first=12, last=13)).refused(ReadingsOutOfOrder)
    given().when(seal).when(replace(following, last=10)).refused(ReadingsOutOfOrder)
