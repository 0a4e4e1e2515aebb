"""API Gateway's management: actions are methods of HTTP, and a resource is the path that the method is on.

The rule of this file: the ARN of a resource is `arn:aws:apigateway:REGION::` and the path of the request, as
the operation's model has it, with what the request names in it; nothing that is named reads as more than one
part of a path. What is given to an API beside, its resource policy or its trust store, is asked as an action
of its own.
Source: "Actions, resources, and condition keys for Amazon API Gateway Management" (and "Management V2") in
the Service Authorization Reference; "Control access to a REST API with IAM permissions".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.ec2.launching import word
from rolekeeper.gateway.rules import Lookups, TagsOf
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue
from rolekeeper.wire import model

_PART = r"[^/*?#\x00-\x1f]+"
_PREFIX = "apigateway"
_CHOSEN = "_custom_id_"
"""The tag by which backends have the ID of a new API chosen: one that is there is replaced by it."""


def special(service: str) -> Mapping[str, Callable[[Asked], Iterator[Wanted]]]:
    """For `Rules`: all operations of a service that have no action of their own name."""
    operations = model.service(service).operations
    return {name: asking for name in operations if catalog.action(f"{_PREFIX}:{name}") is None}


def asking(asked: Asked) -> Iterator[Wanted]:
    """The method on the path, and what is asked besides."""
    arn = arn_of(asked)
    yield Wanted(action=f"{_PREFIX}:{asked.operation.method}", resource=arn, type=kind_of(arn))
    for action in _besides(asked):
        yield Wanted(action=f"{_PREFIX}:{action}", resource=arn, type=kind_of(arn))
    chosen = (
        (asked.members.get("tags") or {}).get(_CHOSEN) if asked.operation.name == "CreateRestApi" else None
    )
    if chosen is not None:
        arn = f"{arn}/{_checked(_CHOSEN, chosen)}"
        yield Wanted(action=f"{_PREFIX}:PUT", resource=arn, type=kind_of(arn))


def arn_of(asked: Asked) -> str:
    """The ARN of what a request is about. A private domain has its ID in it, and its account by itself."""
    path = _path(asked)
    private = asked.members.get("domainNameId")
    if private:
        first = "/".join(path.split("/")[:3])
        path = f"{first}+{_checked('domainNameId', private)}{path[len(first) :]}"
    arn = f"arn:{asked.partition}:{_PREFIX}:{asked.region}::{path}"
    with_account = f"arn:{asked.partition}:{_PREFIX}:{asked.region}:{asked.account}:{path}"
    return with_account if private and path.count("/") == 2 else arn


def _path(asked: Asked) -> str:
    """The path of a request, without the version of the API and its query."""
    named = {
        member.wire_name: member.name
        for member in (asked.operation.input.members if asked.operation.input else ())
        if member.location == "uri"
    }

    def fill(found: re.Match[str]) -> str:
        name = found[1].rstrip("+")
        value = asked.members.get(named.get(name, name))
        if not isinstance(value, str) or not value:
            raise Unclear(f"`{asked.operation.name}` says no {name}")
        return quote(value, safe="") if "arn" in name.lower() else _checked(name, value)

    template = asked.operation.uri.partition("?")[0]
    path = re.sub(r"\{([^}]+)\}", fill, template)
    return path.removeprefix("/v2").rstrip("/")


def _checked(name: str, value: str) -> str:
    if not re.fullmatch(_PART, value) or value in (".", ".."):
        raise Unclear(f"`{value}` is no {name}")
    return value


@cache
def _kinds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The kinds of resource by the paths that they have; a path of more words before one of more names."""
    found = [
        (kind, re.compile(re.sub(r"\\\$\\\{\w+\\\}", "[^/+]+", re.escape(each.text.split(":", 5)[5]))))
        for kind, several in templates(_PREFIX).items()
        for each in several
    ]
    return tuple(sorted(found, key=lambda each: each[1].pattern.count("[^/+]+")))


def kind_of(arn: str) -> str:
    """The kind of resource of an ARN; none where the reference has no such path."""
    path = arn.split(":", 5)[5]
    return next((kind for kind, pattern in _kinds() if pattern.fullmatch(path)), "")


# -- what is asked besides ---------------------------------------------------------------------------


def _besides(asked: Asked) -> Iterator[str]:
    members, operation = asked.members, asked.operation.name
    if operation in ("CreateRestApi", "ImportRestApi", "PutRestApi", "UpdateRestApi") and _has_policy(asked):
        yield "UpdateRestApiPolicy"
    if operation in ("CreateDomainName", "UpdateDomainName"):
        store = members.get("mutualTlsAuthentication") or members.get("MutualTlsAuthentication")
        patched = [each for each in _patches(asked) if each["path"].startswith("/mutualTlsAuthentication")]
        removed = [each for each in patched if each.get("op") == "remove" or not each.get("value")]
        emptied = store is not None and not any(store.values())
        if (store and not emptied) or len(patched) > len(removed):
            yield "AddCertificateToDomain"
        if removed or emptied:
            yield "RemoveCertificateFromDomain"


