"""How an operation is read from a request and its answer written, in the protocol of its service.

A plain question of the query protocol, one that changes nothing and has no secret among its members, is read
once: clients put the same question again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rolekeeper.errors import AwsError, InvalidInputException, InvalidParameterException
from rolekeeper.wire import answer, json, query, rest
from rolekeeper.wire.constraints import Violations, validation_error
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.rest_routes import route

Read = Callable[[HttpRequest], Mapping[str, Any]]
Write = Callable[[Mapping[str, Any], str], HttpResponse]


def speaks(service: Service, operation: OperationModel, *, keep: bool) -> tuple[Read, Write]:
    """The reader and the writer of an operation; `keep` where a question may be remembered."""
    if service.protocol == "json":
        return _json_reader(service, operation), _json_writer(service, operation)
    if service.protocol == "rest-json":
        return _rest_reader(service, operation), rest.output_writer(operation)
    plain = keep and operation.sensitive.isdisjoint(dict(operation.members))
    return _form_reader(operation, plain=plain), _form_writer(service, operation)


_UNCHANGING = frozenset({str, int, bool})
_CODE = "TokenCode"  # of an MFA device


def _form_reader(operation: OperationModel, *, plain: bool) -> Read:
    parse = query.input_parser(operation)

    def read(request: HttpRequest) -> Mapping[str, Any]:
        form = request.form
        members = form.members
        if members is None:
            members = parse(form)
            if plain and _UNCHANGING.issuperset(map(type, members.values())) and _CODE not in members:
                request.remember_form(members)
        return members

    return read


def _form_writer(service: Service, operation: OperationModel) -> Write:
    write = query.output_writer(service, operation)
    return lambda result, request_id: answer.success("text/xml", write(result, request_id), request_id)


def _json_reader(service: Service, operation: OperationModel) -> Read:
    parse = json.input_parser(operation)

    def read(request: HttpRequest) -> Mapping[str, Any]:
        members, violations = parse(request.body)
        if violations:
            raise _refusal(service, violations)
        return members

    return read


_REASONS = {
    "regular expression": ("INVALID_PATTERN", "a value that does not match the required pattern"),
    "enum value": ("INVALID_ENUM", "an invalid value"),
    "not be null": ("INPUT_REQUIRED", "no value for a required parameter"),
    "length less": ("MAX_LENGTH_EXCEEDED", "a string parameter that is longer than allowed"),
    "length greater": ("MIN_LENGTH_EXCEEDED", "a string parameter that is shorter than allowed"),
    "value less": ("MAX_VALUE_EXCEEDED", "a numeric argument that is larger than allowed"),
    "value greater": ("MIN_VALUE_EXCEEDED", "a numeric argument that is smaller than allowed"),
}
"""By words of a violation: how AWS Organizations calls it ("InvalidInputException" in its reference)."""


_PARAMETERS = frozenset({"eks", "eks-auth"})
"""Services that have another code for what does not satisfy a constraint."""


def _refusal(service: Service, violations: Violations) -> AwsError:
    error = validation_error(violations)
    if service.name in _PARAMETERS:
        return InvalidParameterException(error.message)
    if service.name != "organizations":
        return error
    for words, (reason, text) in _REASONS.items():
        if words in violations[0]:
            return InvalidInputException(reason, f"You provided {text}.")
    return error


def _json_writer(service: Service, operation: OperationModel) -> Write:
    write, kind = json.output_writer(operation), json.content_type(service)
    return lambda result, request_id: answer.success(kind, write(result), request_id)


def _rest_reader(service: Service, operation: OperationModel) -> Read:
    parse = rest.input_parser(operation)

    def read(request: HttpRequest) -> Mapping[str, Any]:
        found = route(request)
        members, violations = parse(request, found.labels if found is not None else {})
        if violations:
            raise _refusal(service, violations)
        return members

    return read
