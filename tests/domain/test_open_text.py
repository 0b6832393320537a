"""Open text names nobody by a number of theirs, however it is written (R40)."""

import pytest

from service.domain.open_text import PersonalDataInOpenText, require_open_text
from tests.domain.town import id_number


@pytest.mark.parametrize(
    "text",
    [
        f"已核对{id_number()}的记录",
        "已核对469030 19900101 0000的记录",
        "已核对469030-19900101-000x的记录",
        "已核对４６９０３０１９９００１０１００００的记录",
        "联系电话13800001234。",
        "联系电话138 0000 1234",
        "联系电话138-0000-1234",
        "联系电话１３８００００１２３４",
        "联系电话0898-86222222",
        "联系电话(0898)86222222".replace(")", " "),
    ],
)
def test_a_number_of_somebody_is_refused(text: str) -> None:
    with pytest.raises(PersonalDataInOpenText) as refused:
        require_open_text(text, "/note")
    assert refused.value.pointer == "/note"
    assert not any(character.isdigit() for character in refused.value.detail)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "与社区书记当面核对，情况一致。",
        "2026-03-04 09:00至2026-03-31 17:00",
        "琼组发〔2026〕12号，第1234567890123456789号",
        "活动证46903020260000019",
        "支出123456789012345678元",
        "编号123456345601017890",
        "2026年3月4日14人、15日9人",
    ],
)
def test_other_numbers_stay(text: str | None) -> None:
    require_open_text(text, "/note")
