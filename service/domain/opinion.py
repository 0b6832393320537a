"""社区意见: what the community says of a member when it is asked, signed by two (R27)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict

from service.domain.consultation import ConsultationId
from service.domain.event import (
    AssessmentText,
    CommunityId,
    Event,
    MemberId,
    OrganisationId,
    Rejection,
    Tag,
)
from service.domain.signed import Signed

OpinionId = Annotated[str, Tag("opinion")]


class Conduct(StrEnum):
    """表现: on one axis, or overall. ``no_basis`` never counts against the member (R27)."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    NO_BASIS = "no_basis"

    @property
    def word(self) -> str:
        return {"good": "好", "fair": "一般", "poor": "差", "no_basis": "无从评价"}[self.value]


class OpinionFigures(BaseModel):
    """意见所附数据: what the record holds of the member, filled in by the service (R27).

    As of a position of the log. Minutes are outside minutes, of each ledger apart (R19); the counts
    are of participations by evidence grade (R16). ``registered_since`` is the day on which the
    community accepted the registration, as ISO text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    registered_since: str | None
    grade_a: int
    grade_b: int
    grade_c: int
    grade_d: int
    voluntary_minutes: int
    duty_minutes: int
    as_of_position: int


class OpinionGiven(Signed, Event, type="OpinionGiven"):
    """出具意见: by the first of two who sign; it counts once the second has (R27).

    ``replying_id`` is the community, or the subdistrict a silent one was escalated to. The three
    axes are 社会公德, 社区公约 and 作风形象. ``replaces`` is the withdrawn opinion it stands for.
    """

    opinion_id: OpinionId
    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId
    replying_id: OrganisationId
    figures: OpinionFigures
    social_morality: Conduct
    community_pledge: Conduct
    bearing: Conduct
    overall: Conduct
    comment: AssessmentText | None = None
    comment_salt: AssessmentText | None = None
    comment_digest: str | None = None
    replaces: str | None = None
    given_by: str
    given_by_person: str


class OpinionCountersigned(Signed, Event, type="OpinionCountersigned"):
    """会签意见: by another person; from now on the opinion counts (R27).

    It repeats what was said, so that its signature stands for the same words.
    """

    opinion_id: OpinionId
    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId
    replying_id: OrganisationId
    social_morality: Conduct
    community_pledge: Conduct
    bearing: Conduct
    overall: Conduct
    comment_digest: str | None = None
    countersigned_on: date
    """From this day on it counts, for as long as an opinion is valid."""
    countersigned_by: str
    countersigned_by_person: str


class OpinionReceived(Event, type="OpinionReceived"):
    """收到意见: the service tells the asking organisation that an opinion counts (R26).

    The asking side: the community's events do not name whoever asked.
    """

    by_service: ClassVar[bool] = True

    opinion_id: OpinionId
    consultation_id: ConsultationId
    member_id: MemberId
    organisation_id: OrganisationId


class OpinionWithdrawn(Event, type="OpinionWithdrawn"):
    """撤回意见: the replying organisation takes its opinion back, with a reason (R18, R27)."""

    opinion_id: OpinionId
    consultation_id: ConsultationId
    member_id: MemberId
    community_id: CommunityId
    replying_id: OrganisationId
    corrects: str
    reason: AssessmentText
    withdrawn_by: str
    withdrawn_by_person: str


class UnknownOpinion(Rejection):
    """没有这份意见，或者不由贵单位办理。"""

    status = 404


class OpinionByResponsiblePerson(Rejection):
    """只有社区党组织或者街道党工委的负责人可以签署、会签和撤回意见。"""

    rule = "R27"


class OpinionThere(Rejection):
    """这次征求意见已有生效的或者本单位待会签的意见，须先撤回。"""

    rule = "R27"


class OpinionIdTaken(Rejection):
    """所签的意见编号已经用过。"""

    rule = "R27"


class OpinionNotWaiting(Rejection):
    """这份意见已经会签或者已经撤回。"""

    rule = "R27"


class OpinionIsWithdrawn(Rejection):
    """这份意见已经撤回。"""

    rule = "R18"


class RecusalByOther(Rejection):
    """回避由本人声明，或者由本单位负责人决定。"""

    rule = "R27"


class AlreadyRecused(Rejection):
    """此人在这次征求意见中已经回避。"""

    rule = "R27"


class RecusedAfterSigning(Rejection):
    """此人已在这次征求意见中签署意见，不能再回避；应当撤回意见，由征求单位重新征求。"""

    rule = "R27"
