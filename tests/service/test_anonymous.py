"""Who has no credentials: what lets such callers in, and what is known of them."""

from __future__ import annotations

import pytest

from rolekeeper.errors import AccessDenied
from rolekeeper.policy.context import AccountRoot
from rolekeeper.service.call import ANONYMOUS, Access, Caller, Resource
from rolekeeper.service.dispatch import new_call
from rolekeeper.service.identities import identity
from rolekeeper.service.trail import Trace
from rolekeeper.wire.http import HttpRequest
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.operations.organizing import organized
from tests.people import policy

PHOTO = "arn:aws:s3:::photos/cat"


def ask(world: LocalWorld, action: str, text: str | None, **keys: str) -> None:
    """Return where it is allowed, to who asks twice; AccessDenied where not."""
    service = world.server._service
    request = HttpRequest(method="GET", path="/photos/cat", source_ip="203.0.113.9")
    trace = Trace(request=request, request_id="question", now=service.clock.now())
    trace.operation = service.operations.named("2011-06-15", "GetCallerIdentity")
    owner = Caller(principal=AccountRoot(account=ACCOUNT), account=ACCOUNT, access_key_id="", revision=0)
    resource = Resource(arn=PHOTO, account=ACCOUNT, policy=text)
    with service.store.read() as tx:
        call = new_call(service, trace, trace.operation, owner, tx)
        call.caller = ANONYMOUS
        for _ in range(2):
            service.authorizer.require(call, [Access(action=action, resource=resource, keys=lambda: keys)])


def for_everybody(**more: object) -> str:
    shared = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": PHOTO}
    return policy(shared | more)


def test_only_a_policy_for_everybody_lets_them_in(local: LocalWorld) -> None:
    ask(local, "s3:GetObject", for_everybody())
    for action, text in (
        ("s3:GetObject", None),
        ("s3:PutObject", for_everybody()),
        ("s3:GetObject", for_everybody(Principal={"AWS": ACCOUNT})),
        ("s3:GetObject", for_everybody(Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})),
        ("s3:GetObject", for_everybody(Condition={"Null": {"aws:PrincipalOrgID": "false"}})),
    ):
        with pytest.raises(AccessDenied):
            ask(local, action, text)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalType": "Anonymous"}},
        {"StringEquals": {"aws:PrincipalAccount": "anonymous"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"Null": {"aws:userid": "true", "aws:PrincipalArn": "true", "aws:PrincipalTag/team": "true"}},
        {"StringEquals": {"aws:ResourceAccount": ACCOUNT}},
        {"StringEquals": {"s3:prefix": "a/"}},
    ],
    ids=str,
)
def test_what_is_known_of_them(local: LocalWorld, condition: dict[str, dict[str, str]]) -> None:
    ask(local, "s3:GetObject", for_everybody(Condition=condition), **{"s3:prefix": "a/"})


def test_resource_control_policies_hold_for_them(local: LocalWorld) -> None:
    organizations = organized(local, OTHER_ACCOUNT, ACCOUNT).other.organizations
    ask(local, "s3:GetObject", for_everybody())
    made = organizations.create_policy(
        Name="no",
        Description="",
        Type="RESOURCE_CONTROL_POLICY",
        Content=for_everybody(Effect="Deny", Resource="*"),
    )
    named = {"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": ACCOUNT}
    organizations.attach_policy(**named)
    with pytest.raises(AccessDenied):
        ask(local, "s3:GetObject", for_everybody())
    organizations.detach_policy(**named)
    ask(local, "s3:GetObject", for_everybody())


def test_the_trail_knows_them_as_cloudtrail_does() -> None:
    known = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    assert identity(ANONYMOUS) == known
