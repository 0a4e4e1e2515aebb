"""A service behind a gateway, as far as authorization sees it: its question about a caller, asked for real.

The caller signs a request as always; the question is then not about that request's operation but about any
action on any resource, with the resource's own policy.
"""

from __future__ import annotations

from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.service import dispatch
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.trail import Trace
from tests.client import LocalWorld, Person, http_request

_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def ask(person: Person, action: str, arn: str, **more: Any) -> Call:
    """Return the call where the person may do it; AccessDenied where not.

    `account` is the resource's, else the person's; `policy` and `policy_kind` are of the resource, `tags` its
    tags, `keys` the condition keys of the question.
    """
    world = person.world
    assert isinstance(world, LocalWorld)
    service = world.server._service
    trace = Trace(request=_signed(person), request_id="question", now=service.clock.now())
    trace.operation = operation = service.operations.find(trace.request)
    keys = more.pop("keys", {})
    with service.store.read() as tx:
        caller = dispatch._identify(service, trace, operation, tx)
        call = dispatch._call(service, trace, operation, caller, tx)
        resource = Resource(arn=arn, account=more.pop("account", caller.account), **more)
        service.authorizer.require(call, [Access(action=action, resource=resource, keys=lambda: keys)])
    return call


def _signed(person: Person) -> Any:
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest(method="POST", url="https://localhost/", data=body, headers=_FORM)
    SigV4Auth(Credentials(*person._keys), "sts", "us-east-1").add_auth(request)
    return http_request(request.prepare())
