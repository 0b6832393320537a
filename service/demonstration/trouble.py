"""What does not go smoothly: entries that come late, are declined, corrected, revoked or voided."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.demonstration.gathering import Gathering
from service.demonstration.step import Script, chance, ident, next_weekday, officer
from service.domain.endorsement import EndorsementDeclineReason, Performance
from service.domain.endorsing import DeclineEndorsement, EndorseParticipation, RevokeEndorsement
from service.domain.recording import (
    CorrectParticipation,
    RecordParticipation,
    VoidParticipation,
)

FORGOTTEN_FOR = timedelta(days=56)
"""How long after an activity a forgotten entry is made: long after the month has closed."""
_LATE = 0.006
_SHARES = {"unanswered": 0.006, "declined": 0.013, "voided": 0.017, "corrected": 0.027}
"""Up to which draw what becomes of an entry before it is endorsed; the rest is endorsed."""
_REVOKED = 0.996


class Trouble:
    """Draws for each entry whether something happens to it, and tells what."""

    def __init__(self, script: Script, seed: int) -> None:
        self.script = script
        self.seed = seed

    def late(self, activity: Gathering, members: Sequence[str]) -> list[str]:
        """Whose entry is forgotten and comes after the month has closed."""
        return [each for each in members if self._draw("late", activity, each) < _LATE]

    def _draw(self, what: str, activity: Gathering, member_id: str) -> float:
        return chance(self.seed, what, activity.key, member_id).random()

    def tell(self, activity: Gathering, members: Sequence[str]) -> list[str]:
        """Adds what happens to a few of the entries; returns those that are not in the batch."""
        aside = []
        for member_id in members:
            draw = self._draw("trouble", activity, member_id)
            if draw < _SHARES["corrected"]:
                aside.append(member_id)
                self._before(activity, member_id, draw)
            elif draw > _REVOKED:
                self._revoke(activity, member_id)
        return aside

    def tell_late(
        self, activity: Gathering, member_id: str, attended: tuple[datetime, datetime]
    ) -> None:
        """The entry is made on a Friday two months later, when the member misses it."""
        at = next_weekday(activity.ends_at + FORGOTTEN_FOR, 4, 18, 20)
        self.script.add(
            f"record/{activity.key}/{member_id}",
            RecordParticipation(
                by=officer(activity.community_id),
                at=at,
                participation_id=activity.participation_id(member_id),
                community_id=activity.community_id,
                member_id=member_id,
                kind=activity.kind,
                starts_at=attended[0],
                ends_at=attended[1],
                content=activity.content,
                ledger=activity.ledger,
                activity_id=activity.activity_id,
            ),
        )
        self._endorse(activity, member_id, next_weekday(at, 1, 9, 50))

    def _before(self, activity: Gathering, member_id: str, draw: float) -> None:
        participation_id = activity.participation_id(member_id)
        at = activity.endorsing + timedelta(minutes=20)
        if draw < _SHARES["unanswered"]:
            return
        if draw < _SHARES["declined"]:
            self.script.add(
                f"decline/{activity.key}/{member_id}",
                DeclineEndorsement(
                    by=officer(activity.community_id, 2),
                    at=at,
                    participation_id=participation_id,
                    reason_code=EndorsementDeclineReason.LEFT_EARLY,
                    note="签到后中途离开，未完成分工。",
                ),
            )
        elif draw < _SHARES["voided"]:
            self.script.add(
                f"void/{activity.key}/{member_id}",
                VoidParticipation(
                    by=officer(activity.community_id),
                    at=at,
                    participation_id=participation_id,
                    reason="代他人签到，本人未到场。",
                ),
            )
        else:
            self._correct(activity, member_id)

    def _correct(self, activity: Gathering, member_id: str) -> None:
        at = activity.endorsing + timedelta(minutes=30)
        self.script.add(
            f"correct/{activity.key}/{member_id}",
            CorrectParticipation(
                by=officer(activity.community_id),
                at=at,
                participation_id=activity.participation_id(member_id),
                starts_at=activity.starts_at,
                ends_at=activity.ends_at - timedelta(minutes=30),
                content=activity.content,
                ledger=activity.ledger,
                reason="记录的结束时间有误，以现场照片登记时间为准。",
            ),
        )
        self._endorse(activity, member_id, next_weekday(at, 1, 9, 50))

    def _revoke(self, activity: Gathering, member_id: str) -> None:
        self.script.add(
            f"revoke/{activity.key}/{member_id}",
            RevokeEndorsement(
                by=officer(activity.community_id, 3),
                at=activity.endorsing + timedelta(days=2, hours=5),
                endorsement_id=activity.endorsement_id(member_id),
                reason="群众反映与实际不符，经核实撤销。",
            ),
        )

    def _endorse(self, activity: Gathering, member_id: str, at: datetime) -> None:
        self.script.add(
            f"endorse/{activity.key}/{member_id}",
            EndorseParticipation(
                by=officer(activity.community_id, 2),
                at=at,
                endorsement_id=ident("endorsement", activity.key, member_id),
                participation_id=activity.participation_id(member_id),
                performance=Performance.FAIR,
            ),
        )
