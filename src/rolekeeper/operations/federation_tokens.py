"""GetFederationToken: a session in a name that the user who asks for it has chosen.

What it may do is what both the user's policies and the session policies of the request allow. Without
session policies it may do what policies of resources allow to just this federated user, and nothing else.
Source: "GetFederationToken" in the STS API Reference; "Permissions for GetFederationToken" in the IAM User
Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rolekeeper import ids
from rolekeeper.arn import federated_user_arn
from rolekeeper.iam.credentials import FederationSession
from rolekeeper.operations import session_terms
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import operation

_LONGEST_OF_ROOT = 3600


def _federated_user(call: Call, *, name: str, **_: Any) -> Resource:
    arn = federated_user_arn(call.partition, call.account, name)
    return Resource(arn=arn, account=call.account)


def _tagging(call: Call, *, tags: list[dict[str, str]] | None = None, **arguments: Any) -> Iterable[Access]:
    if tags:
        yield Access(action="sts:TagSession", resource=_federated_user(call, **arguments))


@operation(resource=_federated_user, also=_tagging)
def get_federation_token(
    call: Call,
    *,
    name: str,
    policy: str | None = None,
    policy_arns: list[dict[str, str]] | None = None,
    duration_seconds: int | None = None,
    tags: list[dict[str, str]] | None = None,
    minimum_session_token_size: int = 0,
) -> dict[str, Any]:
    """Credentials of a federated user, for 12 hours by default; of the root user's for one hour at most."""
    inline, managed = session_terms.policies(call, call.account, policy, policy_arns)
    own_tags, _ = session_terms.tags(call, tags, None)
    seconds = duration_seconds or 43_200
    issued = int(call.now.timestamp())
    session = FederationSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, call.account),
        account=call.account,
        issued=issued,
        expires=issued + (min(seconds, _LONGEST_OF_ROOT) if call.caller.is_root else seconds),
        user_id=session_terms.maker_id(call),
        name=name,
        policy=inline,
        policy_arns=managed,
        tags=own_tags,
    )
    packed = session_terms.packed_percentage(call, session)
    answer: dict[str, Any] = {
        **call.sessions.issue(session, minimum_token_size=minimum_session_token_size).answer(),
        "FederatedUser": {
            "FederatedUserId": f"{call.account}:{name}",
            "Arn": federated_user_arn(call.partition, call.account, name),
        },
    }
    return answer if packed is None else answer | {"PackedPolicySize": packed}
