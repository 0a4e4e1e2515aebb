"""Kubernetes clusters, as far as identities go: an issuer that signs tokens of service accounts.

The tokens are as Kubernetes projects them into pods. The issuer's name is AWS's, or that of the setting for
issuers; it has one key, whose private half is kept among the account's secrets under the cluster's own key.
Sources: "Service account token volume projection" and "Service account issuer discovery" in the Kubernetes
documentation; "IAM roles for service accounts" in the EKS User Guide.
"""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from rolekeeper.iam import issuer_keys, web_identity
from rolekeeper.iam.entities import Entity, Tags
from rolekeeper.iam.issuer_keys import IssuerKey
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.web_identity import Key

PODS: Final = "pods.eks.amazonaws.com"
"""The audience of tokens for EKS Pod Identity, and the principal of its service."""

MIN_SECONDS, MAX_SECONDS, USUAL_SECONDS = 600, 86400, 86400
"""How long a token lasts: Kubernetes gives none for less than ten minutes, EKS none for more than a day."""

DISCOVERY: Final = issuer_keys.DISCOVERY
KEY_SET: Final = "/keys"

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LONG_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_SUBJECT = re.compile(r"system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})")
_HOST = re.compile(r"oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/id/([0-9A-F]{32})")


class Cluster(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A cluster. A region of an account has one of each name."""

    kind = "cluster"
    noun = "cluster"
    folds = False

    name: str
    region: str
    created: datetime
    issuer_id: str
    key_id: str
    jwk: dict[str, str]
    """The public half of its key."""
    tags: Tags = {}

    @property
    def key(self) -> str:
        return f"{self.region}/{self.name}"

    @property
    def unique_id(self) -> str | None:
        return unique_id(self.issuer_id)

    def arn(self, partition: str) -> str:
        """The ARN of the cluster as a caller in that partition sees it."""
        return f"arn:{partition}:eks:{self.region}:{self.account}:cluster/{self.name}"

    def issuer_at(self, base: str | None) -> str:
        """The issuer, where the server has a URL of its own for issuers, or AWS's."""
        if base is not None:
            return f"{base}/id/{self.issuer_id}"
        suffix = "amazonaws.com.cn" if self.region.startswith("cn-") else "amazonaws.com"
        return f"https://oidc.eks.{self.region}.{suffix}/id/{self.issuer_id}"

    @property
    def signer(self) -> IssuerKey:
        """Its key, as one that signs."""
        return IssuerKey(
            account=self.account, id=self.key_id, algorithm="RS256", jwk=self.jwk, created=self.created
        )


def unique_id(issuer_id: str) -> str:
    """By what a cluster is found among all accounts."""
    return f"cluster-issuer:{issuer_id}"


def issuer_id(url: str, base: str | None) -> str | None:
    """The ID in the URL of a cluster's issuer, with or without `https://`; None where it is none."""
    found = _HOST.fullmatch(url.removeprefix("https://"))
    if found is not None:
        return found[1]
    if base is None:
        return None
    start, _, identifier = url.removeprefix("https://").rpartition("/id/")
    return identifier if start == base.removeprefix("https://") else None


def make(account: str, region: str, name: str, now: datetime, tags: Tags) -> tuple[Cluster, Secret]:
    """A new cluster, and the private half of its key in PEM."""
    key, private = issuer_keys.generate(account, "RS256", now)
    made = Cluster(
        account=account,
        name=name,
        region=region,
        created=now.replace(microsecond=0),
        issuer_id=secrets.token_hex(16).upper(),
        key_id=key.id,
        jwk=key.jwk,
        tags=tags,
    )
    return made, private


# -- tokens ---------------------------------------------------------------------------------------


class ServiceAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token it is: a service account, and the pod that it was given to."""

    namespace: str
    name: str
    pod: str
    pod_id: str


def is_name(text: str) -> bool:
    """Whether a namespace may be called so. Source: RFC 1123 labels in the Kubernetes documentation."""
    return _NAME.fullmatch(text) is not None


def is_long_name(text: str) -> bool:
    """Whether a service account or a pod may be called so."""
    return _LONG_NAME.fullmatch(text) is not None


def claims(
    issuer: str, who: ServiceAccount, audiences: Iterable[str], now: datetime, seconds: int
) -> dict[str, Any]:
    """What a projected token says."""
    issued = int(now.timestamp())
    account_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer}/{who.namespace}/{who.name}"))
    return {
        "aud": list(audiences),
        "exp": issued + seconds,
        "iat": issued,
        "iss": issuer,
        "jti": str(uuid.uuid4()),
        "kubernetes.io": {
            "namespace": who.namespace,
            "pod": {"name": who.pod, "uid": who.pod_id},
            "serviceaccount": {"name": who.name, "uid": account_id},
        },
        "nbf": issued,
        "sub": f"system:serviceaccount:{who.namespace}:{who.name}",
    }


def bearer(said: Mapping[str, Any]) -> ServiceAccount | None:
    """Whose token it is by its claims, which somebody has verified; None where it is of no pod."""
    subject = said.get("sub")
    found = _SUBJECT.fullmatch(subject) if isinstance(subject, str) else None
    own = said.get("kubernetes.io")
    pod = own.get("pod") if isinstance(own, dict) else None
    if found is None or not isinstance(pod, dict):
        return None
    name, uid = pod.get("name"), pod.get("uid")
    if not isinstance(name, str) or not isinstance(uid, str) or not is_long_name(name):
        return None
    return ServiceAccount(namespace=found[1], name=found[2], pod=name, pod_id=uid)


def keys(cluster: Cluster) -> tuple[Key, ...]:
    """The keys that check its tokens."""
    return _keys(key_set(cluster))


@lru_cache(maxsize=256)
def _keys(document: bytes) -> tuple[Key, ...]:
    return web_identity.key_set(document)


def key_set(cluster: Cluster) -> bytes:
    """Its keys as a JWK set."""
    return json.dumps({"keys": [cluster.signer.view()]}).encode()


def discovery(issuer: str) -> dict[str, Any]:
    """What an issuer says of itself, as those of EKS do."""
    return {
        "issuer": issuer,
        "jwks_uri": issuer + KEY_SET,
        "authorization_endpoint": "urn:kubernetes:programmatic_authorization",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "claims_supported": ["sub", "iss"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }
