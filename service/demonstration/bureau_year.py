"""The bureau's year: the activities the document lists, and what members did by themselves."""

from datetime import timedelta

from service.demonstration.bureau import BRANCH, COMMUNITY, PROTAGONIST, Bureau, member_id
from service.demonstration.gathering import (
    Gathering,
    attended_throughout,
    call_roll,
    endorse,
    plan,
    sign,
    sign_up,
    write_down,
)
from service.demonstration.step import Script, chance, ident, local, officer
from service.domain.activity import ActivityKind
from service.domain.endorsement import Performance
from service.domain.endorsing import EndorseParticipation
from service.domain.recording import CorrectParticipation, RecordParticipation
from service.domain.working_schedule import ApproveLeave, LeaveReason


class BureauYear:
    """Tells what the bureau's members did, once they have arrived."""

    def __init__(self, script: Script, bureau: Bureau, seed: int) -> None:
        self.data = bureau.data
        self.members = bureau.members
        self.registered_at = bureau.registered_at
        self.script = script
        self.seed = seed

    def tell(self) -> None:
        """Adds everything to the script."""
        for number in range(len(self.data.activities)):
            self._gather(number)
        self._serve_alone()

    def _gathering(self, number: int) -> Gathering:
        each = self.data.activities[number]
        starts_at = local(each.starts_at)
        # What happened before they registered could only be written down afterwards.
        early = starts_at < self.registered_at
        return Gathering(
            key=f"bureau/{number + 1}",
            community_id=COMMUNITY,
            title=each.title,
            category=each.category,
            content=each.content,
            starts_at=starts_at,
            ends_at=local(each.ends_at),
            place=each.place,
            kind=each.kind,
            ledger=each.ledger,
            branch_id=BRANCH if each.kind is ActivityKind.UNIT else None,
            risky=each.risky,
            records_at=self.registered_at + timedelta(hours=7) if early else None,
        )

    def _gather(self, number: int) -> None:
        each, activity = self.data.activities[number], self._gathering(number)
        luck = chance(self.seed, "bureau", "activity", number)
        others = self.members[1:]
        wanted = round(each.share * len(self.members) / 100) - 1
        members = [PROTAGONIST, *luck.sample(others, wanted)]
        published_at = activity.starts_at.replace(hour=10, minute=0) - timedelta(days=7)
        plan(self.script, activity, published_at - timedelta(days=2), published_at)
        if each.attendance == "none":
            attended = attended_throughout(activity, members)
        elif each.attendance == "qr":
            sign_up(self.script, activity, members, activity.starts_at - timedelta(days=1, hours=1))
            attended = sign(self.script, activity, members, luck)
        else:
            rest = [each for each in others if each not in members]
            attended = call_roll(
                self.script, activity, members, luck.sample(rest, min(2, len(rest)))
            )
        write_down(self.script, activity, attended)
        endorse(self.script, activity, members, self._performance(number))
        if each.title == self.data.correction.activity:
            self._correct(activity)

    @staticmethod
    def _performance(number: int) -> Performance:
        return Performance.EXCELLENT if number % 3 == 0 else Performance.GOOD

    def _correct(self, activity: Gathering) -> None:
        correction, leave = self.data.correction, self.data.leave
        subject = member_id(correction.member)
        participation_id = activity.participation_id(subject)
        self.script.add(
            "bureau/leave",
            ApproveLeave(
                by=officer(BRANCH),
                at=local(leave.starts_at) - timedelta(days=2),
                leave_id=ident("leave", "bureau"),
                member_id=member_id(leave.member),
                starts_at=local(leave.starts_at),
                ends_at=local(leave.ends_at),
                reason_code=LeaveReason.ANNUAL,
            ),
        )
        self.script.add(
            "bureau/correction",
            CorrectParticipation(
                by=officer(COMMUNITY),
                at=local(correction.corrected_at),
                participation_id=participation_id,
                starts_at=activity.starts_at,
                ends_at=local(correction.ends_at),
                content=activity.content,
                ledger=activity.ledger,
                reason=correction.reason,
            ),
        )
        self.script.add(
            "bureau/correction-endorsement",
            EndorseParticipation(
                by=officer(COMMUNITY, 2),
                at=local(correction.endorsed_at),
                endorsement_id=ident("endorsement", "bureau", "correction"),
                participation_id=participation_id,
                performance=Performance.GOOD,
            ),
        )

    def _serve_alone(self) -> None:
        for number, own in enumerate(self.data.own, start=1):
            participation_id = ident("participation", "bureau", "own", number)
            self.script.add(
                f"bureau/own/{number}",
                RecordParticipation(
                    by=officer(COMMUNITY),
                    at=local(own.recorded_at),
                    participation_id=participation_id,
                    community_id=COMMUNITY,
                    member_id=member_id(own.member),
                    kind=ActivityKind.OWN,
                    category=own.category,
                    starts_at=local(own.starts_at),
                    ends_at=local(own.ends_at),
                    content=own.content,
                    ledger="voluntary",
                ),
            )
            self.script.add(
                f"bureau/own-endorsement/{number}",
                EndorseParticipation(
                    by=officer(COMMUNITY, 2),
                    at=local(own.endorsed_at),
                    endorsement_id=ident("endorsement", "bureau", "own", number),
                    participation_id=participation_id,
                    performance=Performance.GOOD,
                ),
            )
