"""Whatever is asked, by whomever and in whatever order: domain and model decide the same.

`hypothesis` draws commands, most of them sensible, many by the wrong organisation or person, about
the wrong thing or at the wrong time. Each is put to the domain, as the log would decide it, and to
the model, which has domain.md's rules in its own words and asks the domain nothing. A disagreement
is shrunk to the fewest steps.

1,000 examples of 30 steps, the same ones each time: a hundred seeds of ten, because after ten
hypothesis begins to vary the ones it has; and 500 more of decisions alone, from the question to the
community to the answered objection, which come up too rarely among all commands. `EIGHTHOURS_EXAMPLES=20000` draws that many, from more
seeds. The name of a test that failed is its seed.
"""

import os

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test

from service.domain.capabilities import CAPABILITIES
from service.domain.event import EVENTS, Rejection
from tests.stateful.minutes import check_grade, check_minutes
from tests.stateful.prologue import STAGES, prologue
from tests.stateful.steps.account import AccountSteps
from tests.stateful.steps.activity import ActivitySteps
from tests.stateful.steps.consequence import ConsequenceSteps, RulePackSteps
from tests.stateful.steps.erasure import ErasureSteps
from tests.stateful.steps.inspection import InspectionSteps
from tests.stateful.steps.membership import RosterSteps
from tests.stateful.steps.objection import ObjectionSteps
from tests.stateful.steps.officer import OfficerSteps
from tests.stateful.steps.opinion import OpinionSteps
from tests.stateful.steps.organisation import OrganisationSteps
from tests.stateful.steps.post import PostSteps
from tests.stateful.steps.record import EndorsementSteps
from tests.stateful.steps.registration import CertificateSteps, RegistrationSteps
from tests.stateful.steps.report import ReportSteps
from tests.stateful.steps.role_model import RoleModelSteps
from tests.stateful.steps.signing import SigningKeySteps
from tests.stateful.steps.step import Steps
from tests.stateful.steps.vetting import VettingSteps
from tests.stateful.world import World

PER_SEED = 10
SEEDS = range(1, int(os.environ.get("EIGHTHOURS_EXAMPLES", "1000")) // PER_SEED + 1)

DECISIONS = SEEDS[::2]
"""Half as many again, of decisions alone."""

settings.register_profile(
    "whole-domain",
    # The first of a seed are always the simplest there are, and prove nothing.
    max_examples=PER_SEED + 2,
    # The step that begins a town is one of them.
    stateful_step_count=31,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


RUN: set[str] = set()
"""The machines that went through."""


class Reckoned(Steps):
    """A machine that adds up in the end what stands."""

    def teardown(self) -> None:
        """What stands in the end adds up."""
        if not hasattr(self, "world"):
            return
        town, standing = self.world.town, self.world.ledger.standing
        for member in town.branches:
            check_minutes(town, standing, member)
        for participation, known in town.participations.items():
            check_grade(known, standing[participation])
            assert (known.endorsement is not None) == (
                participation in self.world.ledger.in_force
            ), participation


class WholeDomain(
    Reckoned,
    OrganisationSteps,
    AccountSteps,
    OfficerSteps,
    SigningKeySteps,
    RosterSteps,
    CertificateSteps,
    RegistrationSteps,
    PostSteps,
    ActivitySteps,
    EndorsementSteps,
    InspectionSteps,
    ReportSteps,
    RulePackSteps,
    OpinionSteps,
    VettingSteps,
    ObjectionSteps,
    ConsequenceSteps,
    RoleModelSteps,
    ErasureSteps,
):
    """Every command there is, in any order."""

    @initialize(stage=st.sampled_from([*STAGES[::-1], *STAGES[:0:-1], *STAGES[-1:] * 2]))
    def begin(self, stage: str) -> None:
        """A town in which this much has happened already."""
        self.world: World = prologue(stage).copy()


class Decisions(Reckoned, OpinionSteps, VettingSteps, ObjectionSteps, ConsequenceSteps):
    """From the question to the decision and back: it takes several steps in a row."""

    @initialize()
    def begin(self) -> None:
        """A town in which everything has happened already."""
        self.world: World = prologue(STAGES[-1]).copy()


def refusals() -> set[str]:
    """Every rule by which a command of the domain is refused."""
    found = {
        each.__name__
        for module in CAPABILITIES
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Rejection) and each is not Rejection
    }
    # The first two are said of a row within a refused list, never of a command; the tree has no
    # place where the third could happen; what a conclusion names as its causes is looked up before
    # there is a command.
    return found - {"NamedTwice", "FeedbackAlreadyGiven", "EndorsedWithinOwnLine", "UnknownCause"}


@pytest.mark.parametrize("stage", STAGES)
def test_every_prologue_is_itself_decided(stage: str) -> None:
    assert prologue(stage).log.events


def run(machine: type[Reckoned], number: int) -> None:
    """The examples of one seed."""
    name = f"{machine.__name__}{number}"
    seeded = seed(number)(type(name, (machine,), {}))
    run_state_machine_as_test(seeded, settings=settings.get_profile("whole-domain"))
    RUN.add(name)


@pytest.mark.parametrize("number", SEEDS, ids="seed-{}".format)
def test_domain_and_model_agree(number: int) -> None:
    run(WholeDomain, number)


@pytest.mark.parametrize("number", DECISIONS, ids="seed-{}".format)
def test_domain_and_model_agree_on_decisions(number: int) -> None:
    run(Decisions, number)


def test_every_event_and_every_refusal_came_up() -> None:
    if len(RUN) < 150:
        pytest.skip("it takes a hundred seeds and fifty, in this process")
    unmet = (set(EVENTS) | refusals()) - set(World.met)
    assert not unmet, f"steps that never led to {sorted(unmet)} prove nothing about them"
