"""The claim: verifying, deciding and auditing every request leaves much of the HTTP server's own speed.

    python bench/wire.py                    our own servers, and their part of bench/results.json anew
    python bench/wire.py --endpoint NAME=http://KEY:SECRET@HOST:PORT ...       any servers, side by side

The rounds of all servers are interleaved, the ceiling's first, and a ratio is taken between rounds that
follow each other, so that what else the machine does touches all alike. Load and servers are different
processes. An endpoint that is given keeps the roles which CreateRole makes in it, and is not asked about web
identities: it does not know our issuer.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

from issuer import Issuer
from load import BenchError, Measure, measure
from machine import machine
from results import record
from servers import ceiling, rolekeeper
from signed import OPERATIONS, World, make_world

GOALS = {"GetCallerIdentity": 0.40, "GetRole": 0.40, "AssumeRole": 0.30}
"""The share of the ceiling that an operation is to reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One server of the comparison. `requests(operation, count)` signs new requests for it."""

    name: str
    address: tuple[str, int]
    requests: Callable[[str, int], list[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured; without `operations`, all that can be asked of every server."""

    operations: tuple[str, ...] | None
    rounds: int
    seconds: float
    connections: int
    creations: int
    different: int


def compare(operations: Sequence[str], targets: Sequence[Target], plan: Plan) -> dict[str, Any]:
    """Every operation on every target, the first of which is the ceiling. Raises BenchError."""
    return {operation: _operation(operation, targets, plan) for operation in operations}


def _operations(worlds: Sequence[World], plan: Plan) -> tuple[str, ...]:
    """What is measured; BenchError where something cannot be asked of a server."""
    common = tuple(each for each in OPERATIONS if all(each in world.operations for world in worlds))
    for asked in plan.operations or ():
        if asked not in common:
            raise BenchError(f"{asked} needs a server that knows our issuer")
    return plan.operations or common


def _operation(operation: str, targets: Sequence[Target], plan: Plan) -> dict[str, Any]:
    busy: dict[str, list[Measure]] = {target.name: [] for target in targets}
    alone: dict[str, list[Measure]] = {target.name: [] for target in targets}
    pools = {target.name: target.requests(operation, plan.different) for target in targets}
    for _ in range(plan.rounds):
        for target in targets:
            if operation == "CreateRole":  # a name can be taken once
                load, single = (
                    iter(target.requests(operation, plan.creations)),
                    iter(target.requests(operation, 100)),
                )
            else:
                load = single = cycle(pools[target.name])
            busy[target.name].append(_round(target, load, plan.connections, plan.seconds))
            alone[target.name].append(_round(target, single, 1, plan.seconds / 4))
    first = busy[targets[0].name]
    return {name: _summary(operation, rounds, alone[name], first) for name, rounds in busy.items()}


def _round(target: Target, requests: Iterator[bytes], connections: int, seconds: float) -> Measure:
    try:
        return measure(*target.address, requests, connections=connections, seconds=seconds)
    except BenchError as error:
        raise BenchError(f"{target.name}: {error}") from error


def _summary(
    operation: str, rounds: list[Measure], alone: list[Measure], first: list[Measure]
) -> dict[str, Any]:
    share = median(one.rate / other.rate for one, other in zip(rounds, first, strict=True))
    found: dict[str, Any] = {
        "requests_per_second": round(median(one.rate for one in rounds)),
        "p50_us": round(median(one.percentile(0.50) for one in rounds)),
        "p99_us": round(median(one.percentile(0.99) for one in rounds)),
        "alone_p50_us": round(median(one.percentile(0.50) for one in alone)),
        "of_ceiling": round(share, 3),
    }
    if rounds is not first and operation in GOALS:
        found |= {"goal": GOALS[operation], "reached": share >= GOALS[operation]}
    return found


def _of_world(name: str, world: World) -> Target:
    return Target(name=name, address=world.address, requests=world.requests)


def _ceiling(address: tuple[str, int], world: World) -> Target:
    """The bare server, given the same requests as a world and answering as many bytes."""

    def requests(operation: str, count: int) -> list[bytes]:
        path = f"POST /{_answer_size(world, operation)} ".encode()
        return [request.replace(b"POST / ", path, 1) for request in world.requests(operation, count)]

    return Target(name="ceiling", address=address, requests=requests)


def _answer_size(world: World, operation: str) -> int:
    seen = measure(*world.address, iter(world.requests(operation, 1)), connections=1)
    return seen.size


def _given(text: str) -> tuple[str, World]:
    name, equals, url = text.partition("=")
    parts = urlsplit(url)
    if not equals or parts.username is None or parts.password is None or parts.hostname is None:
        raise argparse.ArgumentTypeError("write NAME=http://KEY:SECRET@HOST:PORT")
    bare = f"{parts.scheme}://{parts.hostname}:{parts.port or 80}"
    return name, make_world(bare, unquote(parts.username), unquote(parts.password))


def _arguments() -> tuple[Plan, list[tuple[str, World]]]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--endpoint", action="append", type=_given, default=[], metavar="NAME=URL")
    parser.add_argument("--operation", action="append", choices=OPERATIONS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="the length of a round")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--creations", type=int, default=2000, help="roles made in a round")
    parser.add_argument(
        "--different", type=int, default=2000, help="requests of a reading operation, in turn"
    )
    given = parser.parse_args()
    plan = Plan(
        operations=tuple(given.operation) if given.operation else None,
        rounds=given.rounds,
        seconds=given.seconds,
        connections=given.connections,
        creations=given.creations,
        different=given.different,
    )
    return plan, given.endpoint


def main() -> None:
    """Measure and print."""
    plan, given = _arguments()
    with ExitStack() as running:
        worlds = dict(given)
        if not given:
            issuer = running.enter_context(Issuer())
            for name, ephemeral in (("rolekeeper --ephemeral", True), ("rolekeeper --data", False)):
                folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
                worlds[name] = running.enter_context(rolekeeper(folder, ephemeral=ephemeral, issuer=issuer))
        bare = _ceiling(running.enter_context(ceiling()), next(iter(worlds.values())))
        targets = [bare, *(_of_world(name, world) for name, world in worlds.items())]
        try:
            operations = _operations(list(worlds.values()), plan)
            found = compare(operations, targets, plan)
        except BenchError as error:
            sys.exit(f"nothing was measured: {error}")
    print(json.dumps({"machine": machine(), "wire": found}, indent=2))
    if not given and operations == OPERATIONS:
        record("wire", found)


if __name__ == "__main__":
    main()
