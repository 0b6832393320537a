"""封印: what the service signs a bundle with, as a whole.

Its key is derived for this alone from the master key, and is Ed25519 under 国密 as well: its
signatures are the same each time, as the bundle is. Strangers get the public key as they get the
log's: from elsewhere than the bundle.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.trust.bundle.reading import SEALED_AS, sha256_of
from service.trust.transparency.signed_note import Ed25519Signer, Key, Note


class EvidenceSeal:
    """The key of one service, named after its log."""

    def __init__(self, secret: bytes, origin: str) -> None:
        private = Ed25519PrivateKey.from_private_bytes(secret)
        self._signer = Ed25519Signer(f"{origin}/evidence", private)

    @property
    def key(self) -> Key:
        """The public key."""
        return self._signer.key

    def over(self, manifest: bytes) -> str:
        """A signed note over the manifest."""
        text = f"{SEALED_AS}\nsha256 {sha256_of(manifest)}\n"
        return str(Note(text, (self._signer.sign(text),)))
