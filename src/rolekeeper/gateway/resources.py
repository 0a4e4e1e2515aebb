"""What a request's accesses are about: for each its whole ARN, who owns it, and the policy that stands on it.

A resource belongs to the account in its ARN; a bucket, whose ARN has none, to who has made it; anything else
without an account to the account that the request is about. Tags are left out until a policy asks for one:
`names` tells, and `tagged` brings them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.errors import NotImplementedByServer, ValidationError
from rolekeeper.gateway import shown_owners, tag_words
from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.buckets import Buckets
from rolekeeper.gateway.held_policies import HeldPolicies, is_key
from rolekeeper.gateway.owners import Change
from rolekeeper.gateway.resource_policies import ResourcePolicies
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.iam.buckets import Bucket
from rolekeeper.iam.entities import Role
from rolekeeper.policy.asked_keys import asked_keys
from rolekeeper.policy.context import KeyValue
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import PolicyDocument
from rolekeeper.policy.principal import account_of_arn
from rolekeeper.service.call import Caller, Resource
from rolekeeper.store.contract import Store
from rolekeeper.wire import model
from rolekeeper.wire.model import Service

RulesOf = Callable[[Service], Rules | None]
"""The rules of a service; None where there are none: `classify.rules_of`."""


_OF_BUCKETS = frozenset({"s3", "s3control"})


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request is carried out: in whose name the backend is asked, and in which region."""

    account: str
    region: str


class Resources:
    """Finds the resources of requests. `home` is the server's own account."""

    def __init__(
        self,
        store: Store,
        lookups: Lookups,
        rules: RulesOf,
        change: Change,
        now: Callable[[], datetime],
        *,
        home: str,
    ) -> None:
        self._store = store
        self._lookups = lookups
        self._rules = rules
        self._policies = HeldPolicies(store, lookups, change)
        self._puts = ResourcePolicies(store, self._policies)
        self._buckets = Buckets(store, lookups, change, now, home=home)

    async def of(self, asked: Asked, wanted: Wanted, caller: Caller | None = None) -> Resource:
        """What an access is about, without its tags. The root user of a bucket's account is told by `caller`:
        its policy cannot keep that one from changing it."""
        rules = self._rules_for(asked, wanted)
        arn = await self._whole_arn(rules, asked, wanted)
        parsed = _parsed(arn)
        if parsed is None:
            return Resource(arn=arn, account=asked.account)
        if parsed.service == "s3" and not parsed.account:
            return await self._buckets.resource(asked, wanted, parsed, caller)
        account = account_of_arn(arn) or asked.account
        if parsed.service == "iam":
            return self._in_iam(arn, parsed, account)
        theirs = _of_account(asked, account, parsed.region)
        text = await self._policies.of(theirs, rules, wanted.type, arn)
        if is_key(wanted.type, arn):
            return Resource(arn=arn, account=account, policy=text, policy_kind="kms")
        return Resource(arn=arn, account=account, policy=text)

    async def tagged(self, asked: Asked, wanted: Wanted, resource: Resource) -> Resource:
        """The resource with its tags."""
        rules = self._rules_for(asked, wanted)
        reader = rules.tags.get(wanted.type) if rules is not None else None
        if resource.tags or reader is None:
            return resource
        try:
            tags = await reader(self._lookups, _of_owner(asked, resource), resource.arn)
        except NotImplementedByServer:
            return resource  # a backend that has no tags
        return msgspec.structs.replace(resource, tags=tags) if tags else resource

    async def tag_keys(
        self, asked: Asked, wanted: Wanted, resource: Resource, named: Collection[str]
    ) -> dict[str, KeyValue]:
        """The condition keys that the service itself has for tags, of a resource with its tags: of those that
        have to be asked for, the ones that policies name."""
        keys = tag_words.of_resource(wanted, resource.tags)
        rules, theirs = self._rules_for(asked, wanted), _of_owner(asked, resource)
        try:
            return keys | await tag_words.found(rules, self._lookups, theirs, resource.arn, named)
        except NotImplementedByServer:
            return keys

    async def answer(self, asked: Asked, caller: Caller) -> Mapping[str, Any] | None:
        """The answer, by the model's names, of an operation that is done here and never forwarded; None where
        the backend is to do it. AwsError where it must not be done. All its accesses were allowed."""
        if asked.service.name in _OF_BUCKETS:
            return await self._buckets.answer(asked, caller)
        self._puts.check(asked, caller)
        return None

    def follows(self, asked: Asked) -> bool:
        """Whether `after` has anything to keep: its answer has to be read for that."""
        if asked.service.name in _OF_BUCKETS:
            return self._buckets.follows(asked)
        return self._puts.follows(asked)

    async def after(
        self, asked: Asked, caller: Caller, answer: Mapping[str, Any], found: Sequence[Resource] = ()
    ) -> None:
        """Keep what follows from an operation that the backend has done: `answer` has the members of what was
        answered, by the model's names, and `found` is what it was about."""
        if asked.service.name in _OF_BUCKETS:
            await self._buckets.after(asked, caller, answer)
        else:
            await self._puts.after(asked, self._rules(asked.service), found, answer)

    def shows_owners(self, asked: Asked) -> bool:
        """Whether an answer names owners, which the backend does not know."""
        return shown_owners.has(asked)

    def owners_told(self, asked: Asked, body: bytes) -> bytes:
        """The body of such an answer as it is given, no longer and no shorter than it was."""
        return self._buckets.owners_told(asked, body)

    def home(self, asked: Asked, wanted: Sequence[Wanted], found: Sequence[Resource]) -> Home:
        """Where the request is carried out: where the first of its resources is.

        ValidationError where it names resources of that kind in several accounts or regions: one backend's
        answer would be about those of one of them.
        """
        own = Home(account=asked.account, region=asked.region)
        if not found:
            return own
        first = _home_of(asked, found[0])
        if len(found) == 1:
            return first
        alike = (
            _home_of(asked, resource)
            for access, resource in zip(wanted, found, strict=True)
            if access.type == wanted[0].type and not isinstance(resource.entity, Bucket)
        )
        if any(each != first for each in alike):
            raise ValidationError("The request names resources of several accounts or regions.")
        return first

    def _rules_for(self, asked: Asked, wanted: Wanted) -> Rules | None:
        """The rules of the service whose action is asked for, which may be another one than is called."""
        own, prefix = self._rules(asked.service), wanted.action.partition(":")[0]
        if own is None or own.prefix == prefix:
            return own
        other = _service(prefix)
        return self._rules(other) if other is not None else None

    async def _whole_arn(self, rules: Rules | None, asked: Asked, wanted: Wanted) -> str:
        complete = rules.completions.get(wanted.type) if rules is not None and wanted.named else None
        found = await complete(self._lookups, asked, wanted) if complete is not None else None
        return found or wanted.resource

    def _in_iam(self, arn: str, parsed: Arn, account: str) -> Resource:
        """A role that is handed to a service, with its tags. It must be the role of just that ARN."""
        with self._store.read() as tx:
            found = tx.account(account).roles.find(parsed.name) if tx.has_account(account) else None
        if not isinstance(found, Role) or found.arn(parsed.partition) != arn:
            return Resource(arn=arn, account=account)
        return Resource(arn=arn, account=account, tags=found.tags, entity=found)


