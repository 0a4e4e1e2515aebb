"""Who calls, as an event shows it: CloudTrail's `userIdentity`.

An ID, an ARN and an account, and of a session who has issued it and how it came about; never a secret.
Source: "CloudTrail userIdentity element" in the CloudTrail User Guide.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from rolekeeper.arn import root_arn
from rolekeeper.audit import cloudtrail
from rolekeeper.iam.credentials import RoleSession, RootSession, Session
from rolekeeper.service.call import ANONYMOUS, Caller, Vouched


def vouched_identity(operation: str, vouched: Vouched) -> dict[str, Any]:
    """CloudTrail's `userIdentity` of whom an identity provider vouches for in an operation, or a service."""
    if vouched.service:
        return {"type": "Unknown", "principalId": vouched.subject, "accountId": vouched.account}
    if operation == "AssumeRoleWithWebIdentity":
        kind, provider = "WebIdentityUser", vouched.provider
        names = [provider, vouched.audience, vouched.subject]
    else:  # a SAML provider is told by the hash that its users' names are told apart by
        kind, provider = "SAMLUser", str(vouched.keys["saml:namequalifier"])
        names = [provider, vouched.subject]
    return {
        "type": kind,
        "principalId": ":".join(names),
        "userName": vouched.subject,
        "identityProvider": provider,
    }


@lru_cache(maxsize=10_000)
def known_identity(caller: Caller) -> str:
    """The identity of a caller in JSON; a caller asks often, so it is written once."""
    return msgspec.json.encode(identity(caller)).decode()


def stranger(caller: Caller | None) -> str:
    """A caller as another account's trail shows it, in JSON: an ID, and the account it is of."""
    known = identity(caller) if caller is not None else {}
    shown = {
        "type": "AWSAccount",
        "principalId": known.get("principalId"),
        "accountId": known.get("accountId"),
    }
    return msgspec.json.encode(shown).decode()


def unknown_identity(access_key_id: str | None) -> str:
    """The identity of a key that nobody was found for, in JSON."""
    claimed = {"type": "Unknown", "principalId": "", "accessKeyId": (access_key_id or "")[:128]}
    return msgspec.json.encode(claimed).decode()


def identity(caller: Caller) -> dict[str, Any]:
    """CloudTrail's `userIdentity` of a caller."""
    if caller is ANONYMOUS:
        return {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}
    found: dict[str, Any] = {"type": "Root", "principalId": caller.account}
    federated = caller.federation_session
    if caller.role_session is not None and caller.role is not None:
        found = {"type": "AssumedRole", "principalId": f"{caller.role.id}:{caller.role_session.name}"}
    elif federated is not None:
        found = {"type": "FederatedUser", "principalId": f"{caller.account}:{federated.name}"}
    elif caller.user is not None:
        found = {"type": "IAMUser", "principalId": caller.user.id}
    found["arn"] = caller.principal.arn
    found["accountId"] = caller.account
    found["accessKeyId"] = caller.access_key_id
    if caller.user is not None:
        found["userName"] = caller.user.name
    if caller.session is not None:
        found["sessionContext"] = _session_context(caller, caller.session)
        if caller.session.delegations:
            found["invokedByDelegate"] = {"accountId": caller.session.delegations[-1].account}
    return found


def _session_context(caller: Caller, session: Session) -> dict[str, Any]:
    context: dict[str, Any] = {}
    issuer = _issuer(caller)
    if issuer is not None:
        context["sessionIssuer"] = issuer
    federation = _federation(session) if isinstance(session, RoleSession) else None
    if federation is not None:
        context["webIdFederationData"] = federation
    context["attributes"] = {
        "creationDate": cloudtrail.instant(datetime.fromtimestamp(session.issued, UTC)),
        "mfaAuthenticated": "false" if session.mfa_at is None else "true",
    }
    if isinstance(session, RootSession):
        context["assumedRoot"] = "true"
    source_identity = getattr(session, "source_identity", None)
    if source_identity is not None:
        context["sourceIdentity"] = source_identity
    if isinstance(session, RoleSession) and "ec2:roledelivery" in session.claims:
        context["ec2RoleDelivery"] = session.claims["ec2:roledelivery"]
    return context


def _issuer(caller: Caller) -> dict[str, Any] | None:
    """CloudTrail's `sessionIssuer`: the role of a session, or who has made a federated user's."""
    partition = caller.principal.arn.split(":", 2)[1]
    entity = caller.role or caller.maker
    if entity is not None:
        return {
            "type": "Role" if caller.role is not None else "IAMUser",
            "principalId": entity.id,
            "arn": entity.arn(partition),
            "accountId": entity.account,
            "userName": entity.name,
        }
    if caller.federation_session is None:
        return None
    account = caller.account
    return {
        "type": "Root",
        "principalId": account,
        "arn": root_arn(partition, account),
        "accountId": account,
    }


def _federation(session: RoleSession) -> dict[str, Any] | None:
    """CloudTrail's `webIdFederationData`: by whose word a session came about, and about whom."""
    provider = session.claims.get("aws:federatedprovider")
    if not isinstance(provider, str) or ":saml-provider/" in provider:
        return None
    told = {name: value for name, value in session.claims.items() if name.endswith((":aud", ":sub", ":amr"))}
    return {"federatedProvider": provider, "attributes": told}
