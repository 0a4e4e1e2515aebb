"""Which codes of MFA devices were used, so that each is good once.

It is memory of this process, not of the store: becoming a role writes nothing, and must not wait for a disk
because of a code. What a restart forgets is worth little: a code stands for a minute and a half, whoever
uses it again must also sign with the user's key, and the codes that enabled a device are in the store.
Source: RFC 6238, section 5.2 (a code must not be accepted a second time).
"""

from __future__ import annotations

from threading import Lock

_KEPT = 10_000  # devices


class UsedCodes:
    """The last time step of each device in which a code was accepted. Threads share it."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._lock = Lock()

    def take(self, device_id: str, step: int) -> bool:
        """Use the code of a step up; False where it, or a later one, was used before."""
        with self._lock:
            if step <= self._last.get(device_id, -1):
                return False
            self._last.pop(device_id, None)  # the one used last goes to the end
            self._last[device_id] = step
            if len(self._last) > _KEPT:
                del self._last[next(iter(self._last))]
            return True
