"""Asks the policy language whether a call may happen, with the policies that stand around the caller.

The layers of a principal (identity policies, boundary, session policies) are put together once and kept
under the revision of the account: a write in the account makes a new revision, and there is no other
invalidation. The fast path decides; only a refusal is explained, by the reference, for its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.errors import AccessDenied, InvalidClientTokenId
from rolekeeper.iam import aws_policies
from rolekeeper.iam.credentials import FederationSession, UserSession
from rolekeeper.iam.entities import Group, ManagedPolicy, Role, User
from rolekeeper.policy.authorize import asks_for_keys, authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, Outcome, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, parse_document
from rolekeeper.policy.reference import explain
from rolekeeper.service.call import Access, Call, Caller, Limit
from rolekeeper.service.denials import Denied
from rolekeeper.service.keys import CallKeys
from rolekeeper.service.organization import Level, Organizations, Stamp
from rolekeeper.service.refusals import PolicyTexts, Refusal, Text
from rolekeeper.store.contract import AccountState, Transaction

_KEPT = 20_000  # principals whose layers are kept

_ALLOWED = 50_000  # answers that are remembered, until something changes in any account

_SERVICE_LINKED = "/aws-service-role/"

Revisions = tuple[int | Stamp | None, ...]


class Guards(msgspec.Struct, frozen=True, kw_only=True):
    """The policies of organizations that stand over a call, and what they were read at."""

    scp: tuple[Level, ...] | None = None
    rcp: tuple[Level, ...] | None = None
    owner: str | None = None
    """The resource's account, where RCPs bear on it: those of another account may be others."""
    revisions: tuple[Stamp | None, Stamp | None] = (None, None)


_UNGUARDED = Guards()

_NOTHING: tuple[PolicyDocument, ...] = ()


@lru_cache(maxsize=20_000)
def document(text: str) -> PolicyDocument:
    """A stored policy, parsed; the same text is parsed once."""
    return parse_document(text)


class Authorizer:
    """Decides calls. It holds nothing but what can be thrown away."""

    def __init__(self, organizations: Organizations) -> None:
        self._organizations = organizations
        self._layers: dict[tuple[object, ...], tuple[Revisions, PolicyLayers]] = {}
        self._allowed: tuple[int | None, set[tuple[object, ...]]] = (None, set())

    def require(self, call: Call, accesses: list[Access]) -> None:
        """Return when every access is allowed; raise AccessDenied, in AWS's words, when one is not."""
        known = self._known(call.store.edition)
        for access in accesses:
            resource = access.resource
            question = (call.caller, access.action, resource.arn, resource.account, resource.policy)
            if question in known:
                continue
            guards = self._guards(call.caller, call.store, resource.account)
            context = RequestContext(
                principal=call.caller.principal,
                action=access.action,
                resource=access.resource.arn,
                resource_account=access.resource.account,
                keys=CallKeys(call, access),
            )
            asks = False
            for limit in call.caller.limits:
                layers = self._layers_of(call.caller, call.store, access, guards, limit)
                decision = authorize(context, layers)
                if not decision.allowed:
                    if call.caller.account:  # who is of no account has nobody who may ask for it
                        call.refusals.keep(_refused(call, access, context, guards, limit))
                    raise _denied(call, access, context, layers, decision)
                asks = asks or asks_for_keys(layers, access.action)
            if not asks and call.caller.vouched is None:  # who is vouched for calls but once
                known.add(question)

    def _known(self, edition: int | None) -> set[tuple[object, ...]]:
        """What was allowed by policies that ask for no condition keys: who, the action, the resource, its
        owner and its policy. It holds as long as nothing changes in any account."""
        kept, known = self._allowed
        if edition is None or edition != kept or len(known) >= _ALLOWED:
            known = set()
            if edition is not None:
                self._allowed = (edition, known)
        return known

    def layers(self, caller: Caller, tx: Transaction, access: Access) -> PolicyLayers:
        """The policies around a caller and, where the access has one, on the resource.

        Of several session policies it is the last, which was made for this very caller.
        """
        guards = self._guards(caller, tx, access.resource.account)
        return self._layers_of(caller, tx, access, guards, caller.limits[-1])

    def all_layers(self, caller: Caller, tx: Transaction, access: Access) -> list[PolicyLayers]:
        """The same for each of the caller's session policies: all of them are asked."""
        guards = self._guards(caller, tx, access.resource.account)
        return [self._layers_of(caller, tx, access, guards, limit) for limit in caller.limits]

    def _guards(self, caller: Caller, tx: Transaction, owner: str) -> Guards:
        """What organizations say: that of the caller's account by SCPs, that of the resource's by RCPs.

        Neither reaches a service-linked role.
        """
        own = self._organizations.place(tx, caller.account)
        its = own if owner == caller.account else self._organizations.place(tx, owner)
        if own is None and its is None:
            return _UNGUARDED
        if caller.role is not None and caller.role.path.startswith(_SERVICE_LINKED):
            return _UNGUARDED
        return Guards(
            scp=own.scp if own is not None and caller.vouched is None else None,
            rcp=its.rcp if its is not None else None,
            owner=owner if its is not None and its.rcp is not None else None,
            revisions=(own.stamp if own else None, its.stamp if its else None),
        )

    def _layers_of(
        self, caller: Caller, tx: Transaction, access: Access, guards: Guards, limit: Limit
    ) -> PolicyLayers:
        entity = caller.entity
        holder = entity.id if entity else (caller.account, caller.vouched is None)
        key = (holder, limit, access.resource.policy, access.resource.policy_kind, guards.owner)
        revisions = (caller.revision, *guards.revisions)
        kept = self._layers.get(key)
        if kept is not None and kept[0] == revisions:
            return kept[1]
        layers = _assemble(caller, tx, access, guards, limit)
        if len(self._layers) >= _KEPT:
            self._layers.clear()
        self._layers[key] = (revisions, layers)
        return layers


