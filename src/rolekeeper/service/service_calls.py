"""What a service calls when it works for an account: as its role, or on behalf of who called it, never as
root.

As its role: the role's session is made by the service, as a workload's is, and all policies of the role
decide. Such a call does not come "via" a service: `aws:ViaAWSService` is false and there is no
`aws:CalledVia`. On behalf of a caller (a forward access session): the caller's own policies decide once more,
and the request says through which services it came. A service has no address: what it calls has no
`aws:SourceIp`, and its events have the service's name in that place, and as `invokedBy`.
Sources: "Forward access sessions", "AWS global condition context keys" (CalledVia, ViaAWSService) and "Create
a role to delegate permissions to an AWS service" in the IAM User Guide; "CloudTrail userIdentity element" in
the CloudTrail User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rolekeeper.service.acting import Who, perform
from rolekeeper.service.call import Caller
from rolekeeper.service.delivery import Deliveries, Grant
from rolekeeper.service.dispatch import Service
from rolekeeper.wire import model, query
from rolekeeper.wire.http import HttpRequest


class ServiceCalls:
    """The client that services have. `api` is `iam`, `sts` ...; members have the model's names."""

    def __init__(self, service: Service, deliveries: Deliveries) -> None:
        self._service = service
        self._deliveries = deliveries

    def as_role(self, grant: Grant, api: str, operation: str, **members: Any) -> Mapping[str, Any]:
        """The answer to an operation that the service calls as the grant's role.

        NotDelivered where it does not get the role, AwsError where the role may not do it.
        """
        given = self._deliveries.credentials(grant).credentials
        partition = model.partition_of(grant.region)

        def who(_: Any, __: Any, tx: Any) -> Caller:
            sessions = self._service.sessions
            return sessions.opened(given.access_key_id, given.secret, given.token.reveal(), tx, partition)

        return self._call(grant.service, who, api, operation, members, grant.region, ())

    def for_caller(
        self,
        caller: Caller,
        services: tuple[str, ...],
        api: str,
        operation: str,
        *,
        region: str,
        **members: Any,
    ) -> Mapping[str, Any]:
        """The answer to an operation that a service calls for who has just called it, with the caller's
        permissions. `services` are those that the call came through, in their order; the last one calls now.
        ValueError where there is none, AwsError where the caller may not do it so.
        """
        if not services:
            raise ValueError("a call on somebody's behalf comes through some service")
        return self._call(services[-1], lambda *_: caller, api, operation, members, region, services)

    def _call(
        self,
        principal: str,
        who: Who,
        api: str,
        operation: str,
        members: Mapping[str, Any],
        region: str,
        via: tuple[str, ...],
    ) -> Mapping[str, Any]:
        found = model.service(api)
        request = HttpRequest(
            method="POST", path="/", headers=[("user-agent", principal)], source_ip=principal, secure=True
        )
        return perform(
            self._service,
            request,
            (found.target_prefix or found.api_version, operation),
            query.form_of(members) if found.protocol == "query" else members,
            who,
            region=_region(api, region),
            invoked_by=principal,
            via=via,
        )


def _region(api: str, region: str) -> str:
    """The region of a call: that of the service's own where it has one for all."""
    return model.global_region(api, model.partition_of(region)) if api in ("iam", "organizations") else region
