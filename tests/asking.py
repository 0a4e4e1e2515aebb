"""A service behind a gateway, as far as authorization sees it: its question about a caller, asked for real.

The caller signs a request as always; the question is then not about that request's operation but about any
action on any resource, with the resource's own policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.service import dispatch
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.denials import Denied
from rolekeeper.service.dispatch import Service
from rolekeeper.service.trail import Trace
from tests.client import LocalWorld, Person, http_request

_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def ask(person: Person, action: str, arn: str, **more: Any) -> None:
    """Return where the person may do it; AccessDenied where not.

    `account` is the resource's, else the person's; `policy` and `policy_kind` are of the resource, `tags` its
    tags, `keys` the condition keys of the question.
    """
    with _asked(person) as (service, call):
        service.authorizer.require(call, [_access(call, action, arn, **more)])


def refusal(person: Person, action: str, arn: str, **more: Any) -> str:
    """The encoded message of a refusal, as services such as EC2 answer it."""
    with _asked(person) as (service, call):
        with pytest.raises(Denied) as caught:
            service.authorizer.require(call, [_access(call, action, arn, **more)])
        return call.denials.encoded_message(caught.value)


def _access(call: Call, action: str, arn: str, **more: Any) -> Access:
    keys = more.pop("keys", {})
    resource = Resource(arn=arn, account=more.pop("account", call.account), **more)
    return Access(action=action, resource=resource, keys=lambda: keys)


@contextmanager
def _asked(person: Person) -> Iterator[tuple[Service, Call]]:
    world = person.world
    assert isinstance(world, LocalWorld)
    service = world.server._service
    trace = Trace(request=_signed(person), request_id="question", now=service.clock.now())
    trace.operation = operation = service.operations.find(trace.request)
    with service.store.read() as tx:
        caller = dispatch._identify(service, trace, operation, tx)
        yield service, dispatch.new_call(service, trace, operation, caller, tx)


def _signed(person: Person) -> Any:
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest(method="POST", url="https://localhost/", data=body, headers=_FORM)
    SigV4Auth(Credentials(*person._keys), "sts", "us-east-1").add_auth(request)
    return http_request(request.prepare())
