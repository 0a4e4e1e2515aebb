"""Sessions of the console: who is signed in, by the random ID that a browser's cookie has.

A browser holds nothing but the ID, and the server nothing but its hash, so that signing out ends a session
for good, also one whose cookie was copied. They are memory of this process: after a restart people sign in
again. With every change of who somebody is (signed in, switched, password changed) the ID is a new one, so
that an ID which somebody else has put into the browser is never worth anything.
"""

from __future__ import annotations

import hashlib
import secrets
from threading import Lock

import msgspec

from rolekeeper.iam.credentials import Session

LONGEST = 43_200
"""Seconds that a console session lasts at most."""

_MOST, _MOST_OF_ACCOUNT = 10_000, 2_000


class ConsoleSession(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in. Times are epoch seconds."""

    base: Session
    """As whom somebody has signed in: the credentials with which roles are switched to."""
    partition: str
    issued: int
    expires: int
    csrf: str
    """What forms of this session must bring along."""
    switched: Session | None = None
    """The role that was switched to."""
    shown: tuple[str, str] | None = None
    """That role's display name and colour."""
    issuer: str = ""
    """Where the identity broker of a federated session is, as it said itself."""
    must_change_password: bool = False
    """Nothing else can be done before the password is changed."""

    def __repr__(self) -> str:
        # What forms bring along is nobody's else to know.
        return f"ConsoleSession({self.current.access_key_id}, until {self.ends})"

    @property
    def current(self) -> Session:
        """Whose permissions somebody has now."""
        return self.base if self.switched is None else self.switched

    @property
    def ends(self) -> int:
        """When the session, or that of the role that was switched to, is over."""
        return self.expires if self.switched is None else min(self.expires, self.switched.expires)


def new_csrf() -> str:
    """A random text for the forms of a session."""
    return secrets.token_urlsafe(24)


class ConsoleSessions:
    """All console sessions. Threads share it; of an account with too many, the oldest goes."""

    def __init__(self) -> None:
        self._sessions: dict[bytes, ConsoleSession] = {}
        self._lock = Lock()

    def begin(self, session: ConsoleSession, now: int) -> str:
        """Keep a session; its ID, which is nowhere else."""
        id = secrets.token_urlsafe(32)
        with self._lock:
            self._make_room(session.base.account, now)
            self._sessions[_hash(id)] = session
        return id

    def find(self, id: str, now: int) -> ConsoleSession | None:
        """The session of an ID, where it is not over."""
        with self._lock:
            found = self._sessions.get(_hash(id))
            if found is not None and found.expires <= now:
                del self._sessions[_hash(id)]
                return None
            return found

    def end(self, id: str) -> None:
        """Forget a session."""
        with self._lock:
            self._sessions.pop(_hash(id), None)

    def _make_room(self, account: str, now: int) -> None:
        sessions = self._sessions
        if len(sessions) >= _MOST:
            for key in [key for key, one in sessions.items() if one.expires <= now]:
                del sessions[key]
        own = [key for key, one in sessions.items() if one.base.account == account]
        if len(own) >= _MOST_OF_ACCOUNT:
            del sessions[own[0]]
        elif len(sessions) >= _MOST:
            del sessions[next(iter(sessions))]


def _hash(id: str) -> bytes:
    return hashlib.sha256(id.encode()).digest()
