"""`rolekeeper workload instance`: EC2 instances and their instance profiles."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, Any

import typer

from rolekeeper.cli.terminal import NO, complain
from rolekeeper.cli.workload.calls import WorkloadCalls, asked
from rolekeeper.cli.workload.flags import AsJson, Data, Port, Region, Tag, tags
from rolekeeper.cli.workload.show import done, listed
from rolekeeper.cli.workload.show import registered as say_registered
from rolekeeper.errors import UsageError

REGISTER_EXAMPLE = "Example: rolekeeper workload instance register --profile web --tag team=blue"
LIST_EXAMPLE = "Example: rolekeeper workload instance list --json"
DEREGISTER_EXAMPLE = "Example: rolekeeper workload instance deregister i-0123456789abcdef0"
ASSOCIATE_EXAMPLE = "Example: rolekeeper workload instance associate i-0123456789abcdef0 --profile web"
REPLACE_EXAMPLE = "Example: rolekeeper workload instance replace i-0123456789abcdef0 --profile batch"
DISASSOCIATE_EXAMPLE = "Example: rolekeeper workload instance disassociate i-0123456789abcdef0"

Id = Annotated[str, typer.Argument(metavar="ID", help="The instance's ID.", show_default=False)]
Profile = Annotated[
    str, typer.Option("--profile", metavar="NAME", help="The instance profile: its name, or its ARN.")
]


def register(
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="An instance profile: its name, or its ARN."),
    ] = None,
    instance_type: Annotated[str | None, typer.Option("--type", help="[t3.micro]")] = None,
    image: Annotated[str | None, typer.Option("--image", metavar="ID", help="The image's ID.")] = None,
    address: Annotated[
        str | None, typer.Option("--address", metavar="IP", help="Its private address [some].")
    ] = None,
    tokens: Annotated[
        str | None, typer.Option("--http-tokens", help="required or optional: version 1 of the metadata.")
    ] = None,
    hop_limit: Annotated[int | None, typer.Option("--hop-limit", help="1 to 64.")] = None,
    user_data: Annotated[
        Path | None,
        typer.Option("--user-data", metavar="FILE", help="What the instance finds as its user data."),
    ] = None,
    tag: Tag = None,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Say that an EC2 instance runs, with an instance profile or without."""
    options = {"HttpTokens": tokens, "HttpPutResponseHopLimit": hop_limit}
    answer = asked(port, data, region).call(
        "RegisterInstance",
        IamInstanceProfile=_specification(profile),
        InstanceType=instance_type,
        ImageId=image,
        PrivateIpAddress=address,
        MetadataOptions={name: value for name, value in options.items() if value is not None} or None,
        Tags=tags(tag),
        UserData=_content(user_data),
    )
    say_registered(answer, f"instance {answer['Instance']['InstanceId']}", as_json=as_json)


def list_(as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None) -> None:
    """Tell the instances."""
    found = asked(port, data, region).every("ListInstances", "Instances")
    listed(found, _line, as_json=as_json)


def deregister(
    id: Id, as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None
) -> None:
    """Say that an instance is terminated: its secrets open nothing any more."""
    answer = asked(port, data, region).call("DeregisterInstance", InstanceId=id)
    done(answer, f"instance {id} is gone", as_json=as_json)


def associate(
    id: Id,
    profile: Profile,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Give an instance that has none an instance profile. Exit status 1 where it has one."""
    answer = asked(port, data, region).call(
        "AssociateInstanceProfile", InstanceId=id, IamInstanceProfile=_specification(profile)
    )
    done(answer, f"instance {id} has the instance profile {profile}", as_json=as_json)


def replace(
    id: Id,
    profile: Profile,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Give an instance another instance profile in the place of its own."""
    calls = asked(port, data, region)
    answer = calls.call(
        "ReplaceInstanceProfileAssociation",
        AssociationId=_association(calls, id),
        IamInstanceProfile=_specification(profile),
    )
    done(answer, f"instance {id} has the instance profile {profile}", as_json=as_json)


def disassociate(
    id: Id, as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None
) -> None:
    """Take the instance profile from an instance."""
    calls = asked(port, data, region)
    answer = calls.call("DisassociateInstanceProfile", AssociationId=_association(calls, id))
    done(answer, f"instance {id} has no instance profile", as_json=as_json)


def _specification(profile: str | None) -> dict[str, str] | None:
    if profile is None:
        return None
    return {"Arn": profile} if profile.startswith("arn:") else {"Name": profile}


def _association(calls: WorkloadCalls, id: str) -> str:
    """The association of an instance; exit status 1 where it has none."""
    found = calls.call("ListInstanceProfileAssociations", InstanceIds=[id])
    for each in found["IamInstanceProfileAssociations"]:
        return str(each["AssociationId"])
    complain(f"instance {id} has no instance profile")
    raise typer.Exit(NO)


def _line(found: dict[str, Any]) -> str:
    profile = found.get("IamInstanceProfile", {}).get("Arn", "no instance profile")
    return f"{found['InstanceId']}  {found['PrivateIpAddress']}  {profile}"


def _content(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return base64.b64encode(file.read_bytes()).decode()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
