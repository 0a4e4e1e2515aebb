"""AWS's service models, read from botocore's data files: the only door to botocore.

A model says what an operation looks like: its members, their types and their constraints. Nothing of
botocore's machinery is loaded for it, only the JSON files, each when it is first asked for and once.
Source: botocore's `data/SERVICE/VERSION/service-2.json`, `partitions.json` and `endpoints.json`.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

import msgspec
from botocore import xform_name

from rolekeeper.wire.shapes import Catalogue, Member, Shape, namespace

__all__ = [
    "ErrorShape",
    "Member",
    "OperationModel",
    "Service",
    "Shape",
    "every_service",
    "global_region",
    "is_region",
    "partition_of",
    "python_name",
    "rest_services",
    "service",
    "service_by_target",
    "service_by_version",
]

_HEAD = 4096
"""Bytes of a model's file in which its metadata are."""

_BY_VERSION = ("iam", "sts")
_BY_TARGET = ("organizations", "rolekeeper")
_BY_PATH = ("eks", "eks-auth", "rolesanywhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorShape:
    """An error that an operation names: what stands in <Code>, the HTTP status, and whose fault it is."""

    name: str
    code: str
    status: int
    fault: str


@dataclass(frozen=True, kw_only=True, eq=False)
class OperationModel:
    """One operation. Compared and hashed by identity: there is one object for each operation of a model."""

    name: str
    input: Shape | None
    output: Shape | None
    result_wrapper: str | None
    errors: tuple[ErrorShape, ...] = field(repr=False)
    unsigned: bool
    """True where the caller needs no credentials (AssumeRoleWithSAML, AssumeRoleWithWebIdentity)."""
    method: str = "POST"
    uri: str = "/"
    """The template of the path, in which `{name}` stands for a member; it may have a query string."""
    status: int = 200
    """Of an answer to a call that was done."""
    root_name: str = ""
    """What the root of its XML is called, where the input as a whole is one document."""
    root_namespace: tuple[str, str] | None = None
    """Prefix and URI of that element's namespace."""
    host_prefix: str = ""
    """What AWS's own host name for it begins with: `{AccountId}.`."""
    deprecated: bool = False

    @cached_property
    def payload(self) -> Member | None:
        """The member of the input that is the whole body."""
        shape = self.input
        named = None if shape is None else shape.payload
        return next((one for one in shape.members if one.name == named), None) if shape and named else None

    @cached_property
    def members(self) -> tuple[tuple[str, str], ...]:
        """(name in the model, Python keyword) of each member of the input, in the model's order."""
        return tuple((member.name, member.keyword) for member in self.input.members) if self.input else ()

    @cached_property
    def required(self) -> frozenset[str]:
        """The names, in the model, of the members that the input must have."""
        return frozenset(self.input.required) if self.input else frozenset()

    def arguments(self, parsed: Mapping[str, Any]) -> dict[str, Any]:
        """What `query.input_parser` found, by the keywords of the operation's function."""
        keywords = self._keywords
        return {keywords[name]: value for name, value in parsed.items()}

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The names of all members, at any depth, that the model marks as sensitive."""
        found: set[str] = set()
        for shape in (self.input, self.output):
            if shape is not None:
                _collect_sensitive(shape, found, set())
        return frozenset(found)

    @cached_property
    def _keywords(self) -> dict[str, str]:
        return dict(self.members)


def _collect_sensitive(shape: Shape, found: set[str], seen: set[str]) -> None:
    if shape.name in seen:
        return
    seen.add(shape.name)
    if shape.type == "structure":
        for member in shape.members:
            if member.shape.sensitive:
                found.add(member.name)
            _collect_sensitive(member.shape, found, seen)
    elif shape.type == "list":
        _collect_sensitive(shape.element, found, seen)
    elif shape.type == "map":
        _collect_sensitive(shape.value, found, seen)


@dataclass(frozen=True, kw_only=True, eq=False)
class Service:
    """One service's model."""

    name: str
    api_version: str
    xml_namespace: str
    signing_name: str
    endpoint_prefix: str
    target_prefix: str | None
    """What is before an operation's name in `x-amz-target`; None where the protocol is not the JSON one."""
    json_version: str
    operations: Mapping[str, OperationModel] = field(repr=False)
    protocol: str = "query"
    """query, ec2, json, rest-json, rest-xml or smithy-rpc-v2-cbor: the first of those that it speaks."""
    protocols: tuple[str, ...] = ("query",)
    """All that it speaks."""
    query_compatible: bool = False
    """It spoke the query protocol once, and its errors have codes of that time."""

    @cached_property
    def statuses(self) -> Mapping[str, int]:
        """The HTTP status of each error of the service, by its code."""
        found = (error for operation in self.operations.values() for error in operation.errors)
        return {error.code: error.status for error in found}


@cache
def service(name: str) -> Service:
    """The model of `iam`, `sts` ...; LookupError when botocore has no such service."""
    return _read_service(name, document(name))


def document(name: str) -> Mapping[str, Any]:
    """The model of a service as botocore has it, with what is in `models/NAME.json` here besides.

    That is for the few operations which AWS documents and botocore does not know. The model of a service of
    our own is in `models/NAME/VERSION/service-2.json`, as botocore's loader wants it. LookupError.
    """
    own = resources.files("rolekeeper.wire").joinpath("models", name)
    if re.fullmatch("[a-z0-9-]+", name) and own.is_dir():
        (dated,) = (entry for entry in own.iterdir() if entry.is_dir())
        ours: dict[str, Any] = msgspec.json.decode(dated.joinpath("service-2.json").read_bytes())
        return ours
    folder = resources.files("botocore").joinpath("data", name)
    if not re.fullmatch("[a-z0-9-]+", name) or not folder.is_dir():
        raise LookupError(f"no service model is named {name!r}")
    version = max(entry.name for entry in folder.iterdir() if entry.name[:1].isdigit())
    found: dict[str, Any] = _read_json(f"{name}/{version}/service-2.json")
    beside = resources.files("rolekeeper.wire").joinpath("models", f"{name}.json")
    if beside.is_file():
        more = msgspec.json.decode(beside.read_bytes())
        found |= {part: found[part] | more.get(part, {}) for part in ("operations", "shapes")}
    return found


def service_by_version(version: str) -> Service | None:
    """The service which has this `Version` parameter; None when it is neither IAM's nor STS's."""
    return next((service(name) for name in _BY_VERSION if service(name).api_version == version), None)


@lru_cache(maxsize=64)
def service_by_target(prefix: str) -> Service | None:
    """The service whose operations have this before their name in `x-amz-target`; None for any other."""
    return next((service(name) for name in _BY_TARGET if service(name).target_prefix == prefix), None)


@cache
def rest_services() -> Mapping[str, Service]:
    """The services whose operations are told by method and path, by the name in their credential scope."""
    return MappingProxyType({service(name).signing_name: service(name) for name in _BY_PATH})


@lru_cache(maxsize=256)
def partition_of(region: str) -> str:
    """The partition of a region: `cn-north-1` is in `aws-cn`. A region that nobody knows is in `aws`."""
    for partition in _partitions():
        if region in partition["regions"] or re.fullmatch(partition["regionRegex"], region):
            identifier: str = partition["id"]
            return identifier
    return "aws"


@lru_cache(maxsize=256)
def is_region(region: str) -> bool:
    """Whether a region is one of AWS's, known by name or by its partition's pattern."""
    return any(
        region in partition["regions"] or re.fullmatch(partition["regionRegex"], region)
        for partition in _partitions()
    )


@cache
def every_service() -> Mapping[str, Mapping[str, Any]]:
    """What the model of each of botocore's services says of itself (`signingName`, `protocols` ...), by name.

    Only the beginning of each file is read: all of them take a twentieth of a second, once.
    """
    found = {}
    for folder in resources.files("botocore").joinpath("data").iterdir():
        if folder.is_dir():
            version = max(entry.name for entry in folder.iterdir() if entry.name[:1].isdigit())
            packed = folder.joinpath(version, "service-2.json.gz")
            plain = folder.joinpath(version, "service-2.json")
            found[folder.name] = _metadata(packed if packed.is_file() else plain)
    return MappingProxyType(found)


def _metadata(file: Traversable) -> Mapping[str, Any]:
    with file.open("rb") as opened:
        raw = opened.read(_HEAD)
    if raw[:2] == b"\x1f\x8b":
        raw = zlib.decompressobj(wbits=31).decompress(raw, 2 * _HEAD)
    text = raw.decode("utf-8", "ignore")
    start = text.index("{", text.index('"metadata"'))
    metadata: Mapping[str, Any] = json.JSONDecoder().raw_decode(text, start)[0]
    return metadata


def python_name(operation: str) -> str:
    """The name of an operation's function: `GetRole` is `get_role`."""
    name: str = xform_name(operation)
    return name


@cache
def global_region(name: str, partition: str) -> str:
    """The region in the credential scope of a service that has one endpoint in a partition, such as IAM.

    LookupError when botocore knows no such partition.
    """
    for entry in _read_json("endpoints.json")["partitions"]:
        if entry["partition"] == partition and name in entry["services"]:
            found = entry["services"][name]
            region: str = found["endpoints"][found["partitionEndpoint"]]["credentialScope"]["region"]
            return region
    for entry in _partitions():
        if (
            entry["id"] == partition
        ):  # the newest partitions have no list of endpoints, only their main region
            implicit: str = entry["outputs"]["implicitGlobalRegion"]
            return implicit
    raise LookupError(f"no partition is named {partition!r}")


@cache
def _partitions() -> tuple[Mapping[str, Any], ...]:
    return tuple(_read_json("partitions.json")["partitions"])


def _read_json(path: str) -> Any:
    folder = resources.files("botocore").joinpath("data")
    packed = folder.joinpath(path + ".gz")  # botocore ships its large files compressed
    raw = gzip.decompress(packed.read_bytes()) if packed.is_file() else folder.joinpath(path).read_bytes()
    return msgspec.json.decode(raw)


def _read_service(name: str, document: Mapping[str, Any]) -> Service:
    metadata, catalogue = document["metadata"], Catalogue(document["shapes"], xform_name)
    operations = {key: _read_operation(raw, catalogue) for key, raw in document["operations"].items()}
    return Service(
        name=name,
        api_version=metadata["apiVersion"],
        xml_namespace=metadata.get("xmlNamespace", ""),
        signing_name=metadata.get("signingName", metadata["endpointPrefix"]),
        endpoint_prefix=metadata["endpointPrefix"],
        target_prefix=metadata.get("targetPrefix"),
        json_version=metadata.get("jsonVersion", "1.0"),
        operations=MappingProxyType(operations),
        protocol=metadata["protocol"],
        protocols=_protocols(name, metadata),
        query_compatible="awsQueryCompatible" in metadata,
    )


def _protocols(name: str, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    # The model of SQS has forgotten the query protocol, which the service still speaks.
    named = tuple(metadata.get("protocols") or (metadata["protocol"],))
    return (*named, "query") if name == "sqs" else named


def _read_operation(raw: Mapping[str, Any], catalogue: Catalogue) -> OperationModel:
    return OperationModel(
        name=raw["name"],
        input=catalogue.shape(raw["input"]["shape"]) if "input" in raw else None,
        output=catalogue.shape(raw["output"]["shape"]) if "output" in raw else None,
        result_wrapper=raw.get("output", {}).get("resultWrapper"),
        errors=tuple(_read_error(error["shape"], catalogue) for error in raw.get("errors", ())),
        unsigned=raw.get("authtype") == "none",
        method=raw["http"]["method"],
        uri=raw["http"].get("requestUri", "/"),
        status=raw["http"].get("responseCode", 200),
        root_name=raw.get("input", {}).get("locationName", ""),
        root_namespace=namespace(raw.get("input", {})),
        host_prefix=raw.get("endpoint", {}).get("hostPrefix", ""),
        deprecated=raw.get("deprecated", False),
    )


def _read_error(name: str, catalogue: Catalogue) -> ErrorShape:
    # A few new exceptions have no "error" trait: their code is their name, and they are the sender's. Errors
    # of REST services have no code either, and often say whose fault they are by their status only.
    error = catalogue.raw[name].get("error", {"senderFault": True})
    status = error.get("httpStatusCode", 0)
    sender = error.get("senderFault", "code" not in error and 400 <= status < 500)
    return ErrorShape(
        name=name,
        code=error.get("code", name),
        status=status or (400 if sender else 500),
        fault="Sender" if sender else "Receiver",
    )
