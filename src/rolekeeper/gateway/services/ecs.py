"""ECS: clusters, and services, tasks, task sets and container instances in them; task definitions.

The rule of this file: what is in a cluster has the cluster's name in its ARN. A request says it beside, and
an ARN that names another cluster than the request is refused, because a backend may look at either. A task
definition without its revision is the latest one, which is found where it is.
Source: "Actions, resources, and condition keys for Amazon Elastic Container Service" in the Service
Authorization Reference; "Grant permission to tag resources on creation" in the ECS Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Unclear, Wanted
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.ec2.launching import word
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services.tables import NEW, Named, Place, Table, Tail, part_of_name, values
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue

_TAGGABLE = (
    "capacity-provider",
    "cluster",
    "container-instance",
    "daemon",
    "daemon-task-definition",
    "gateway",
    "service",
    "task",
    "task-definition",
    "task-set",
)
_NOT_LISTED = ("daemon", "daemon-task-definition", "gateway")
_ID = "[A-Za-z0-9_-]+"
_TASK = "[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""The ID of a task, whole: a backend may take a part of one for any that has it."""


def cluster_of(asked: Asked) -> str:
    """The name of the cluster that a request is about; `default` where it says none."""
    given = next(values(asked.members, "cluster"), "default")
    if given.startswith("arn:"):
        arn = TABLE.arn(asked, "cluster", given)
        return arn.rpartition("/")[2]
    return part_of_name("cluster", given, _ID)


def _cluster(asked: Asked) -> list[str]:
    return [next(values(asked.members, "cluster"), "default")]


def inside(kind: str, *paths: str, otherwise: str = "") -> Place:
    """What is in the cluster of the request, by its name or its ARN; `otherwise` where it names none."""

    def place(asked: Asked) -> Iterator[str]:
        given = [value for path in paths for value in values(asked.members, path)]
        for value in given or ([otherwise] if otherwise else []):
            yield _inside(asked, kind, value)

    return place


def _inside(asked: Asked, kind: str, value: str) -> str:
    cluster = cluster_of(asked)
    if isinstance(value, Tail):
        return Tail(f"{cluster}/{value}")
    if not value.startswith("arn:"):
        return Tail(f"{cluster}/{part_of_name(kind, value, _ID)}")
    beginning = re.escape(TABLE.arn(asked, kind, NEW).partition(NEW)[0])
    found = re.fullmatch(f"{beginning.replace(asked.account, '[0-9]{12}')}(?:({_ID})/)?({_ID})", value)
    if found is None or found[1] not in (None, cluster):
        raise Unclear(f"`{value}` is no {kind} of the cluster `{cluster}`")
    if found[1] is None:  # an ARN of the form that had no cluster
        return value[: found.start(2)] + f"{cluster}/{found[2]}"
    return value


def _tasks(asked: Asked) -> Iterator[str]:
    """Tasks by their IDs, in the cluster that they are really in."""
    for value in (value for path in ("task", "tasks") for value in values(asked.members, path)):
        found = _inside(asked, "task", value).rpartition("task/")[2]
        cluster, _, id = found.rpartition("/")
        yield Named(id, f"{cluster}/{part_of_name('task', id, _TASK)}")


def _task_sets(*paths: str) -> Place:
    """Task sets of the service and the cluster of the request; all of them where it names none."""

    def place(asked: Asked) -> Iterator[str]:
        service = _inside(asked, "service", next(values(asked.members, "service"), ""))
        service = service.rpartition("/")[2]
        before = f"{cluster_of(asked)}/{service}/"
        given = [value for path in paths for value in values(asked.members, path)]
        for value in given or [NEW]:
            name = value
            if value.startswith("arn:"):
                whole = TABLE.arn(asked, "task-set", value)
                found = re.search(f":task-set/{re.escape(before)}({_ID}(?:/{_ID})?)$", whole)
                if found is None:
                    raise Unclear(f"`{value}` is no task set of the service `{service}`")
                name = found[1]
            yield Tail(before + (name if isinstance(value, Tail) else _task_set(name)))

    return place


def _task_set(name: str) -> str:
    return part_of_name("task-set", name, f"{_ID}(?:/{_ID})?")


