"""考核规则: what a year is judged by, as data with a document number and validity (R34).

A pack says in numbers what a document says in words: integers and fractions only, nothing is ever
rounded. What it says of itself stands in Chinese, because people read it before they adopt it.
Whatever is ours and not the document's is named in ``invented``.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from service.domain.activity import ActivityKind
from service.domain.evidence import Grade
from service.domain.participation import Ledger

MINUTES_OF_AN_HOUR = 60
LARGEST_NUMBER = 1_000_000
"""More minutes than a year has, and more people than a unit."""


_DAY = re.compile("(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> date:
    """A day as it is written; pydantic would take a number for seconds since 1970."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("eighthours_date", "没有这一日期") from None
    if type(value) is date:
        return value
    raise PydanticCustomError("eighthours_date", "须为 YYYY-MM-DD 格式的日期")


_Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
_Amount = Annotated[int, Field(strict=True, ge=0, le=LARGEST_NUMBER)]
_Positive = Annotated[int, Field(strict=True, ge=1, le=LARGEST_NUMBER)]
_Code = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,49}$")]
_Words = Annotated[str, Field(min_length=1, max_length=100)]
_Sentences = Annotated[str, Field(min_length=1, max_length=500)]
_Pointer = Annotated[str, Field(pattern="^(/[a-z0-9_]{1,50}){1,6}$")]


class PackSubject(StrEnum):
    """考核对象: who is judged; ``word`` is what a person reads."""

    MEMBER = "member"
    UNIT = "unit"

    @property
    def word(self) -> str:
        return {"member": "党员", "unit": "机关单位"}[self.value]


class PackPurpose(StrEnum):
    """规则用途: what whoever passes has done, or may be proposed for."""

    COMPLETION = "completion"
    RECOGNITION = "recognition"
    ELIGIBILITY = "eligibility"

    @property
    def word(self) -> str:
        return {
            "completion": "完成年度任务的标准",
            "recognition": "推荐评优评先的标准",
            "eligibility": "保留评优评先资格的标准",
        }[self.value]


class Measure(StrEnum):
    """计量: what is counted of a member's service."""

    OUTSIDE_MINUTES = "outside_minutes"
    TIMES = "times"

    @property
    def word(self) -> str:
        return {"outside_minutes": "八小时外分钟数", "times": "次数"}[self.value]


class Award(StrEnum):
    """所得: what the bands of a rule give."""

    STARS = "stars"
    POINTS = "points"

    @property
    def word(self) -> str:
        return {"stars": "星级", "points": "积分"}[self.value]


class UnitRate(StrEnum):
    """单位比率: of the members who are not exempt (R3, R32)."""

    REGISTRATION = "registration"
    COMPLETION = "completion"

    @property
    def word(self) -> str:
        return {"registration": "报到率", "completion": "完成率"}[self.value]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )


class Counted(_Part):
    """计算口径：哪些服务计入。只计当年的；经认定的才计。"""

    measure: Measure
    """计量：outside_minutes 八小时外分钟数，times 次数。"""
    ledgers: Annotated[tuple[Ledger, ...], Field(min_length=1, max_length=2)]
    """计入的台账：duty 组织安排，voluntary 自愿；两者都列的，合并计算。"""
    grades: Annotated[tuple[Grade, ...], Field(min_length=1, max_length=4)]
    """计入的凭据等级。"""
    kinds: Annotated[tuple[ActivityKind, ...], Field(min_length=1, max_length=3)]
    """计入的活动类型。"""
    categories: Annotated[tuple[_Words, ...], Field(min_length=1, max_length=50)] | None
    """计入的类别；空为不限。"""


class Points(_Part):
    """积分办法：达到要求得基本分，此后每满一个计分单位加分。"""

    base: _Amount
    """基本分。"""
    step: _Positive
    """计分单位：超出要求的每多少（分钟或者次）加一次分，不满的不加。"""
    per_step: _Amount
    """每个计分单位加几分。"""
    cap: _Amount | None
    """封顶分；空为不设上限。"""


class _Rule(_Part):
    rule_id: _Code
    """规则代码，在本规则包内唯一。"""
    text: _Sentences
    """规则的文字表述。"""


class Minimum(_Rule):
    """最低要求：当年计入的服务不少于多少。"""

    kind: Literal["minimum"]
    """规则类型：minimum 最低要求。"""
    counted: Counted
    """计算口径。"""
    at_least: _Positive
    """不少于多少（分钟或者次）。"""
    points: Points | None
    """积分办法；空为不计分。"""


class Band(_Part):
    """一档：含下限，不含上限。"""

    at_least: _Amount
    """下限，含。"""
    below: _Positive | None
    """上限，不含；空为以上不限。"""
    value: _Amount
    """本档的星级或者积分。"""


class Bands(_Rule):
    """分档：当年计入的服务落在哪一档，得几星或者几分。"""

    kind: Literal["bands"]
    """规则类型：bands 分档。"""
    counted: Counted
    """计算口径。"""
    award: Award
    """所得：stars 星级，points 积分。"""
    bands: Annotated[tuple[Band, ...], Field(min_length=1, max_length=50)]
    """各档，由低到高，自零起首尾相接，最后一档以上不限。"""
    cap: _Amount | None
    """封顶：所得至多多少；空为不设上限。"""
    at_least: _Amount
    """所得不少于多少为符合；零为仅评定，不作要求。"""


class Deadline(_Rule):
    """报到期限：首次报到不迟于期限；所在单位或者上级设定了期限的，依其设定（R8）。"""

    kind: Literal["deadline"]
    """规则类型：deadline 报到期限。"""
    month: Annotated[int, Field(strict=True, ge=1, le=12)]
    """没有设定期限的，为当年几月。"""
    day: Annotated[int, Field(strict=True, ge=1, le=31)]
    """几日，当日23时59分59秒为止。"""


class RateAtLeast(_Rule):
    """单位比率：不低于几分之几，以分子、分母比较，不作四舍五入（R32）。"""

    kind: Literal["rate"]
    """规则类型：rate 单位比率。"""
    rate: UnitRate
    """比率：registration 报到率，completion 完成率。"""
    numerator: _Positive
    """要求的分子。"""
    denominator: _Positive
    """要求的分母。"""


Rule = Annotated[Minimum | Bands | Deadline | RateAtLeast, Field(discriminator="kind")]
RULE_KINDS = frozenset({"minimum", "bands", "deadline", "rate"})


class RulePack(_Part):
    """规则包：一份文件规定的考核办法，可以采用、试算和废止。"""

    code: _Code
    """代码：同一代码的规则包前后相继，下级采用的优先于上级的。"""
    name: _Words
    """名称。"""
    document_no: _Words
    """文号。"""
    issuer: _Words
    """发文机关。"""
    source: _Sentences
    """各项规定的来源。"""
    invented: Annotated[tuple[_Pointer, ...], Field(max_length=50)]
    """并非出自文件、由本服务拟定的各处（JSON Pointer）。"""
    valid_from: _Day
    """自何日起有效。"""
    valid_to: _Day | None
    """至何日止，不含当日；空为长期有效。"""
    subject: PackSubject
    """考核对象：member 党员，unit 机关单位。"""
    purpose: PackPurpose
    """用途：completion 完成标准，recognition 推荐标准，eligibility 资格标准。"""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=20)]
    """各条规则。"""
    passes: Annotated[tuple[_Code, ...], Field(min_length=1, max_length=20)]
    """合格的条件：所列规则须全部符合。"""

    def valid_on(self, day: date) -> bool:
        """Whether the day lies in its validity, whose last day is the one before ``valid_to``."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)
