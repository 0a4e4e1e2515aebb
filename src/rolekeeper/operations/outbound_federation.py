"""Outbound identity federation: whether the account's principals may have tokens for services elsewhere.

Enabling it makes the keys that sign, so that a token costs no change of state; enabling it again, once they
are an hour old, makes new ones.
Source: "EnableOutboundWebIdentityFederation" and its neighbours in the IAM API Reference; "Federating AWS
identities to external services" in the IAM User Guide.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec

from rolekeeper.errors import FeatureDisabled, FeatureEnabled
from rolekeeper.iam import issuer_keys
from rolekeeper.iam.account_features import OutboundFederation
from rolekeeper.iam.issuer_keys import IssuerKey
from rolekeeper.operations import resources
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


def enabled(call: Call) -> OutboundFederation:
    """The account's issuer; FeatureDisabled where it issues nothing."""
    found = call.tx.collection(OutboundFederation).find(OutboundFederation.name)
    if found is None or not found.enabled:
        raise FeatureDisabled(f"Outbound identity federation is disabled for account {call.account}")
    return found


@operation(resource=resources.everything, writes=True)
def enable_outbound_web_identity_federation(call: Call) -> dict[str, Any]:
    """Let the account's principals have tokens. The issuer is the one that there was before, if any."""
    settings = call.tx.collection(OutboundFederation)
    found = settings.find(OutboundFederation.name)
    if found is None:
        found = OutboundFederation(account=call.account, issuer_id=str(uuid.uuid4()))
        settings.add(found)
    elif found.enabled and call.tx.collection(IssuerKey).count():  # where there are no keys, they are made
        raise FeatureEnabled(f"Outbound identity federation is already enabled for account {call.account}")
    else:
        settings.put(msgspec.structs.replace(found, enabled=True))
    _renew_keys(call)
    return {"IssuerIdentifier": found.issuer_at(call.issuer_url)}


def _renew_keys(call: Call) -> None:
    """Make the keys that are missing or old, and forget those that nobody needs any more."""
    keys = call.tx.collection(IssuerKey)
    there, _ = keys.page()
    for algorithm in issuer_keys.ALGORITHMS:
        newest = issuer_keys.signing(there, algorithm)
        if newest is None or newest.created <= call.now - issuer_keys.SETTLED:
            made, private = issuer_keys.generate(call.account, algorithm, call.now)
            keys.add(made)
            call.tx.secrets.put(IssuerKey.kind, made.id, private)
    for old in issuer_keys.outdated(there, call.now):
        keys.delete(old)
        call.tx.secrets.delete(IssuerKey.kind, old.id)


@operation(resource=resources.everything, writes=True)
def disable_outbound_web_identity_federation(call: Call) -> dict[str, Any]:
    """Give no more tokens. Those that were given stay good, so that the issuer stays too."""
    call.tx.collection(OutboundFederation).put(msgspec.structs.replace(enabled(call), enabled=False))
    return {}


@operation(resource=resources.everything)
def get_outbound_web_identity_federation_info(call: Call) -> dict[str, Any]:
    """Tell the issuer; FeatureDisabled, not a false `JwtVendingEnabled`, where it issues nothing."""
    return {"IssuerIdentifier": enabled(call).issuer_at(call.issuer_url), "JwtVendingEnabled": True}
