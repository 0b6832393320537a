"""The check character of an identity number, by the standard's own condition (ISO 7064)."""

from hypothesis import given
from hypothesis import strategies as st

from service.domain.identity_number import check_character, valid_id_number


def test_the_example_of_the_standard() -> None:
    assert check_character("11010519491231002") == "X"
    assert valid_id_number("11010519491231002X")
    assert valid_id_number("440524188001010014")


@given(st.text("0123456789", min_size=17, max_size=17))
def test_the_weighted_sum_of_all_characters_leaves_1(digits: str) -> None:
    number = digits + check_character(digits)
    total = 0
    for character in number:
        total = 2 * total + (10 if character == "X" else int(character))
    assert total % 11 == 1
