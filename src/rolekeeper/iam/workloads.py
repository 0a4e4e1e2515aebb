"""What runs as what: instances, tasks, functions, pods, and whatever else a service runs with a role.

A workload is what a service has started for its account, and what it gets is its own role's session. It shows
which one it is by the secret of a door (`WorkloadDoor`): the secret is in the keyring, and the door is found
by a keyed hash of it. Which roles are meant is told as that service tells it: by an instance profile, or by
ARNs, as the service was given them.
Sources: "IAM roles for Amazon EC2" in the EC2 User Guide; "Amazon ECS task IAM role" in the ECS Developer
Guide; "Lambda execution role" in its Developer Guide; "EKS Pod Identity" in the EKS User Guide.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import ClassVar, Literal

from rolekeeper.iam.entities import Entity, Tags

Switch = Literal["enabled", "disabled"]
Tokens = Literal["required", "optional"]


class Workload(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """What all workloads share: the region that they run in, and since when."""

    folds = False
    service: ClassVar[str] = ""
    """The principal of the service that runs such a workload, and that its role must trust."""

    region: str
    created: datetime

    def arn(self, partition: str) -> str:
        """The ARN by which its service knows it."""
        raise NotImplementedError


class Instance(Workload, frozen=True, kw_only=True, omit_defaults=True):
    """An EC2 instance. Its role is in the instance profile of its association, if it has one."""

    kind = "instance"
    noun = "instance"
    service = "ec2.amazonaws.com"

    id: str
    instance_type: str = "t3.micro"
    image_id: str = "ami-00000000000000000"
    architecture: str = "x86_64"
    availability_zone: str
    private_ip: str
    public_ip: str | None = None
    vpc_id: str | None = None
    subnet_id: str | None = None
    tags: Tags = {}
    http_tokens: Tokens = "required"
    """Whether its metadata want a session token of version 2."""
    hop_limit: int = 1
    http_endpoint: Switch = "enabled"
    metadata_tags: Switch = "disabled"

    @property
    def key(self) -> str:
        return self.id

    def arn(self, partition: str) -> str:
        return f"arn:{partition}:ec2:{self.region}:{self.account}:instance/{self.id}"


class ProfileAssociation(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """That an instance has an instance profile. It has one at most: a link from the instance leads to it."""

    kind = "profile-association"
    noun = "association"
    folds = False

    id: str
    instance: str
    profile_id: str
    """The profile's unique ID: another profile of the same name, made later, is another one."""
    profile_name: str
    """Path and name, as its ARN has them: they are shown, also when the profile is gone."""
    created: datetime

    @property
    def key(self) -> str:
        return self.id


class Task(Workload, frozen=True, kw_only=True, omit_defaults=True):
    """An ECS task: the application has the task role, and the agent that runs it the execution role."""

    kind = "task"
    noun = "task"
    service = "ecs-tasks.amazonaws.com"

    id: str
    cluster: str
    family: str
    revision: int = 1
    task_role: str | None = None
    execution_role: str | None = None
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.id

    def arn(self, partition: str) -> str:
        return f"arn:{partition}:ecs:{self.region}:{self.account}:task/{self.cluster}/{self.id}"


class Function(Workload, frozen=True, kw_only=True, omit_defaults=True):
    """A Lambda function with its execution role. A region has one of each name."""

    kind = "function"
    noun = "function"
    service = "lambda.amazonaws.com"

    name: str
    role: str
    tags: Tags = {}

    @property
    def key(self) -> str:
        return f"{self.region}/{self.name}"

    def arn(self, partition: str) -> str:
        return f"arn:{partition}:lambda:{self.region}:{self.account}:function:{self.name}"


class PodAssociation(Workload, frozen=True, kw_only=True, omit_defaults=True):
    """An EKS pod identity association: the role of a service account's pods in a cluster."""

    kind = "pod-association"
    noun = "pod identity association"
    service = "pods.eks.amazonaws.com"

    id: str
    cluster: str
    namespace: str
    service_account: str
    role: str
    target_role: str | None = None
    """A role that the first one assumes, and that the pods get in its place."""
    external_id: str | None = None
    disable_session_tags: bool = False
    policy: str | None = None
    """A session policy; it needs `disable_session_tags`."""
    modified: datetime
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.id

    @property
    def place(self) -> str:
        """Of what there is one association in a region: a service account of a cluster."""
        return f"{self.region}/{self.cluster}/{self.namespace}/{self.service_account}"

    @property
    def cluster_arn_tail(self) -> str:
        """What an ARN of the cluster has behind the partition."""
        return f"eks:{self.region}:{self.account}:cluster/{self.cluster}"

    def arn(self, partition: str) -> str:
        start = f"arn:{partition}:eks:{self.region}:{self.account}"
        return f"{start}:podidentityassociation/{self.cluster}/{self.id}"


class ServiceRole(Workload, frozen=True, kw_only=True, omit_defaults=True):
    """Any resource that a service runs with a role: a stack, a job, a cluster."""

    kind = "service-role"
    noun = "service role"

    id: str
    principal: str
    """The service: `cloudformation.amazonaws.com`."""
    resource: str
    """The ARN of what it runs."""
    role: str
    tags: Tags = {}

    @property
    def key(self) -> str:
        return self.id

    def arn(self, partition: str) -> str:
        return self.resource


class WorkloadDoor(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a secret lets in: a workload, or one part of it. The secret itself is in the keyring."""

    kind = "workload-door"
    noun = "door"
    folds = False

    digest: str
    """A keyed hash of the secret."""
    workload_kind: str
    workload_key: str
    part: str = ""
    """`agent` for what runs the workload and not the workload itself."""

    @property
    def key(self) -> str:
        return self.digest

    @property
    def unique_id(self) -> str | None:
        return f"door:{self.digest}"


AGENT = "agent"
"""The part of a task that only its agent may have."""

WORKLOADS: tuple[type[Workload], ...] = (Instance, Task, Function, PodAssociation, ServiceRole)
"""All kinds of workload."""

ASSOCIATED = "instance-association"
"""The link from an instance to its association with an instance profile."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def instance_id() -> str:
    """A new ID of an instance."""
    return "i-" + _hexadecimal(17)


def association_id() -> str:
    """A new ID of an association with an instance profile."""
    return "iip-assoc-" + _hexadecimal(17)


def task_id() -> str:
    """A new ID of a task."""
    return _hexadecimal(32)


def pod_association_id() -> str:
    """A new ID of a pod identity association."""
    return "a-" + "".join(secrets.choice(_LETTERS) for _ in range(17))


def service_role_id() -> str:
    """A new ID of a resource that a service runs with a role."""
    return "sr-" + _hexadecimal(17)


def _hexadecimal(length: int) -> str:
    return secrets.token_hex((length + 1) // 2)[:length]
