"""The record of one call, in CloudTrail's form.

Here is decided what may be seen of a call: request parameters with their names as CloudTrail writes them,
without any value that the model marks as sensitive; response elements of calls that change something or
give credentials, without secrets and tokens.
Source: "CloudTrail record contents" and "CloudTrail userIdentity element" in the CloudTrail User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

EVENT_VERSION = "1.11"
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
MAX_TEXT = 2048
"""Characters of one value that a record keeps; longer values are cut, so that no caller fills the trail."""

MAX_NAMES = 1000
"""Names of members that are remembered for a model's operation: the keys of a map are the caller's."""

_NEVER = frozenset(
    {
        "SecretAccessKey", "SessionToken", "Password", "OldPassword", "NewPassword", "TokenCode",
        "PrivateKey", "AuthenticationCode1", "AuthenticationCode2", "Base32StringSeed", "QRCodePNG",
        "ServicePassword", "SAMLAssertion", "WebIdentityToken", "ServiceCredentialSecret",
    }
)  # fmt: skip

_encoder = msgspec.json.Encoder()


def instant(moment: datetime) -> str:
    """A time as CloudTrail writes it: `2026-11-22T10:00:00Z`."""
    return _second((moment - _EPOCH) // _SECOND)


@lru_cache(maxsize=1024)  # many events are of one second
def _second(number: int) -> str:
    return f"{(_EPOCH + number * _SECOND).isoformat()[:19]}Z"


def record(
    *,
    event_id: str,
    time: datetime,
    service: str,
    name: str,
    region: str,
    identity: str,
    account: str,
    source_ip: str,
    user_agent: str,
    request_id: str,
    read_only: bool,
    parameters: str = "null",
    response: str = "null",
    error: tuple[str, str] | None = None,
    resources: str = "",
    shared_id: str = "",
    additional: str = "",
    event_type: str = "AwsApiCall",
    data: bool = False,
) -> bytes:
    """The record as JSON. `identity` is the caller's `userIdentity` in JSON, `parameters` and `response` are
    what `elements` made, `error` is a code and a text, `resources` what `role` made, `shared_id` the same for
    the events of one call in the trails of two accounts, `additional` the `additionalEventData` in JSON; IDs
    and account are not the caller's to choose. An error without a code is told by its text alone.
    """
    around = scene(
        identity=identity,
        service=service,
        name=name,
        region=region,
        source_ip=source_ip,
        user_agent=user_agent[:MAX_TEXT],
        account=account,
        read_only=read_only,
        event_type=event_type,
        data=data,
    )
    if error is not None:
        code = f'"errorCode":{_json(error[0])},' if error[0] else ""
        parameters = f'{parameters},{code}"errorMessage":{_json(error[1][:MAX_TEXT])}'
    if additional:
        response = f'{response},"additionalEventData":{additional}'
    return told(around, event_id, time, request_id, parameters, response, resources, shared_id)


class Scene(NamedTuple):
    """What is alike in the records of many calls, as text: before the time, behind it, and behind the IDs."""

    start: str
    middle: str
    end: str


@lru_cache(maxsize=8192)
def scene(
    *,
    identity: str,
    service: str,
    name: str,
    region: str,
    source_ip: str,
    user_agent: str,
    account: str,
    read_only: bool,
    event_type: str = "AwsApiCall",
    data: bool = False,
) -> Scene:
    """Who calls what from where; see `record`. `data`: it is about what a resource holds."""
    kind = '"managementEvent":false' if data else '"managementEvent":true'
    category = "Data" if data else "Management"
    return Scene(
        start=f'{{"eventVersion":"{EVENT_VERSION}","userIdentity":{identity},"eventTime":"',
        middle=f'",{_origin(service, name, region, source_ip, user_agent)},"requestParameters":',
        end=(
            f'"readOnly":{"true" if read_only else "false"},"eventType":"{event_type}",'
            f'{kind},"recipientAccountId":"{account}","eventCategory":"{category}"}}'
        ),
    )


def told(
    around: Scene,
    event_id: str,
    time: datetime,
    request_id: str,
    parameters: str = "null",
    response: str = "null",
    resources: str = "",
    shared_id: str = "",
) -> bytes:
    """The record of one call of a scene."""
    touched = f'"resources":{resources},' if resources else ""
    shared = f'"sharedEventID":"{shared_id}",' if shared_id else ""
    return (
        f'{around.start}{instant(time)}{around.middle}{parameters},"responseElements":{response},'
        f'"requestID":"{request_id}","eventID":"{event_id}",{touched}{shared}{around.end}'
    ).encode()


def elements(values: Mapping[str, Any] | None, sensitive: frozenset[str] = frozenset()) -> str:
    """What may be seen of a request's or a response's members, which have the model's names, as JSON."""
    return _json(_shown(values, sensitive)) if values else "null"