def _assemble(caller: Caller, tx: Transaction, access: Access, guards: Guards, limit: Limit) -> PolicyLayers:
    entity = caller.entity
    on_resource = access.resource.policy
    return PolicyLayers(
        identity=identity_documents(entity, tx.account(caller.account), tx) if entity else _NOTHING,
        boundary=_boundary(entity, tx) if entity else None,
        session=_session_documents(limit, tx),
        resource=document(on_resource) if on_resource is not None else None,
        resource_kind=access.resource.policy_kind,
        scp=_levels(guards.scp),
        rcp=_levels(guards.rcp),
    )


def _levels(levels: tuple[Level, ...] | None) -> tuple[tuple[PolicyDocument, ...], ...] | None:
    return None if levels is None else tuple(tuple(map(document, level)) for level in levels)


def identity_documents(
    entity: Role | User | Group, account: AccountState, tx: Transaction
) -> tuple[PolicyDocument, ...]:
    """Every identity policy of an entity: inline and attached, and for a user those of its groups."""
    texts = list(entity.inline.values())
    texts += [
        policy.document
        for reference in account.links.targets("attachment", f"{entity.kind}/{entity.key}")
        if (policy := managed_policy(reference, tx)) is not None
    ]
    found = [document(text) for text in texts]
    if isinstance(entity, User):
        for key in account.links.targets("member", entity.key):
            group = account.groups.find(key)
            if group is not None:
                found.extend(identity_documents(group, account, tx))
    return tuple(found)


def _refused(call: Call, access: Access, context: RequestContext, guards: Guards, limit: Limit) -> Refusal:
    """What was asked and read, to be explained later. Of another account's resource nothing is for the caller
    to see: not its policy or its organization's, nor its tags, by which it would show that it is there."""
    caller, resource = call.caller, access.resource
    own = resource.account == caller.account
    texts = PolicyTexts(
        identity=tuple(_identity_texts(caller.entity, call.tx, call.store)) if caller.entity else (),
        boundary=_boundary_texts(caller.entity, call.store) if caller.entity else None,
        session=_session_texts(limit, call.store),
        resource=(f"the policy of {resource.arn}", resource.policy)
        if own and resource.policy is not None
        else None,
        scp=_level_texts("service control policy", guards.scp),
        rcp=_level_texts("resource control policy", guards.rcp) if own else None,
    )
    derived = ((key, context.value(key)) for key in _OF_PRINCIPAL)
    keys = dict(context.keys) | {key: value for key, value in derived if value is not None}
    if not own:
        keys = {key: value for key, value in keys.items() if not _tells_of_resource(key)}
    return Refusal(
        account=caller.account,
        request_id=call.request_id,
        time=call.now,
        context=context,
        keys=keys,
        texts=texts,
    )


def _tells_of_resource(key: str) -> bool:
    """`aws:resourceorgid`, `aws:resourcetag/team`, `ec2:resourcetag/...`, `s3:existingobjecttag/...`."""
    name, slash, _ = key.partition("/")
    named = name.partition(":")[2]
    of_request = named.startswith(("request", "principal"))
    return named.startswith("resource") or (bool(slash) and named.endswith("tag") and not of_request)


_OF_PRINCIPAL = ("aws:principalarn", "aws:userid", "aws:username", "aws:principaltype")


def _identity_texts(entity: Role | User | Group, account: AccountState, tx: Transaction) -> Iterator[Text]:
    """What `identity_documents` reads, as it is called and as it stands, in the same order."""
    for name, text in entity.inline.items():
        yield f"inline policy {name} of {entity.kind} {entity.name}", text
    for reference in account.links.targets("attachment", f"{entity.kind}/{entity.key}"):
        policy = managed_policy(reference, tx)
        if policy is not None:
            yield policy.arn("aws"), policy.document
    if isinstance(entity, User):
        for key in account.links.targets("member", entity.key):
            group = account.groups.find(key)
            if group is not None:
                yield from _identity_texts(group, account, tx)


