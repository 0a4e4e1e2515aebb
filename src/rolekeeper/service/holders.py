"""Whose key or session it is: the user, role or root behind it, as a caller.

What a session names must still exist; a key must be active. Everything else is InvalidClientTokenId.
"""

from __future__ import annotations

from dataclasses import dataclass

from rolekeeper.arn import assumed_role_arn, federated_user_arn, root_arn
from rolekeeper.errors import InvalidClientTokenId
from rolekeeper.iam.credentials import FederationSession, RootSession, Session, UserSession
from rolekeeper.iam.entities import AccessKey, Role, User
from rolekeeper.iam.secret import Secret
from rolekeeper.policy.context import AccountRoot, AssumedRole, FederatedUser, IamUser
from rolekeeper.service.call import Caller
from rolekeeper.store.contract import Transaction

__all__ = ["Holder", "key_holder", "revision_of", "session_holder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whom a key or a token belongs to, and the secret that signs for them."""

    secret: Secret
    caller: Caller


def revision_of(account: str, tx: Transaction) -> int:
    """The account's revision. It is read before what it is to stand for, so that it never is too new."""
    try:
        return tx.account(account).revision
    except LookupError:
        raise InvalidClientTokenId from None


def key_holder(access_key_id: str, tx: Transaction, partition: str) -> Holder:
    """Who has an access key."""
    claimed = tx.by_unique_id(access_key_id)
    if not isinstance(claimed, AccessKey):
        raise InvalidClientTokenId
    revision = revision_of(claimed.account, tx)
    account = tx.account(claimed.account)
    key = account.access_keys.find(access_key_id)
    secret = account.secrets.get(AccessKey.kind, access_key_id)
    if key is None or not key.active or secret is None:
        raise InvalidClientTokenId
    if key.user is None:
        return Holder(secret=secret, caller=_root(key.account, key.id, partition, None, revision))
    user = account.users.find(key.user)
    return Holder(secret=secret, caller=_user(user, key.id, partition, None, revision))


def session_holder(session: Session, tx: Transaction, partition: str) -> Caller:
    """Who has a session."""
    revision = revision_of(session.account, tx)
    if isinstance(session, RootSession):
        return _root(session.account, session.access_key_id, partition, session, revision)
    if isinstance(session, UserSession):
        if session.user_id is None:
            return _root(session.account, session.access_key_id, partition, session, revision)
        user = tx.by_unique_id(session.user_id)
        found = user if isinstance(user, User) else None
        return _user(found, session.access_key_id, partition, session, revision)
    if isinstance(session, FederationSession):
        return _federated_user(session, tx, partition, revision)
    role = tx.by_unique_id(session.role_id)
    if not isinstance(role, Role):
        raise InvalidClientTokenId
    return Caller(
        principal=AssumedRole(
            arn=assumed_role_arn(partition, session.account, role.name, session.name),
            role_arn=role.arn(partition),
            role_id=role.id,
            session_name=session.name,
        ),
        account=session.account,
        access_key_id=session.access_key_id,
        revision=revision,
        role=role,
        session=session,
    )


def _root(
    account: str,
    access_key_id: str,
    partition: str,
    session: UserSession | RootSession | None,
    revision: int,
) -> Caller:
    return Caller(
        principal=AccountRoot(account=account, partition=partition),
        account=account,
        access_key_id=access_key_id,
        revision=revision,
        session=session,
    )


def _user(
    user: User | None, access_key_id: str, partition: str, session: UserSession | None, revision: int
) -> Caller:
    if user is None:
        raise InvalidClientTokenId
    return Caller(
        principal=IamUser(arn=user.arn(partition), user_id=user.id),
        account=user.account,
        access_key_id=access_key_id,
        revision=revision,
        user=user,
        session=session,
    )


def _federated_user(session: FederationSession, tx: Transaction, partition: str, revision: int) -> Caller:
    """Who has a federation token: it lasts no longer than the user who has made it."""
    maker = None
    if session.user_id is not None:
        found = tx.by_unique_id(session.user_id)
        if not isinstance(found, User):
            raise InvalidClientTokenId
        maker = found
    return Caller(
        principal=FederatedUser(
            arn=federated_user_arn(partition, session.account, session.name),
            user_arn=root_arn(partition, session.account) if maker is None else maker.arn(partition),
            user_id=session.user_id,
        ),
        account=session.account,
        access_key_id=session.access_key_id,
        revision=revision,
        maker=maker,
        session=session,
    )
