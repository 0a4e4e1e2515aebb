"""The file with the token of a pod's service account, which is renewed as Kubernetes renews it.

Source: "Service account token volume projection" in the Kubernetes documentation.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from rolekeeper.cli.launch.keeping import Clock
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret

EVERY: Final = timedelta(minutes=10)
"""How old a token gets: well before its end, which is an hour away at least."""
_LOOK: Final = 30.0
"""Seconds: the clock of an ephemeral server can be moved."""


class TokenFile:
    """A file that always has a token, written from its making, and renewed while it is entered."""

    def __init__(self, path: Path, token: Callable[[], Secret], clock: Clock) -> None:
        """Raises what `token` does."""
        self.path = path
        self._token, self._clock = token, clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._write()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(1.0)

    def _renew(self) -> None:
        while not self._ended.wait(_LOOK):
            if self._clock() >= self._due:
                with suppress(ConfigurationError):  # the one that is there may still be good
                    self._write()

    def _write(self) -> None:
        """Put a new token in place of the old one, at once."""
        draft = self.path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(self._token().reveal())
        draft.replace(self.path)
        self._due = self._clock() + EVERY
