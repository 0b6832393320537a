"""Invented people: nobody has these names, ID numbers and phones together, nor the last two at all.

An ID number has a right check character but begins with an area code that was never given out
(38 and 47), a phone is in a range that is not in use (154).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from service.demonstration import data
from service.domain.identity_number import check_character
from service.domain.roster import Enrolment

Hash = Callable[[str], str]
"""The keyed hash of an ID number."""

SPECIALITIES = (
    "法律咨询", "医疗保健", "文艺", "书法", "摄影", "心理疏导", "教育辅导",
    "计算机", "水电维修", "应急救护", "政策宣讲", "园艺", "写作", "体育",
)  # fmt: skip
INTENTIONS = ("环境整治", "治安防范", "便民服务", "帮困助残", "法律援助", "知识讲座", "文化活动")


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    name: str
    id_number: str
    phone: str
    woman: bool
    born: date
    specialities: tuple[str, ...]


def invent(chance: Random, area_code: str, number: int, name: str | None = None) -> Person:
    """A person; ``number`` keeps two people's ID numbers and phones apart."""
    characters = data.names()
    woman = chance.random() < 0.45
    if name is None:
        given = chance.choice(characters.second)
        if chance.random() < 0.75:
            given = chance.choice(characters.first) + given
        name = chance.choice(characters.surnames) + given
    born = date(1967, 1, 1) + timedelta(days=chance.randrange(35 * 365))
    serial = number * 2 % 1000 + (0 if woman else 1)
    digits = f"{area_code}{born:%Y%m%d}{serial:03}"
    return Person(
        name=name,
        id_number=digits + check_character(digits),
        phone=f"154{area_code[:2]}{number:06}",
        woman=woman,
        born=born,
        specialities=tuple(sorted(chance.sample(SPECIALITIES, chance.choice((0, 1, 1, 2, 3))))),
    )


def enrolment(person: Person, member_id: str, member_no: str, hashed: Hash) -> Enrolment:
    """The person's line in a roster."""
    return Enrolment(
        member_id=member_id,
        member_no=member_no,
        person=hashed(person.id_number),
        name=person.name,
        id_number=person.id_number,
        phone=person.phone,
        specialities=person.specialities,
    )
