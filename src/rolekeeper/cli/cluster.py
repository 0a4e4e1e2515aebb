"""`rolekeeper cluster`: Kubernetes clusters whose issuer the server plays, and the tokens of their pods."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rolekeeper.cli.terminal import say, say_json
from rolekeeper.cli.workload.calls import asked
from rolekeeper.cli.workload.flags import AsJson, Data, Port, Region, Tag, tags
from rolekeeper.cli.workload.show import done, listed

if TYPE_CHECKING:
    from rolekeeper.cli.workload.calls import WorkloadCalls

ADD_EXAMPLE = "Example: rolekeeper cluster add prod"
LIST_EXAMPLE = "Example: rolekeeper cluster list --json"
TOKEN_EXAMPLE = "Example: rolekeeper cluster token shop/cart --out token"  # noqa: S105
REMOVE_EXAMPLE = "Example: rolekeeper cluster remove prod"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The cluster's name.", show_default=False)]
Who = Annotated[
    str,
    typer.Argument(metavar="NAMESPACE/ACCOUNT", help="The service account.", show_default=False),
]
Cluster = Annotated[
    str | None,
    typer.Option("--cluster", metavar="NAME", help="The cluster [the only one].", show_default=False),
]


def add(
    name: Name,
    tag: Tag = None,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Make a cluster, as far as identities go: an issuer of service account tokens."""
    answer = asked(port, data, region).call("RegisterCluster", ClusterName=name, Tags=tags(tag))
    issuer = answer["Cluster"]["Issuer"]
    done(answer, f"cluster {name} has the issuer {issuer}", as_json=as_json)


def list_(as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None) -> None:
    """Tell the clusters and their issuers."""
    found = asked(port, data, region).every("ListClusters", "Clusters")
    listed(found, lambda each: f"{each['ClusterName']}  {each['Issuer']}", as_json=as_json)


def token(
    who: Who,
    cluster: Cluster = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(metavar="AUDIENCE", help="Whom it is for; several times [pods.eks.amazonaws.com]."),
    ] = None,
    duration: Annotated[
        int, typer.Option(metavar="SECONDS", help="How long it lasts, from 600 to 86400.")
    ] = 86400,
    pod: Annotated[str | None, typer.Option(metavar="POD", help="The pod's name [a new one].")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="A file to write it to, as is.")] = None,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Give a token of a service account, as Kubernetes puts it into a pod's file.

    In a file it stands without an end of line, which SDKs would take for a part of it.
    """
    from rolekeeper.errors import UsageError

    namespace, slash, account = who.partition("/")
    if not slash or not namespace or not account:
        raise UsageError(f"a service account is NAMESPACE/ACCOUNT, and not {who!r}")
    calls = asked(port, data, region)
    answer = calls.call(
        "GetServiceAccountToken",
        ClusterName=cluster or _only(calls),
        Namespace=namespace,
        ServiceAccount=account,
        Audiences=audience,
        DurationSeconds=duration,
        PodName=pod,
    )
    if out is not None:
        _write(out, answer["Token"])
    elif as_json:
        say_json(answer)
    else:
        say(str(answer["Token"]))


def _write(path: Path, text: str) -> None:
    """A file for its owner only."""
    from rolekeeper.errors import ConfigurationError

    try:
        path.touch(mode=0o600)
        path.write_text(text)
    except OSError as error:
        raise ConfigurationError(f"the token cannot be written: {error}") from None


def remove(
    name: Name, as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None
) -> None:
    """Let a cluster go, with its associations: its tokens are worth nothing any more."""
    answer = asked(port, data, region).call("DeregisterCluster", ClusterName=name)
    done(answer, f"cluster {name} is gone", as_json=as_json)


def _only(calls: WorkloadCalls) -> str:
    """The cluster that is meant where none is named."""
    from rolekeeper.errors import UsageError

    names = [str(each["ClusterName"]) for each in calls.every("ListClusters", "Clusters")]
    if len(names) != 1:
        raise UsageError(f"say which cluster with --cluster: there are {len(names)} in the region")
    return names[0]
