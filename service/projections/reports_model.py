"""What is answered about reports, consolidations, symposiums and summaries."""

from datetime import date, datetime

from service.domain.evidence import Grade
from service.domain.participation import Ledger
from service.projections.model import Answer


class StandingShown(Answer):
    """报到情况。"""

    members: int
    """党员人数。"""
    exempt: int
    """其中在期间最后一日免予报到的人数，不计入其他各项。"""
    registered: int
    """其中社区已接收报到的人数。"""


class ServedShown(Answer):
    """一个台账、一个凭据等级、一个类别的经认定的参加情况。"""

    ledger: Ledger
    """台账：duty 组织安排，voluntary 自愿。"""
    grade: Grade
    """凭据等级。"""
    category: str
    """类别代码。"""
    times: int
    """人次。"""
    outside_minutes: int
    """八小时外的分钟数。"""


class ServiceShown(Answer):
    """服务情况：期间内开始的参加记录；两个台账分开计。"""

    members: int
    """参加人数：同一名党员只计一次。"""
    members_duty: int
    """组织安排台账的参加人数。"""
    members_voluntary: int
    """自愿台账的参加人数。"""
    served: list[ServedShown]
    """按台账、凭据等级、类别；没有发生的不列。"""
    inside_minutes: int
    """八小时内的分钟数，不计入服务。"""
    pending_minutes: int
    """所在年度日历尚未公布、待定的分钟数。"""
    unendorsed: int
    """尚未答复是否认定的参加记录数。"""


class SupervisionShown(Answer):
    """督查情况。"""

    inspections: int
    """月查次数。"""
    talks: int
    """月查时与社区联系的次数。"""
    visits: int
    """走访社区的次数。"""
    discrepancies: int
    """月查发现的差异数。"""
    discrepancies_open: int
    """其中尚未处理的差异数。"""


class FiguresShown(Answer):
    """所报的全部数字。"""

    standing: StandingShown
    """报到情况。"""
    service: ServiceShown
    """服务情况。"""
    supervision: SupervisionShown
    """督查情况。"""


class DifferenceShown(Answer):
    """一项数字的前后差异。"""

    figure: str
    """哪一项数字，写法同 JSON Pointer。"""
    before: int
    """原数。"""
    after: int
    """现数。"""


class AmendmentShown(Answer):
    """季报的一次更正：所报季度的记录此后有变化。"""

    report_id: str
    """所更正的季报。"""
    branch_id: str
    """上报的机关党支部。"""
    number: int
    """第几次更正。"""
    position: int
    """更正记录在日志中的位置。"""
    as_of_position: int
    """更正后的数字截至的日志位置。"""
    calendar: str | None
    """所依据的放假安排；当时该年度尚未公布的为空。"""
    amended_at: datetime
    """更正时间。"""
    service: ServiceShown
    """更正后的服务情况。"""
    differences: list[DifferenceShown]
    """与前一次更正（第一次更正则与季报）相比的差异。"""


class QuarterlyReport(Answer):
    """一份季报；所报的数字永不改变，此后的变化逐次列为更正。"""

    report_id: str
    """季报标识。"""
    branch_id: str
    """上报的机关党支部。"""
    committee_id: str
    """所报的上级组织。"""
    quarter: str
    """季度，如 2026-Q1。"""
    position: int
    """季报记录在日志中的位置。"""
    as_of_position: int
    """所报数字截至的日志位置。"""
    calendar: str | None
    """所依据的放假安排；当时该年度尚未公布的为空。"""
    figures: FiguresShown
    """所报的数字。"""
    narrative: str | None
    """文字说明。"""
    reported_by: str
    """上报的办理人编号。"""
    reported_at: datetime
    """上报时间。"""
    amendments: list[AmendmentShown]
    """历次更正，按先后排列。"""


class ReportCounted(Answer):
    """汇总时计入的一份季报。"""

    report_id: str
    """季报标识。"""
    amendments: int
    """汇总时已计入的更正次数。"""


class ConsolidatedReport(Answer):
    """一个季度的汇总；汇总的数字永不改变，此后的更正另列。"""

    consolidation_id: str
    """汇总标识。"""
    committee_id: str
    """汇总的机关党委。"""
    authority_id: str | None
    """所报的组织部门；没有的为空。"""
    quarter: str
    """季度，如 2026-Q1。"""
    position: int
    """汇总记录在日志中的位置。"""
    as_of_position: int
    """查找所属党支部时截至的日志位置。"""
    reports: list[ReportCounted]
    """计入的季报。"""
    figures: FiguresShown
    """各份季报相加的数字。"""
    narrative: str | None
    """整理、分析的文字。"""
    consolidated_by: str
    """汇总的办理人编号。"""
    consolidated_at: datetime
    """汇总时间。"""
    amendments: list[AmendmentShown]
    """汇总之后各份季报的更正，按先后排列。"""


class Symposium(Answer):
    """一次季度座谈会。"""

    symposium_id: str
    """座谈会标识。"""
    committee_id: str
    """召开的机关党委。"""
    quarter: str
    """季度，如 2026-Q1。"""
    held_on: date
    """召开日期。"""
    attendees: int
    """到会人数。"""
    present: list[str]
    """参加的组织。"""
    conclusions: str
    """座谈会的结论。"""
    held_by: str
    """登记的办理人编号。"""
    position: int
    """登记在日志中的位置。"""


class HalfYearSummary(Answer):
    """一份半年总结；所列的数字永不改变，此后的更正另列。"""

    summary_id: str
    """总结标识。"""
    organisation_id: str
    """总结的单位，含其全部下级。"""
    above_id: str | None
    """所报的上级组织；没有的为空。"""
    half: str
    """半年，如 2026-H1。"""
    position: int
    """总结记录在日志中的位置。"""
    as_of_position: int
    """所列数字截至的日志位置。"""
    calendar: str | None
    """所依据的放假安排；当时该年度尚未公布的为空。"""
    figures: FiguresShown
    """所列的数字。"""
    narrative: str | None
    """文字总结。"""
    summarised_by: str
    """总结的办理人编号。"""
    summarised_at: datetime
    """总结时间。"""
    amendments: list[AmendmentShown]
    """总结之后这两个季度季报的更正，按先后排列。"""
