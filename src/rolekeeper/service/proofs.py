"""Who calls without credentials: the word of an identity provider, which the call brings with it.

A proof is an operation's own way from the call's arguments to what was vouched for. It runs before
authorization, so it reads and changes nothing; it raises where the word is not good, and what it gives back
has been verified. It may need a document of the provider's, or milliseconds of work: the rims see to that
beforehand, in a thread, so that nobody else waits.
Source: "AssumeRoleWithWebIdentity" and "AssumeRoleWithSAML" in the STS API Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from rolekeeper.errors import AwsError
from rolekeeper.policy.context import FederatedIdentity, ServicePrincipal
from rolekeeper.service.call import Caller, Vouched
from rolekeeper.service.key_sets import KeySets
from rolekeeper.store.contract import Transaction
from rolekeeper.wire import model
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.rest_routes import scope

NO_REQUEST = HttpRequest(method="POST", path="/")
"""Where arguments came in another way."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a proof is given: the call's arguments, by the function's names, and what to hold them against."""

    arguments: Mapping[str, Any]
    request: HttpRequest
    """What they came in: it may be signed in a way of its own."""
    now: datetime
    partition: str
    store: Transaction
    key_sets: KeySets
    issuer_url: str | None = None
    """The setting of that name."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How an operation whose calls are not signed finds out who calls."""

    vouched: Callable[[Evidence], Vouched]
    """Who is vouched for; it raises an AwsError where nobody is."""
    missing: Callable[[Evidence], Callable[[], object] | None] | None = None
    """What must be fetched or worked out before `vouched` can answer at once."""


def home(arguments: Mapping[str, Any], request: HttpRequest = NO_REQUEST) -> str:
    """The region of a call: that of its signature, of whatever kind; without one the first of the partition
    of its role."""
    named = scope(request) if request.path != "/" else None
    if named is not None and model.is_region(named[0]):
        return named[0]
    partition = str(arguments.get("role_arn", "")).partition("arn:")[2].partition(":")[0]
    return _HOMES.get(partition, _HOMES["aws"])


_HOMES = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


class Proofs:
    """Makes callers of proofs."""

    def __init__(self, key_sets: KeySets, issuer_url: str | None = None) -> None:
        self.key_sets = key_sets
        self._issuer_url = issuer_url

    def caller(
        self,
        proof: Proof,
        arguments: Mapping[str, Any],
        *,
        request: HttpRequest = NO_REQUEST,
        now: datetime,
        region: str,
        store: Transaction,
    ) -> Caller:
        """Who is vouched for; an AwsError where nobody is."""
        vouched = proof.vouched(self._evidence(arguments, request, now, region, store))
        return Caller(
            principal=ServicePrincipal(name=vouched.service)
            if vouched.service
            else FederatedIdentity(provider=vouched.provider),
            account=vouched.account,
            access_key_id="",
            revision=store.account(vouched.account).revision,
            vouched=vouched,
        )

    def missing(
        self,
        proof: Proof,
        arguments: Mapping[str, Any],
        *,
        request: HttpRequest = NO_REQUEST,
        now: datetime,
        store: Transaction,
    ) -> Callable[[], object] | None:
        """What must be done before `caller` answers at once; None where nothing has to be."""
        if proof.missing is None:
            return None
        try:
            region = home(arguments, request)
            return proof.missing(self._evidence(arguments, request, now, region, store))
        except AwsError:
            return None  # the dispatcher answers it

    def _evidence(
        self,
        arguments: Mapping[str, Any],
        request: HttpRequest,
        now: datetime,
        region: str,
        store: Transaction,
    ) -> Evidence:
        return Evidence(
            arguments=arguments,
            request=request,
            now=now,
            partition=model.partition_of(region),
            store=store,
            key_sets=self.key_sets,
            issuer_url=self._issuer_url,
        )
