"""Temporary credentials: what a session is, and its token, sealed and opened.

A session token is an AES-256-GCM box around the session and its secret. No session is stored anywhere:
whoever has the key can open any token, and nobody else can make one. A session names its role or user by
unique ID, so that deleting the role ends its sessions for good, also when a role of the same name is made
again.
Source: "Temporary security credentials in IAM" in the IAM User Guide.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rolekeeper import ids
from rolekeeper.iam.secret import Secret

T = TypeVar("T")

MIN_DURATION, MAX_DURATION, CHAINED_DURATION = 900, 43200, 3600
"""Seconds that a role session lasts at least, at most, and at most when a role session asked for it."""


class Delegation(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What somebody has handed on of what he may: a policy that limits it, for another account."""

    account: str
    policy: str


class RoleSession(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="role"):
    """What AssumeRole gives: a role for a while, in the name of a session. Times are epoch seconds."""

    access_key_id: str
    account: str
    issued: int
    expires: int
    role_id: str
    name: str
    chained: bool = False
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    source_identity: str | None = None
    tags: dict[str, str] = {}
    transitive: tuple[str, ...] = ()
    mfa_at: int | None = None
    claims: dict[str, str | tuple[str, ...]] = {}
    """What an identity provider vouched for, as condition keys by lower-case name."""
    delegations: tuple[Delegation, ...] = ()
    """Through whose hands it went, where it is handed on."""


class UserSession(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="user"):
    """What GetSessionToken gives: the user (or root, where `user_id` is None) for a while."""

    access_key_id: str
    account: str
    issued: int
    expires: int
    user_id: str | None
    mfa_at: int | None = None
    delegations: tuple[Delegation, ...] = ()
    """Through whose hands it went, where it is not of GetSessionToken but handed on."""
    console: bool = False
    """It is of somebody who has signed in to the console with a password."""


class FederationSession(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="federated"):
    """What GetFederationToken gives: somebody in a name that the user (or root, where `user_id` is None) has
    chosen, for a while. There is never MFA in it."""

    mfa_at: ClassVar[None] = None
    delegations: ClassVar[tuple[Delegation, ...]] = ()

    access_key_id: str
    account: str
    issued: int
    expires: int
    user_id: str | None
    name: str
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: dict[str, str] = {}


class RootSession(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="root"):
    """What AssumeRoot gives: the root user of a member account, for one task and a few minutes."""

    mfa_at: ClassVar[None] = None
    delegations: ClassVar[tuple[Delegation, ...]] = ()

    access_key_id: str
    account: str
    issued: int
    expires: int
    task: str
    """The ARN of the policy that denies all but the task."""
    source_identity: str | None = None


Session = RoleSession | UserSession | FederationSession | RootSession


class TradeIn(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="trade-in"):
    """What SendDelegationToken gives away: the right of one account to trade a token in for a session."""

    request: str
    """The ID of the delegation request, which says what the session may and in whose name."""
    requestor: str
    issued: int
    expires: int


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder gets: an access key ID, a secret, a token and the end."""

    access_key_id: str
    secret: Secret
    token: Secret
    expires: int

    def view(self) -> dict[str, Any]:
        """The `Credentials` structure of STS's answers."""
        return {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret.reveal(),
            "SessionToken": self.token.reveal(),
            "Expiration": _moment(self.expires),
        }

    def answer(self) -> dict[str, Any]:
        """What every answer with credentials has: they, and the size of the token, also in percent."""
        size = len(self.token.reveal())
        return {
            "Credentials": self.view(),
            "SessionTokenSize": size,
            "SessionTokenUtilization": -(-100 * size // MAX_TOKEN),
        }


@lru_cache(maxsize=1024)  # what is written of a moment is remembered with it, and many sessions end together
def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class InvalidToken(Exception):
    """The token is not one that we sealed."""


_SESSION, _TRADE_IN = 1, 2
"""What is in a token: its first byte, sealed with the rest, so that none passes for the other."""
_HEAD = 5  # that byte, key ID of four bytes
_NONCE = 12
_TAG = 16
MAX_TOKEN = 32768  # characters: over what any session takes, with policies, tags and claims


class TokenSealer:
    """Seals sessions into tokens and opens them. `keys` maps a key ID (4 bytes) to a key of 32 bytes."""

    def __init__(self, keys: Mapping[bytes, bytes], current: bytes) -> None:
        self._boxes = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._box = self._boxes[current]
        self._heads = {purpose: bytes([purpose]) + current for purpose in (_SESSION, _TRADE_IN)}
        self._encoder = msgspec.msgpack.Encoder()
        self._sessions = msgspec.msgpack.Decoder(tuple[Session, str, bytes])
        self._trade_ins = msgspec.msgpack.Decoder(TradeIn)

    def __repr__(self) -> str:
        return f"TokenSealer({len(self._boxes)} keys)"

    def seal(self, session: Session, *, minimum_size: int = 0) -> Credentials:
        """New credentials for a session whose access key ID has been made.

        The token has `minimum_size` characters at least.
        """
        secret = ids.secret_access_key()
        content = self._encoder.encode((session, secret, b""))
        missing = -(-minimum_size * 3 // 4) - (_HEAD + _NONCE + len(content) + _TAG)
        if missing > 0:
            content = self._encoder.encode((session, secret, bytes(missing)))
        return Credentials(
            access_key_id=session.access_key_id,
            secret=Secret(secret),
            token=Secret(self._close(_SESSION, content)),
            expires=session.expires,
        )

    def open(self, token: str) -> tuple[Session, Secret]:
        """The session and the secret in a token; InvalidToken where it is not ours or was changed."""
        session, secret, _ = self._read(_SESSION, token, self._sessions)
        return session, Secret(secret)

    def seal_trade_in(self, trade_in: TradeIn) -> Secret:
        """A token that is good for one thing: to be traded in."""
        return Secret(self._close(_TRADE_IN, self._encoder.encode(trade_in)))

    def open_trade_in(self, token: str) -> TradeIn:
        """What is in such a token; InvalidToken where it is another, not ours, or was changed."""
        return self._read(_TRADE_IN, token, self._trade_ins)

    def _close(self, purpose: int, content: bytes) -> str:
        head, nonce = self._heads[purpose], ids.draw(_NONCE)
        box = self._box.encrypt(nonce, content, head)
        return binascii.b2a_base64(head + nonce + box, newline=False).decode("ascii")

    def _read(self, purpose: int, token: str, decoder: msgspec.msgpack.Decoder[T]) -> T:
        try:
            if len(token) > MAX_TOKEN:
                raise InvalidToken
            raw = base64.b64decode(token, validate=True)
            head, nonce, box = raw[:_HEAD], raw[_HEAD : _HEAD + _NONCE], raw[_HEAD + _NONCE :]
            if head[0] != purpose:
                raise InvalidToken
            return decoder.decode(self._boxes[head[1:]].decrypt(nonce, box, head))
        except (ValueError, KeyError, IndexError, InvalidTag, msgspec.MsgspecError):
            raise InvalidToken from None