def owner_keys(resource: Resource) -> dict[str, KeyValue]:
    """The condition keys of S3's for the account that has a bucket. An object of another account's is in that
    account's bucket all the same."""
    bucket = resource.entity
    if not isinstance(bucket, Bucket):
        return {}
    keys: dict[str, KeyValue] = {"s3:resourceaccount": bucket.account}
    return keys if bucket.account == resource.account else keys | {"aws:resourceaccount": bucket.account}


def names(around: Sequence[PolicyLayers]) -> tuple[frozenset[str], bool]:
    """All condition keys that policies around a request name, lower-case; and whether one of them, or a
    variable, is a tag of the resource."""
    if len(around) == 1:
        return _named(around[0])[1:]
    each = [_named(layers) for layers in around]
    return frozenset[str]().union(*[keys for _, keys, _ in each]), any(tags for *_, tags in each)


_KEPT = 20_000
_kept: dict[int, tuple[PolicyLayers, frozenset[str], bool]] = {}


def _named(layers: PolicyLayers) -> tuple[PolicyLayers, frozenset[str], bool]:
    """The layers with the keys that they name, and whether one is a tag of a resource; looked for once, for
    layers are used again."""
    known = _kept.get(id(layers))
    if known is not None and known[0] is layers:
        return known
    if len(_kept) >= _KEPT:
        _kept.clear()
    keys = frozenset(key.lower() for document in _documents(layers) for key in asked_keys(document))
    found = _kept[id(layers)] = layers, keys, any(map(_is_resource_tag, keys))
    return found


def _documents(layers: PolicyLayers) -> list[PolicyDocument]:
    found = [*layers.identity, *(layers.boundary or ()), *(layers.session or ())]
    found += [each for level in (*(layers.scp or ()), *(layers.rcp or ())) for each in level]
    found += layers.vpc_endpoint or ()
    return found if layers.resource is None else [*found, layers.resource]


def _is_resource_tag(key: str) -> bool:
    """`aws:resourcetag/team`, `ec2:resourcetag/...`, `s3:existingobjecttag/...`, `rds:db-tag/...`."""
    name, slash, _ = key.partition("/")
    return bool(slash) and name.endswith("tag") and not name.endswith(("requesttag", "principaltag"))


def _home_of(asked: Asked, resource: Resource) -> Home:
    parsed = _parsed(resource.arn)
    region = parsed.region if parsed is not None and parsed.region else asked.region
    owner = resource.entity.account if isinstance(resource.entity, Bucket) else resource.account
    return Home(account=owner or asked.account, region=region)


def _of_owner(asked: Asked, resource: Resource) -> Asked:
    """The same request as one of the account and region that have a resource; of an object, its bucket's."""
    parsed = _parsed(resource.arn)
    home = resource.entity.account if resource.entity is not None else resource.account
    return _of_account(asked, home, parsed.region if parsed is not None else "")


def _of_account(asked: Asked, account: str, region: str) -> Asked:
    """The same request as one of another account and region."""
    region = region or asked.region
    if (account, region) == (asked.account, asked.region):
        return asked
    return msgspec.structs.replace(asked, account=account, region=region)


@cache
def _service(prefix: str) -> Service | None:
    try:
        return model.service(prefix)
    except LookupError:
        return None


def _parsed(arn: str) -> Arn | None:
    try:
        return Arn.parse(arn)
    except ValueError:
        return None
