"""From a signed request to its caller, and from a role to a new session.

Nothing is looked up by a session token: it is opened (`iam.credentials`), and what it names must still
exist. The order of the checks is AWS's: the key, the signature, the end of the session, what it names.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.errors import (
    ExpiredToken,
    InvalidClientTokenId,
    MissingAuthenticationToken,
    SignatureDoesNotMatch,
)
from rolekeeper.iam.credentials import (
    Credentials,
    InvalidToken,
    RoleSession,
    Session,
    TokenSealer,
    UserSession,
)
from rolekeeper.iam.entities import AccessKey, Role, User
from rolekeeper.iam.secret import Secret
from rolekeeper.policy.context import AccountRoot, AssumedRole, IamUser
from rolekeeper.service.call import Caller
from rolekeeper.service.clock import Clock
from rolekeeper.store.contract import Transaction
from rolekeeper.wire import model, sigv4
from rolekeeper.wire.http import HttpRequest


class Sessions:
    """Authenticates requests and makes sessions."""

    def __init__(self, *, sealer: TokenSealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock
        self._signing_keys = sigv4.SigningKeys()

    def signature(self, request: HttpRequest) -> sigv4.Signature:
        """The signature that a request carries; MissingAuthenticationToken, IncompleteSignature."""
        signature = sigv4.read_signature(request)
        if signature is None:
            raise MissingAuthenticationToken
        return signature

    def authenticate(
        self, request: HttpRequest, signature: sigv4.Signature, service: model.Service, tx: Transaction
    ) -> Caller:
        """Who signed the request.

        Raises InvalidClientTokenId, SignatureDoesNotMatch, RequestExpired or ExpiredToken.
        """
        session, account, secret = self._credentials(signature, tx)
        sigv4.verify(
            request,
            signature,
            secret=secret.reveal(),
            now=self._clock.real(),
            service=service.signing_name,
            regions=_regions(signature.region, service),
            keys=self._signing_keys,
        )
        if session is None:
            return _key_holder(signature.access_key_id, tx, model.partition_of(signature.region))
        if session.expires <= self._clock.now().timestamp():
            raise ExpiredToken
        return _session_holder(session, account, tx, model.partition_of(signature.region))

    def issue(self, session: Session) -> Credentials:
        """The credentials of a new session."""
        return self._sealer.seal(session)

    def _credentials(self, signature: sigv4.Signature, tx: Transaction) -> tuple[Session | None, str, Secret]:
        if signature.session_token is None:
            key = tx.by_unique_id(signature.access_key_id)
            if not isinstance(key, AccessKey) or not key.active:
                raise InvalidClientTokenId
            secret = tx.account(key.account).secrets.get(AccessKey.kind, key.id)
            if secret is None:
                raise InvalidClientTokenId
            return None, key.account, secret
        try:
            session, secret = self._sealer.open(signature.session_token)
        except InvalidToken:
            raise InvalidClientTokenId from None
        if session.access_key_id != signature.access_key_id:
            raise InvalidClientTokenId
        return session, session.account, secret


def _regions(region: str, service: model.Service) -> tuple[str, ...]:
    """The regions in which a request to the service may be signed: IAM has one in each partition."""
    if not model.is_region(region):
        raise SignatureDoesNotMatch(f"Credential should be scoped to a valid region, not '{region[:64]}'.")
    if service.name == "iam":
        return (model.iam_signing_region(model.partition_of(region)),)
    return (region,)


def _key_holder(access_key_id: str, tx: Transaction, partition: str) -> Caller:
    key = tx.by_unique_id(access_key_id)
    if not isinstance(key, AccessKey):
        raise InvalidClientTokenId
    if key.user is None:
        return _root(key.account, key.id, partition, None)
    return _user(tx.account(key.account).users.find(key.user), key.id, partition, None)


def _session_holder(session: Session, account: str, tx: Transaction, partition: str) -> Caller:
    if not tx.has_account(account):
        raise InvalidClientTokenId
    if isinstance(session, UserSession):
        if session.user_id is None:
            return _root(account, session.access_key_id, partition, session)
        user = tx.by_unique_id(session.user_id)
        return _user(user if isinstance(user, User) else None, session.access_key_id, partition, session)
    role = tx.by_unique_id(session.role_id)
    if not isinstance(role, Role):
        raise InvalidClientTokenId
    return Caller(
        principal=AssumedRole(
            arn=f"arn:{partition}:sts::{account}:assumed-role/{role.name}/{session.name}",
            role_arn=role.arn(partition),
            role_id=role.id,
            session_name=session.name,
        ),
        account=account,
        access_key_id=session.access_key_id,
        role=role,
        session=session,
    )


def _root(account: str, access_key_id: str, partition: str, session: UserSession | None) -> Caller:
    principal = AccountRoot(account=account, partition=partition)
    return Caller(principal=principal, account=account, access_key_id=access_key_id, session=session)


def _user(user: User | None, access_key_id: str, partition: str, session: UserSession | None) -> Caller:
    if user is None:
        raise InvalidClientTokenId
    principal = IamUser(arn=user.arn(partition), user_id=user.id)
    return Caller(
        principal=principal, account=user.account, access_key_id=access_key_id, user=user, session=session
    )


def session_tags(caller: Caller, tags: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The tags of a session which `caller` makes: its own transitive tags go on, then the new ones.

    Raises ValueError, with the key, where a new tag would override a transitive one.
    """
    session = caller.role_session
    if session is None or not session.transitive:
        return dict(tags), ()
    kept = {key: session.tags[key] for key in session.transitive if key in session.tags}
    fixed = {key.lower() for key in kept}
    for key in tags:
        if key.lower() in fixed:
            raise ValueError(key)
    return {**kept, **tags}, tuple(kept)


__all__ = ["RoleSession", "Sessions", "session_tags"]
