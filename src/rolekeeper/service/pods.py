"""EKS Pod Identity: from the token of a Kubernetes service account to the session of its association's role.

The token must be one of a cluster here, signed by its key, for the audience of Pod Identity, and not over.
The cluster's association for the service account says which role; EKS assumes it with six tags that go on
along a chain of roles, and with the role another one where the association has a target. What was made for a
pod is handed out until it is due for another, as all deliveries are.
Sources: "AssumeRoleForPodIdentity" in the EKS Auth API Reference; "Grant Pods access to AWS resources based
on tags" and "Access AWS resources using EKS Pod Identity Target IAM Roles" in the EKS User Guide.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from rolekeeper.arn import Arn, assumed_role_arn
from rolekeeper.errors import (
    AccessDenied,
    AwsError,
    ExpiredIdentityToken,
    InvalidIdentityToken,
    InvalidTokenException,
    ResourceNotFoundException,
)
from rolekeeper.iam import clusters, web_identity
from rolekeeper.iam.clusters import PODS, Cluster, ServiceAccount
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import PodAssociation
from rolekeeper.service.clock import Clock
from rolekeeper.service.delivery import MARGIN, SIX_HOURS, Delivered, Deliveries, Grant, NotDelivered
from rolekeeper.store.contract import AccountState, Store, Transaction
from rolekeeper.wire.model import partition_of

PLACES: Final = "pod-association-place"
"""The link from a service account of a cluster to its association."""

_KEPT: Final = 10_000
_NAMES: Final = 20
"""Characters of a session's name that a cluster and a pod get; a UUID has the rest."""

_REFUSED: Final = "Unauthorized Exception! EKS does not have permissions to assume the associated role."


class PodSession(msgspec.Struct, frozen=True, kw_only=True):
    """What a pod gets."""

    association: PodAssociation
    subject: str
    account: str
    """The account of the role."""
    role_arn: str
    role_id: str
    session_name: str
    access_key_id: str
    secret: Secret
    token: Secret
    expires: int

    @property
    def expiration(self) -> datetime:
        """When it ends."""
        return datetime.fromtimestamp(self.expires, UTC)

    @property
    def assumed_role(self) -> str:
        """The ARN of the session."""
        arn = Arn.parse(self.role_arn)
        return assumed_role_arn(arn.partition, arn.account, arn.name, self.session_name)


Become = Callable[[Delivered, Cluster, Mapping[str, str]], Mapping[str, Any]]
"""Assumes a role with delivered credentials: the cluster, and AssumeRole's parameters, give its answer."""


class Pods:
    """Gives pods their sessions. Any thread may ask."""

    def __init__(
        self, *, store: Store, deliveries: Deliveries, clock: Clock, issuer_url: str | None, become: Become
    ) -> None:
        self._store = store
        self._deliveries = deliveries
        self._clock = clock
        self._issuer_url = issuer_url
        self._become = become
        self._chained: dict[tuple[str, str], PodSession] = {}

    def session(self, token: str, *, cluster_arn: str | None = None) -> PodSession:
        """The session for the pod whose token it is; of that cluster, where one is given.

        InvalidTokenException, ExpiredIdentityToken, ResourceNotFoundException, AccessDenied.
        """
        with self._store.read() as tx:
            cluster, who = self._verified(tx, token)
            partition = partition_of(cluster.region)
            if cluster_arn not in (None, cluster.arn(partition)):
                raise InvalidTokenException("The token is of another cluster")
            found = association_of(tx.account(cluster.account), cluster, who)
        if found is None:
            raise ResourceNotFoundException(
                f"No pod identity association is found for service account {who.namespace}/{who.name} in "
                f"cluster {cluster.name}"
            )
        grant = _grant(cluster, found, who, partition)
        try:
            delivered = self._deliveries.credentials(grant)
        except NotDelivered:
            raise AccessDenied(_REFUSED) from None
        if found.target_role is None:
            return _session(found, who, grant.session_name, delivered)
        return self._target(cluster, found, who, grant.session_name, delivered)

    def _verified(self, tx: Transaction, text: str) -> tuple[Cluster, ServiceAccount]:
        """Whose token it is, and of which cluster."""
        try:
            token = web_identity.read(text)
            cluster = cluster_of(tx, token.issuer, self._issuer_url)
            if cluster is None:
                raise InvalidTokenException("The token is of no cluster that is here")
            said = web_identity.verify(token, clusters.keys(cluster))
            if PODS not in web_identity.texts(said.get("aud")):
                raise InvalidTokenException(f"The token's audience is not {PODS}")
            web_identity.check_times(said, self._clock.now().timestamp())
        except ExpiredIdentityToken:
            raise
        except InvalidIdentityToken as error:
            raise InvalidTokenException(error.message) from None
        if said["exp"] <= self._clock.now().timestamp():
            raise ExpiredIdentityToken("The service account token is expired")
        who = clusters.bearer(said)
        if who is None:
            raise InvalidTokenException("The token is not bound to a pod of a service account")
        return cluster, who

    def _target(
        self, cluster: Cluster, found: PodAssociation, who: ServiceAccount, name: str, first: Delivered
    ) -> PodSession:
        """The session of the target role, which the association's own role assumes."""
        target = found.target_role or ""
        place = (first.credentials.access_key_id, f"{found.id}/{found.modified}/{target}")
        kept = self._chained.get(place)
        if kept is not None and kept.expires - MARGIN > self._clock.now().timestamp():
            with self._store.read() as tx:
                if tx.by_unique_id(kept.role_id) is not None:
                    return kept
        parameters = {"RoleArn": target, "RoleSessionName": name, "DurationSeconds": "3600"}
        if found.external_id is not None:
            parameters["ExternalId"] = found.external_id
        if found.policy is not None:
            parameters["Policy"] = found.policy
        try:
            answer = self._become(first, cluster, parameters)
        except AwsError:
            raise AccessDenied(_REFUSED) from None
        given = answer["Credentials"]
        made = PodSession(
            association=found,
            subject=_subject(who),
            account=Arn.parse(target).account,
            role_arn=target,
            role_id=answer["AssumedRoleUser"]["AssumedRoleId"].partition(":")[0],
            session_name=name,
            access_key_id=given["AccessKeyId"],
            secret=Secret(given["SecretAccessKey"]),
            token=Secret(given["SessionToken"]),
            expires=int(given["Expiration"].timestamp()),
        )
        if len(self._chained) >= _KEPT:
            self._chained.clear()
        self._chained[place] = made
        return made


