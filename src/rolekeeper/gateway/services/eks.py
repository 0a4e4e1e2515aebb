"""EKS: clusters, and in them node groups, Fargate profiles and more, whose ARNs end with an ID.

The rule of this file: what is in a cluster is called by the cluster's name and its own, and asked by its
whole ARN, which is found; one that is not there yet has `*` for the ID. Operations that are answered here
itself never come here.
Source: "Actions, resources, and condition keys for Amazon Elastic Kubernetes Service" in the Service
Authorization Reference; "Tagging your resources" in the EKS User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.ec2.launching import word
from rolekeeper.gateway.rules import Completion, Lookups, Rules
from rolekeeper.gateway.services.tables import NEW, Named, Place, Table, part_of_name, values
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue

_NAME = "[A-Za-z0-9][A-Za-z0-9_-]*"

_INSIDE: Mapping[str, tuple[str, str, str]] = {
    "addon": ("addonName", "DescribeAddon", "addon.addonArn"),
    "fargateprofile": ("fargateProfileName", "DescribeFargateProfile", "fargateProfile.fargateProfileArn"),
    "nodegroup": ("nodegroupName", "DescribeNodegroup", "nodegroup.nodegroupArn"),
    "podidentityassociation": (
        "associationId",
        "DescribePodIdentityAssociation",
        "association.associationArn",
    ),
}
"""By type: the member that names it, the operation that describes it, where that has its ARN."""


def _inside(kind: str, member: str) -> Place:
    """What is in a cluster, by its name there."""

    def place(asked: Asked) -> Iterator[str]:
        cluster = next(values(asked.members, "clusterName"), "")
        for name in values(asked.members, member):
            if kind == "podidentityassociation":  # which has an ID only
                yield f"{part_of_name('cluster', cluster, _NAME)}/{name}"
            else:
                known = f"{part_of_name('cluster', cluster, _NAME)}/{part_of_name(kind, name, _NAME)}"
                yield Named(known, f"{known}/{NEW}")

    return place


def kind_of(arn: str) -> str:
    """The kind of resource of an ARN. Unclear."""
    for kind, (template,) in templates("eks").items():
        if NEW not in arn and template.read(arn) is not None:
            return kind
    raise Unclear(f"`{arn}` is no ARN of EKS")


def _of_arn(kind: str) -> Place:
    def place(asked: Asked) -> Iterator[str]:
        return (arn for arn in values(asked.members, "resourceArn") if kind_of(arn) == kind)

    return place


def _tags(operation: str) -> Mapping[str, tuple[Place, ...]]:
    found = catalog.action(f"eks:{operation}")
    return {each.type: (_of_arn(each.type),) for each in found.resources} if found else {}


_PARTS = dict.fromkeys(_INSIDE, f"{_NAME}/{_NAME}/[A-Za-z0-9-]+")

TABLE = Table(
    prefix="eks",
    places={
        "cluster": ("clusterName", "name"),
        **{kind: (_inside(kind, how[0]),) for kind, how in _INSIDE.items()},
    },
    own={
        operation: _tags(operation) for operation in ("ListTagsForResource", "TagResource", "UntagResource")
    },
    names={
        **_PARTS,
        "cluster": _NAME,
        "podidentityassociation": f"{_NAME}/[A-Za-z0-9-]+",
    },
    tagging="TagResource",
    tagged={
        "CreateAddon": ("addon",),
        "CreateCluster": ("cluster",),
        "CreateFargateProfile": ("fargateprofile",),
        "CreateNodegroup": ("nodegroup",),
    },
)


def _found(kind: str) -> Completion:
    member, operation, path = _INSIDE[kind]

    async def complete(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
        if asked.operation.name.startswith("Create"):
            return None
        cluster, _, name = wanted.named.partition("/")
        answer = await lookups.ask(asked, "eks", operation, **{"clusterName": cluster, member: name})
        return next(values(answer or {}, path), None)

    return complete


_PLAIN: Mapping[str, str] = {
    "authenticationmode": "accessConfig.authenticationMode",
    "bootstrapclustercreatoradminpermissions": "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "bootstrapselfmanagedaddons": "bootstrapSelfManagedAddons",
    "computeconfigenabled": "computeConfig.enabled",
    "deletionprotection": "deletionProtection",
    "elasticloadbalancingenabled": "kubernetesNetworkConfig.elasticLoadBalancing.enabled",
    "endpointprivateaccess": "resourcesVpcConfig.endpointPrivateAccess",
    "endpointpublicaccess": "resourcesVpcConfig.endpointPublicAccess",
    "kubernetesversion": "version",
    "supporttype": "upgradePolicy.supportType",
    "zonalshiftenabled": "zonalShiftConfig.enabled",
}


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says of a cluster."""
    found: dict[str, KeyValue] = {}
    for key, path in _PLAIN.items():
        value = next(at(asked.members, path), None)
        if value is not None:
            found[f"eks:{key}"] = word(value)
    cluster = asked.members.get("clusterName")
    if cluster:
        found["eks:clustername"] = cluster
    providers = tuple(values(asked.members, "encryptionConfig.provider.keyArn"))
    if providers:
        found["eks:encryptionconfigproviderkeyarns"] = providers
    for setup in at(asked.members, "logging.clusterLogging"):
        for type in setup.get("types") or ():
            found[f"eks:loggingtype/{type.lower()}"] = word(bool(setup.get("enabled")))
    return found


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a resource; none of one that is not made yet."""
    if NEW in arn:
        return {}
    answer = await lookups.ask(asked, "eks", "ListTagsForResource", resourceArn=arn)
    found: Mapping[str, str] = (answer or {}).get("tags") or {}
    return found


RULES = Rules(
    prefix="eks",
    special=TABLE.special("eks"),
    keys=keys,
    completions={kind: _found(kind) for kind in _INSIDE if kind != "podidentityassociation"},
    tags={kind.name: tags_of for kind in catalog.resource_types("eks")},
)
