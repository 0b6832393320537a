"""policy.txt: by whose signatures this service's checkpoints go, for others to compare theirs."""

from collections.abc import Iterable

from service.trust.transparency.policy import KnownLog, Policy
from service.trust.transparency.signed_note import Key


def policy_told(policy: Policy, own: Iterable[Key], origin: str) -> bytes:
    """The operator's policy in the format of tlog-policy, for one log and without addresses.

    ``own`` are this service's log keys, which count where the policy names none for the log.
    """
    logs = [each for each in policy.logs if each.verifier.key.name == origin]
    logs = logs or [KnownLog.by(key) for key in own if key.name == origin]
    lines = [
        *(f"log {each.verifier.key}" for each in logs),
        *(f"witness {each.name} {each.verifier.key}" for each in policy.witnesses),
        *(
            f"group {name} {group.threshold} {' '.join(group.members)}"
            for name, group in policy.groups.items()
        ),
        f"quorum {policy.quorum}",
    ]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
