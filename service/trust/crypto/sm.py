"""SM3 (GB/T 32905) and SM4 in GCM (GB/T 32907, RFC 8998), from the OpenSSL of `cryptography`."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3, Hash

KEY_SIZE = 16
"""Bytes of an SM4 key."""

_TAG = 16
_SM3 = SM3()


def sm3(data: bytes) -> bytes:
    """The SM3 hash, 32 bytes."""
    hashed = Hash(_SM3)
    hashed.update(data)
    return hashed.finalize()


class Sm4Gcm:
    """SM4-GCM under one key, with the methods that `AESGCM` has."""

    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The ciphertext and its tag."""
        cipher = Cipher(self._key, GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(associated_data)
        return cipher.update(data) + cipher.finalize() + cipher.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        """The clear text; raises InvalidTag for what was altered or cut."""
        if len(data) < _TAG:
            raise InvalidTag
        cipher = Cipher(self._key, GCM(nonce, data[-_TAG:])).decryptor()
        cipher.authenticate_additional_data(associated_data)
        return cipher.update(data[:-_TAG]) + cipher.finalize()
