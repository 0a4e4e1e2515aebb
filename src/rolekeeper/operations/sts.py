"""The Security Token Service: who am I, whose key is this, why was I refused, and a user's own credentials.

Source: the STS API Reference.
"""

from __future__ import annotations

from typing import Any

from rolekeeper import ids
from rolekeeper.errors import ValidationError
from rolekeeper.iam.credentials import UserSession
from rolekeeper.iam.entities import AccessKey
from rolekeeper.operations import mfa_codes, resources, session_terms
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=resources.everything, permission=False)
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Who signed the request. It needs no permission, and no policy denies it."""
    caller = call.caller
    user_id = caller.account
    if caller.role is not None and caller.role_session is not None:
        user_id = f"{caller.role.id}:{caller.role_session.name}"
    elif caller.federation_session is not None:
        user_id = f"{caller.account}:{caller.federation_session.name}"
    elif caller.user is not None:
        user_id = caller.user.id
    return {"UserId": user_id, "Account": caller.account, "Arn": caller.principal.arn}


@operation(resource=resources.everything)
def get_access_key_info(call: Call, *, access_key_id: str) -> dict[str, Any]:
    """The account of an access key ID: it is in the ID, so the key need not exist any more."""
    key = call.store.by_unique_id(access_key_id)
    account = key.account if isinstance(key, AccessKey) else ids.account_of(access_key_id)
    if account is None:
        raise ValidationError(f"Access Key ID {access_key_id} is not valid.")
    return {"Account": account}


@operation(resource=resources.everything)
def decode_authorization_message(call: Call, *, encoded_message: str) -> dict[str, Any]:
    """All of a refusal, from the message that came with it; of the caller's own account only."""
    return {"DecodedMessage": call.denials.decoded(call.account, encoded_message)}


@operation(resource=resources.everything, permission=False)
def get_session_token(
    call: Call,
    *,
    duration_seconds: int | None = None,
    serial_number: str | None = None,
    token_code: str | None = None,
    minimum_session_token_size: int = 0,
) -> dict[str, Any]:
    """Temporary credentials of the user (12 hours by default) or the root user (one hour at most)."""
    mfa_codes.verify(call, serial_number, token_code)
    longest = 3600 if call.caller.is_root else 129_600
    seconds = min(duration_seconds or 43_200, longest)
    issued = int(call.now.timestamp())
    session = UserSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, call.account),
        account=call.account,
        issued=issued,
        expires=issued + seconds,
        user_id=session_terms.maker_id(call),
        mfa_at=call.mfa_at,
    )
    return call.sessions.issue(session, minimum_token_size=minimum_session_token_size).answer()
