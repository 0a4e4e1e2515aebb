"""One call: who asks, for what, when, and what it may look at.

A `Call` is what an operation is given besides its arguments. A `Resource` is what the call is about, as
authorization sees it: an ARN, its owner, its tags and the policy that stands on the resource itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from rolekeeper.iam.credentials import FederationSession, RoleSession, RootSession, Session
from rolekeeper.iam.entities import Entity, Role, Tags, User
from rolekeeper.iam.limits import Limits
from rolekeeper.policy.context import AccountRoot, Anonymous, Principal
from rolekeeper.policy.decision import ResourceKind
from rolekeeper.store.contract import AccountState, Transaction
from rolekeeper.wire.http import HttpRequest

if TYPE_CHECKING:
    from rolekeeper.service.denials import Denials
    from rolekeeper.service.doors import Doors
    from rolekeeper.service.organization import Organizations
    from rolekeeper.service.pods import Pods
    from rolekeeper.service.refusals import Refusals
    from rolekeeper.service.registry import Operation
    from rolekeeper.service.sessions import Sessions

Limit = tuple[str | None, tuple[str, ...]]
"""The text of a session policy, and the ARNs of managed ones: what either allows."""

_UNLIMITED: tuple[Limit, ...] = ((None, ()),)
_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
"""Stands beside a task policy of AWS's, which only denies."""

NO_TAGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Caller:
    """Who signed the request: a principal, with the entity behind it and the session if there is one.

    One object serves many requests, and is compared by identity.
    """

    principal: Principal
    account: str
    access_key_id: str
    revision: int
    """The account's revision that all this was read at, or an older one."""
    user: User | None = None
    role: Role | None = None
    maker: User | None = None
    """The user who made a federated user's session: its policies and tags count, but it does not call."""
    session: Session | None = None
    vouched: Vouched | None = None
    """What is known of who has no credentials here, but an identity provider's word."""

    role_session: RoleSession | None = field(init=False)
    """The role session, where the caller is one."""
    entity: Role | User | None = field(init=False)
    """Whose policies and tags the caller has: the role, the user, or who has made the session."""
    limits: tuple[Limit, ...] = field(init=False)
    """The session policies. Each must allow by itself what the caller does; one without policies does."""

    def __post_init__(self) -> None:
        session = self.session if isinstance(self.session, RoleSession) else None
        object.__setattr__(self, "role_session", session)
        object.__setattr__(self, "entity", self.role or self.user or self.maker)
        object.__setattr__(self, "limits", self._limits())

    @property
    def is_root(self) -> bool:
        """The root user, with its own key or a session of it."""
        return isinstance(self.principal, AccountRoot)

    @property
    def federation_session(self) -> FederationSession | None:
        """The federated user's session, where the caller is one."""
        return self.session if isinstance(self.session, FederationSession) else None

    @property
    def limited_session(self) -> RoleSession | FederationSession | None:
        """The session that has policies and tags of its own, where the caller is one."""
        return self.role_session or self.federation_session

    def _limits(self) -> tuple[Limit, ...]:
        session = self.session
        if session is None:
            return _UNLIMITED
        if isinstance(session, RootSession):
            return ((_EVERYTHING, (session.task,)),)
        limited = self.limited_session
        own = _UNLIMITED if limited is None else ((limited.policy, limited.policy_arns),)
        if not session.delegations:
            return own
        return (*own, *((each.policy, ()) for each in session.delegations))

    @property
    def claims(self) -> Mapping[str, str | tuple[str, ...]]:
        """The condition keys that an identity provider has vouched for, now or when the session began."""
        if self.vouched is not None:
            return self.vouched.keys
        session = self.role_session
        return session.claims if session is not None else {}

    @property
    def tags(self) -> Tags:
        """The principal's tags: the entity's, over which the session's tags of the same key win."""
        entity = self.entity
        own = entity.tags if entity is not None else {}
        session = self.limited_session
        if session is None or not session.tags:
            return own
        overridden = {key.lower() for key in session.tags}
        return {key: value for key, value in own.items() if key.lower() not in overridden} | session.tags


ANONYMOUS = Caller(principal=Anonymous(), account="", access_key_id="", revision=0)
"""Nobody known, of no account: who has sent a request without credentials to a service that takes such."""


class Vouched(msgspec.Struct, frozen=True, kw_only=True):
    """What an identity provider says of somebody, verified: a caller without credentials of AWS's."""

    account: str
    """The account that has the provider."""
    service: str = ""
    """The service that speaks for somebody who has shown it who they are, where it is not a provider."""
    provider: str
    """What a trust policy names: the provider's ARN."""
    issuer: str
    """Who signed: a URL's host and path, or a SAML entity ID."""
    subject: str
    audience: str
    keys: Mapping[str, str | tuple[str, ...]] = {}
    """Condition keys, by lower-case name: `issuer:sub`, `saml:aud` ..."""
    tags: Mapping[str, str] = {}
    transitive: tuple[str, ...] = ()
    source_identity: str | None = None
    session_name: str = ""
    """The name of the session, where the provider gives it and not the request."""
    ends: int | None = None
    """When the session must end, in epoch seconds, where the provider says so."""
    duration: int | None = None
    """Seconds that the session should last, where the provider says so."""
    assertion_id: str = ""
    """What a SAML provider calls its assertion."""
    verified_by: str = ""
    """How the connection to the provider was verified, in CloudTrail's words, where there is one."""


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What a call is about. `policy` is the text of the resource's own policy, such as a role's trust."""

    arn: str
    account: str
    tags: Mapping[str, str] = NO_TAGS
    policy: str | None = None
    policy_kind: ResourceKind | None = None
    entity: Entity | None = None
    """What exists under that ARN, where the operation needs it."""
    hidden: bool = False
    """A refusal must not tell whether the resource exists."""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """One question to the policies: this action on this resource, with the condition keys of its own."""

    action: str
    resource: Resource
    keys: Callable[[], Mapping[str, str | tuple[str, ...]]] | None = None
    """Gives the condition keys, by lower-case name, when a policy asks for one."""


class Call(msgspec.Struct, kw_only=True, eq=False):
    """One call of an operation by an authenticated caller, inside a transaction."""

    operation: Operation
    request_id: str
    now: datetime
    region: str
    partition: str
    caller: Caller
    store: Transaction
    tx: AccountState
    limits: Limits
    sessions: Sessions
    denials: Denials
    refusals: Refusals
    organizations: Organizations
    doors: Doors
    pods: Pods
    request: HttpRequest
    arguments: Mapping[str, Any]
    resource: Resource | None = None
    """What the call is about, once it is allowed."""
    mfa_at: int | None = None
    """When a code of the caller's MFA device came with this very request, in epoch seconds."""
    simulator_ignores_trust: bool = False
    """The setting of that name."""
    issuer_url: str | None = None
    """The setting of that name."""
    via: tuple[str, ...] = ()
    """The services that the call came through on the caller's behalf, the first one first."""
    strangers: list[str] | None = None
    """Where an account is moved in: the principals of trust policies that are not here, which otherwise are
    refused."""

    @property
    def account(self) -> str:
        """The caller's account."""
        return self.caller.account
