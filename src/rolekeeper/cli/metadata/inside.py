"""Which instance a request comes from: the one that a listener is for, or the one with its source address.

An instance's secret is made when it first asks, by whoever started the listener, who must be allowed to hand
over its role; it opens nothing any more when the listener ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Final

import typer

from rolekeeper.cli.launch.listener import Answer, Asked
from rolekeeper.cli.launch.opening import secret_of
from rolekeeper.cli.workload.calls import WorkloadCalls
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret

FRESH: Final = 1.0
"""Seconds for which it is not asked again which instances there are."""

Inside = Callable[[Asked], Answer]
"""What answers all requests of one instance."""


class Insides:
    """The instances that have asked, each with what answers it."""

    def __init__(self, calls: WorkloadCalls, make: Callable[[Secret], Inside], held: ExitStack) -> None:
        """The secrets open nothing any more when `held` is closed."""
        self._calls = calls
        self._make = make
        self._held = held
        self._known: dict[str, Inside] = {}
        self._lock = threading.Lock()

    def of(self, instance: str) -> Inside:
        """What answers an instance. A refusal is a no; ConfigurationError where there is no answer."""
        with self._lock:
            found = self._known.get(instance)
            if found is None:
                secret = self._held.enter_context(secret_of(self._calls, "instance", instance))
                found = self._known[instance] = self._make(secret)
            return found


class BySource:
    """Answers each instance by the address that its request comes from."""

    def __init__(self, calls: WorkloadCalls, insides: Insides) -> None:
        self._calls = calls
        self._insides = insides
        self._table: dict[str, str | None] = {}
        self._read: float | None = None
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Answer:
        try:
            instance = self._instance(asked.source)
            return Answer(status=404) if instance is None else self._insides.of(instance)(asked)
        except (ConfigurationError, typer.Exit):
            return Answer(status=503)

    def _instance(self, address: str) -> str | None:
        """The one instance with that address; None where there is none, or where it is not told which."""
        with self._lock:
            if self._read is None or monotonic() - self._read > FRESH:
                self._table = self._addresses()
                self._read = monotonic()
            return self._table.get(address)

    def _addresses(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for each in self._calls.every("ListInstances", "Instances"):
            address = each["PrivateIpAddress"]
            found[address] = None if address in found else each["InstanceId"]
        return found
