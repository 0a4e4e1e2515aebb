"""The public keys of identity providers, found through discovery and remembered.

An issuer is asked when its keys are first needed, when they have become old, and when a token names a key
that is not among them, which is how keys are rotated: but never twice within `PAUSE`, whatever tokens say,
and an issuer that did not answer is left alone as long; the keys that it had serve for `OLDEST` meanwhile.
`get` may wait for the network, but never on an event loop, where everybody would wait with it: there
`missing` says beforehand what is to be fetched in a thread.
Source: OpenID Connect Discovery 1.0, section 4; "AssumeRoleWithWebIdentity" in the STS API Reference.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from rolekeeper.iam import web_identity
from rolekeeper.iam.web_identity import Key
from rolekeeper.service.outgoing import Outgoing, Unreachable

LIFETIME = 3600.0
"""Seconds that keys are used before they are asked for again."""

PAUSE = 10.0
"""Seconds between two questions to one issuer."""

OLDEST = 86400.0
"""Seconds that keys are used of an issuer which has been away for so long."""

_MOST = 1000  # issuers whose keys are remembered

Place = tuple[str, tuple[str, ...]]
"""An issuer, by its URL without `https://`, and the thumbprints by which its host is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    keys: tuple[Key, ...]
    failure: str | None
    asked: float
    had: float
    """When the issuer has shown the keys."""
    by_thumbprint: bool = False
    """Whether it took a thumbprint to verify the issuer's host."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Have an issuer's keys at hand, or the reason why not. Two to one issuer are equal: one is enough."""

    place: Place
    key_sets: KeySets = field(compare=False, repr=False)
    token: web_identity.Unverified = field(compare=False, repr=False)

    def __call__(self) -> None:
        with suppress(Unreachable):
            self.key_sets.get(self.place, self.token)


class KeySets:
    """The keys of issuers. Any thread may ask."""

    def __init__(self, outgoing: Outgoing, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._known: dict[Place, _Known] = {}
        self._asking: dict[Place, threading.Lock] = {}

    def missing(self, place: Place, token: web_identity.Unverified) -> Errand | None:
        """What has to be fetched before `get` answers at once; None where nothing has to be."""
        known = self._known.get(place)
        return None if known is not None and self._serves(known, token) else Errand(place, self, token)

    def get(self, place: Place, token: web_identity.Unverified) -> tuple[Key, ...]:
        """The issuer's keys; Unreachable where they could not be had."""
        known = self._known.get(place)
        if known is None or not self._serves(known, token):
            if _on_event_loop():  # what was at hand a moment ago is so no longer
                raise Unreachable("its keys have to be asked for again")
            known = self._ask(place, token)
        if known.failure is not None:
            raise Unreachable(known.failure)
        return known.keys

    def by_thumbprint(self, place: Place) -> bool:
        """Whether the issuer's host was last verified by a thumbprint, and not by an authority."""
        known = self._known.get(place)
        return known is not None and known.by_thumbprint

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
            known = self._answered(place, known)
            if len(self._known) >= _MOST:
                self._known.clear()
                self._asking.clear()
            self._known[place] = known
            return known

    def _answered(self, place: Place, before: _Known | None) -> _Known:
        try:
            keys, by_thumbprint = self._discover(place)
        except Unreachable as error:
            now = self._clock()
            if before is not None and before.keys and now - before.had < OLDEST:
                return replace(before, asked=now)
            return _Known(keys=(), failure=str(error), asked=now, had=now)
        now = self._clock()
        return _Known(keys=keys, failure=None, asked=now, had=now, by_thumbprint=by_thumbprint)

    def _discover(self, place: Place) -> tuple[tuple[Key, ...], bool]:
        """The keys, and whether it took a thumbprint to verify who shows them."""
        issuer, thumbprints = place
        url = f"https://{issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = self._outgoing.get(url, thumbprints)
            described = json.loads(found.text)
            if not isinstance(described, dict) or described.get("issuer") != f"https://{issuer}":
                raise Unreachable(f"the discovery document of {issuer} is of another issuer")
            where = described.get("jwks_uri")
            if not isinstance(where, str):
                raise Unreachable(f"the discovery document of {issuer} names no keys")
            shown = self._outgoing.get(where, thumbprints)
            return web_identity.key_set(shown.text), found.by_thumbprint or shown.by_thumbprint
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"the keys of {issuer} cannot be read: {error}") from None


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
