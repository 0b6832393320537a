"""What the list looks like that a branch inspects a month by."""

from datetime import date, datetime

from service.domain.activity import ActivityKind
from service.domain.evidence import Grade
from service.domain.inspection import DiscrepancyKind
from service.domain.participation import Ledger
from service.projections.inspections_answer import Discrepancy
from service.projections.membership import Certificate
from service.projections.membership_tables import RegistrationState
from service.projections.model import Answer, Sealed


class ListedEntry(Answer):
    """清单中的一条参加记录。"""

    participation_id: str
    """参加记录标识。"""
    community_id: str
    """记录的社区党组织。"""
    kind: ActivityKind
    """类型：community 社区组织，unit 单位集中，own 个人自发。"""
    category: str
    """类别。"""
    ledger: Ledger
    """台账：duty 组织安排，voluntary 自愿。"""
    starts_at: datetime
    """开始时间。"""
    ends_at: datetime
    """结束时间。"""
    signed_in_at: datetime | None
    """签到时间。"""
    signed_out_at: datetime | None
    """签退时间。"""
    content: Sealed
    """参加内容。"""
    state: str
    """状态：endorsed 已认定，unendorsed 待认定，declined 不予认定。"""
    grade: Grade | None
    """凭据等级；未经认定的为空。"""
    outside_minutes: int
    """八小时外分钟数。"""
    inside_minutes: int
    """八小时内分钟数。"""
    pending_minutes: int
    """放假安排尚未公布、暂不能认定的分钟数。"""
    recorded_at: datetime
    """首次入库的时间。"""
    earlier_month: bool
    """是否此前月份的服务，在上次月查之后才记录。"""


class ListedDiscrepancy(Answer):
    """清单所列的一项差异：确认月查时不作说明的，即记为待处理。"""

    discrepancy_id: str
    """差异标识；不作差异处理的，确认时填入。"""
    participation_id: str
    """所涉参加记录。"""
    kind: DiscrepancyKind
    """类别。"""
    word: str
    """类别的名称。"""


class ListedMember(Answer):
    """清单中的一名党员。"""

    member_id: str
    """党员标识。"""
    member_no: str
    """党员编号。"""
    name: Sealed
    """姓名。"""
    certificate: Certificate | None
    """活动证；尚未发放的为空。"""
    registration_state: RegistrationState
    """报到状态：none 未报到，waiting 待接收，accepted 已接收，declined 不予接收，deregistered
    已注销。"""
    community_id: str | None
    """已报到的社区党组织。"""
    exempt: bool
    """当月最后一日是否免予报到。"""
    discrepancies: list[ListedDiscrepancy]
    """本次所列的差异。"""
    entries: list[ListedEntry]
    """查验的参加记录，按开始时间排列；已作废的不列。"""
    still_open: list[Discrepancy]
    """以前月查发现、尚未处理的差异。"""


class ListedCommunity(Answer):
    """须联系的一个社区党组织。"""

    community_id: str
    """社区党组织。"""
    name: str
    """名称。"""
    members: int
    """在该社区报到的本支部党员。"""
    entries: int
    """该社区所记的、清单中的参加记录。"""
    unendorsed: int
    """其中尚未答复的。"""


class ListTotals(Answer):
    """清单合计。"""

    members: int
    """支部党员。"""
    certificates: int
    """有效的活动证。"""
    entries: int
    """参加记录。"""
    unendorsed: int
    """其中社区尚未答复的。"""
    exempt: int
    """免予报到的党员。"""
    discrepancies: int
    """本次所列的差异。"""


class Worksheet(Answer):
    """查验清单：一个党支部一个月须查验的内容。"""

    branch_id: str
    """党支部。"""
    month: str
    """所查月份。"""
    due_on: date
    """应于何日之前完成，含当日。"""
    inspection_id: str | None
    """该月已经完成的月查；尚未完成的为空。"""
    totals: ListTotals
    """合计。"""
    communities: list[ListedCommunity]
    """须联系的社区，报到党员多的在前。"""
    members: list[ListedMember]
    """支部党员：有差异的在前，其次是没有有效活动证或者没有报到的，再次是有参加记录的，然后是没有
    参加记录的，最后是免予报到而没有差异的。"""
    as_of_position: int
    """数据截至的日志位置。"""
