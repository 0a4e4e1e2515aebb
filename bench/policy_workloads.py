"""The requests and the policies of the policy bench: three sizes, made by rule, the same at every run.

All callers are sessions of one role, so that one set of policies is theirs; sessions, actions, resources and
keys differ from request to request. Documents and keys are plain AWS JSON: each contender reads them its way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "123456789012"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSIONS = 40
REQUESTS = 480

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question. `session` is the name of the caller's session; keys are spelled as in the policies."""

    session: str
    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Policies by layer, as `PolicyLayers.from_json` takes them, and requests, a typical one first."""

    name: str
    policies: Json
    requests: Sequence[Request]


def policy(*statements: Json) -> Json:
    """A document of the current version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str, action: str | list[str], resource: str | list[str] = "*", **more: Any) -> Json:
    """One statement; `more` is `Condition` or `Principal`."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def session_arn(name: str) -> str:
    """The ARN of a session of the role."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/app/{name}"


# -- small: one policy of three statements ----------------------------------------------------------


def small() -> Workload:
    """One policy of three statements, without conditions."""
    own = policy(
        statement("Allow", "s3:Get*", "arn:aws:s3:::reports/*"),
        statement("Allow", "iam:GetRole"),
        statement("Deny", "s3:Delete*"),
    )
    asked = (
        ("s3:GetObject", "arn:aws:s3:::reports/{}.csv"),
        ("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/r{{}}"),
        ("s3:DeleteObject", "arn:aws:s3:::reports/{}.csv"),
        ("s3:GetObject", "arn:aws:s3:::other/{}.csv"),
    )
    return Workload(name="small", policies={"identity": [own]}, requests=_requests(asked, {}))


# -- medium: ten policies of ten statements, with conditions, a boundary and SCPs -------------------

