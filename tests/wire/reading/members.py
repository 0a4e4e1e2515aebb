"""Members for any operation: random, reproducible, and such as its protocol can carry to the same again."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from rolekeeper.wire.model import Member, OperationModel, Shape

SERVICES: Final = (
    "s3", "s3control", "ec2", "lambda", "dynamodb", "dynamodbstreams", "sqs", "sns", "kms", "secretsmanager",
    "ssm", "cloudwatch", "logs", "events", "stepfunctions", "ecs", "ecr", "rds", "kinesis", "firehose",
    "apigateway", "apigatewayv2", "route53", "elb", "elbv2", "autoscaling", "acm", "glue", "cloudformation",
)  # fmt: skip
"""The services that people use most, by the names of their models."""

DEEPEST: Final = 7
_FORMS: Final = {
    "CopySource": "bucket/a%20key?versionId=v.1",
    "Expires": "Thu, 01 Dec 1994 16:00:00 GMT",
}
"""Texts that are more than that."""

_PLAIN: Final = string.ascii_letters + string.digits + "-_"
_ANY: Final = _PLAIN + " +=,.@/:;&<>'\"%#?{}[]()!~*\t\n\r\u00e9\u00ff\u4e2d\U0001f511"
_HEADER: Final = _PLAIN + " +=.@/:;&<>'%#?{}[]()!~*\u00e9"


def members_of(operation: OperationModel, random: Random) -> dict[str, Any]:
    """What an input may have."""
    if operation.input is None:
        return {}
    found = {}
    for member in operation.input.members:
        if member.streaming or member.shape.eventstream:
            continue
        if member.name in operation.required or random.random() < 0.6:
            found[member.name] = _member(member, random)
    return found


def _member(member: Member, random: Random) -> Any:
    if member.host_label:
        return "".join(random.choices(string.ascii_letters, k=9))
    if member.name == "Tagging" and member.location == "header":
        return "a=b%20c&d="
    if member.name in _FORMS:
        return _FORMS[member.name]
    return _outside(member, random) if member.location else _value(member.shape, random, 1)


def _outside(member: Member, random: Random) -> Any:
    shape, place = member.shape, member.location
    if member.name == "Bucket":
        return "".join(random.choices(string.ascii_lowercase, k=9))
    if member.is_json:
        return {"a": [1, "b"]}
    if place == "headers":
        return {"".join(random.choices(string.ascii_lowercase, k=5)): _header(random) for _ in range(2)}
    if shape.type == "map":
        inner = shape.value
        return {
            f"other{n}": [_text(random), _text(random)] if inner.type == "list" else _text(random)
            for n in range(2)
        }
    if shape.type == "list":
        return [_one(shape.element, random, str(place), listed=True) for _ in range(random.randint(1, 3))]
    return _one(shape, random, str(place))


def _one(shape: Shape, random: Random, place: str, *, listed: bool = False) -> Any:
    if shape.type == "string":
        if place == "header":
            return _header(random) + (',"x' if listed and random.random() < 0.3 else "")
        return "x" + _text(random) + "x"
    return _scalar(shape, random, whole=place == "header")


def _header(random: Random) -> str:
    return "x" + "".join(random.choices(_HEADER, k=random.randint(0, 9))) + "x"


def _text(random: Random) -> str:
    return "".join(random.choices(_ANY, k=random.randint(1, 9)))


def _value(shape: Shape, random: Random, depth: int) -> Any:
    if shape.is_document:
        return {"any": [1, "thing", None, {"x": 1.5}]}
    if shape.type == "structure":
        chosen = [one for one in shape.members if one.name in shape.required or random.random() < 1 / depth]
        if depth >= DEEPEST:
            chosen = [one for one in shape.members if one.shape.type not in ("structure", "list", "map")][:1]
        elif not chosen:  # nothing of an empty structure is sent
            chosen = random.sample(shape.members, k=min(1, len(shape.members)))
        return {one.name: _value(one.shape, random, depth + 1) for one in chosen}
    if shape.type == "list":
        return [_value(shape.element, random, depth + 1) for _ in range(random.randint(1, 2))]
    if shape.type == "map":
        return {
            _value(shape.key, random, depth + 1): _value(shape.value, random, depth + 1)
            for _ in range(random.randint(1, 2))
        }
    return _scalar(shape, random)


def _scalar(shape: Shape, random: Random, *, whole: bool = False) -> Any:
    if shape.type == "string":
        return _text(random)
    if shape.type == "boolean":
        return random.random() < 0.5
    if shape.type == "blob":
        return random.randbytes(random.randint(1, 9))
    if shape.type in ("float", "double"):
        return random.choice([0.5, -2.25, 1e10, 3.0])
    if shape.type == "timestamp":
        micro = 0 if whole or shape.timestamp_format == "rfc822" else random.choice([0, 250_000])
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
            seconds=random.randint(0, 10**9), microseconds=micro
        )
    return random.randint(-100, 10**9)