def _definitions(*paths: str) -> Place:
    """Task definitions: `FAMILY`, which is its latest revision, `FAMILY:REVISION`, or an ARN."""

    def place(asked: Asked) -> Iterator[str]:
        for value in (value for path in paths for value in values(asked.members, path)):
            if value.startswith("arn:") or re.fullmatch(f"{_ID}:[0-9]+", value):
                yield value
            else:
                yield Named(value, f"{part_of_name('task-definition', value, _ID)}:{NEW}")

    return place


def _new_revision(asked: Asked) -> Iterator[str]:
    for family in values(asked.members, "family"):
        yield Tail(f"{part_of_name('task-definition', family, _ID)}:{NEW}")


def _new_cluster(asked: Asked) -> str:
    return next(values(asked.members, "clusterName"), "default")


def _of_arn(kind: str) -> Place:
    def place(asked: Asked) -> Iterator[str]:
        for arn in values(asked.members, "resourceArn"):
            if kind_of(arn) == kind:
                yield arn

    return place


def kind_of(arn: str) -> str:
    """The kind of resource of an ARN. Unclear."""
    for kind in _TAGGABLE:
        (template,) = templates("ecs")[kind]
        if NEW not in arn and template.read(arn) is not None:
            return kind
    raise Unclear(f"`{arn}` is no ARN of ECS")


_TARGETS: Mapping[str, tuple[Place, ...]] = {
    "container-instance": (inside("container-instance", "attributes.targetId", otherwise=NEW),)
}
_TAGS: Mapping[str, tuple[Place, ...]] = {kind: (_of_arn(kind),) for kind in _TAGGABLE}

TABLE = Table(
    prefix="ecs",
    places={
        "capacity-provider": ("name", "capacityProvider", "capacityProviders"),
        "cluster": (_cluster,),
        "container-instance": (
            inside("container-instance", "containerInstance", "containerInstances", otherwise=NEW),
        ),
        "service": (inside("service", "service", "services"),),
        "task": (_tasks,),
        "task-definition": (_definitions("taskDefinition", "taskDefinitions"),),
        "task-set": (_task_sets("taskSet", "taskSets"),),
    },
    own={
        "CreateCluster": {"cluster": (_new_cluster,)},
        "CreateService": {"service": (inside("service", "serviceName"),)},
        "DeleteAttributes": _TARGETS,
        "DescribeClusters": {"cluster": (lambda asked: list(asked.members.get("clusters") or ["default"]),)},
        "ListTagsForResource": {kind: where for kind, where in _TAGS.items() if kind not in _NOT_LISTED},
        "PutAttributes": _TARGETS,
        "RegisterTaskDefinition": {"task-definition": (_new_revision,)},
        "TagResource": _TAGS,
        "UntagResource": _TAGS,
    },
    names={
        "container-instance": f"{_ID}/{_ID}",
        "service": f"{_ID}/{_ID}",
        "task": f"{_ID}/{_ID}",
        "task-definition": f"{_ID}:[0-9]+",
        "task-set": f"{_ID}/{_ID}/{_ID}(?:/{_ID})?",
    },
    optional={"DescribeCapacityProviders": ("capacity-provider",)},
    tagging="TagResource",
    tagged={
        "CreateCapacityProvider": ("capacity-provider",),
        "CreateCluster": ("cluster",),
        "CreateService": ("service",),
        "CreateTaskSet": ("task-set",),
        "RegisterContainerInstance": ("container-instance",),
        "RegisterTaskDefinition": ("task-definition",),
        "RunTask": ("task",),
        "StartTask": ("task",),
    },
    tagged_at={
        "RegisterContainerInstance": (lambda asked: Tail(f"{cluster_of(asked)}/{NEW}"),),
        "RunTask": (lambda asked: Tail(f"{cluster_of(asked)}/{NEW}"),),
        "StartTask": (lambda asked: Tail(f"{cluster_of(asked)}/{NEW}"),),
    },
)