def _boundary_texts(entity: Role | User, tx: Transaction) -> tuple[Text, ...] | None:
    if entity.boundary is None:
        return None
    policy = managed_policy(entity.boundary, tx)
    return ((policy.arn("aws"), policy.document),) if policy is not None else ()


def _session_texts(limit: Limit, tx: Transaction) -> tuple[Text, ...] | None:
    text, arns = limit
    if text is None and not arns:
        return None
    found = [("the session's policy", text)] if text is not None else []
    policies = ((arn, managed_policy_by_arn(arn, tx)) for arn in arns)
    return (*found, *((arn, policy.document) for arn, policy in policies if policy is not None))


def _level_texts(kind: str, levels: tuple[Level, ...] | None) -> tuple[tuple[Text, ...], ...] | None:
    if levels is None:
        return None
    return tuple(
        tuple((f"{kind} at level {number}", text) for text in level) for number, level in enumerate(levels)
    )


def _boundary(entity: Role | User, tx: Transaction) -> tuple[PolicyDocument, ...] | None:
    if entity.boundary is None:
        return None
    policy = managed_policy(entity.boundary, tx)
    # A boundary that is gone allows nothing: it must not open by disappearing.
    return (document(policy.document),) if policy is not None else _NOTHING


def _session_documents(limit: Limit, tx: Transaction) -> tuple[PolicyDocument, ...] | None:
    text, arns = limit
    if text is None and not arns:
        return None
    texts = [text] if text is not None else []
    for arn in arns:
        policy = managed_policy_by_arn(arn, tx)
        if policy is not None:
            texts.append(policy.document)
    return tuple(document(text) for text in texts)


def managed_policy(reference: str, tx: Transaction) -> ManagedPolicy | None:
    """The policy that a link names: `ACCOUNT/KEY`, where the account of AWS's own is `aws`."""
    account, _, key = reference.partition("/")
    return _managed_policy(account, key, tx)


def _managed_policy(account: str, name: str, tx: Transaction) -> ManagedPolicy | None:
    if account == aws_policies.OWNER:
        return aws_policies.find(name)
    return tx.account(account).policies.find(name) if tx.has_account(account) else None


def managed_policy_by_arn(text: str, tx: Transaction) -> ManagedPolicy | None:
    """The managed policy of an ARN, or None where there is none of just that ARN."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return None
    if arn.service != "iam" or arn.resource_type != "policy":
        return None
    policy = _managed_policy(arn.account, arn.name, tx)
    return policy if policy is not None and policy.arn(arn.partition) == text else None


def admit(call: Call) -> None:
    """Refuse what sessions may not call, whatever the policies say; it comes before all that a call does.

    GetSessionToken's credentials reach IAM only with MFA, and of STS only two operations; those of a
    federated user never reach IAM, and of STS one operation; no session makes sessions of these two kinds.
    Source: "GetSessionToken" and "GetFederationToken" in the STS API Reference; "Compare AWS STS credentials"
    in the IAM User Guide.
    """
    session, service, name = call.caller.session, call.operation.service.name, call.operation.name
    if session is None:
        return
    if service == "sts" and name in ("GetSessionToken", "GetFederationToken"):
        raise AccessDenied(f"Cannot call {name} with session credentials")
    if isinstance(session, UserSession) and not (session.delegations or session.console):
        if service == "iam" and session.mfa_at is None:
            raise InvalidClientTokenId
        if service == "sts" and name not in ("AssumeRole", "GetCallerIdentity"):
            raise AccessDenied(f"Cannot call {name} with session credentials")
    if isinstance(session, FederationSession):
        if service == "iam":
            raise InvalidClientTokenId
        if service == "sts" and name != "GetCallerIdentity":
            raise AccessDenied(f"Cannot call {name} with session credentials")


def _denied(
    call: Call, access: Access, context: RequestContext, layers: PolicyLayers, decision: Decision
) -> Denied:
    explanation = explain(context, layers)
    denied = Denied(
        _refusal(call.caller, access, decision, explanation.denial_text(access.action)),
        account=call.account,
        context=context,
        explanation=explanation,
    )
    return denied if call.caller.vouched is not None else call.denials.told(denied, access.resource.account)


def _refusal(caller: Caller, access: Access, decision: Decision, because: str) -> str:
    text = (
        f"User: {caller.principal.arn} is not authorized to perform: {access.action} "
        f"on resource: {access.resource.arn}"
    )
    if caller.vouched is not None:
        return f"Not authorized to perform {access.action}"
    told = decision.outcome is Outcome.EXPLICIT_DENY and decision.layer != "resource"
    if access.resource.hidden and not told:
        return text
    return f"{text} {because}"
