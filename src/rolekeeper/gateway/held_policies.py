"""The policies that stand on resources of other services than S3: of queues, topics, keys, secrets ...

The backend keeps them, as it keeps the resources, and is asked for them. What was put through the gateway is
held here besides: for a backend that does not show it again, and for the users and roles in it, who are known
by their unique IDs, so that nobody who is made anew has what another one had. A KMS key has a policy in any
case: without one it would be nobody's, so that where none is known AWS's default stands.
Source: "AWS services that work with IAM" and "IAM JSON policy elements: Principal" in the IAM User Guide;
"Default key policy" in the AWS KMS Developer Guide.
"""

from __future__ import annotations

import hashlib
import json

from rolekeeper.arn import root_arn
from rolekeeper.errors import AccessDenied, NotImplementedByServer
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.owners import Change
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.iam.buckets import ResourcePolicy
from rolekeeper.policy.document import PolicySyntaxError
from rolekeeper.service.authorizer import document
from rolekeeper.store.contract import Store


class HeldPolicies:
    """Finds them, and holds those that the backend forgets."""

    def __init__(self, store: Store, lookups: Lookups, change: Change) -> None:
        self._store = store
        self._lookups = lookups
        self._change = change

    async def of(self, asked: Asked, rules: Rules | None, kind: str, arn: str) -> str | None:
        """The policy of a resource, whose account is that of `asked`; None where it has none.

        AccessDenied for one that cannot be read: what it denies is not known.
        """
        text, held = await self.shown(asked, rules, kind, arn), self.held(asked.account, arn)
        if held is not None and held.shown == hashed(text):
            text = held.text
        if text is None:
            return default_key_policy(asked.partition, asked.account) if is_key(kind, arn) else None
        try:
            document(text)
        except PolicySyntaxError as error:
            raise AccessDenied(f"The policy of {arn} cannot be read: {error}") from None
        return text

    def held(self, account: str, arn: str) -> ResourcePolicy | None:
        """What is held here of a resource's policy."""
        with self._store.read() as tx:
            if not tx.has_account(account):
                return None
            return tx.account(account).collection(ResourcePolicy).find(arn)

    async def shown(self, asked: Asked, rules: Rules | None, kind: str, arn: str) -> str | None:
        """What the backend says of it."""
        reader = rules.policies.get(kind) if rules is not None else None
        if reader is None:
            return None
        try:
            return await reader(self._lookups, asked, arn) or None
        except NotImplementedByServer:
            return None  # a backend that has no such thing keeps none

    async def hold(self, account: str, arn: str, policy: ResourcePolicy | None) -> None:
        """Hold a policy here from now on; with None, hold none of that resource's."""
        if policy is None and self.held(account, arn) is None:
            return

        def keep() -> None:
            with self._store.write() as tx:
                policies = tx.account(account).collection(ResourcePolicy)
                before = policies.find(arn)
                if before is not None:
                    policies.delete(before)
                if policy is not None:
                    policies.add(policy)

        await self._change(keep)


def hashed(text: str | None) -> str:
    """What is kept of a text to know it again; nothing of none."""
    return hashlib.sha256(text.encode()).hexdigest() if text is not None else ""


def is_key(kind: str, arn: str) -> bool:
    """Whether a resource is a KMS key, which no identity policy opens alone."""
    return kind == "key" and arn.split(":", 3)[2:3] == ["kms"]


def default_key_policy(partition: str, account: str) -> str:
    """The policy of a key that was made without one: its account's own policies say who may use it."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": root_arn(partition, account)},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]})