async def find_definition(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of the latest revision of a family."""
    family = wanted.named
    answer = await lookups.ask(asked, "ecs", "DescribeTaskDefinition", taskDefinition=family)
    return next(values(answer or {}, "taskDefinition.taskDefinitionArn"), None)


async def find_task(lookups: Lookups, asked: Asked, wanted: Wanted) -> str | None:
    """The ARN of a task: a backend may find it in another cluster than the request names."""
    members = {"cluster": cluster_of(asked), "tasks": [wanted.named]}
    answer = await lookups.ask(asked, "ecs", "DescribeTasks", **members)
    found = set(values(answer or {}, "tasks.taskArn"))
    if len(found) > 1:
        raise ValidationError(f"`{wanted.named}` is the ID of {len(found)} tasks")
    return found.pop() if found else None


async def definition_of(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    """The task definition of a service that is made or changed, where the request has its family alone."""
    family = asked.members.get("taskDefinition")
    if not family or wanted.type == "task-definition":
        return None
    answer = await lookups.ask(asked, "ecs", "DescribeTaskDefinition", taskDefinition=family)
    return next(values(answer or {}, "taskDefinition.taskDefinitionArn"), None)


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a resource; none of one that is not made yet."""
    if NEW in arn:
        return {}
    answer = await lookups.ask(asked, "ecs", "ListTagsForResource", resourceArn=arn)
    return {tag["key"]: tag.get("value", "") for tag in (answer or {}).get("tags") or ()}


# -- keys -------------------------------------------------------------------------------------------

_VPC = "networkConfiguration.awsvpcConfiguration"
_PLAIN: Mapping[str, str] = {
    "account-setting": "name",
    "auto-assign-public-ip": f"{_VPC}.assignPublicIp",
    "enable-ecs-managed-tags": "enableECSManagedTags",
    "enable-execute-command": "enableExecuteCommand",
    "enable-service-connect": "serviceConnectConfiguration.enabled",
    "fargate-ephemeral-storage-kms-key": (
        "configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId"
    ),
    "namespace": "serviceConnectDefaults.namespace",
    "propagate-tags": "propagateTags",
    "task-cpu": "cpu",
    "task-memory": "memory",
}
_WITH_ACCOUNT_SETTING = ("DeleteAccountSetting", "PutAccountSetting", "PutAccountSettingDefault")


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says: its cluster, its task definition, its networks, its providers."""
    members, found = asked.members, dict[str, KeyValue]()
    names = {name for name, _ in asked.operation.members}
    if "cluster" in names:
        found["ecs:cluster"] = TABLE.arn(asked, "cluster", _cluster(asked)[0])
    for key, path in _PLAIN.items():
        if key == "account-setting" and asked.operation.name not in _WITH_ACCOUNT_SETTING:
            continue
        value = next(at(members, path), None)
        if value is not None:
            found[f"ecs:{key}"] = word(value)
    _add(found, "ecs:subnet", values(members, f"{_VPC}.subnets"))
    _add(found, "ecs:compute-compatibility", values(members, "requiresCompatibilities"))
    providers = (*values(members, "capacityProviderStrategy.capacityProvider"),)
    _add(found, "ecs:capacity-provider", (_provider(asked, name) for name in providers))
    if asked.operation.name == "RegisterTaskDefinition":
        found["ecs:privileged"] = word(any(at(members, "containerDefinitions.privileged")))
    definition = members.get("taskDefinition")
    if definition and ":" in definition:
        found["ecs:task-definition"] = TABLE.arn(asked, "task-definition", definition)
    if "service" in names and members.get("service"):
        found["ecs:service"] = TABLE.arn(asked, "service", _inside(asked, "service", members["service"]))
    if asked.operation.name == "StartTask":
        instances = (_inside(asked, "container-instance", id) for id in values(members, "containerInstances"))
        _add(
            found, "ecs:container-instances", (TABLE.arn(asked, "container-instance", id) for id in instances)
        )
    found["ecs:enable-ebs-volumes"] = word(any(at(members, "volumeConfigurations.managedEBSVolume")))
    return found


def _provider(asked: Asked, name: str) -> str:
    return TABLE.arn(asked, "capacity-provider", name)


def _add(found: dict[str, KeyValue], key: str, given: Iterable[str]) -> None:
    """A key of several values, where there are any."""
    all_given = tuple(dict.fromkeys(given))
    if all_given:
        found[key] = all_given


RULES = Rules(
    prefix="ecs",
    special=TABLE.special("ecs"),
    keys=keys,
    found={"ecs:task-definition": definition_of},
    completions={"task": find_task, "task-definition": find_definition},
    tags={kind.name: tags_of for kind in catalog.resource_types("ecs")},
)
