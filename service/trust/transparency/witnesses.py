"""The witnesses of a log, as the log sees them: asked all at once, each for its cosignature."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from service.trust.transparency.add_checkpoint import PATH, AddCheckpoint
from service.trust.transparency.checkpoint import Checkpoint, decimal
from service.trust.transparency.policy import KnownWitness, Policy
from service.trust.transparency.signed_note import Note, Signature

_logger = logging.getLogger(__name__)

_PATIENCE = 1.0
"""Seconds a witness has to answer."""

_GRACE = 0.1
"""Seconds the others have once a quorum has answered."""

_LONGEST_ANSWER = 16 * 1024

ProofBetween = Callable[[int, int], Awaitable[list[bytes]]]
"""The consistency proof from an older size (1 or more) to a newer one."""


class PolicyWitnesses:
    """The witnesses that a policy names with an address."""

    def __init__(self, policy: Policy, http: httpx.AsyncClient) -> None:
        self._policy = policy
        self._http = http
        self._witnesses = [each for each in policy.witnesses if each.url]
        self._sizes: dict[str, int] = {}
        """What each of them has cosigned, as far as is known: what the next proof starts from."""
        self._troubles: dict[str, str] = {}

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self._witnesses)

    async def cosign(self, note: Note, proof_between: ProofBetween) -> list[Signature]:
        """The verified cosignatures on a signed checkpoint, of all that answered in time.

        Once they are a quorum nobody waits for the slow ones any more. What ``proof_between``
        raises comes out again; a witness's failure only means a cosignature less.
        """
        clock = asyncio.get_running_loop().time
        pending = {
            asyncio.create_task(self._ask(each, note, proof_between)) for each in self._witnesses
        }
        found: list[Signature] = []
        deadline, enough = clock() + _PATIENCE, False
        try:
            while pending and (left := deadline - clock()) > 0:
                done, pending = await asyncio.wait(
                    pending, timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
                found += [signature for each in done if (signature := each.result())]
                if not enough and self.are_enough(found):
                    enough, deadline = True, min(deadline, clock() + _GRACE)
        finally:
            for each in pending:
                each.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        return found

    def are_enough(self, cosignatures: list[Signature]) -> bool:
        """Whether verified cosignatures are a quorum of the policy."""
        made = {(each.name, each.key_id) for each in cosignatures}
        keys = {each.name: each.verifier.key for each in self._policy.witnesses}
        return self._policy.met([name for name, key in keys.items() if (key.name, key.id) in made])

    async def _ask(
        self, witness: KnownWitness, note: Note, proof_between: ProofBetween
    ) -> Signature | None:
        size = Checkpoint.parse(note.text).size
        old = self._sizes.get(witness.name, 0)
        # Twice: it may know another size than we think, and says which.
        for _ in range(2):
            if old > size:
                self._trouble(witness, f"已见证到第 {old} 条，而本检查点只有 {size} 条")
                return None
            proof = await proof_between(old, size) if old else []
            try:
                status, answer = await self._post(witness, AddCheckpoint(old, proof, note))
                if status == 409:
                    old = decimal(answer.removesuffix("\n"))
                    continue
                if status != 200:
                    self._trouble(witness, f"答复 {status}：{answer[:200]}")
                    return None
                signature = _cosignature(witness, note, answer)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                self._trouble(witness, str(error) or type(error).__name__)
                return None
            self._sizes[witness.name] = size
            self._trouble(witness, "")
            return signature
        return None

    async def _post(self, witness: KnownWitness, request: AddCheckpoint) -> tuple[int, str]:
        url = f"{(witness.url or '').rstrip('/')}{PATH}"
        async with self._http.stream("POST", url, content=request.body()) as answer:
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _LONGEST_ANSWER:
                    raise ValueError("答复过长")
        return answer.status_code, body.decode()

    def _trouble(self, witness: KnownWitness, words: str) -> None:
        """Says so once when a witness fails, and once when it is back."""
        before = self._troubles.get(witness.name, "")
        self._troubles[witness.name] = words
        if words and not before:
            _logger.warning("见证 %s 没有共签：%s", witness.name, words)
        elif before and not words:
            _logger.warning("见证 %s 已恢复共签。", witness.name)


def _cosignature(witness: KnownWitness, note: Note, answer: str) -> Signature:
    """This witness's signature among the lines of its answer. Raises ValueError."""
    lines = [Signature.parse(line) for line in answer.removesuffix("\n").split("\n")]
    found = Note(note.text, tuple(lines)).verified([witness.verifier])
    if not found:
        raise ValueError("答复中没有该见证的签名")
    return found[0]


@asynccontextmanager
async def witnessed_by(policy: Policy) -> AsyncIterator[PolicyWitnesses]:
    """The witnesses of a policy, and the connections to them, which are kept open."""
    # Authorities are those of this machine, where an organisation's own are; no proxy stands
    # between a log and its witnesses that only a browser needs.
    async with httpx.AsyncClient(
        verify=ssl.create_default_context(), trust_env=False, timeout=_PATIENCE
    ) as http:
        yield PolicyWitnesses(policy, http)
