"""docs/gateway.md: prose that is written there, and which operations are classified, which is made here.

What is between `<!-- made: coverage -->` and `<!-- end -->` is replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from rolekeeper.gateway.classify import coverage, missing

PAGE = Path(__file__).parents[1] / "docs" / "gateway.md"

SERVICES = {
    "s3": "S3",
    "s3control": "S3 Control",
    "ec2": "EC2",
    "lambda": "Lambda",
    "dynamodb": "DynamoDB",
    "dynamodbstreams": "DynamoDB Streams",
    "sqs": "SQS",
    "sns": "SNS",
    "kms": "KMS",
    "secretsmanager": "Secrets Manager",
    "ssm": "Systems Manager",
    "cloudwatch": "CloudWatch",
    "logs": "CloudWatch Logs",
    "events": "EventBridge",
    "stepfunctions": "Step Functions",
    "ecs": "ECS",
    "ecr": "ECR",
    "eks": "EKS",
    "rds": "RDS",
    "kinesis": "Kinesis",
    "firehose": "Data Firehose",
    "apigateway": "API Gateway (REST)",
    "apigatewayv2": "API Gateway (HTTP, WebSocket)",
    "route53": "Route 53",
    "elb": "ELB (Classic)",
    "elbv2": "ELB (Application, Network)",
    "autoscaling": "Auto Scaling",
    "acm": "ACM",
    "glue": "Glue",
    "cloudformation": "CloudFormation",
}
"""By botocore's name: the services that are told of one by one."""

_MEANT = re.compile("it is not known which (.+) a request of ")
_UNKNOWN = re.compile("the reference knows no action")
_PART = re.compile(r"(<!-- made: coverage -->\n).*?(<!-- end -->)", re.DOTALL)


def page() -> str:
    """The whole page; LookupError where it has not exactly one place for what is made."""
    text = PAGE.read_text(encoding="utf-8")
    if len(_PART.findall(text)) != 1:
        raise LookupError(f"{PAGE.name} must have `<!-- made: coverage -->` and `<!-- end -->` once")
    return _PART.sub(lambda part: f"{part[1]}{_coverage()}{part[2]}", text)


def _coverage() -> str:
    rows = [_row(name) for name in SERVICES]
    head = "| service | operations | exact | `*` | not |\n|---|---|---|---|---|"
    return "\n".join(["", head, *rows, "", *(_service(name) for name in SERVICES), ""])


def _row(name: str) -> str:
    counts = Counter(coverage(name).values())
    told = (str(counts[each]) for each in ("exact", "any", "not"))
    return f"| [{SERVICES[name]}](#{name}) | {counts.total()} | {' | '.join(told)} |"


def _service(name: str) -> str:
    anywhere = [operation for operation, each in coverage(name).items() if each == "any"]
    lines = [f'<a id="{name}"></a>', f"**{SERVICES[name]}** (`{name}`)"]
    if anywhere:
        lines.append(f"<br>On `*`: {', '.join(anywhere)}.")
    lines += [f"<br>Not, {why}: {', '.join(names)}." for why, names in _not(name).items()]
    return "\n".join([*lines, ""])


def _not(name: str) -> dict[str, list[str]]:
    """The operations that are not classified, by the reason."""
    found: dict[str, list[str]] = {}
    for operation, reason in missing(name).items():
        meant = _MEANT.match(reason)
        if meant is not None:
            found.setdefault("it is not known which one is meant", []).append(f"{operation} ({meant[1]})")
        elif _UNKNOWN.match(reason):
            found.setdefault("AWS's reference has no such action", []).append(operation)
        else:
            found.setdefault(reason, []).append(operation)
    return found
