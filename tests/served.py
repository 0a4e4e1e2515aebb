"""A real server with the embedded backend behind it, and accounts that nobody has used yet."""

from __future__ import annotations

import secrets
import urllib.request
from typing import Any

import msgspec
from botocore.utils import InstanceMetadataFetcher

from rolekeeper import ids
from rolekeeper.iam.entities import AccessKey, Account
from rolekeeper.iam.secret import Secret
from tests.client import Person
from tests.gateway.served import ServedWorld

EC2 = {"Service": "ec2.amazonaws.com"}
_CONTAINERS = "/_rolekeeper/containers"
_FIRST = 300000000000


class Served(ServedWorld):
    """A server at a URL. Each test has accounts of its own, so that no two tests meet."""

    _made = 0

    def account(self) -> Person:
        """The root user of a new account."""
        self._made += 1
        id, secret = str(_FIRST + self._made), ids.secret_access_key()
        created = self.server.clock.now().replace(microsecond=0)
        key = AccessKey(account=id, id=ids.access_key_id(ids.LONG_LIVED_KEY, id), user=None, created=created)
        with self.server.store.write() as tx:
            tx.add_account(Account(account=id, name=id, created=created, canonical_id=secrets.token_hex(32)))
            state = tx.account(id)
            state.access_keys.add(key)
            state.links.add("key", "", key.id)
            state.secrets.put(AccessKey.kind, key.id, Secret(secret))
        found = Person(self, key.id, secret)
        found.account = id
        return found

    def on_instance(self, operator: Person, instance_id: str) -> Person:
        """An application on an instance, which has nothing but the instance's metadata."""
        secret = operator.workloads.create_workload_secret(Kind="instance", Id=instance_id)["Secret"]
        url = f"{self.url}/_rolekeeper/imds/{secret}"
        found = InstanceMetadataFetcher(timeout=30, num_attempts=2, base_url=url, env={})
        told = found.retrieve_iam_role_credentials()
        return Person(self, told["access_key"], told["secret_key"], told["token"])

    def in_workload(self, operator: Person, kind: str, id: str, part: str = "application") -> Person:
        """What runs as a workload of another kind, or a part of it, by the credentials endpoint."""
        made = operator.workloads.create_workload_secret(Kind=kind, Id=id, Part=part)
        path = "/agent/credentials" if part == "agent" else "/credentials"
        request = urllib.request.Request(
            f"{self.url}{_CONTAINERS}{path}", headers={"authorization": made["Secret"]}
        )
        with urllib.request.urlopen(request) as answer:
            told: dict[str, Any] = msgspec.json.decode(answer.read())
        return Person(self, told["AccessKeyId"], told["SecretAccessKey"], told["Token"])

    def told(self, account: str) -> list[str]:
        """The names of an account's events, oldest first."""
        return [each["eventName"] for each in self.events() if each.get("recipientAccountId") == account]
