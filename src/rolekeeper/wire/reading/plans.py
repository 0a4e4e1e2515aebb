"""How one operation is read and written in one protocol: compiled once, when it is first asked for.

The rule of this file: `write` makes a request of members alone, so that nothing is passed on that was not
read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final, Protocol

from rolekeeper.errors import MalformedInput
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.reading import cbor, cbor_types, form_names, forms, json
from rolekeeper.wire.reading.types import Compiled
from rolekeeper.wire.reading.values import Route, Written

__all__ = ["Plan", "cbor_plan", "form_plan", "json_plan"]

CBOR_TYPE: Final = "application/cbor"
FORM_TYPE: Final = "application/x-www-form-urlencoded; charset=utf-8"


class Plan(Protocol):
    """One operation in one protocol."""

    def read(self, request: HttpRequest, route: Route) -> dict[str, Any]:
        """The members of a request."""
        ...

    def write(self, members: Mapping[str, Any]) -> Written:
        """The request of members."""
        ...


class FormPlan:
    """The protocols of forms."""

    def __init__(self, service: Service, operation: OperationModel, protocol: str) -> None:
        readers, writers = _forms(service.name, protocol)
        shape = operation.input
        self._read: Callable[[Any], dict[str, Any]] = readers.of(shape) if shape is not None else _nothing
        self._write = writers.of(shape) if shape is not None else _no_parameters
        self._named = (("Action", operation.name), ("Version", service.api_version))

    def read(self, request: HttpRequest, route: Route) -> dict[str, Any]:
        form = request.form
        if max(map(len, form), default=0) > forms.LONGEST_NAME:
            raise MalformedInput("The request has a parameter with too long a name")
        try:
            return self._read(form.items())
        except RecursionError:
            raise MalformedInput("The request is nested too deeply") from None

    def write(self, members: Mapping[str, Any]) -> Written:
        body = forms.encode([*self._named, *self._write("", members)])
        return Written(method="POST", path="/", headers=(("content-type", FORM_TYPE),), body=body)


def _no_parameters(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    return iter(())


class JsonPlan:
    """The protocol of JSON with a target."""

    def __init__(self, service: Service, operation: OperationModel) -> None:
        shape = operation.input
        readers, writers = json_types(service.name)
        self._read: Callable[[Any], dict[str, Any]] = (
            readers.of(shape) if shape is not None else lambda value: {}
        )
        self._write: Callable[[Any], Any] = writers.of(shape) if shape is not None else lambda value: value
        self._headers = (
            ("content-type", f"application/x-amz-json-{service.json_version}"),
            ("x-amz-target", f"{service.target_prefix}.{operation.name}"),
        )

    def read(self, request: HttpRequest, route: Route) -> dict[str, Any]:
        found: dict[str, Any] = json.apply(self._read, json.decode(request.body))
        return found

    def write(self, members: Mapping[str, Any]) -> Written:
        return Written(
            method="POST", path="/", headers=self._headers, body=json.encode(json.apply(self._write, members))
        )


class CborPlan:
    """The protocol of RPC with CBOR."""

    def __init__(self, service: Service, operation: OperationModel) -> None:
        shape = operation.input
        readers, writers = _cbor_types(service.name)
        self._has_input = shape is not None
        self._read = readers.of(shape) if shape is not None else _nothing
        self._write = writers.of(shape) if shape is not None else _nothing
        self._path = f"/service/{service.target_prefix}/operation/{operation.name}"

    def read(self, request: HttpRequest, route: Route) -> dict[str, Any]:
        found: dict[str, Any] = self._read(cbor.decode(request.body))
        return found

    def write(self, members: Mapping[str, Any]) -> Written:
        headers = (("smithy-protocol", "rpc-v2-cbor"), ("accept", CBOR_TYPE))
        if not self._has_input:
            return Written(method="POST", path=self._path, headers=headers)
        body = cbor.encode(self._write(members))
        return Written(
            method="POST", path=self._path, headers=(*headers, ("content-type", CBOR_TYPE)), body=body
        )


def _nothing(value: Any) -> dict[str, Any]:
    return {}


@cache
def cbor_plan(service: Service, operation: OperationModel) -> Plan:
    """The plan of an operation of RPC with CBOR."""
    return CborPlan(service, operation)


@cache
def form_plan(service: Service, operation: OperationModel, protocol: str) -> Plan:
    """The plan of an operation of query or ec2."""
    return FormPlan(service, operation, protocol)


@cache
def json_plan(service: Service, operation: OperationModel) -> Plan:
    """The plan of an operation of JSON."""
    return JsonPlan(service, operation)


@cache
def _forms(name: str, protocol: str) -> tuple[Compiled[forms.Read], Compiled[forms.Write]]:
    names = form_names.EC2 if protocol == "ec2" else form_names.SQS if name == "sqs" else form_names.QUERY
    return Compiled(forms.make_reader(names)), Compiled(forms.make_writer(names))


@cache
def json_types(name: str) -> tuple[Compiled[json.Convert], Compiled[json.Convert]]:
    """The readers and writers of a service's types in JSON."""
    return Compiled(json.make_reader), Compiled(json.make_writer)


@cache
def _cbor_types(name: str) -> tuple[Compiled[cbor_types.Convert], Compiled[cbor_types.Convert]]:
    return Compiled(cbor_types.make_reader), Compiled(cbor_types.make_writer)
