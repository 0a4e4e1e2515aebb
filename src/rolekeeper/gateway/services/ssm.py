"""Systems Manager: parameters, documents, maintenance windows, patch baselines, commands to instances.

A parameter's ARN has its name without the slash that it begins with, and without the version or label that is
asked for. What AWS itself has made (parameters of /aws/service, documents named AWS-...) is of no account.
What is called /aws/reference/secretsmanager/... is a secret, and asked for as one besides.
Source: "Actions, resources, and condition keys for AWS Systems Manager" in the Service Authorization
Reference; "Restricting access to Parameter Store parameters using IAM policies" in the AWS Systems Manager
User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import (
    Asking,
    Kind,
    all_of,
    at,
    given,
    kind_of_all,
    on,
    refuse,
    required,
    strings,
    word,
)
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.sealed import parameters
from rolekeeper.gateway.services import kms, secretsmanager
from rolekeeper.policy.context import KeyValue

PARAMETER = Kind(type="parameter", service="ssm", before="parameter/", name=r"[A-Za-z0-9_./-]{1,2048}")
DOCUMENT = Kind(type="document", service="ssm", before="document/", name=r"[A-Za-z0-9_.-]{3,128}")
WINDOW = Kind(type="maintenancewindow", service="ssm", before="maintenancewindow/", name="mw-[0-9a-zA-Z]+")
WINDOW_TARGET = Kind(type="windowtarget", service="ssm", before="windowtarget/", name="[0-9a-zA-Z-]+")
WINDOW_TASK = Kind(type="windowtask", service="ssm", before="windowtask/", name="[0-9a-zA-Z-]+")
BASELINE = Kind(type="patchbaseline", service="ssm", before="patchbaseline/", name="pb-[0-9a-zA-Z]+")
NODE = Kind(type="managed-instance", service="ssm", before="managed-instance/", name="mi-[0-9a-f]+")
INSTANCE = Kind(type="instance", service="ec2", before="instance/", name="i-[0-9a-f]+")
_ANYTHING = r"[A-Za-z0-9_.:/-]+"
_TAGGED = {
    "Association": Kind(type="association", service="ssm", before="association/", name=_ANYTHING),
    "Automation": Kind(
        type="automation-execution", service="ssm", before="automation-execution/", name=_ANYTHING
    ),
    "Document": DOCUMENT,
    "MaintenanceWindow": WINDOW,
    "ManagedInstance": NODE,
    "OpsItem": Kind(type="opsitem", service="ssm", before="opsitem/", name=_ANYTHING),
    "OpsMetadata": Kind(type="opsmetadata", service="ssm", before="opsmetadata/", name=_ANYTHING),
    "Parameter": PARAMETER,
    "PatchBaseline": BASELINE,
}

_STANDARD = 4096
"""Bytes of a standard parameter."""
_ON_PARAMETERS = (
    "DeleteParameter",
    "LabelParameterVersion",
    "UnlabelParameterVersion",
)
_ON_DOCUMENTS = (
    *("DeleteDocument", "DescribeDocument", "DescribeDocumentPermission", "GetDocument"),
    *("ListDocumentVersions", "ModifyDocumentPermission", "UpdateDocument", "UpdateDocumentDefaultVersion"),
)
_ON_WINDOWS = (
    *("DeleteMaintenanceWindow", "DescribeMaintenanceWindowTargets", "DescribeMaintenanceWindowTasks"),
    *("GetMaintenanceWindow", "RegisterTargetWithMaintenanceWindow", "RegisterTaskWithMaintenanceWindow"),
    "UpdateMaintenanceWindow",
)
_ON_BASELINES = (
    *("DeletePatchBaseline", "DeregisterPatchBaselineForPatchGroup", "GetPatchBaseline"),
    *("RegisterPatchBaselineForPatchGroup", "UpdatePatchBaseline"),
)


def _ours(kind: Kind, asked: Asked, value: str, by_aws: str) -> str:
    """The ARN of what a name or an ARN calls; of what is AWS's own, one of no account."""
    if value.startswith("arn:"):
        return kind.whole(asked, value)
    found = kind.arn(asked, value)
    if re.match(by_aws, value):
        return found.replace(f":{asked.account}:", "::", 1)
    return found


