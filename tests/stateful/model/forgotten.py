"""Of whom nothing is written any more (R40): one rule for every command that is about a member."""

from service.domain.attendance import SignIn, SignOut
from service.domain.claim_answer import ConfirmClaim, DeclineClaim, ReleaseClaim
from service.domain.endorsing import DeclineEndorsement, EndorseParticipation
from service.domain.event import Command
from service.domain.recording import CorrectParticipation, VoidParticipation
from service.domain.reminder import RemindOfSupervision
from tests.stateful.model.town import ERASED, Town

NOT_BY_MEMBER: frozenset[type[Command]] = frozenset(
    {
        SignIn,
        SignOut,
        ConfirmClaim,
        DeclineClaim,
        ReleaseClaim,
        CorrectParticipation,
        VoidParticipation,
        EndorseParticipation,
        DeclineEndorsement,
        RemindOfSupervision,
    }
)
"""Commands that do not ask whether the member is erased, and neither do those about a list, an
endorsement, a consultation, an opinion, a vetting's papers or an objection: what is under way is
finished, as far as no text about the member is sealed by it. Decisions on somebody erased are
unknown to everybody."""


def is_forgotten(town: Town, command: Command) -> bool:
    """Whether the command is about an erased member and may not be."""
    member = _subject(town, command)
    return town.branches.get(member or "") == ERASED and type(command) not in NOT_BY_MEMBER


def _subject(town: Town, command: Command) -> str | None:
    if member := getattr(command, "member_id", None):
        return str(member)
    if number := getattr(command, "certificate_no", None):
        return town.holders.get(number)
    for name, known in (
        ("registration_id", town.registrations),
        ("transferred_from", town.registrations),
        ("exemption_id", town.exemptions),
        ("transfer_id", town.transfers),
        ("claim_id", town.claims),
        ("participation_id", town.participations),
        ("role_model_id", town.role_models),
    ):
        if found := known.get(getattr(command, name, "")):
            return str(found.member)
    return None
