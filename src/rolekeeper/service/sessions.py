"""From a signed request to its caller, and from a role to a new session.

Nothing is looked up by a session token: it is opened (`iam.credentials`), and what it names must still
exist. The order of the checks: the key or the token, with what it names; the signature; the session's end.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rolekeeper.errors import (
    AwsError,
    ExpiredToken,
    IncompleteSignature,
    InvalidClientTokenId,
    MissingAuthenticationToken,
)
from rolekeeper.iam.credentials import (
    Credentials,
    InvalidToken,
    Session,
    TokenSealer,
    TradeIn,
)
from rolekeeper.iam.entities import Account
from rolekeeper.iam.secret import Secret
from rolekeeper.service.call import Caller
from rolekeeper.service.clock import Clock
from rolekeeper.service.holders import Holder, key_holder, revision_of, session_holder
from rolekeeper.service.used_codes import UsedCodes
from rolekeeper.store.contract import AccountState, Transaction
from rolekeeper.wire import model, post_policy, sigv4, sigv4_ahead, sigv4a
from rolekeeper.wire.any_signature import read_any_signature
from rolekeeper.wire.content import Content, check_body, own_content, read_content
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.s3_words import in_s3_words

_HELD = 20_000  # keys and tokens whose holders are remembered


class Sessions:
    """Authenticates requests and makes sessions."""

    def __init__(self, *, sealer: TokenSealer, clock: Clock, iam_any_region: bool = False) -> None:
        self.used_codes = UsedCodes()
        """Of the MFA devices with which sessions were made."""
        self._sealer = sealer
        self._clock = clock
        self._iam_any_region = iam_any_region
        self._signing_keys = sigv4.SigningKeys()
        self._verifying_keys = sigv4a.VerifyingKeys()
        self._holders: dict[tuple[str, str | None, str], Holder] = {}

    def signature(self, request: HttpRequest) -> sigv4.Signature:
        """The signature that a request carries; MissingAuthenticationToken, IncompleteSignature."""
        signature = sigv4.read_signature(request)
        if signature is None:
            raise MissingAuthenticationToken
        return signature

    def region(self, signature: sigv4.Signature, service: model.Service) -> str:
        """The region that a call is made in: IAM's own, for whichever region it may be signed."""
        if self._iam_any_region and service.name == "iam" and model.is_region(signature.region):
            return model.global_region("iam", model.partition_of(signature.region))
        return signature.region

    def authenticate(
        self, request: HttpRequest, signature: sigv4.Signature, service: model.Service, tx: Transaction
    ) -> Caller:
        """Who signed the request.

        Raises InvalidClientTokenId, SignatureDoesNotMatch, RequestExpired or ExpiredToken.
        """
        holder = self._holder(signature, tx)
        sigv4.verify(
            request,
            signature,
            secret=holder.secret.reveal(),
            now=self._clock.real(),
            service=service.signing_name,
            regions=_regions(signature.region, service.name, anywhere=self._iam_any_region),
            keys=self._signing_keys,
        )
        session = holder.caller.session
        if session is not None and session.expires <= self._clock.now().timestamp():
            raise ExpiredToken
        return holder.caller

    def require_known(self, signature: sigv4.Signature, tx: Transaction) -> None:
        """Return where `authenticate` could find a signature to be right, by all of it that needs no body.

        Raises InvalidClientTokenId, SignatureDoesNotMatch or RequestExpired, as `authenticate` would.
        """
        self._holder(signature, tx)
        regions = _regions(signature.region, signature.service, anywhere=self._iam_any_region)
        sigv4.check_time(signature, self._clock.real())
        sigv4.check_scope(signature, signature.service, regions)

    def authenticate_ahead(
        self, request: HttpRequest, signature: sigv4.Signature, service: model.Service, tx: Transaction
    ) -> tuple[Caller, sigv4_ahead.Seal]:
        """Who signed a request whose body has not come yet, and what the body then must be.

        Raises what `authenticate` does, in S3's words where the request is to S3.
        """
        s3 = service.signing_name in sigv4_ahead.S3_NAMES
        try:
            if s3 and signature.presigned and signature.expires is None:
                raise IncompleteSignature("AWS query-string parameters must include 'X-Amz-Expires'.")
            content = (
                read_content(request, presigned=signature.presigned)
                if s3
                else own_content(request, service.signing_name)
            )
            holder = self._holder(signature, tx)
            seal = self._seal(request, signature, content, service, holder.secret)
            self._check_end(holder)
            if s3 and request.body:
                check_body(content, request)
        except AwsError as error:
            if not s3:
                raise
            raise in_s3_words(
                error, presigned=signature.presigned, token=signature.session_token is not None
            ) from None
        return holder.caller, seal

    def claimed(self, request: HttpRequest) -> sigv4.Signature | None:
        """The signature that a request carries, of whichever kind; None where nobody has signed it.

        Raises InvalidRequest, IncompleteSignature, SignatureDoesNotMatch or InvalidClientTokenId.
        """
        return read_any_signature(request)

    def authenticate_form(
        self, fields: Mapping[str, str], bucket: str, tx: Transaction
    ) -> tuple[Caller, post_policy.FormSignature] | None:
        """Who signed the policy of a form upload to S3, to which the form's fields have been found to keep;
        None where nobody has. Raises what S3 says otherwise: AccessDenied, InvalidPolicyDocument ...
        """
        token = bool(fields.get("x-amz-security-token"))
        try:
            signature = post_policy.read_signature(fields)
            if signature is None:
                return None
            holder = self._holder(signature, tx)
            post_policy.verify(
                signature,
                secret=holder.secret.reveal(),
                service="s3",
                regions=_regions(signature.region, "s3", anywhere=self._iam_any_region),
                keys=self._signing_keys,
            )
            self._check_end(holder)
            policy = post_policy.read_policy(signature.policy)
            post_policy.check(policy, fields, bucket=bucket, now=self._clock.real())
        except AwsError as error:
            raise in_s3_words(error, presigned=True, token=token) from None
        return holder.caller, signature

    def _check_end(self, holder: Holder) -> None:
        session = holder.caller.session
        if session is not None and session.expires <= self._clock.now().timestamp():
            raise ExpiredToken

    def _seal(
        self,
        request: HttpRequest,
        signature: sigv4.Signature,
        content: Content,
        service: model.Service,
        secret: Secret,
    ) -> sigv4_ahead.Seal:
        now, name = self._clock.real(), service.signing_name
        regions = _regions(signature.region, service.name, anywhere=self._iam_any_region)
        own = secret.reveal()
        if isinstance(signature, sigv4a.AsymmetricSignature):
            pairs = self._verifying_keys
            return sigv4a.seal(
                request, signature, content, secret=own, now=now, service=name, regions=regions, keys=pairs
            )
        keys = self._signing_keys
        return sigv4_ahead.seal(
            request, signature, content, secret=own, now=now, service=name, regions=regions, keys=keys
        )

    def resume(self, session: Session, tx: Transaction, partition: str) -> Caller:
        """Who has a session that was opened before; InvalidClientTokenId, ExpiredToken."""
        caller = session_holder(session, tx, partition)
        if is_closed(tx.account(caller.account)):
            raise InvalidClientTokenId
        if session.expires <= self._clock.now().timestamp():
            raise ExpiredToken
        return caller

    def opened(
        self, access_key_id: str, secret: Secret, token: str, tx: Transaction, partition: str
    ) -> Caller:
        """Who has temporary credentials, all three parts of them; InvalidClientTokenId, ExpiredToken."""
        try:
            session, own = self._sealer.open(token)
        except InvalidToken:
            raise InvalidClientTokenId from None
        # Both are compared, so that the time does not tell which one was wrong.
        if not (own == secret) & (session.access_key_id == access_key_id):
            raise InvalidClientTokenId
        return self.resume(session, tx, partition)

    def read(self, token: str) -> Session:
        """The session in a token that was just made; InvalidToken where it is none of ours."""
        return self._sealer.open(token)[0]

    def issue(self, session: Session, *, minimum_token_size: int = 0) -> Credentials:
        """The credentials of a new session, with a token of so many characters at least."""
        return self._sealer.seal(session, minimum_size=minimum_token_size)

    def trade_in(self, trade_in: TradeIn) -> Secret:
        """A token for a delegation request, to be traded in for a session."""
        return self._sealer.seal_trade_in(trade_in)

    def read_trade_in(self, token: str) -> TradeIn:
        """What such a token says; InvalidToken where it is none of ours. Whether it is over, it says too."""
        return self._sealer.open_trade_in(token)

    def _holder(self, signature: sigv4.Signature, tx: Transaction) -> Holder:
        """Whose key it is, as of the account's revision: any change in the account makes it be asked anew."""
        place = (signature.access_key_id, signature.session_token, model.partition_of(signature.region))
        held = self._holders.get(place)
        if held is not None and held.caller.revision == revision_of(held.caller.account, tx):
            return held
        held = self._find_holder(signature, tx, place[2])
        if is_closed(tx.account(held.caller.account)):
            raise InvalidClientTokenId
        if len(self._holders) >= _HELD:
            self._holders.clear()
        self._holders[place] = held
        return held

    def _find_holder(self, signature: sigv4.Signature, tx: Transaction, partition: str) -> Holder:
        if signature.session_token is None:
            return key_holder(signature.access_key_id, tx, partition)
        try:
            session, secret = self._sealer.open(signature.session_token)
        except InvalidToken:
            raise InvalidClientTokenId from None
        if session.access_key_id != signature.access_key_id:
            raise InvalidClientTokenId
        return Holder(secret=secret, caller=session_holder(session, tx, partition))


def is_closed(state: AccountState) -> bool:
    """Whether an account is closed: nobody of it signs, and nobody becomes one of its roles."""
    account = state.collection(Account).find(state.id)
    return account is None or account.closed is not None


_GLOBAL = frozenset({"iam", "organizations"})


@lru_cache(maxsize=256)
def _regions(region: str, service: str, *, anywhere: bool) -> tuple[str, ...]:
    """The regions in which a request may be signed: some services, if not `anywhere`, have one in each
    partition."""
    if not model.is_region(region):
        raise sigv4.OutOfScope(f"Credential should be scoped to a valid region, not '{region[:64]}'.")
    if service in _GLOBAL and not anywhere:
        return (model.global_region(service, model.partition_of(region)),)
    return (region,)


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