def parameter(asked: Asked, name: str, *, selected: bool = False) -> Wanted:
    """An access to a parameter; `selected` where the name may say a version or a label besides."""
    if selected:
        *start, last = name.split(":", 5) if name.startswith("arn:") else [name]
        name = ":".join((*start, re.sub(r":[A-Za-z0-9_.-]+\Z", "", last)))
    bare = name if name.startswith("arn:") else name.removeprefix("/")
    resource = _ours(PARAMETER, asked, bare, "aws/service/")
    return Wanted(action=f"ssm:{asked.operation.name}", resource=resource, type=PARAMETER.type)


def _on_parameter(asked: Asked) -> Iterator[Wanted]:
    yield parameter(asked, required(asked, "Name"))


def _history(asked: Asked) -> Iterator[Wanted]:
    yield from _read(asked, parameter(asked, required(asked, "Name")))


def _selected(asked: Asked) -> Iterator[Wanted]:
    names = asked.members.get("Names") or [required(asked, "Name")]
    for name in dict.fromkeys(names):
        yield from _read(asked, parameter(asked, name, selected=True))


def _read(asked: Asked, found: Wanted) -> Iterator[Wanted]:
    """The parameter, and the secret for which it stands."""
    yield found
    secret = parameters.secret_in(found.resource)
    if secret is not None:
        yield secretsmanager.secret(asked, "GetSecretValue", secret)


def _deleted(asked: Asked) -> Iterator[Wanted]:
    for name in dict.fromkeys(asked.members.get("Names") or [required(asked, "Names")]):
        yield parameter(asked, name)


def _put(asked: Asked) -> Iterator[Wanted]:
    found = parameter(asked, required(asked, "Name"))
    yield found
    if asked.members.get("Tags"):
        yield Wanted(action="ssm:AddTagsToResource", resource=found.resource, type=found.type)
    key = given(asked, "KeyId")
    if key:  # a large parameter is encrypted by a key of its own, which that one makes
        action = "GenerateDataKey" if _is_advanced(asked) else "Encrypt"
        yield from kms.through(asked, "ssm", key, [action], {"PARAMETER_ARN": found.resource})


def _is_advanced(asked: Asked) -> bool:
    tier, value = asked.members.get("Tier"), str(asked.members.get("Value") or "")
    return tier == "Advanced" or (tier == "Intelligent-Tiering" and len(value.encode()) > _STANDARD)


def _by_path(asked: Asked) -> Iterator[Wanted]:
    path = required(asked, "Path")
    if path == "/":
        yield Wanted(
            action="ssm:GetParametersByPath", resource=kind_of_all(asked, PARAMETER), type=PARAMETER.type
        )
    elif not path.startswith("/"):
        refuse("The parameter doesn't meet the parameter name requirements. It must begin with a slash.")
    else:
        yield parameter(asked, path)


def _document(asked: Asked, name: str) -> Wanted:
    resource = _ours(DOCUMENT, asked, name, r"(?:AWS|Amazon)[A-Za-z0-9]*-")
    return Wanted(action=f"ssm:{asked.operation.name}", resource=resource, type=DOCUMENT.type)


def _on_document(asked: Asked) -> Iterator[Wanted]:
    yield _document(asked, required(asked, "Name"))


def _create_document(asked: Asked) -> Iterator[Wanted]:
    found = _document(asked, required(asked, "Name"))
    yield found
    if asked.members.get("Tags"):
        yield Wanted(action="ssm:AddTagsToResource", resource=found.resource, type=found.type)


def _both(kind: Kind, member: str) -> Asking:
    """A part of a maintenance window: both are asked."""

    def asking(asked: Asked) -> Iterator[Wanted]:
        action = f"ssm:{asked.operation.name}"
        window, part = required(asked, "WindowId"), required(asked, member)
        yield Wanted(action=action, resource=WINDOW.arn(asked, window), type=WINDOW.type)
        yield Wanted(action=action, resource=kind.arn(asked, part), type=kind.type)

    return asking