def cluster_of(tx: Transaction, issuer: str, base: str | None) -> Cluster | None:
    """The cluster that issues tokens under just that URL; None where none does."""
    identifier = clusters.issuer_id(issuer, base)
    found = tx.by_unique_id(clusters.unique_id(identifier)) if identifier is not None else None
    return found if isinstance(found, Cluster) and found.issuer_at(base) == issuer else None


def association_of(state: AccountState, cluster: Cluster, who: ServiceAccount) -> PodAssociation | None:
    """The association of a service account in a cluster."""
    place = f"{cluster.region}/{cluster.name}/{who.namespace}/{who.name}"
    targets = state.links.targets(PLACES, place)
    return state.collection(PodAssociation).find(targets[0]) if targets else None


def _grant(cluster: Cluster, found: PodAssociation, who: ServiceAccount, partition: str) -> Grant:
    tags = () if found.disable_session_tags else _tags(cluster, who, partition)
    return Grant(
        account=cluster.account,
        role_arn=found.role,
        service=PODS,
        session_name=_session_name(cluster, found, who),
        source_arn=cluster.arn(partition),
        region=cluster.region,
        duration=SIX_HOURS,
        basis=f"{found.id}/{found.modified}/{who.pod_id}",
        tags=tags,
        transitive=tuple(name for name, _ in tags),
        policy=found.policy if found.target_role is None else None,
    )


def _tags(cluster: Cluster, who: ServiceAccount, partition: str) -> tuple[tuple[str, str], ...]:
    """Source: "List of session tags added by EKS Pod Identity" in the EKS User Guide."""
    return (
        ("eks-cluster-arn", cluster.arn(partition)),
        ("eks-cluster-name", cluster.name),
        ("kubernetes-namespace", who.namespace),
        ("kubernetes-service-account", who.name),
        ("kubernetes-pod-name", who.pod),
        ("kubernetes-pod-uid", who.pod_id),
    )


def _session_name(cluster: Cluster, found: PodAssociation, who: ServiceAccount) -> str:
    """`eks-CLUSTER-POD-UUID`, in the 64 characters that a session's name may have."""
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"{found.id}/{who.pod_id}/{who.pod}")
    short = cluster.name[: _NAMES // 2]
    return f"eks-{short}-{who.pod[: _NAMES - len(short)]}-{own}"


def _session(found: PodAssociation, who: ServiceAccount, name: str, delivered: Delivered) -> PodSession:
    credentials = delivered.credentials
    return PodSession(
        association=found,
        subject=_subject(who),
        account=found.account,
        role_arn=delivered.role_arn,
        role_id=delivered.role_id,
        session_name=name,
        access_key_id=credentials.access_key_id,
        secret=credentials.secret,
        token=credentials.token,
        expires=credentials.expires,
    )


def _subject(who: ServiceAccount) -> str:
    return f"system:serviceaccount:{who.namespace}:{who.name}"
