"""Users' passwords: given, changed and taken away. The hashes are in the keyring; nothing shows a password.

Making a hash takes tens of milliseconds on purpose (see `iam.passwords`); other changes wait meanwhile.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidUserType,
    NoSuchEntity,
    PasswordPolicyViolation,
)
from rolekeeper.iam.entities import Account, User
from rolekeeper.iam.passwords import LoginProfile, Passwords, conforms
from rolekeeper.operations import password_policy, resources, users
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation
from rolekeeper.wire.constraints import MUST_NOT_BE_NULL, validation_error, violation


def _get(call: Call, user: User) -> LoginProfile:
    profile = call.tx.collection(LoginProfile).find(user.id)
    if profile is None:
        raise NoSuchEntity(f"Login Profile for User {user.name} cannot be found.")
    return profile


def _passwords(call: Call, user: User) -> Passwords:
    return Passwords.opened(call.tx.secrets.get(LoginProfile.kind, user.id))


def _set(call: Call, user: User, password: str, passwords: Passwords) -> None:
    """Keep a new password; PasswordPolicyViolation, with AWS's one text for all the policy's rules."""
    policy = password_policy.find(call)
    account = call.tx.collection(Account).get(call.account)
    renewed = None
    if conforms(password, policy, account.name):
        remembered = policy.remembered if policy is not None else None
        renewed = passwords.renewed(password, unlike=remembered or 0)
    if renewed is None:
        raise PasswordPolicyViolation("Password does not conform to the account password policy.")
    call.tx.secrets.put(LoginProfile.kind, user.id, renewed.sealed())


def _view(user: User, profile: LoginProfile) -> dict[str, Any]:
    return {
        "LoginProfile": {
            "UserName": user.name,
            "CreateDate": profile.created,
            "PasswordResetRequired": profile.reset_required,
        }
    }


@operation(resource=resources.user, writes=True)
def create_login_profile(
    call: Call,
    *,
    user_name: str | None = None,
    password: str | None = None,
    password_reset_required: bool = False,
) -> dict[str, Any]:
    """Give a user a password; EntityAlreadyExists where it has one."""
    user = users.named_or_caller(call, user_name)
    if password is None:
        raise validation_error([violation(None, "password", MUST_NOT_BE_NULL)])
    profiles = call.tx.collection(LoginProfile)
    if profiles.find(user.id) is not None:
        raise EntityAlreadyExists(f"Login Profile for user {user.name} already exists.")
    _set(call, user, password, Passwords())
    now = call.now.replace(microsecond=0)
    profile = LoginProfile(
        account=call.account, user=user.id, created=now, changed=now, reset_required=password_reset_required
    )
    profiles.add(profile)
    return _view(user, profile)


@operation(resource=resources.user)
def get_login_profile(call: Call, *, user_name: str | None = None) -> dict[str, Any]:
    """Tell whether a user has a password, and since when."""
    user = users.named_or_caller(call, user_name)
    return _view(user, _get(call, user))


@operation(resource=resources.user, writes=True)
def update_login_profile(
    call: Call, *, user_name: str, password: str | None = None, password_reset_required: bool | None = None
) -> dict[str, Any]:
    """Give a user another password, or ask it to choose one; what is not given stays."""
    user = call.tx.users.get(user_name)
    profile = _get(call, user)
    if password is not None:
        _set(call, user, password, _passwords(call, user))
        profile = msgspec.structs.replace(profile, changed=call.now.replace(microsecond=0))
    if password_reset_required is not None:
        profile = msgspec.structs.replace(profile, reset_required=password_reset_required)
    call.tx.collection(LoginProfile).put(profile)
    return {}


@operation(resource=resources.user, writes=True)
def delete_login_profile(call: Call, *, user_name: str | None = None) -> dict[str, Any]:
    """Take a user's password away, and with it the memory of those before."""
    user = users.named_or_caller(call, user_name)
    profile = _get(call, user)
    call.tx.secrets.delete(LoginProfile.kind, user.id)
    call.tx.collection(LoginProfile).delete(profile)
    return {}


def _own_password(call: Call, **_: Any) -> Resource:
    return password_policy.self_service(call, resources.user(call))


@operation(resource=_own_password, writes=True)
def change_password(call: Call, *, old_password: str, new_password: str) -> dict[str, Any]:
    """Change the caller's own password. An expired one too: HardExpiry is only for the console.

    Source: "PasswordPolicy" in the IAM API Reference.
    """
    user = call.caller.user
    if user is None:
        raise InvalidUserType("Only IAM Users can change their own password")
    profile = _get(call, user)
    passwords = _passwords(call, user)
    if not passwords.is_current(old_password):
        raise AccessDenied("The old password was incorrect.")
    _set(call, user, new_password, passwords)
    now = call.now.replace(microsecond=0)
    call.tx.collection(LoginProfile).put(msgspec.structs.replace(profile, changed=now, reset_required=False))
    return {}
