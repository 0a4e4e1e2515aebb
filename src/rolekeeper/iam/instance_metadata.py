"""What an instance is told about itself: the tree of the instance metadata service, without its secrets.

A page is a text, or `Live`: what has to be asked for anew whenever somebody reads it. Directories are listed,
one name a line, those of directories with a slash behind them; all dated versions show what `latest` does.
Nothing is known here of an instance's hardware or of its network beyond its addresses: the hardware address
follows from the instance's ID, and security groups are the default one.
Source: "Instance metadata categories" and "Access instance metadata for an EC2 instance" in the EC2 User
Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from hashlib import blake2b

from rolekeeper.iam.workloads import Instance

__all__ = ["VERSIONS", "Live", "Page", "Tree", "mac", "tree", "versions", "zone_id"]


class Live(Enum):
    """A page that is made when it is asked for."""

    INFO = "info"
    CREDENTIALS = "credentials"
    DOCUMENT = "document"
    PKCS7 = "pkcs7"
    SIGNATURE = "signature"
    RSA2048 = "rsa2048"


Page = str | Live
Tree = Mapping[str, Page]
"""Pages by their path below the version: `meta-data/ami-id`; directories with and without a slash behind."""

VERSIONS = (
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "2016-06-30",
    "2016-09-02",
    "2018-03-28",
    "2018-08-17",
    "2018-09-24",
    "2019-10-01",
    "2020-10-27",
    "2021-01-03",
    "2021-03-23",
    "2021-07-15",
    "2022-09-24",
    "2024-04-11",
    "latest",
)

_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}
_TAG = re.compile(r"[A-Za-z0-9+\-=.,_:@]{1,128}")
"""The keys of tags that can stand in a path; `.` and `..` alone cannot."""

_PARTS = {"central": "c", "north": "n", "south": "s", "east": "e", "west": "w"}


def versions() -> str:
    """The page of all versions."""
    return "\n".join(VERSIONS)


def tree(instance: Instance, partition: str, *, has_profile: bool, role: str | None, user_data: bool) -> Tree:
    """All pages of an instance that has an instance profile, and a role of that name in it."""
    leaves: dict[str, Page] = {f"meta-data/{name}": page for name, page in _about(instance, partition)}
    if has_profile:
        leaves["meta-data/iam/info"] = Live.INFO
    if role is not None:
        leaves[f"meta-data/iam/security-credentials/{role}"] = Live.CREDENTIALS
    identity = (Live.DOCUMENT, Live.PKCS7, Live.SIGNATURE, Live.RSA2048)
    leaves |= {f"dynamic/instance-identity/{each.value}": each for each in identity}
    return leaves | _listings(leaves, [*(["user-data"] if user_data else [])])


def mac(instance_id: str) -> str:
    """A locally administered hardware address, always the same for an instance."""
    rest = blake2b(instance_id.encode(), digest_size=5).digest()
    return ":".join(f"{part:02x}" for part in (0x02, *rest))


def zone_id(zone: str) -> str:
    """The ID of an availability zone, `use1-az1`; an account's letters are taken to be in their order."""
    found = re.fullmatch(r"([a-z]+)((?:-[a-z]+)*)-([a-z]+)-(\d)([a-z])", zone)
    if found is None:
        return zone
    first, middle, direction, number, letter = found.groups()
    for word, short in _PARTS.items():
        direction = direction.replace(word, short)
    between = "".join(part[0] for part in middle.split("-") if part)
    return f"{first}{between}{direction}{number}-az{ord(letter) - ord('a') + 1}"


def _about(instance: Instance, partition: str) -> Iterator[tuple[str, Page]]:
    name = _host(instance)
    yield "ami-id", instance.image_id
    yield "ami-launch-index", "0"
    yield "ami-manifest-path", "(unknown)"
    yield "hostname", name
    yield "instance-action", "none"
    yield "instance-id", instance.id
    yield "instance-life-cycle", "on-demand"
    yield "instance-type", instance.instance_type
    yield "local-hostname", name
    yield "local-ipv4", instance.private_ip
    yield "mac", mac(instance.id)
    for key, value in _interface(instance, name):
        yield f"network/interfaces/macs/{mac(instance.id)}/{key}", value
    yield "placement/availability-zone", instance.availability_zone
    yield "placement/availability-zone-id", zone_id(instance.availability_zone)
    yield "placement/region", instance.region
    yield "profile", "default-hvm"
    if instance.public_ip is not None:
        yield "public-ipv4", instance.public_ip
    yield "security-groups", "default"
    yield "services/domain", _SUFFIXES.get(partition, "amazonaws.com")
    yield "services/partition", partition
    if instance.metadata_tags == "enabled":
        for key, value in instance.tags.items():
            if _TAG.fullmatch(key) and key not in (".", ".."):
                yield f"tags/instance/{key}", value


def _interface(instance: Instance, name: str) -> Iterator[tuple[str, Page]]:
    yield "device-number", "0"
    yield "local-hostname", name
    yield "local-ipv4s", instance.private_ip
    yield "mac", mac(instance.id)
    yield "owner-id", instance.account
    if instance.public_ip is not None:
        yield "public-ipv4s", instance.public_ip
    yield "security-groups", "default"
    if instance.subnet_id is not None:
        yield "subnet-id", instance.subnet_id
    if instance.vpc_id is not None:
        yield "vpc-id", instance.vpc_id


def _host(instance: Instance) -> str:
    zone = "ec2.internal" if instance.region == "us-east-1" else f"{instance.region}.compute.internal"
    return f"ip-{instance.private_ip.replace('.', '-')}.{zone}"


def _listings(leaves: Iterable[str], others: Iterable[str]) -> dict[str, Page]:
    """The directories above some pages. That of a version does not tell which of its own are directories."""
    names: dict[str, set[str]] = {"": {*others}}
    for leaf in leaves:
        parts = leaf.split("/")
        names[""].add(parts[0])
        for depth in range(1, len(parts)):
            last = depth == len(parts) - 1
            names.setdefault("/".join(parts[:depth]), set()).add(parts[depth] + ("" if last else "/"))
    shown: dict[str, Page] = {}
    for directory, found in names.items():
        shown[directory] = shown[f"{directory}/" if directory else directory] = "\n".join(sorted(found))
    return shown
