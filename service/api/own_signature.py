"""Signatures that organisations' own systems bring: checked here, judged in the commands (R17)."""

import json
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from service.api.fields import Body, Id, Salt
from service.api.problems import Fault, InvalidRequest, Refusal
from service.api.writes import Write, new_id
from service.domain.signed import OwnSignature
from service.trust.signatures import LONGEST_JWS, Presented, presented
from service.trust.verification import MalformedSignature, SignatureDoesNotFit


class SignatureMalformed(Refusal):
    """签名的格式不正确。"""

    # As JSON it is well-formed, and what is wrong inside it no schema can say.
    status = 409
    rule = "R17"


class SignatureNotVerified(Refusal):
    """签名与所附的公钥或者内容不符。"""

    status = 409
    rule = "R17"


Jws = Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_JWS)]
"""A compact JWS with its statement inside and its public key in the header."""


_ID = TypeAdapter[str](Id)


class SignatureBody(Body):
    """本单位自己的系统所作的签名；有自己的签名密钥的，必须填写。"""

    jws: Jws
    """紧凑形式的 JWS（Ed25519 或 SM2）：载荷为声明的规范形式（RFC 8785）；头部为 alg、jwk 与
    typ，其中 alg 为 Ed25519 或 SM2SM3，typ 为 statement+jws。"""
    comment_salt: Salt | None = None
    """有评语的必须填写：声明中评语摘要所用的盐。"""


def checked(jws: str, place: str) -> Presented:
    """What was signed, and with which key; SignatureMalformed, SignatureNotVerified."""
    try:
        return presented(jws)
    except MalformedSignature:
        faults = [Fault(detail="不是所要求的签名", pointer=place)]
        raise SignatureMalformed(errors=faults) from None
    except SignatureDoesNotFit:
        faults = [Fault(detail="签名不符", pointer=place)]
        raise SignatureNotVerified(errors=faults) from None


def own_signature(
    body: SignatureBody | None, write: Write, comment: str | None = None, place: str = "/signature"
) -> OwnSignature | None:
    """The signature a request brings, if it brings one.

    Raises SignatureMalformed, SignatureNotVerified; InvalidRequest for a comment without a salt.
    """
    if body is None:
        return None
    if comment is not None and body.comment_salt is None:
        faults = [Fault(detail="有评语的必须填写", pointer=f"{place}/comment_salt")]
        raise InvalidRequest(errors=faults)
    found = checked(body.jws, f"{place}/jws")
    return OwnSignature(
        jws=found.detached,
        signing_key_id=found.signing_key_id,
        statement=found.statement,
        received_at=write.serving.clock(),
        salt=body.comment_salt,
    )


def signed_id(own: OwnSignature | None, name: str) -> str:
    """The id that a signature's statement gives what is made; a fresh one where it gives none."""
    if own is None:
        return new_id()
    stated = json.loads(own.statement)
    try:
        return _ID.validate_python(stated["data"][name])
    except (KeyError, TypeError, ValidationError):
        # It will be found to be signed otherwise.
        return new_id()
