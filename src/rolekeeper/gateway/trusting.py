"""What a service sees to at once when it is handed a role: that it is there, and lets the service in.

It comes after authorization and before anything goes on, so that nothing is made which could never work, and
nobody learns of a role what he may not know. Each service says it in its own words; services that are not
here notice later, when they need the role.
Sources: "CreateFunction" in the Lambda API Reference; "RunInstances" and "Error codes" in the EC2 API
Reference; the troubleshooting pages of the services' guides for the texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rolekeeper.errors import (
    AccessDenied,
    AwsError,
    ClientException,
    InvalidArgumentException,
    InvalidInputException,
    InvalidParameterValue,
    InvalidParameterValueException,
    ValidationError,
)
from rolekeeper.gateway import passing
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.referred import NOTHING, Referred
from rolekeeper.service.call import Resource
from rolekeeper.service.direct_calls import DirectCall, DirectCalls
from rolekeeper.service.dispatch import Service
from rolekeeper.store.contract import AccountState, Transaction


class _InvalidRole(InvalidInputException):
    """Glue's and CodeBuild's: it has a text alone."""

    def __init__(self, message: str) -> None:
        super().__init__("", message)
        self.details = {}


_WORDS: Mapping[str, Callable[[str], AwsError]] = {
    "cloudformation.amazonaws.com": lambda arn: ValidationError(
        f"Role {arn} is invalid or cannot be assumed"
    ),
    "codebuild.amazonaws.com": lambda arn: _InvalidRole(
        f"CodeBuild is not authorized to perform: sts:AssumeRole on {arn}"
    ),
    "ecs-tasks.amazonaws.com": lambda arn: ClientException(
        f"ECS was unable to assume the role '{arn}' that was provided for this task. Please verify that the "
        "role being passed has the proper trust relationship and permissions and that your IAM user has "
        "permissions to pass this role."
    ),
    "events.amazonaws.com": lambda arn: ValidationError(
        f"Provided role '{arn}' cannot be assumed by principal 'events.amazonaws.com'."
    ),
    "firehose.amazonaws.com": lambda arn: InvalidArgumentException(
        f"Firehose is unable to assume role {arn}. Please check the role provided."
    ),
    "glue.amazonaws.com": lambda arn: _InvalidRole(
        "Service is unable to assume provided role. Please verify role's TrustPolicy"
    ),
    "lambda.amazonaws.com": lambda arn: InvalidParameterValueException(
        "The role defined for the function cannot be assumed by Lambda."
    ),
    "monitoring.rds.amazonaws.com": lambda arn: InvalidParameterValue(
        "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING"
    ),
    "scheduler.amazonaws.com": lambda arn: ValidationError(
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    ),
    "states.amazonaws.com": lambda arn: AccessDenied(
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to "
        "assume the provided role."
    ),
}
_LATER = frozenset(
    {
        "CreateJob",
        "CreateMLTransform",
        "CreateSession",
        "PutRule",
        "RegisterTaskDefinition",
        "UpdateJob",
        "UpdateMLTransform",
    }
)
"""Operations that only write the role down."""


def require(service: Service, asked: Asked, wanted: Iterable[Wanted], referred: Referred = NOTHING) -> None:
    """Return where the roles of a request can be used; the service's error where not.

    `wanted` is what handing them over asked for. It reads the store, and is to be called on allowed requests.
    """
    handed = [each for each in wanted if each.action == passing.ACTION]
    given = passing.given(asked, referred)
    if not handed and not given:
        return
    with service.store.read() as tx:
        state = tx.account(asked.account)
        for text, parameter in given:
            if parameter.profile and text:
                _require_profile(asked, state, text)
        if asked.operation.name not in _LATER:
            for each in handed:
                _require_trust(service, asked, tx, each)


def _require_profile(asked: Asked, state: AccountState, text: str) -> None:
    place = "arn" if text.startswith("arn:") else "name"
    start = f"Value ({text}) for parameter iamInstanceProfile.{place} is invalid."
    profile = state.instance_profiles.find(text.rpartition("/")[2])
    if profile is None or text not in (profile.name, profile.arn(asked.partition)):
        raise InvalidParameterValue(f"{start} Invalid IAM Instance Profile {place.replace('arn', 'ARN')}")
    if passing.HeldRoles(state, asked.partition).in_profile(text) is None:
        arn = profile.arn(asked.partition)
        raise InvalidParameterValue(f'{start} IAM Instance Profile "{arn}" has no associated IAM Roles')


def _require_trust(service: Service, asked: Asked, tx: Transaction, wanted: Wanted) -> None:
    principal = str(wanted.keys["iam:passedtoservice"])
    words = _WORDS.get(principal)
    if words is None:
        return
    role = tx.account(asked.account).roles.find(wanted.resource.rpartition("/")[2])
    if role is None or role.arn(asked.partition) != wanted.resource:
        raise words(wanted.resource)
    call = DirectCall(
        principal=principal,
        account=asked.account,
        source_arn=passing.associated(asked) or "",
        region=asked.region,
        now=service.clock.now(),
    )
    resource = Resource(
        arn=wanted.resource,
        account=role.account,
        tags=role.tags,
        policy=role.trust,
        policy_kind="trust",
        entity=role,
    )
    if not DirectCalls(service.organizations).decide(tx, call, "sts:AssumeRole", resource).allowed:
        raise words(wanted.resource)
