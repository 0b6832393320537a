"""The openssl command agrees, in both directions: what we make it accepts, and the other way."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import CTR

from service.trust.crypto.profile import GUOMI
from service.trust.crypto.sm import Sm4Gcm, sm3
from service.trust.crypto.sm2 import Sm2Key
from service.trust.verification import sm2_verifies

OpenSSL = Callable[..., bytes]
MESSAGES = [b"", b"abc", "八小时外".encode() * 100]
# A public SM2 key in DER is this prefix and the point (RFC 5480, with SM2's OID as the curve).
PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
IDENTITY = "distid:1234567812345678"


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSSL:
    """Runs the command in a folder of its own, with files to read; empty where it says no."""
    path = shutil.which("openssl")
    if path is None:
        pytest.skip("there is no openssl command to compare with")

    def run(command: str, **files: bytes) -> bytes:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        done = subprocess.run(
            [path, *command.split()], cwd=tmp_path, capture_output=True, check=False
        )
        return done.stdout if done.returncode == 0 else b""

    if b"SM2" not in run("list -public-key-algorithms"):
        pytest.skip("the openssl command of this machine has no SM2")
    return run


@pytest.mark.parametrize("message", MESSAGES)
def test_sm3(openssl: OpenSSL, message: bytes) -> None:
    assert openssl("dgst -sm3 -binary message", message=message) == sm3(message)


@pytest.mark.parametrize("message", MESSAGES)
def test_hmac_sm3(openssl: OpenSSL, message: bytes) -> None:
    key = bytes(range(32))
    command = f"dgst -sm3 -mac hmac -macopt hexkey:{key.hex()} -binary message"
    assert openssl(command, message=message) == GUOMI.keyed_hash(key, message)


def test_hkdf_sm3(openssl: OpenSSL) -> None:
    secret, info = bytes(range(32)), b"eighthours/purpose"
    options = f"-kdfopt hexkey:{secret.hex()} -kdfopt hexinfo:{info.hex()} -kdfopt digest:SM3"
    derived = openssl(f"kdf -keylen 48 {options} -binary HKDF")
    assert derived == GUOMI.derive(secret, "purpose", 48)


@pytest.mark.parametrize("message", MESSAGES[1:])
def test_sm4(openssl: OpenSSL, message: bytes) -> None:
    """`openssl enc` has no GCM; its counter mode is what encrypts in it (SP 800-38D)."""
    key, nonce = bytes(range(16)), bytes(range(12))
    counter = nonce + (2).to_bytes(4)
    command = f"enc -sm4-ctr -K {key.hex()} -iv {counter.hex()} -in message"
    encrypted = openssl(command, message=message)
    assert encrypted == Sm4Gcm(key).encrypt(nonce, message, b"place")[:-16]
    assert encrypted == Cipher(SM4(key), CTR(counter)).encryptor().update(message)


@pytest.mark.parametrize("message", MESSAGES)
def test_openssl_verifies_what_we_sign(openssl: OpenSSL, message: bytes) -> None:
    key = Sm2Key.generate()
    signed = key.sign(message)
    command = (
        "pkeyutl -verify -pubin -keyform DER -inkey public -rawin -digest sm3"
        f" -pkeyopt {IDENTITY} -in message -sigfile signature"
    )
    numbers = int.from_bytes(signed[:32]), int.from_bytes(signed[32:])
    files = {"public": PREFIX + key.public, "signature": encode_dss_signature(*numbers)}
    assert b"Success" in openssl(command, message=message, **files)
    assert openssl(command, message=message + b"x", **files) == b""
    # Another identity is another signature.
    assert openssl(command.replace("distid:1", "distid:2"), message=message, **files) == b""


@pytest.mark.parametrize("message", MESSAGES)
def test_we_verify_what_openssl_signs(openssl: OpenSSL, message: bytes) -> None:
    private = openssl("genpkey -algorithm SM2")
    text = openssl("pkey -in private -text -noout", private=private).decode()
    fields = re.findall(r"(priv|pub):\n((?: +[0-9a-f:]+\n)+)", text)
    numbers = {name: bytes.fromhex(re.sub(r"[\s:]", "", value)) for name, value in fields}
    # The same public key follows from the private one here and there.
    ours = Sm2Key.of_number(int.from_bytes(numbers["priv"]))
    assert ours.public == numbers["pub"][1:]
    der = openssl(
        f"pkeyutl -sign -inkey private -rawin -digest sm3 -pkeyopt {IDENTITY} -in message",
        message=message,
    )
    signature = b"".join(each.to_bytes(32) for each in decode_dss_signature(der))
    assert sm2_verifies(ours.public, message, signature)
    assert not sm2_verifies(ours.public, message + b"x", signature)
