"""Passwords and one-time codes of accounts (argon2id, TOTP), and how often one may be wrong.

An account signs in with both. What is stored tells nobody either: passwords as argon2id hashes, the
secrets of codes sealed under a key that is not in the database.
"""

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import digest
from typing import Protocol

import asyncpg
import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from service.trust.master_key import MasterKey

TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
LOGIN = r"^[0-9a-z][0-9a-z._-]{2,49}$"
"""What somebody may sign in under."""

PASSWORDS = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
"""What each guess costs: 64 MiB for a twentieth of a second, on purpose (RFC 9106, 4)."""

_STEP = 30
"""Seconds a code is good for; the one before is taken as well, for clocks that go slow."""


class SignInRefused(ValueError):
    """登录名、密码或动态口令不正确"""


class PasswordToBeChosen(ValueError):
    """初始密码只能用于设定自己的密码"""


class PasswordTooWeak(ValueError):
    """密码须为12至200个字符，不得包含登录名，也不得与原密码相同"""


class UnusableLogin(ValueError):
    """登录名须为3至50个小写字母、数字、点、下划线或连字符，且以字母或数字开头"""


class LoginTaken(ValueError):
    """该登录名已被使用"""


class SubjectTaken(ValueError):
    """该统一身份认证标识已对应其他账号"""


class AccountGone(LookupError):
    """账号已经停用"""


@dataclass(frozen=True, slots=True)
class Locked(Exception):
    """连续多次不正确，暂时锁定"""

    until: datetime