def _has_policy(asked: Asked) -> bool:
    """Whether a request gives an API its resource policy; a body that is not read here may."""
    if asked.operation.name in ("ImportRestApi", "PutRestApi"):
        body = asked.members.get("body")
        text = body.encode() if isinstance(body, str) else body
        return not isinstance(text, bytes) or b"x-amazon-apigateway-policy" in text
    patched = any(each["path"].startswith("/policy") for each in _patches(asked))
    return patched or asked.members.get("policy") is not None


def _patches(asked: Asked) -> list[Mapping[str, Any]]:
    """The changes of an Update: of which part, and what to."""
    given = asked.members.get("patchOperations") or ()
    return [each for each in given if isinstance(each.get("path"), str)]


# -- keys -------------------------------------------------------------------------------------------

_SAID: Mapping[str, tuple[str, ...]] = {
    "accessloggingdestination": (
        "AccessLogSettings.DestinationArn",
        "/accessLogSettings/destinationArn",
    ),
    "accessloggingformat": ("AccessLogSettings.Format", "/accessLogSettings/format"),
    "apikeyrequired": ("apiKeyRequired", "ApiKeyRequired", "/apiKeyRequired"),
    "authorizertype": ("type", "AuthorizerType", "/type"),
    "authorizeruri": ("authorizerUri", "AuthorizerUri", "/authorizerUri"),
    "disableexecuteapiendpoint": (
        "disableExecuteApiEndpoint",
        "DisableExecuteApiEndpoint",
        "/disableExecuteApiEndpoint",
    ),
    "endpointtype": (
        "endpointConfiguration.types",
        "DomainNameConfigurations.EndpointType",
        "/endpointConfiguration/types/",
    ),
    "mtlstruststoreuri": (
        "mutualTlsAuthentication.truststoreUri",
        "MutualTlsAuthentication.TruststoreUri",
        "/mutualTlsAuthentication/truststoreUri",
    ),
    "mtlstruststoreversion": (
        "mutualTlsAuthentication.truststoreVersion",
        "MutualTlsAuthentication.TruststoreVersion",
        "/mutualTlsAuthentication/truststoreVersion",
    ),
    "routeauthorizationtype": ("authorizationType", "AuthorizationType", "/authorizationType"),
    "securitypolicy": (
        "securityPolicy",
        "DomainNameConfigurations.SecurityPolicy",
        "/securityPolicy",
    ),
    "stagename": ("stageName", "StageName"),
}
"""By key: the members that say it, in either version, and the part that an Update changes."""
_LISTS = frozenset(
    (
        "apikeyrequired",
        "authorizertype",
        "authorizeruri",
        "endpointtype",
        "routeauthorizationtype",
        "securitypolicy",
    )
)
_NAMED_APIS = ("CreateApi", "CreateRestApi", "UpdateApi", "UpdateRestApi")


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says of an API, a stage, a method or a domain."""
    found: dict[str, KeyValue] = {}
    said = dict(_SAID)
    if asked.operation.name in _NAMED_APIS:
        said["apiname"] = ("name", "Name", "/name")
    if "Authorizer" not in asked.operation.name:
        del said["authorizertype"]
    for key, places in said.items():
        given = tuple(dict.fromkeys(word(value) for place in places for value in _at(asked, place)))
        if given:
            found[f"{_PREFIX}:request/{key}"] = given if key in _LISTS else given[0]
    return found


def _at(asked: Asked, place: str) -> Iterator[Any]:
    if not place.startswith("/"):
        return (each for each in at(asked.members, place) if isinstance(each, str | bool | int))
    return (
        each["value"]
        for each in _patches(asked)
        if each.get("value") is not None
        and (each["path"] == place or (place.endswith("/") and each["path"].startswith(place)))
    )


# -- tags -------------------------------------------------------------------------------------------

Tagged = Mapping[str, tuple[str, tuple[str, ...]]]
"""By path: the operation that tells the tags of what is there, and the members of its input."""


def tags_reader(service: str, tagged: Tagged, answer: str) -> TagsOf:
    """The tags of what a resource is, or is in: a stage, an API, a domain ...

    They are read with the thing itself, which every backend can do.
    """
    patterns = [(re.compile(f"{path}(?:/.*)?"), how) for path, how in tagged.items()]

    async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
        path = arn.split(":", 5)[5]
        for pattern, (operation, members) in patterns:
            found = pattern.fullmatch(path)
            if found is not None:
                named = dict(zip(members, found.groups(), strict=True))
                given = await lookups.ask(asked, service, operation, **named)
                tags: Mapping[str, str] = (given or {}).get(answer) or {}
                return tags
        return {}

    return tags_of
