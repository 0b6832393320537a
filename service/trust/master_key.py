"""The master key outside the database, from which every other key is derived."""

import binascii
import os
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from pathlib import Path

from service.trust.crypto.profile import INTERNATIONAL, CryptoProfile, SealingKey


class UnusableMasterKey(ValueError):
    """主密钥不可用：须为 32 字节的十六进制或 Base64 编码，且与数据库所用的一致"""


class AnotherProfile(UnusableMasterKey):
    """密码算法在首次启动时选定，此后不得更改"""


class MasterKey:
    """The secret from which everything else is derived; it never enters the database.

    It comes with the algorithms that what is derived is for, and that it is derived by.
    """

    def __init__(self, secret: bytes, profile: CryptoProfile = INTERNATIONAL) -> None:
        if len(secret) != 32:
            raise UnusableMasterKey(f"主密钥须为 32 字节，现为 {len(secret)} 字节")
        self._secret = secret
        self.profile = profile

    def under(self, profile: CryptoProfile) -> "MasterKey":
        """The same secret with other algorithms: everything derived from it is another."""
        return MasterKey(self._secret, profile)

    @classmethod
    def passing(cls) -> "MasterKey":
        """One that nobody will know again: for logs that keep no personal data."""
        return cls(os.urandom(32))

    @classmethod
    def of_text(cls, text: str, profile: CryptoProfile = INTERNATIONAL) -> "MasterKey":
        """From 64 hexadecimal digits or Base64; raises UnusableMasterKey."""
        text = text.strip()
        try:
            secret = bytes.fromhex(text) if len(text) == 64 else b64decode(text, validate=True)
            return cls(secret, profile)
        except (ValueError, binascii.Error) as error:
            # Never repeat what was given: it may be a key with a typing error.
            raise UnusableMasterKey(str(UnusableMasterKey.__doc__)) from error

    @classmethod
    def load_or_create(cls, path: Path, profile: CryptoProfile = INTERNATIONAL) -> "MasterKey":
        """From a file that only its owner may read, made on first use; raises UnusableMasterKey."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(os.urandom(32).hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link fails where the file exists, so of two first starts one key wins for both.
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return cls.of_text(path.read_text(), profile)

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """A key of its own for one purpose (HKDF)."""
        return self.profile.derive(self._secret, purpose, length)

    def sealing_key(self, purpose: str) -> SealingKey:
        """A key to seal with, of its own for one purpose."""
        sealing = self.profile.sealing
        return SealingKey(sealing, self.derive(purpose, sealing.key_size))

    def keyed_hash(self, purpose: str) -> Callable[[bytes], bytes]:
        """A keyed hash, of its own for one purpose."""
        return partial(self.profile.keyed_hash, self.derive(purpose))

    @property
    def fingerprint(self) -> bytes:
        """Tells two master keys, and profiles, apart without saying anything about them."""
        return self.derive("fingerprint", 16)