def given(values: Mapping[str, Any], sensitive: frozenset[str] = frozenset()) -> str:
    """The same of an answer with credentials, of which the ID and the end are seen and nothing else."""
    names = _names(sensitive)
    shown = []
    for key, value in values.items():
        if key == "Credentials":
            id, end = value["AccessKeyId"], instant(value["Expiration"])
            shown.append(f'"credentials":{{"accessKeyId":"{id}","expiration":"{end}"}}')
        elif type(value) is int:
            shown.append(f'"{names[key]}":{value}')
        elif key == "AssumedRoleUser":
            shown.append(_become(value["AssumedRoleId"], value["Arn"]))
        else:
            shown.append(_json(_members({key: value}, names, sensitive))[1:-1])
    return f"{{{','.join(shown)}}}"


@lru_cache(maxsize=10_000)  # many sessions have the name of an earlier one
def _become(id: str, arn: str) -> str:
    """Whom somebody has become."""
    return f'"assumedRoleUser":{_json({"assumedRoleId": id[:MAX_TEXT], "arn": arn[:MAX_TEXT]})}'


@lru_cache(maxsize=1024)
def role(arn: str, account: str, *, saml_provider: str | None = None) -> str:
    """The `resources` of a record about a role, as JSON; and a SAML provider of its account, by its ARN."""
    found = [{"ARN": arn, "accountId": account, "type": "AWS::IAM::Role"}]
    if saml_provider is not None:
        found.append({"ARN": saml_provider, "accountId": account, "type": "AWS::IAM::SAMLProvider"})
    return _json(found)


@lru_cache(maxsize=256)
def service(principal: str) -> str:
    """The `userIdentity` of a service that calls for itself, as JSON."""
    return _json({"type": "AWSService", "invokedBy": principal})


@lru_cache(maxsize=1024)
def _origin(service: str, name: str, region: str, source_ip: str, user_agent: str) -> str:
    """Where a call comes from and what it is: the same for many calls of one client."""
    members = {
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": source_ip,
        "userAgent": user_agent,
    }
    return _json(members)[1:-1]


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()


def _shown(value: Any, sensitive: frozenset[str]) -> Any:
    kind = type(value)
    if kind is str:
        return value if len(value) <= MAX_TEXT else value[:MAX_TEXT]
    if isinstance(value, dict):
        return _members(value, _names(sensitive), sensitive)
    if kind is datetime:
        return instant(value)
    if kind is list:
        return [_shown(member, sensitive) for member in value]
    return HIDDEN if kind in (bytes, bytearray) else value


def _members(value: Mapping[str, Any], names: _Names, sensitive: frozenset[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for key, member in value.items():
        name = names[key]
        if name is None:
            if key in sensitive:
                shown[_camel(key)] = HIDDEN
        elif (kind := type(member)) is str:
            shown[name] = member if len(member) <= MAX_TEXT else member[:MAX_TEXT]
        elif kind is int:
            shown[name] = member
        elif kind is dict:
            shown[name] = _members(member, names, sensitive)
        else:
            shown[name] = _shown(member, sensitive)
    return shown


class _Names(dict[str, str | None]):
    """What a member is called in a record; None where its value is not to be seen. Filled as it is used."""

    def __init__(self, sensitive: frozenset[str]) -> None:
        super().__init__(dict.fromkeys(sensitive | _NEVER))

    def __missing__(self, key: str) -> str:
        name = _camel(key)
        if len(self) < MAX_NAMES:
            self[key] = name
        return name


_names = lru_cache(maxsize=1024)(_Names)


def _camel(name: str) -> str:
    """A member's name as CloudTrail writes it: `roleName`."""
    return name[:1].lower() + name[1:]
