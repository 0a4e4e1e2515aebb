"""The public keys of identity providers, found through discovery and remembered.

An issuer is asked when its keys are first needed, when they have become old, and when a token names a key
that is not among them, which is how keys are rotated: but never twice within `PAUSE`, whatever tokens say,
and an issuer that did not answer is left alone as long. `get` may wait for the network; `at_hand` tells
whether it would.
Source: OpenID Connect Discovery 1.0, section 4; "AssumeRoleWithWebIdentity" in the STS API Reference.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from rolekeeper.iam import web_identity
from rolekeeper.iam.web_identity import Key
from rolekeeper.service.outgoing import Outgoing, Unreachable

LIFETIME = 3600.0
"""Seconds that keys are used before they are asked for again."""

PAUSE = 10.0
"""Seconds between two questions to one issuer."""

_MOST = 1000  # issuers whose keys are remembered

Place = tuple[str, tuple[str, ...]]
"""An issuer, by its URL without `https://`, and the thumbprints by which its host is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    keys: tuple[Key, ...]
    failure: str | None
    asked: float


class KeySets:
    """The keys of issuers. Any thread may ask."""

    def __init__(self, outgoing: Outgoing, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._known: dict[Place, _Known] = {}
        self._asking: dict[Place, threading.Lock] = {}

    def at_hand(self, place: Place, token: web_identity.Unverified) -> bool:
        """Whether `get` answers at once."""
        known = self._known.get(place)
        return known is not None and self._serves(known, token)

    def get(self, place: Place, token: web_identity.Unverified) -> tuple[Key, ...]:
        """The issuer's keys; Unreachable where they could not be had."""
        known = self._known.get(place)
        if known is None or not self._serves(known, token):
            known = self._ask(place, token)
        if known.failure is not None:
            raise Unreachable(known.failure)
        return known.keys

    def fetch(self, place: Place, token: web_identity.Unverified) -> None:
        """Have the keys at hand, or the reason why not."""
        known = self._known.get(place)
        if known is None or not self._serves(known, token):
            self._ask(place, token)

    def _serves(self, known: _Known, token: web_identity.Unverified) -> bool:
        age = self._clock() - known.asked
        if age < PAUSE:
            return True
        return known.failure is None and age < LIFETIME and bool(web_identity.fits(token, known.keys))

    def _ask(self, place: Place, token: web_identity.Unverified) -> _Known:
        with self._asking.setdefault(place, threading.Lock()):  # many tokens come at once: one of them asks
            known = self._known.get(place)
            if known is not None and self._serves(known, token):
                return known
            try:
                keys, failure = self._discover(place), None
            except Unreachable as error:
                keys, failure = (), str(error)
            if failure is not None and known is not None and known.keys:
                keys, failure = known.keys, None  # an issuer that is away for a while has its old keys
            known = _Known(keys=keys, failure=failure, asked=self._clock())
            if len(self._known) >= _MOST:
                self._known.clear()
                self._asking.clear()
            self._known[place] = known
            return known

    def _discover(self, place: Place) -> tuple[Key, ...]:
        issuer, thumbprints = place
        url = f"https://{issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            described = json.loads(self._outgoing.get(url, thumbprints))
            if not isinstance(described, dict) or described.get("issuer") != f"https://{issuer}":
                raise Unreachable(f"the discovery document of {issuer} is of another issuer")
            where = described.get("jwks_uri")
            if not isinstance(where, str):
                raise Unreachable(f"the discovery document of {issuer} names no keys")
            return web_identity.key_set(self._outgoing.get(where, thumbprints))
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"the keys of {issuer} cannot be read: {error}") from None
