"""What the statistics of an organisation look like, as api.md gives them."""

from datetime import date

from service.domain.evidence import Grade
from service.domain.organisation import OrganisationKind
from service.domain.participation import Ledger
from service.projections.model import Answer


class Rate(Answer):
    """一个比率：比较时以分子、分母为准；千分比和百分比四舍五入，只供阅读。"""

    numerator: int
    """分子（人）。"""
    denominator: int
    """分母（人），不含免予报到的党员。"""
    exempt: int
    """免予报到、不计入分母的人数。"""
    permille: int | None
    """千分比（四舍五入）；分母为零时为空。"""
    percent: str | None
    """百分比（两位小数，四舍五入），如 94.74%；分母为零时为空。"""

    @classmethod
    def of(cls, numerator: int, denominator: int, exempt: int) -> "Rate":
        """The rate with its readings; whoever compares takes the exact fraction (R32)."""
        readings = (
            (_rounded(numerator * 1000, denominator), _rounded(numerator * 10_000, denominator))
            if denominator
            else None
        )
        return cls(
            numerator=numerator,
            denominator=denominator,
            exempt=exempt,
            permille=readings and readings[0],
            percent=readings and f"{readings[1] // 100}.{readings[1] % 100:02}%",
        )


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


class Count(Answer):
    """人次与人数，分开统计，不得混用。"""

    times: int
    """人次。"""
    members: int
    """人数：同一名党员只计一次。"""


class CategoryCount(Count):
    """一个类别的人次与人数。"""

    category: str
    """类别代码。"""
    word: str
    """类别。"""


class SortCount(CategoryCount):
    """同一台账、凭据等级和类别的人次、人数和分钟数；分钟按所在日期计入年度，重叠的只计一次。"""

    ledger: Ledger
    """台账：duty 组织安排，voluntary 自愿。"""
    grade: Grade
    """凭据等级：A 签到签退并经认定，B 经认定，C 本人陈述、社区确认，D 逾期补录。"""
    outside_minutes: int
    """八小时外分钟数（计入）。"""
    inside_minutes: int
    """八小时内分钟数（只显示，不计入）。"""
    pending_minutes: int
    """放假安排尚未公布、暂不能认定的分钟数。"""


class PostStatistics(Answer):
    """服务岗：机关组织统计本单位党员认领的，社区和街道统计所设的。"""

    posts: int
    """服务岗数。"""
    claims: int
    """认岗人次：待确认和已确认的认岗。"""
    members: int
    """认岗人数：同一名党员只计一次。"""
    by_category: list[CategoryCount]
    """按岗位类别。"""


class ParticipationStatistics(Answer):
    """本年度经认定且未作废的参加记录；两个台账分开统计。"""

    by_ledger: dict[Ledger, Count]
    """按台账：duty 组织安排，voluntary 自愿。"""
    by_category: list[CategoryCount]
    """按类别，两个台账合计。"""
    by_sort: list[SortCount]
    """按台账、凭据等级和类别，只列有记录的。"""


class OrganisationStatistics(Answer):
    """一个组织及其下级组织的统计。"""

    organisation_id: str
    """组织标识。"""
    name: str
    """组织名称。"""
    kind: OrganisationKind
    """组织类别。"""
    on: date
    """统计日期：过去的日期按当日终了时的记录统计；免予报到按这一天是否在期限之内计算。"""
    year: int
    """统计年度。"""
    members: int
    """党员总数：机关组织为组织关系在册的，社区和街道为在此报到（含待接收）的。"""
    registration: Rate
    """报到率：社区已接收报到的党员。"""
    completion: Rate
    """完成率，标准见 criterion。"""
    criterion: str
    """完成的标准。"""
    posts: PostStatistics
    """服务岗。"""
    participations: ParticipationStatistics
    """参加情况。"""
    as_of_position: int
    """数据截至的日志位置。"""
