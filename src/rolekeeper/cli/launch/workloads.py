"""Running a program as a workload that the server knows: an instance, a task, a pod, a machine.

Who runs it must be allowed to hand its role over: a secret of the workload is made meanwhile, or a token of
the pod's service account, which the program does not see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rolekeeper.cli.launch.forwarding import CONTAINERS, PODS, Container, Metadata
from rolekeeper.cli.launch.keeping import ServersClock
from rolekeeper.cli.launch.listener import Listener
from rolekeeper.cli.launch.opening import secret_of
from rolekeeper.cli.launch.programs import run_child
from rolekeeper.cli.launch.token_file import TokenFile
from rolekeeper.cli.running import Running
from rolekeeper.cli.workload.calls import WorkloadCalls
from rolekeeper.errors import ConfigurationError, UsageError
from rolekeeper.iam.secret import Secret

AUDIENCE, STS = "pods.eks.amazonaws.com", "sts.amazonaws.com"


def run_as_instance(
    program: list[str], environment: Mapping[str, str], server: Running, calls: WorkloadCalls, id: str
) -> int:
    """Run a program as on an instance: it finds the instance's metadata, and a session in them."""
    with secret_of(calls, "instance", id) as secret:
        metadata = Metadata(server, secret, ServersClock(server))
        listener = Listener(metadata)
        return run_child(program, {**environment, **metadata.variables(listener.endpoint)}, listener)


def run_as_task(
    program: list[str], environment: Mapping[str, str], server: Running, calls: WorkloadCalls, id: str
) -> int:
    """Run a program as the application of a task: it finds the task role's session."""
    with secret_of(calls, "task", id.rpartition("/")[2]) as secret:
        container = Container(server, CONTAINERS, lambda: secret, ServersClock(server))
        listener = Listener(container)
        told = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": listener.endpoint + container.path,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": container.token.reveal(),
        }
        return run_child(program, {**environment, **told}, listener)


def run_as_pod(
    program: list[str],
    environment: Mapping[str, str],
    server: Running,
    calls: WorkloadCalls,
    pod: str,
    cluster: str | None,
) -> int:
    """Run a program as a pod of a service account: it finds what the account's association gives."""
    token = _service_account(calls, pod, cluster, AUDIENCE)
    token()  # before anything is started
    with ExitStack() as held:
        folder = Path(held.enter_context(TemporaryDirectory(prefix="rolekeeper-")))
        container = Container(server, PODS, token, ServersClock(server))
        listener = Listener(container)
        file = folder / "eks-pod-identity-token"
        file.touch(mode=0o600)
        file.write_text(container.token.reveal())
        told = {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": listener.endpoint + container.path,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file),
        }
        return run_child(program, {**environment, **told}, listener)


def run_as_web_identity(
    program: list[str],
    environment: Mapping[str, str],
    server: Running,
    calls: WorkloadCalls,
    pod: str,
    cluster: str | None,
    role_arn: str,
) -> int:
    """Run a program as a pod whose SDK shows the service account's token to STS itself (IRSA)."""
    token = _service_account(calls, pod, cluster, STS)
    with TemporaryDirectory(prefix="rolekeeper-") as folder:
        file = TokenFile(Path(folder) / "token", token, ServersClock(server))
        told = {"AWS_ROLE_ARN": role_arn, "AWS_WEB_IDENTITY_TOKEN_FILE": str(file.path)}
        return run_child(program, {**environment, **told}, file)


def _only_cluster(calls: WorkloadCalls) -> str:
    """The cluster that is meant where none is named; ConfigurationError where there is not just one."""
    found = [str(each["ClusterName"]) for each in calls.every("ListClusters", "Clusters")]
    if len(found) != 1:
        raise ConfigurationError(
            f"there are several clusters, {', '.join(found)}: say which with --cluster"
            if found
            else "there is no cluster"
        )
    return found[0]


def _service_account(
    calls: WorkloadCalls, pod: str, cluster: str | None, audience: str
) -> Callable[[], Secret]:
    """Makes tokens of a service account for somebody; UsageError."""
    namespace, slash, account = pod.partition("/")
    if not (namespace and slash and account):
        raise UsageError(f"--pod is NAMESPACE/SERVICE-ACCOUNT, and not {pod!r}")
    name = cluster or _only_cluster(calls)

    def token() -> Secret:
        made = calls.call(
            "GetServiceAccountToken",
            ClusterName=name,
            Namespace=namespace,
            ServiceAccount=account,
            Audiences=[audience],
        )
        return Secret(str(made["Token"]))

    return token
