"""Roles that a request has not as a parameter but inside something: a list of changes, a document.

The rule of this file: a document that may name roles is read, and one that cannot be read is not classified.
So are lists of settings, in which a role or an instance profile is the value of one by its name.
Sources: "Patch operations" and "OpenAPI extensions for API Gateway" in the API Gateway Developer Guide;
"SetTopicAttributes" in the SNS API Reference; "PutAccountPolicy" in the CloudWatch Logs API Reference;
"General options for all environments" in the Elastic Beanstalk Developer Guide; "Ec2Resource" in the Data
Pipeline Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked, Unclassified
from rolekeeper.gateway.role_parameters import Parameter
from rolekeeper.wire.model import Service

_NAMES = re.compile("credentials|role", re.IGNORECASE)
_ROLE = re.compile(r"arn:[\w-]+:iam:[^:]*:[^:]*:role[/:]", re.IGNORECASE)


def roles(asked: Asked) -> Iterable[str]:
    """The ARNs of the roles inside a request."""
    find = _SPECIAL.get(asked.service.name)
    return () if find is None else find(asked.members)


def may_have(service: Service) -> bool:
    """Whether requests to a service may have roles inside."""
    return service.name in _SPECIAL or service.name in _SETTINGS


def settings(asked: Asked) -> Iterator[tuple[str, Parameter]]:
    """The roles and the instance profiles that are values of settings."""
    read = None if asked.operation.name.startswith("Validate") else _SETTINGS.get(asked.service.name)
    for name, value in read(asked.members) if read is not None else ():
        parameter = _SET.get((asked.service.name, name.lower()))
        if parameter is not None and isinstance(value, str):
            yield value, parameter


def _options(members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for each in members.get("OptionSettings") or ():
        yield str(each.get("OptionName")), each.get("Value")


def _fields(members: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for each in members.get("pipelineObjects") or ():
        for field in each.get("fields") or ():
            yield str(field.get("key")), field.get("stringValue")


_SETTINGS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[tuple[str, Any]]]] = {
    "datapipeline": _fields,
    "elasticbeanstalk": _options,
}
_INSTANCES = Parameter(path=(), principal="ec2.amazonaws.com", profile=True)
_SET: Mapping[tuple[str, str], Parameter] = {
    ("datapipeline", "resourcerole"): _INSTANCES,
    ("datapipeline", "role"): Parameter(path=(), principal="datapipeline.amazonaws.com", by_name=True),
    ("elasticbeanstalk", "iaminstanceprofile"): _INSTANCES,
    ("elasticbeanstalk", "servicerole"): Parameter(
        path=(), principal="elasticbeanstalk.amazonaws.com", by_name=True
    ),
}


def _of_logs(members: Mapping[str, Any]) -> Iterator[str]:
    """The policy of an account for its subscriptions, which has a `RoleArn`."""
    if members.get("policyType") == "SUBSCRIPTION_FILTER_POLICY":
        yield from _in_document(members.get("policyDocument") or "{}")


def _of_topics(members: Mapping[str, Any]) -> Iterator[str]:
    """`LambdaSuccessFeedbackRoleArn`, `SubscriptionRoleArn` ... as an attribute's name and value."""
    name, value = members.get("AttributeName"), members.get("AttributeValue")
    if isinstance(name, str) and isinstance(value, str) and "role" in name.lower():
        yield value


def _of_apis(members: Mapping[str, Any]) -> Iterator[str]:
    for each in members.get("patchOperations") or ():
        value = each.get("value")
        if isinstance(value, str) and _ROLE.match(value):
            yield value
    for name in ("body", "Body"):
        if name in members:
            yield from _in_document(members[name])


def _in_document(body: Any) -> Iterator[str]:
    """The roles of an OpenAPI document. One that is no JSON is taken if it cannot have any."""
    text = bytes(body) if isinstance(body, bytes | bytearray | memoryview) else str(body).encode()
    try:
        yield from _named(msgspec.json.decode(text))
    except msgspec.DecodeError:
        if not _is_plain(text) or b"redentials" in text:
            raise Unclassified("which roles a definition names is known only where it is JSON") from None


def _is_plain(text: bytes) -> bool:
    """Whether every word in it is spelled as it is meant: no escapes, and one byte for each letter."""
    try:
        return "\\" not in (read := text.decode()) and "\0" not in read
    except UnicodeDecodeError:
        return False


def _named(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            if isinstance(value, str) and _NAMES.search(name) and _ROLE.match(value):
                yield value
            else:
                yield from _named(value)
    elif isinstance(found, list):
        for each in found:
            yield from _named(each)


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "apigateway": _of_apis,
    "apigatewayv2": _of_apis,
    "logs": _of_logs,
    "sns": _of_topics,
}