TEAMS = 8
HOME = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.0/24"]}}
NEAR = {"StringEquals": {"aws:RequestedRegion": [REGION, "eu-central-1"]}}
FRESH = {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
KEYS = {
    "aws:SourceIp": "203.0.113.{}",
    "aws:RequestedRegion": REGION,
    "aws:PrincipalTag/team": "red",
    "aws:MultiFactorAuthAge": "{}",
    "aws:SecureTransport": "true",
    "s3:prefix": "home/{}",
}
OURS = f"{REGION}:{ACCOUNT}"


def medium() -> Workload:
    """Eight policies of a role, its boundary and one level of SCPs, of ten statements each."""
    policies = {"identity": [_team(team) for team in range(TEAMS)], "boundary": [_limits()]}
    asked = tuple(
        (action, resource.replace("<team>", f"team-{team}"))
        for team in (TEAMS - 1, 2, 5, 0)
        for action, resource in (
            ("s3:GetObject", "arn:aws:s3:::<team>/o{}"),
            ("s3:ListBucket", "arn:aws:s3:::<team>"),
            ("dynamodb:GetItem", f"arn:aws:dynamodb:{OURS}:table/<team>-t{{}}"),
            ("s3:DeleteObject", "arn:aws:s3:::<team>/o{}"),
            ("lambda:InvokeFunction", f"arn:aws:lambda:{OURS}:function:<team>-f{{}}"),
            ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{OURS}:secret:<team>/s{{}}"),
            ("sqs:SendMessage", f"arn:aws:sqs:{OURS}:other-q{{}}"),
        )
    )
    return Workload(
        name="medium", policies={**policies, "scp": [[_rails()]]}, requests=_requests(asked, KEYS)
    )


def _team(number: int) -> Json:
    team = f"team-{number}"
    red = {"StringEquals": {"aws:PrincipalTag/team": ["red", "blue"]}}
    return policy(
        statement(
            "Allow", ["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{team}/*", Condition={**red, **HOME}
        ),
        statement(
            "Allow", "s3:List*", f"arn:aws:s3:::{team}", Condition={"StringLike": {"s3:prefix": "home/*"}}
        ),
        statement("Allow", "s3:DeleteObject", f"arn:aws:s3:::{team}/*", Condition=FRESH),
        statement("Allow", "dynamodb:*", f"arn:aws:dynamodb:{OURS}:table/{team}-*", Condition=NEAR),
        statement("Allow", "sqs:*", f"arn:aws:sqs:{OURS}:{team}-*"),
        statement("Allow", ["sns:Publish", "sns:Subscribe"], f"arn:aws:sns:{OURS}:{team}-*"),
        statement("Allow", "lambda:Invoke*", f"arn:aws:lambda:{OURS}:function:{team}-*", Condition=NEAR),
        statement(
            "Allow", "secretsmanager:Get*", f"arn:aws:secretsmanager:{OURS}:secret:{team}/*", Condition=red
        ),
        statement("Allow", "ec2:Describe*", Condition=NEAR),
        statement("Deny", "s3:Delete*", f"arn:aws:s3:::{team}/kept/*", Condition=PLAIN),
    )


def _limits() -> Json:
    kinds = ("s3", "dynamodb", "sqs", "sns", "lambda", "secretsmanager", "ec2", "logs")
    return policy(
        *(statement("Allow", f"{kind}:*", Condition=NEAR) for kind in kinds),
        statement("Deny", "iam:*"),
        statement("Deny", "*", Condition=PLAIN),
    )


def _rails() -> Json:
    far = {"StringNotEquals": {"aws:RequestedRegion": [REGION, "eu-central-1", "us-east-1"]}}
    never = (
        "organizations:LeaveOrganization",
        "cloudtrail:StopLogging",
        "config:Delete*",
        "guardduty:Delete*",
    )
    return policy(
        statement("Allow", "*"),
        *(statement("Deny", action) for action in never),
        statement("Deny", "s3:DeleteBucket*", "arn:aws:s3:::audit-*"),
        *(statement("Deny", f"{kind}:*", Condition=far) for kind in ("ec2", "rds", "lambda", "dynamodb")),
    )


# -- large: twenty policies of fifty statements, and a resource policy of a hundred -----------------


def large() -> Workload:
    """A thousand statements of which a hundred speak of the action, and as many again at the resource."""
    own = [policy(*_fifty(number)) for number in range(20)]
    org = {"StringEquals": {"aws:PrincipalOrgID": "o-example"}}
    shared = policy(
        *(
            statement(
                "Deny" if number % 10 == 9 else "Allow",
                "s3:GetObject",
                f"arn:aws:s3:::shared/area-{number}/*",
                Principal={"AWS": ROLE if number % 3 else f"arn:aws:iam::{ACCOUNT}:role/r{number}"},
                Condition=org,
            )
            for number in range(100)
        )
    )
    asked = tuple(
        pair
        for number in (19, 4, 11, 7)
        for pair in (
            ("s3:GetObject", f"arn:aws:s3:{OURS}:p{number}-k4/{{}}"),
            ("sqs:GetObject", f"arn:aws:sqs:{OURS}:p{number}-k2/{{}}"),
            ("s3:GetObject", f"arn:aws:s3:::shared/area-{number * 4 + 1}/{{}}"),
            ("s3:GetObject", f"arn:aws:s3:::shared/area-{number * 10 + 9 - 60 * (number > 9)}/{{}}"),
            ("kinesis:PutObject", f"arn:aws:kinesis:{OURS}:p{number}-k0/{{}}"),
            ("s3:GetObject", f"arn:aws:s3:{OURS}:q{number}-k0/{{}}"),
        )
    )
    requests = _requests(asked, {**KEYS, "aws:PrincipalOrgID": "o-example"})
    return Workload(name="large", policies={"identity": own, "resource": shared}, requests=requests)


KINDS = ("s3", "dynamodb", "sqs", "sns", "lambda", "kinesis", "ecr", "logs", "ssm", "glue")


def _fifty(number: int) -> list[Json]:
    listed: list[Json] = []
    for kind in KINDS:
        listed += [
            statement("Allow", f"{kind}:Get*", f"arn:aws:{kind}:{OURS}:p{number}-k{place}/*", Condition=HOME)
            for place in range(1, 5)
        ]
        listed.append(statement("Deny", f"{kind}:Put*", f"arn:aws:{kind}:{OURS}:p{number}-k0/*"))
    return listed


# -- the requests -----------------------------------------------------------------------------------


def _requests(asked: Sequence[tuple[str, str]], keys: Mapping[str, str]) -> list[Request]:
    """The questions in turn, each with another resource, other keys and another session."""
    found: list[Request] = []
    for number in range(REQUESTS):
        action, resource = asked[number % len(asked)]
        given = {name: value.format(number % 250 + 1) for name, value in keys.items()}
        if number % 10 == 9 and given:
            given["aws:SourceIp"] = "192.0.2.1"  # from elsewhere
        session = f"s{number * 7 % SESSIONS}"
        found.append(Request(session=session, action=action, resource=resource.format(number), keys=given))
    return found
