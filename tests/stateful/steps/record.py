"""Steps about participations and the word that they count: R6, R15 to R19."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from service.domain.activity import ActivityKind
from service.domain.endorsement import EndorsementDeclineReason, Performance
from service.domain.endorsing import (
    DeclineEndorsement,
    EndorseParticipation,
    EndorseParticipations,
    RevokeEndorsement,
)
from service.domain.event import Actor
from service.domain.recording import CorrectParticipation, RecordParticipation, VoidParticipation
from service.domain.signed import OwnSignature
from tests.domain.town import AT, COMMUNITY
from tests.stateful import draws
from tests.stateful.draws import (
    AFTERWARDS,
    NTH,
    WHO,
    Edge,
    Shift,
    Who,
    Window,
    moment,
    pick,
    served,
)
from tests.stateful.model.signing_keys import endorsement_stated
from tests.stateful.model.town import Participation
from tests.stateful.steps.signing import SigningSteps, when
from tests.stateful.steps.step import Steps, given


class RecordSteps(Steps):
    """What a community writes down, and takes back."""

    def participation(self, nth: int) -> tuple[str, str, Participation | None]:
        """One of the participations, the community whose it is, and what is known of it."""
        known = self.world.town.participations
        standing = [each for each in known if not known[each].voided]
        participation_id = pick(list(known), nth, standing)
        found = known.get(participation_id)
        return participation_id, found.community if found else COMMUNITY, found

    @given("registrations")
    @rule(
        member=NTH,
        activity=st.none() | NTH,
        community=st.sampled_from([0] * 8 + [1, 2]),
        kind=st.sampled_from([None] * 5 + list(ActivityKind)),
        some_time=draws.WINDOW,
        shift=draws.SERVED,
        edge=AFTERWARDS,
        category=st.sampled_from([None, "culture"]),
        who=WHO,
    )
    def record_participation(
        self,
        *,
        member: int,
        activity: int | None,
        community: int,
        kind: ActivityKind | None,
        some_time: Window,
        shift: Shift,
        edge: Edge,
        category: str | None,
        who: Who,
    ) -> None:
        town = self.world.town
        registered = [each for each in town.valid if self.community_of(each) is not None]
        member_id = pick(list(town.branches), member, registered)
        took_place = [
            each for each, it in town.activities.items() if it.state in {"published", "completed"}
        ]
        activity_id = (
            None if activity is None else pick(list(town.activities), activity, took_place)
        )
        planned = town.activities.get(activity_id or "")
        community_id = self.community_of(member_id) or COMMUNITY
        if community:
            community_id = self.organisation(["community"], community)
        window = self.window_of(activity_id) if activity_id else some_time
        starts_at, ends_at = served(window, shift)
        self.decide(
            RecordParticipation(
                participation_id=self.world.new("participation"),
                community_id=community_id,
                member_id=member_id,
                kind=kind or (ActivityKind(planned.kind) if planned else ActivityKind.OWN),
                starts_at=starts_at,
                ends_at=ends_at,
                content="清扫楼道",
                ledger="voluntary",
                activity_id=activity_id,
                category=category,
                by=who.within(community_id, member_id),
                at=moment(window, edge),
            )
        )

    @given("participations")
    @rule(nth=NTH, shift=draws.SERVED, category=st.sampled_from([None, "science"]), who=WHO)
    def correct_participation(self, nth: int, shift: Shift, category: str | None, who: Who) -> None:
        participation_id, community_id, known = self.participation(nth)
        activity_id = known.activity if known else None
        starts_at, ends_at = served(self.window_of(activity_id or ""), shift)
        self.decide(
            CorrectParticipation(
                participation_id=participation_id,
                starts_at=starts_at,
                ends_at=ends_at,
                content="清扫楼道和车棚",
                ledger="duty",
                reason="记错时间",
                category=category,
                by=who.acting(community_id, member=known.member if known else ""),
                at=AT,
            )
        )

    @given("participations")
    @rule(nth=NTH, who=WHO)
    def void_participation(self, nth: int, who: Who) -> None:
        participation_id, community_id, known = self.participation(nth)
        self.decide(
            VoidParticipation(
                participation_id=participation_id,
                reason="记错人",
                by=who.acting(community_id, member=known.member if known else ""),
                at=AT,
            )
        )


class EndorsementSteps(RecordSteps, SigningSteps):
    """The community's word on what it wrote down."""

    def endorsement_signed(
        self,
        how: str,
        by: Actor,
        participation_id: str,
        endorsement_id: str,
        performance: Performance,
        comment: str | None = None,
    ) -> OwnSignature | None:
        """The community's own signature on an endorsement, where it signs itself."""
        salt = None if comment is None else "salt"
        stated = endorsement_stated(
            self.world.town,
            by,
            when(how),
            participation=participation_id,
            endorsement=endorsement_id,
            performance=performance.value,
            comment=comment,
            salt=salt,
        )
        return self.own(how, by, stated, salt)

    @given("participations")
    @rule(
        nth=NTH,
        signed=draws.SIGNED,
        comment=st.sampled_from([None, "认真负责"]),
        again=st.sampled_from([False, False, True]),
        who=WHO,
    )
    def endorse_participation(
        self, *, nth: int, signed: str, comment: str | None, again: bool, who: Who
    ) -> None:
        participation_id, community_id, known = self.participation(nth)
        by = who.acting(community_id, member=known.member if known else "")
        endorsement_id, performance = self.world.new("endorsement"), Performance.GOOD
        what = participation_id, endorsement_id, performance
        own = self.endorsement_signed(signed, by, *what, comment)
        if own is not None and again:
            # Only who signs says under which id; the service would give a new one.
            endorsement_id = pick(list(self.world.town.endorsements), 0)
            what = participation_id, endorsement_id, performance
            own = self.endorsement_signed(signed, by, *what, comment)
        self.decide(
            EndorseParticipation(
                endorsement_id=endorsement_id,
                participation_id=participation_id,
                performance=performance,
                # The salt of one that the service signs is drawn by lot.
                comment=comment if own else None,
                own=own,
                by=by,
                at=when(signed),
            )
        )

    @given("participations")
    @rule(
        nth=NTH,
        signed=draws.SIGNED,
        names=st.lists(NTH, max_size=3),
        listed=st.sampled_from(["its list", "its list", "one twice", "any to endorse", "anything"]),
        who=WHO,
    )
    def endorse_participations(
        self, *, nth: int, signed: str, names: list[int], listed: str, who: Who
    ) -> None:
        known = self.world.town.participations
        with_one = [each for each in known if known[each].activity is not None]
        first = known.get(pick(with_one, nth))
        activity_id = (first.activity if first else None) or draws.NOBODY
        named = self.some(list(known), names)
        if listed != "anything":
            open_to_all = [
                each
                for each, it in known.items()
                if first is not None
                and it.community == first.community
                and it.endorsement is None
                and (it.activity == activity_id or listed == "any to endorse")
            ]
            named = tuple(dict.fromkeys(self.some(open_to_all, names)))
        if listed == "one twice":
            named += named[:1]
        ids = [self.world.new("endorsement") for _ in named]
        by, performance = who.acting(first.community if first else None), Performance.EXCELLENT
        owns = [
            self.endorsement_signed(signed, by, *each, performance)
            for each in zip(named, ids, strict=True)
        ]
        self.decide(
            EndorseParticipations(
                activity_id=activity_id,
                participation_ids=named,
                endorsement_ids=ids,
                performance=performance,
                owns=[each for each in owns if each is not None],
                by=by,
                at=when(signed),
            )
        )

    @given("participations")
    @rule(nth=NTH, who=WHO)
    def decline_endorsement(self, nth: int, who: Who) -> None:
        participation_id, community_id, known = self.participation(nth)
        self.decide(
            DeclineEndorsement(
                participation_id=participation_id,
                reason_code=EndorsementDeclineReason.LEFT_EARLY,
                by=who.acting(community_id, member=known.member if known else ""),
                at=AT,
            )
        )

    @given("endorsements")
    @rule(nth=NTH, who=WHO)
    def revoke_endorsement(self, nth: int, who: Who) -> None:
        town = self.world.town
        in_force = [each.endorsement for each in town.participations.values() if each.endorsement]
        endorsement_id = pick(list(town.endorsements), nth, in_force)
        known = town.participations.get(town.endorsements.get(endorsement_id, ""))
        self.decide(
            RevokeEndorsement(
                endorsement_id=endorsement_id,
                reason="查实未到",
                by=who.acting(
                    known.community if known else None, member=known.member if known else ""
                ),
                at=AT,
            )
        )
