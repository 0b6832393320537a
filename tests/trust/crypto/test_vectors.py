"""What the standards print is what is computed: SM3, SM4 and SM2, and what is built on them."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB

from service.trust.crypto.profile import GUOMI
from service.trust.crypto.sm import Sm4Gcm, sm3
from service.trust.crypto.sm2 import SEED_SIZE, Sm2Key
from service.trust.verification import sm2_verifies

SM4_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def test_sm3_gives_the_examples_of_gbt_32905() -> None:
    """GB/T 32905-2016, appendix A."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert (
        sm3(b"abcd" * 16).hex()
        == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_sm4_gives_the_examples_of_gbt_32907() -> None:
    """GB/T 32907-2016, appendix A: once, and a million times over."""
    encryptor = Cipher(SM4(SM4_KEY), ECB()).encryptor()  # noqa: S305 - single blocks, as printed
    block = SM4_KEY
    for time in range(1_000_000):
        block = encryptor.update(block)
        if time == 0:
            assert block.hex() == "681edf34d206965e86b3e94f536e4246"
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


def test_sm4_gcm_gives_the_example_of_rfc_8998() -> None:
    """RFC 8998, appendix A.1."""
    nonce = bytes.fromhex("00001234567800000000abcd")
    clear = b"".join(bytes([each]) * 8 for each in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
    beside = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    cipher = Sm4Gcm(SM4_KEY)
    assert cipher.encrypt(nonce, clear, beside) == sealed
    assert cipher.decrypt(nonce, sealed, beside) == clear
    for bad in (sealed[:-1], sealed[:15], b"", bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(InvalidTag):
            cipher.decrypt(nonce, bad, beside)
    with pytest.raises(InvalidTag):
        cipher.decrypt(nonce, sealed, beside[1:])


def test_the_key_pair_of_gbt_32918_belongs_together() -> None:
    """GB/T 32918.5-2017, appendix A.2."""
    assert Sm2Key.of_number(PRIVATE).public == PUBLIC


def test_the_signature_of_gbt_32918_verifies_and_no_other() -> None:
    assert sm2_verifies(PUBLIC, b"message digest", SIGNATURE)
    assert not sm2_verifies(PUBLIC, b"message digests", SIGNATURE)
    r, s = SIGNATURE[:32], SIGNATURE[32:]
    last = ORDER - int.from_bytes(s)
    for bad in (
        b"",
        SIGNATURE[:-1],
        SIGNATURE + b"\0",
        s + r,
        r + b"\0" + s,
        r + bytes(32),
        bytes(32) + s,
        bytes(64),
        r + last.to_bytes(32),
        b"\xff" * 64,
    ):
        assert not sm2_verifies(PUBLIC, b"message digest", bad)


@pytest.mark.parametrize(
    "public",
    [
        b"",
        bytes(64),
        PUBLIC[:-1],
        PUBLIC[32:] + PUBLIC[:32],
        PUBLIC[:-1] + b"\0",
        b"\xff" * 64,
    ],
    ids=lambda public: public.hex()[:16] or "empty",
)
def test_a_point_that_is_not_on_the_curve_verifies_nothing(public: bytes) -> None:
    assert not sm2_verifies(public, b"message digest", SIGNATURE)


def test_what_a_key_signs_verifies_with_it_alone() -> None:
    keys = [Sm2Key.generate() for _ in range(20)]
    for key, other in zip(keys, keys[1:] + keys[:1], strict=True):
        for message in (b"", b"x", "党员".encode() * 1000):
            signature = key.sign(message)
            assert len(signature) == 64
            assert sm2_verifies(key.public, message, signature)
            assert not sm2_verifies(other.public, message, signature)
            assert not sm2_verifies(key.public, message + b"x", signature)
            # Signing draws a number anew each time; the same one twice gives the key away.
            assert key.sign(message) != signature


def test_a_key_follows_from_its_seed_and_is_in_range() -> None:
    seed = bytes(range(SEED_SIZE))
    assert Sm2Key.of_seed(seed) == Sm2Key.of_seed(seed) != Sm2Key.of_seed(seed[::-1])
    assert Sm2Key.of_seed(b"\xff" * SEED_SIZE).private != Sm2Key.of_seed(bytes(SEED_SIZE)).private
    # The remainder is taken so that 0 and the order less 1, which are no keys, cannot come out.
    lowest, highest = (0).to_bytes(SEED_SIZE), (ORDER - 3).to_bytes(SEED_SIZE)
    assert int.from_bytes(Sm2Key.of_seed(lowest).private) == 1
    assert int.from_bytes(Sm2Key.of_seed(highest).private) == ORDER - 2
    for number in (-1, 0, ORDER - 1, ORDER):
        with pytest.raises(ValueError, match="private key"):
            Sm2Key.of_number(number)
    with pytest.raises(ValueError, match="bytes"):
        Sm2Key.of_seed(seed[1:])


def test_a_private_key_is_not_shown() -> None:
    key = Sm2Key.of_number(PRIVATE)
    assert key.private.hex() not in repr(key)
    assert repr(key.private) not in repr(key)


def test_hmac_and_hkdf_are_over_sm3() -> None:
    """By their definitions (RFC 2104, RFC 5869)."""

    def hmac(key: bytes, data: bytes) -> bytes:
        key = key.ljust(64, b"\0")
        inner = sm3(bytes(each ^ 0x36 for each in key) + data)
        return sm3(bytes(each ^ 0x5C for each in key) + inner)

    assert GUOMI.keyed_hash(b"key", b"data") == hmac(b"key", b"data")
    secret, info = bytes(range(32)), b"eighthours/purpose"
    extracted = hmac(bytes(32), secret)
    first = hmac(extracted, info + b"\1")
    second = hmac(extracted, first + info + b"\2")
    assert GUOMI.derive(secret, "purpose", 48) == (first + second)[:48]
