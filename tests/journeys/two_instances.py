"""A host with instances on it, each in a network namespace: run by itself in a namespace of its own, as root.

The host has 169.254.169.254, and `rolekeeper metadata listen --by-source` there; an instance has one address
and a way to its host, and nothing else: no variable, no file. What each gets is printed as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.journeys.conftest import BIN, ROOT, Running, bare_environment, up
from tests.journeys.instances import launched, whose, workloads

FETCH = """
import json
from botocore.utils import InstanceMetadataFetcher
print(json.dumps(InstanceMetadataFetcher(timeout=10, num_attempts=3, env={}).retrieve_iam_role_credentials()))
"""
CHAIN = """
import boto3
found = boto3.Session().get_credentials()
print(found.method if found else "nothing")
"""
TOKEN = """
import urllib.request
start = "http://169.254.169.254/latest/"
header = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
asked = urllib.request.Request(start + "api/token", method="PUT", headers=header)
print(urllib.request.urlopen(asked, timeout=60).read().decode())
"""
STOLEN = """
import sys, urllib.error, urllib.request
url = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
try:
    asked = urllib.request.Request(url, headers={"X-aws-ec2-metadata-token": sys.argv[1]})
    print(urllib.request.urlopen(asked, timeout=60).read().decode())
except urllib.error.HTTPError as error:
    print(error.code)
"""


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


class Machine:
    """A namespace, known by the process that keeps it."""

    def __init__(self, process: int, environment: dict[str, str]) -> None:
        self.process, self._environment = process, environment

    def run(self, *command: str) -> str:
        """What a command prints there."""
        entered = ["nsenter", "--target", str(self.process), "--net", *command]
        run = subprocess.run(
            entered, env=self._environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
        return run.stdout.strip()

    def python(self, text: str, *arguments: str) -> str:
        """What a program prints there."""
        return self.run(sys.executable, "-c", text, *arguments)


@contextmanager
def machine(home: Path) -> Iterator[Machine]:
    """A new namespace, connected to nothing."""
    environment = bare_environment(home)
    del environment["AWS_EC2_METADATA_DISABLED"]
    with subprocess.Popen(["unshare", "--net", "sleep", "300"]) as kept:
        try:
            own = Path("/proc/self/ns/net").readlink()
            while Path(f"/proc/{kept.pid}/ns/net").readlink() == own:
                time.sleep(0.01)
            found = Machine(kept.pid, environment)
            found.run("ip", "link", "set", "lo", "up")
            yield found
        finally:
            kept.kill()


def connect(router: Machine | None, inside: Machine, net: str, name: str) -> None:
    """A cable from a machine, or the host, to another one, which has .2 there and no other way out."""
    there = ["ip"] if router is None else ["nsenter", "--target", str(router.process), "--net", "ip"]
    ends = ["link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(inside.process)]
    for arguments in (ends, ["address", "add", f"{net}.1/24", "dev", name], ["link", "set", name, "up"]):
        subprocess.run([*there, *arguments], check=True)
    inside.run("ip", "address", "add", f"{net}.2/24", "dev", "eth0")
    inside.run("ip", "link", "set", "eth0", "up")
    inside.run("ip", "route", "add", "default", "via", f"{net}.1")


@contextmanager
def listening(server: Running) -> Iterator[None]:
    """The metadata service on the host, for all instances."""
    command = [str(BIN / "rolekeeper"), "metadata", "listen", "--by-source", "--json"]
    place = ["--host", "169.254.169.254", "--port", "80"]
    with subprocess.Popen([*command, *place], env=server.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["endpoint"] == "http://169.254.169.254:80"
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(timeout=120) == 0


def main() -> None:
    """Lay the cables, and tell what each machine gets."""
    with ExitStack() as held:
        home = Path(held.enter_context(tempfile.TemporaryDirectory()))
        ip("link", "set", "lo", "up")
        ip("address", "add", "169.254.169.254/32", "dev", "lo")
        web, batch, stranger, far = (held.enter_context(machine(home)) for _ in range(4))
        for number, each in enumerate((web, batch, stranger)):
            connect(None, each, f"10.77.{number}", f"cable{number}")
        connect(batch, far, "10.88.0", "cable")
        batch.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        ip("route", "add", "10.88.0.0/24", "via", "10.77.1.2")
        server = held.enter_context(up(bare_environment(home), "--ephemeral"))
        ids = {
            "web": launched(server, "web", PrivateIpAddress="10.77.0.2")[0],
            "batch": launched(server, "batch", PrivateIpAddress="10.77.1.2")[0],
        }
        distant = launched(server, "far", PrivateIpAddress="10.88.0.2")[0]
        held.enter_context(listening(server))
        print(json.dumps(told(server, ids, distant, web, batch, stranger, far)))


def told(
    server: Running,
    ids: dict[str, str],
    distant: str,
    web: Machine,
    batch: Machine,
    stranger: Machine,
    far: Machine,
) -> dict[str, Any]:
    """What each machine gets."""
    found: dict[str, Any] = {"ids": ids, "stranger": json.loads(stranger.python(FETCH))}
    for name, each in (("web", web), ("batch", batch)):
        session = json.loads(each.python(FETCH))
        found[name] = {"role": session["role_name"], "arn": whose(server, session)}
        found[name]["chain"] = each.python(CHAIN)
    token = web.python(TOKEN)
    found["own token"] = web.python(STOLEN, token)
    found["stolen token"] = batch.python(STOLEN, token)
    found["a hop too far"] = json.loads(far.python(FETCH))
    workloads(server).modify_instance_metadata_options(InstanceId=distant, HttpPutResponseHopLimit=2)
    found["two hops"] = json.loads(far.python(FETCH))["role_name"]
    (own,) = workloads(server).list_instance_profile_associations(InstanceIds=[ids["web"]])[
        "IamInstanceProfileAssociations"
    ]
    workloads(server).disassociate_instance_profile(AssociationId=own["AssociationId"])
    found["disassociated"] = json.loads(web.python(FETCH))
    return found


if __name__ == "__main__":
    main()
