"""Checks the SM2 line that a log under 国密 adds to its notes; needs `gmssl-pyx` only to do so."""

from dataclasses import dataclass

from service.trust.transparency.signed_note import Key, MalformedKey
from service.trust.verification import sm2_verifies

NO_ASSIGNED_TYPE = 0xFF
"""signed-note's type for what it has no byte for; a name of one's own follows it."""
SM2_NAME = b"eighthours/sm2-sm3\n"


@dataclass(frozen=True, slots=True)
class Sm2Verifier:
    """SM2 with SM3 over the text. Raises MalformedKey for a key of another kind."""

    key: Key

    def __post_init__(self) -> None:
        name, public = self.key.public[: len(SM2_NAME)], self.key.public[len(SM2_NAME) :]
        if (
            (self.key.type, name, len(public)) != (NO_ASSIGNED_TYPE, SM2_NAME, 64)
            # The format leaves the id open; ours is derived like the others.
            or self.key != sm2_key(self.key.name, public)
        ):
            raise MalformedKey(f"{MalformedKey.__doc__}：须为 SM2 公钥（0xff）")

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this is the key's signature on the text."""
        return sm2_verifies(self.key.public[len(SM2_NAME) :], text.encode(), signature)


def sm2_key(name: str, public: bytes) -> Key:
    """The key of a log of this name, with both coordinates of its point."""
    return Key.of(name, NO_ASSIGNED_TYPE, SM2_NAME + public)