def _command(asked: Asked) -> Iterator[Wanted]:
    """A document is sent to instances by their IDs, or to all that have some tags."""
    members, action = asked.members, "ssm:SendCommand"
    yield _document(asked, required(asked, "DocumentName"))
    targets = members.get("Targets") or ()
    instances = list(members.get("InstanceIds") or ())
    for target in targets:
        instances += target.get("Values") or () if target.get("Key") == "InstanceIds" else ["*"]
    for name in dict.fromkeys(instances):
        if name == "*":
            yield Wanted(action=action, resource=kind_of_all(asked, INSTANCE), type=INSTANCE.type)
            continue
        kind = NODE if name.startswith("mi-") else INSTANCE
        yield Wanted(action=action, resource=kind.arn(asked, name), type=kind.type)
    bucket = members.get("OutputS3BucketName")
    if bucket:
        if not re.fullmatch("[a-z0-9.-]{3,63}", bucket):
            refuse(f"Invalid bucket name: {bucket}")
        yield Wanted(action=action, resource=f"arn:{asked.partition}:s3:::{bucket}", type="bucket")


def _on_tagged(asked: Asked) -> Iterator[Wanted]:
    kind = _TAGGED.get(required(asked, "ResourceType"))
    if kind is None:
        refuse("The resource type is not valid.")
    name = required(asked, "ResourceId")
    if kind is PARAMETER:
        yield parameter(asked, name)
    elif kind is DOCUMENT:
        yield _document(asked, name)
    else:
        resource = kind.called(asked, name)
        yield Wanted(action=f"ssm:{asked.operation.name}", resource=resource, type=kind.type)


def _keys(asked: Asked) -> Mapping[str, KeyValue]:
    members, operation = asked.members, asked.operation.name
    if operation == "PutParameter":
        return {
            "ssm:overwrite": word(bool(members.get("Overwrite"))),
            **strings(members, **{"ssm:policies": "Policies"}),
        }
    if operation == "GetParametersByPath":
        return {"ssm:recursive": word(bool(members.get("Recursive")))}
    if operation == "CreateDocument":
        return {"ssm:documenttype": str(members.get("DocumentType") or "Command")}
    return {}


# -- what stands behind -----------------------------------------------------------------------------


async def _document_type(lookups: Lookups, asked: Asked, wanted: Wanted) -> KeyValue | None:
    if wanted.type != DOCUMENT.type or asked.operation.name == "CreateDocument":
        return None
    name = wanted.resource.partition(":document/")[2]
    answer = await lookups.ask(at(asked, wanted.resource), "ssm", "DescribeDocument", Name=name)
    found: str | None = ((answer or {}).get("Document") or {}).get("DocumentType")
    return found


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    kind, _, name = arn.split(":", 5)[5].partition("/")
    known = next((each for each, found in _TAGGED.items() if found.before == f"{kind}/"), None)
    if known is None:
        return {}
    # A parameter's ARN does not say whether its name begins with a slash, as one of a path must.
    names = (f"/{name}", name) if kind == "parameter" else (name,)
    for each in names:
        members: dict[str, Any] = {"ResourceType": known, "ResourceId": each}
        answer = await lookups.ask(asked, "ssm", "ListTagsForResource", **members)
        if answer and answer.get("TagList"):
            return {tag["Key"]: tag["Value"] for tag in answer["TagList"]}
    return {}


RULES = Rules(
    prefix="ssm",
    special={
        **all_of(_ON_PARAMETERS, _on_parameter),
        **all_of(("GetParameter", "GetParameters"), _selected),
        **all_of(_ON_DOCUMENTS, _on_document),
        **all_of(_ON_WINDOWS, on("ssm", WINDOW, "WindowId")),
        **all_of(_ON_BASELINES, on("ssm", BASELINE, "BaselineId")),
        **all_of(("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"), _on_tagged),
        "CreateDocument": _create_document,
        "DeleteParameters": _deleted,
        "DeregisterTargetFromMaintenanceWindow": _both(WINDOW_TARGET, "WindowTargetId"),
        "DeregisterTaskFromMaintenanceWindow": _both(WINDOW_TASK, "WindowTaskId"),
        "GetParameterHistory": _history,
        "GetParametersByPath": _by_path,
        "PutParameter": _put,
        "SendCommand": _command,
    },
    keys=_keys,
    besides={
        **dict.fromkeys(("GetParameter", "GetParameterHistory", "GetParameters"), parameters.of_secret),
        "PutParameter": parameters.on_put,
    },
    answered=dict.fromkeys(
        ("GetParameter", "GetParameterHistory", "GetParameters", "GetParametersByPath"), parameters.of_answer
    ),
    found={"ssm:documenttype": _document_type, **kms.RULES.found},
    completions=kms.RULES.completions,
    tags={**{kind.type: _tags for kind in _TAGGED.values()}, **kms.RULES.tags},
    policies=kms.RULES.policies,
)
