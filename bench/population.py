"""The claim: an account as large as the quotas let it be is as quick as a small one, and starts as soon.

    python bench/population.py                    everything, and its part of bench/results.json anew
    python bench/population.py --roles 1000       a smaller crowd, which is not recorded

A crowd is moved in by `rolekeeper import`, and what follows is asked of it and of an account of 100 roles, in
turn: one request at a time, so that what is measured is the answer and no queue. The two servers are
processes of their own, with their state on disk. The processor time that a server takes is told beside: what
else the machine does changes it little. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import botocore.session

from crowd import dump
from load import measure
from machine import machine
from results import record
from servers import COMMAND, Started, cpu_seconds, new_key, started
from signed import REGION, World, make_world

ACCOUNT = "123456789012"
RATIO, START = 1.5, 3.0
"""The goals: times the time in the small account, and seconds until the server answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many there are."""

    roles: int
    users: int
    policies: int


SMALL = Size(roles=100, users=50, policies=15)
LARGE = Size(roles=10_000, users=4_999, policies=1_500)
"""With the user who asks there are 5,000: the quota."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Microseconds: of the requests, and what the server's processor time was for each."""

    p50: float
    p99: float
    cpu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A server with its people. `markers` begin the pages of each list."""

    name: str
    size: Size
    world: World
    process: int
    filled: float
    markers: dict[str, list[str]]

    def requests(self, operation: str) -> list[bytes]:
        """Requests that go through all of it."""
        if operation == "GetRole":
            names = (f"role-{number:05}" for number in range(self.size.roles))
            return self.world.signed(operation, ({"RoleName": name} for name in names))
        pages = ({"Marker": marker} if marker else {} for marker in self.markers[operation])
        return self.world.signed(operation, pages)


def population(size: Size, *, rounds: int, seconds: float) -> dict[str, Any]:
    """All of it."""
    with ExitStack() as running:
        folders = [Path(running.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        keys = [new_key() for _ in folders]
        starts: dict[str, list[tuple[float, float]]] = {"small": [], "large": []}
        with ExitStack() as servers:
            places = zip(("small", "large"), (SMALL, size), folders, keys, strict=True)
            towns = [_town(servers, *place) for place in places]
            found = _compare(towns, rounds, seconds)
            found["moving in"] = _moved(towns[1])
            found["memory"] = {town.name: _memory(town.process) for town in towns}
        for _ in range(rounds):
            for name, folder, (key, secret) in zip(starts, folders, keys, strict=True):
                with started(folder, key, secret, ephemeral=False) as server:
                    starts[name].append((server.seconds, cpu_seconds(server.process)))
                    found["memory"][name]["mib_after_a_start"] = _memory(server.process)["mib"]
    return {"size": _counts(size), **found, "start": _starts(starts)}


def _town(servers: ExitStack, name: str, size: Size, folder: Path, key: tuple[str, str]) -> Town:
    server = servers.enter_context(started(folder, *key, ephemeral=False))
    world = make_world(server.url, *key, count=0)
    filled = _fill(folder, size)
    client = _client(server)
    markers = {
        "ListRoles": list(_markers(client, "list_roles", "Roles"))[: max(1, size.roles // 100)],
        "GetAccountAuthorizationDetails": list(_markers(client, "get_account_authorization_details", None)),
    }
    return Town(name=name, size=size, world=world, process=server.process, filled=filled, markers=markers)


def _fill(folder: Path, size: Size) -> float:
    """Move the crowd in, as anybody would; the seconds that it took."""
    file = folder / "dump.json"
    file.write_text(json.dumps(dump(ACCOUNT, **_counts(size))))
    command = [
        COMMAND,
        "import",
        "authorization-details",
        str(file),
        "--data",
        str(folder / "data"),
        "--json",
    ]
    begun = time.monotonic()
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"the crowd did not come: {run.stderr or run.stdout[:2000]}")
    return time.monotonic() - begun


def _compare(towns: Sequence[Town], rounds: int, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for operation in ("GetRole", "ListRoles", "GetAccountAuthorizationDetails"):
        times: dict[str, list[Round]] = {town.name: [] for town in towns}
        for _ in range(rounds):
            for town in towns:
                times[town.name].append(_round(town, operation, seconds))
        found[operation] = _summary(operation, towns, times)
    return found


def _round(town: Town, operation: str, seconds: float) -> Round:
    requests = cycle(town.requests(operation))
    before = cpu_seconds(town.process)
    seen = measure(*town.world.address, requests, connections=1, seconds=seconds)
    used = cpu_seconds(town.process) - before
    return Round(p50=seen.percentile(0.50), p99=seen.percentile(0.99), cpu=used * 1e6 / len(seen.latencies))


def _summary(operation: str, towns: Sequence[Town], times: dict[str, list[Round]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        town.name: {
            "p50_us": round(median(one.p50 for one in times[town.name])),
            "p99_us": round(median(one.p99 for one in times[town.name])),
            "cpu_us": round(median(one.cpu for one in times[town.name])),
            "pages": len(town.markers.get(operation, ())),
        }
        for town in towns
    }
    if operation == "GetAccountAuthorizationDetails":  # of which a small account has other pages
        return found
    pairs = list(zip(*(times[town.name] for town in towns), strict=True))
    ratio = median(large.p50 / small.p50 for small, large in pairs)
    found["cpu_ratio"] = round(median(large.cpu / small.cpu for small, large in pairs), 2)
    return {**found, "ratio": round(ratio, 2), "goal": RATIO, "reached": ratio <= RATIO}


def _moved(town: Town) -> dict[str, Any]:
    things = sum(_counts(town.size).values())
    return {"seconds": round(town.filled, 1), "things_per_second": round(things / town.filled)}


def _starts(starts: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: {
            "seconds": round(median(seconds for seconds, _ in times), 2),
            "cpu_seconds": round(median(cpu for _, cpu in times), 2),
        }
        for name, times in starts.items()
    }
    return {**found, "goal": START, "reached": found["large"]["seconds"] < START}


def _memory(process: int) -> dict[str, int]:
    """What a process holds now, and the most that it has held (Linux)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    values = {
        name: int(rest.split()[0])
        for name, _, rest in (line.partition(":") for line in lines)
        if "kB" in rest
    }
    return {"mib": values["VmRSS"] >> 10, "mib_at_most": values["VmHWM"] >> 10}


def _markers(client: Any, operation: str, member: str | None) -> Iterator[str]:
    """What each page of a list begins behind; the empty text for the first."""
    marker = ""
    while True:
        yield marker
        answer = getattr(client, operation)(**({"Marker": marker} if marker else {}))
        if not answer["IsTruncated"]:
            return
        marker = answer["Marker"]


def _client(server: Started) -> Any:
    session = botocore.session.Session()
    session.set_credentials(server.key, server.secret)
    return session.create_client("iam", REGION, endpoint_url=server.url)


def _counts(size: Size) -> dict[str, int]:
    return {"roles": size.roles, "users": size.users, "policies": size.policies}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--roles", type=int, default=LARGE.roles, help="users and policies in proportion")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0, help="the length of a round")
    given = parser.parse_args()
    share = given.roles / LARGE.roles
    size = Size(
        roles=given.roles, users=round(LARGE.users * share), policies=max(1, round(LARGE.policies * share))
    )
    found = population(size, rounds=given.rounds, seconds=given.seconds)
    print(json.dumps({"machine": machine(), "population": found}, indent=2))
    if size == LARGE:
        record("population", found)


if __name__ == "__main__":
    main()
