"""Signing in with a user name and a password, and a code where the user has an MFA device.

Whatever is wrong is answered alike, and takes as long: the account, the user, the password, the code.
Failures cost a wait, of a user and of an address. A password that must be changed, or is over, lets nobody
in before it was changed: really by ChangePassword, which the account's policies decide.
Source: "How IAM users sign in to AWS", "Set an account password policy for IAM users" in the IAM User Guide.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from rolekeeper import ids
from rolekeeper.errors import AwsError
from rolekeeper.iam.credentials import UserSession
from rolekeeper.iam.devices import MfaDevice, code_step
from rolekeeper.iam.entities import User
from rolekeeper.iam.passwords import LoginProfile, PasswordPolicy, Passwords
from rolekeeper.service import acting, signin_trail
from rolekeeper.service.console_sessions import LONGEST, ConsoleSession
from rolekeeper.service.sessions import is_closed
from rolekeeper.service.signin import SignIn, SignInRefused
from rolekeeper.service.signin_roles import account_of
from rolekeeper.store.contract import AccountState, Transaction
from rolekeeper.wire.http import HttpRequest

REFUSED = "Your authentication information is incorrect. Please try again."
FAILED = "Failed authentication"
"""How CloudTrail says it."""
MAX_PASSWORD = 128
"""Characters of the longest password that AWS takes."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A user who was named, and what its password is held against."""

    state: AccountState
    user: User
    profile: LoginProfile
    policy: PasswordPolicy | None


def enter(
    signin: SignIn,
    request: HttpRequest,
    partition: str,
    *,
    account: str,
    name: str,
    password: str,
    code: str,
    to: str,
) -> str:
    """The ID of a new console session; SignInRefused."""
    with signin.service.store.read() as tx:
        number = account_of(tx, account)
    about = f"{number or account[:64]}/{name[:64].lower()}"
    _wait(signin, about, request.source_ip)
    with signin.service.store.read() as tx:
        found = _find(tx, number, name)
        right = _is_right(found, password)
        device = _device(signin, found, code) if found is not None and right else None
        has_device = found is not None and bool(_devices(found))
        user = found.user if found is not None else None
    if found is None or user is None or not right or (has_device and device is None):
        now = signin.service.clock.now().timestamp()
        signin.tries.failed(about, now)
        signin.tries_from.failed(request.source_ip, now)
        _tell_failure(signin, request, partition, number, user, to=to, mfa=has_device)
        raise SignInRefused(REFUSED)
    over, changeable = _over(signin, found)
    if over and not changeable:
        _tell_failure(signin, request, partition, number, user, to=to, mfa=has_device)
        raise SignInRefused("Your password has expired. Ask your administrator for a new one.")
    signin.tries.succeeded(about)
    now = signin.now
    session = UserSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, user.account),
        account=user.account,
        issued=now,
        expires=now + LONGEST,
        user_id=user.id,
        mfa_at=None if device is None else now,
        console=True,
    )
    must = over or found.profile.reset_required
    more = {} if device is None else {"MFAIdentifier": device.serial(partition)}
    return signin.begin(request, partition, session, to=to, must_change_password=must, **more)


def change(signin: SignIn, request: HttpRequest, id: str, session: ConsoleSession, old: str, new: str) -> str:
    """The console session's new ID, once the user's password is another; SignInRefused."""
    user = signin.resumed(session.base, session.partition).user
    if user is None:
        raise SignInRefused("Only IAM users have a password here.")
    about = f"{user.account}/{user.name.lower()}"
    _wait(signin, about, request.source_ip)
    try:
        acting.perform(
            signin.service,
            request,
            (acting.IAM, "ChangePassword"),
            {"OldPassword": old, "NewPassword": new},
            lambda operation, arguments, tx: signin.service.sessions.resume(
                session.base, tx, session.partition
            ),
            region=signin_trail.HOMES[session.partition],
        )
    except AwsError as error:
        signin.tries.failed(about, signin.service.clock.now().timestamp())
        raise SignInRefused(error.message) from None
    return signin.renew(id, msgspec.structs.replace(session, must_change_password=False))


def _wait(signin: SignIn, about: str, address: str) -> None:
    now = signin.service.clock.now().timestamp()
    left = max(signin.tries.wait(about, now), signin.tries_from.wait(address, now))
    if left:
        raise SignInRefused(f"Too many tries. Try again in {left} seconds.")


def _find(tx: Transaction, account: str | None, name: str) -> Found | None:
    if account is None or is_closed(tx.account(account)):
        return None
    state = tx.account(account)
    user = state.users.find(name)
    profile = state.collection(LoginProfile).find(user.id) if user is not None else None
    if user is None or profile is None:
        return None
    policy = state.collection(PasswordPolicy).find(PasswordPolicy.name)
    return Found(state=state, user=user, profile=profile, policy=policy)


def _is_right(found: Found | None, password: str) -> bool:
    """Whether it is the password. A hash is made where there is nobody, too, so that the time is the same."""
    if found is None or not 0 < len(password) <= MAX_PASSWORD:
        Passwords().renewed("nobody's", unlike=0)
        return False
    return Passwords.opened(found.state.secrets.get(LoginProfile.kind, found.user.id)).is_current(password)


def _devices(found: Found) -> list[MfaDevice]:
    keys = found.state.links.targets(MfaDevice.kind, found.user.key)
    devices = (found.state.collection(MfaDevice).find(key) for key in keys)
    return [device for device in devices if device is not None]


def _device(signin: SignIn, found: Found, code: str) -> MfaDevice | None:
    """The user's device that the code is of, which is used up."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    for device in _devices(found):
        seed = found.state.secrets.get(MfaDevice.kind, device.id)
        step = (
            code_step(device, seed.reveal(), code, signin.service.clock.now()) if seed is not None else None
        )
        if step is not None and signin.service.sessions.used_codes.take(device.id, step):
            return device
    return None


def _over(signin: SignIn, found: Found) -> tuple[bool, bool]:
    """Whether the password is over by the account's policy, and whether the user may still change it."""
    policy = found.policy
    if policy is None or policy.max_age is None:
        return False, True
    ends = found.profile.changed + timedelta(days=policy.max_age)
    return signin.service.clock.now() >= ends, not policy.hard_expiry


def _tell_failure(
    signin: SignIn,
    request: HttpRequest,
    partition: str,
    account: str | None,
    user: User | None,
    *,
    to: str,
    mfa: bool,
) -> None:
    """The event of a failure. A name that is no user's may be a password, and is not written down; the ID of
    a user stands for use by that user, which it was not.
    """
    who = {
        "type": "IAMUser",
        "accountId": account or "",
        "accessKeyId": "",
        "userName": user.name if user is not None else "HIDDEN_DUE_TO_SECURITY_REASONS",
    }
    signin_trail.told(
        signin.service,
        request,
        "ConsoleLogin",
        partition=partition,
        account=account or "",
        who=who,
        refused=FAILED,
        LoginTo=to,
        MobileVersion="No",
        MFAUsed="Yes" if mfa else "No",
    )