@dataclass(frozen=True, slots=True)
class FirstCredentials:
    """What somebody is given in order to sign in for the first time; it is shown once."""

    login: str
    password: str
    totp_uri: str
    """For an authenticator app: ``otpauth://totp/…``."""


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody who has shown that the account is theirs."""

    account_id: str
    login: str
    password_hash: str = field(repr=False)
    initial: bool
    """Whether they have chosen no password of their own yet."""


class Connections(Protocol):
    """What is needed of asyncpg: a pool or a connection."""

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None: ...
    async def fetchval(self, query: str, *args: object) -> object: ...
    async def execute(self, query: str, *args: object) -> str: ...


class Credentials:
    """The credentials in the database."""

    def __init__(self, connections: Connections, master: MasterKey) -> None:
        self._connections = connections
        self._seal = master.sealing_key("one-time-codes")
        self._tries_key = master.derive("sign-in-tries")
        self._at_once = asyncio.Semaphore(2)
        self._nobody = ""

    async def give(
        self, account_id: str, login: str, provider: tuple[str, str] | None = None
    ) -> FirstCredentials:
        """Makes an initial password and a secret for codes, in place of those there were.

        ``provider`` names the issuer and the subject whom an OpenID provider vouches for; without
        it nobody signs in that way. Raises UnusableLogin, LoginTaken, SubjectTaken, AccountGone.
        """
        if not re.fullmatch(LOGIN, login):
            raise UnusableLogin(UnusableLogin.__doc__)
        password, secret = secrets.token_urlsafe(12), pyotp.random_base32()
        issuer, subject = provider or (None, None)
        try:
            done = await self._connections.execute(
                # Of giving and of closing for good one comes first: both lock this row.
                "WITH closed AS MATERIALIZED ("
                " SELECT for_good FROM access.closed_accounts WHERE account_id = $1 FOR UPDATE)"
                " INSERT INTO access.credentials"
                " (account_id, login, password_hash, initial, totp_secret, issuer, subject)"
                " SELECT $1, $2, $3, true, $4, $5, $6"
                " WHERE NOT EXISTS (SELECT FROM closed WHERE for_good)"
                " ON CONFLICT (account_id) DO UPDATE"
                " SET login = excluded.login, password_hash = excluded.password_hash,"
                " initial = true, totp_secret = excluded.totp_secret, totp_step = 0,"
                " issuer = excluded.issuer, subject = excluded.subject",
                account_id,
                login,
                await self._hashed(password),
                self._sealed(account_id, secret),
                issuer,
                subject,
            )
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "credentials_login_key":
                raise LoginTaken(LoginTaken.__doc__) from None
            raise SubjectTaken(SubjectTaken.__doc__) from None
        if done != "INSERT 0 1":
            raise AccountGone(AccountGone.__doc__)
        return FirstCredentials(login, password, _uri(login, secret))

    async def linked(self, issuer: str, subject: str) -> str | None:
        """The account of somebody whom an OpenID provider vouches for."""
        found = await self._connections.fetchval(
            "SELECT account_id FROM access.credentials WHERE issuer = $1 AND subject = $2",
            issuer,
            subject,
        )
        return None if found is None else str(found)

    async def require_free(
        self, account_id: str, login: str, provider: tuple[str, str] | None
    ) -> None:
        """Raises LoginTaken or SubjectTaken if another account has this name or subject."""
        row = await self._connections.fetchrow(
            "SELECT login FROM access.credentials WHERE account_id <> $1"
            " AND (login = $2 OR (issuer = $3 AND subject = $4)) LIMIT 1",
            account_id,
            login,
            *(provider or (None, None)),
        )
        if row is not None:
            taken = LoginTaken if row["login"] == login else SubjectTaken
            raise taken(taken.__doc__)

    async def check(self, login: str, password: str, code: str, now: datetime) -> str:
        """The account; SignInRefused, Locked, PasswordToBeChosen."""
        proven = await self.prove(login, password, code, now)
        if proven.initial:
            raise PasswordToBeChosen(PasswordToBeChosen.__doc__)
        return proven.account_id

    async def prove(self, login: str, password: str, code: str, now: datetime) -> Proven:
        """Who shows a password, an initial one as well, and its code; SignInRefused, Locked."""
        row = await self._checked(login, password, code, now)
        return Proven(row["account_id"], row["login"], row["password_hash"], row["initial"])

    async def choose(self, proven: Proven, new: str) -> str | None:
        """Puts a new password in place of the one that was shown; SignInRefused.

        An initial password was somebody else's to give, and so was the secret of the codes: both
        are replaced, and the new secret is returned as `FirstCredentials` has it.
        """
        secret = pyotp.random_base32()
        # Only if it is still the password that was shown: of two who choose at once one does.
        done = await self._connections.execute(
            "UPDATE access.credentials SET password_hash = $3, initial = false,"
            " totp_secret = CASE WHEN initial THEN $4 ELSE totp_secret END"
            " WHERE account_id = $1 AND password_hash = $2",
            proven.account_id,
            proven.password_hash,
            await self._hashed(new),
            self._sealed(proven.account_id, secret),
        )
        if done != "UPDATE 1":
            raise SignInRefused(SignInRefused.__doc__)
        return _uri(proven.login, secret) if proven.initial else None

    async def forget(self, account_id: str) -> None:
        """Deletes what this account signs in with."""
        await self._connections.execute(
            "DELETE FROM access.credentials WHERE account_id = $1", account_id
        )

    async def _checked(self, login: str, password: str, code: str, now: datetime) -> asyncpg.Record:
        login = login.lower()
        await self._count(login, now)
        row = await self._connections.fetchrow(
            "SELECT * FROM access.credentials WHERE login = $1", login
        )
        right = await self._matches(row["password_hash"] if row else "", password)
        step = self._step(row, code, now) if row and right else None
        # One statement decides: of two who show the same code at once one is refused.
        if (
            row is None
            or step is None
            or not await self._connections.fetchval(
                "UPDATE access.credentials SET totp_step = $2"
                " WHERE account_id = $1 AND totp_step < $2 RETURNING true",
                row["account_id"],
                step,
            )
        ):
            raise SignInRefused(SignInRefused.__doc__)
        await self._connections.execute(
            "DELETE FROM access.sign_in_tries WHERE login_hash = $1", self._hash(login)
        )
        return row

    async def _count(self, login: str, now: datetime) -> None:
        """Counts a try before it is judged, so that many at once are not more; Locked."""
        await self._connections.execute(
            "DELETE FROM access.sign_in_tries WHERE forgotten_at <= $1", now
        )
        row = await self._connections.fetchrow(
            "INSERT INTO access.sign_in_tries AS t (login_hash, tries, forgotten_at)"
            " VALUES ($1, 1, $2) ON CONFLICT (login_hash) DO UPDATE SET tries = t.tries + 1,"
            # Whoever goes on trying does not lock anybody out for longer.
            " forgotten_at = CASE WHEN t.tries < $3 THEN $2 ELSE t.forgotten_at END"
            " RETURNING tries, forgotten_at",
            self._hash(login),
            now + LOCKED_FOR,
            TRIES,
        )
        if row is not None and row["tries"] > TRIES:
            raise Locked(row["forgotten_at"])

    def _hash(self, login: str) -> bytes:
        return digest(self._tries_key, login.encode(), "sha256")

    def _step(self, row: asyncpg.Record, code: str, now: datetime) -> int | None:
        """The half minute whose code this is."""
        codes = pyotp.TOTP(self._opened(row["account_id"], row["totp_secret"]))
        this = int(now.timestamp()) // _STEP
        for step in (this, this - 1):
            if secrets.compare_digest(codes.generate_otp(step).encode(), code.encode()):
                return step
        return None

    async def _matches(self, hashed: str, password: str) -> bool:
        # Somebody who does not exist takes as long to refuse as somebody who does.
        self._nobody = self._nobody or await self._hashed(secrets.token_urlsafe())
        try:
            async with self._at_once:
                verify = PASSWORDS.verify
                return await asyncio.to_thread(verify, hashed or self._nobody, password)
        except VerificationError:
            return False

    async def _hashed(self, password: str) -> str:
        async with self._at_once:
            return await asyncio.to_thread(PASSWORDS.hash, password)

    def _sealed(self, account_id: str, secret: str) -> bytes:
        return self._seal.seal(secret.encode(), account_id.encode())

    def _opened(self, account_id: str, sealed: bytes) -> str:
        return self._seal.open(sealed, account_id.encode()).decode()


def _uri(login: str, secret: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="八小时外")


def require_strong(login: str, password: str, new: str) -> None:
    """Raises PasswordTooWeak if the new password is too short, too long, or easy to guess."""
    length_fits = SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD
    if not length_fits or login.lower() in new.lower() or new == password:
        raise PasswordTooWeak(PasswordTooWeak.__doc__)
