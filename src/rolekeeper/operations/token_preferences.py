"""Which version of tokens the global endpoint of STS gives. GetAccountSummary shows the choice."""

from __future__ import annotations

from typing import Any

from rolekeeper.iam.account_features import TokenPreferences
from rolekeeper.operations import resources
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

_VERSIONS = {"v1Token": 1, "v2Token": 2}


def token_version(call: Call) -> int:
    """The account's choice; 1 where nobody has chosen."""
    chosen = call.tx.collection(TokenPreferences).find(TokenPreferences.name)
    return TokenPreferences(account=call.account).version if chosen is None else chosen.version


@operation(resource=resources.everything, writes=True)
def set_security_token_service_preferences(
    call: Call, *, global_endpoint_token_version: str
) -> dict[str, Any]:
    """Choose a version."""
    chosen = TokenPreferences(account=call.account, version=_VERSIONS[global_endpoint_token_version])
    preferences = call.tx.collection(TokenPreferences)
    if preferences.find(TokenPreferences.name) is None:
        preferences.add(chosen)
    else:
        preferences.put(chosen)
    return {}
