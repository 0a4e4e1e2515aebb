"""How often somebody may try a password: after a few failures, each costs a longer wait.

It is memory of this process, bounded; what is forgotten first is what was tried longest ago.
Source: NIST SP 800-63B, section 5.2.2 (rate limiting); the OWASP Authentication Cheat Sheet.
"""

from __future__ import annotations

from threading import Lock

FREE = 5
"""Failures in a row that cost nothing."""
LONGEST_WAIT = 900
"""Seconds: the longest that anybody has to wait."""
_KEPT = 10_000


class Throttle:
    """Failures by whom or what they are about: a user, an address. Threads share it."""

    def __init__(self, free: int = FREE) -> None:
        self._free = free
        self._failures: dict[str, tuple[int, float]] = {}
        self._lock = Lock()

    def wait(self, about: str, now: float) -> int:
        """Seconds until the next try, 0 where it may be now."""
        with self._lock:
            count, last = self._failures.get(about, (0, 0.0))
        if count < self._free:
            return 0
        until = last + min(2 ** (count - self._free), LONGEST_WAIT)
        return max(0, int(until - now + 0.999))

    def failed(self, about: str, now: float) -> None:
        """Note a failure."""
        with self._lock:
            count, last = self._failures.pop(about, (0, 0.0))
            if now - last > 2 * LONGEST_WAIT:
                count = 0
            self._failures[about] = (min(count + 1, self._free + 32), now)
            if len(self._failures) > _KEPT:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, about: str) -> None:
        """Forget the failures."""
        with self._lock:
            self._failures.pop(about, None)
