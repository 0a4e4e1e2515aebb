"""Every way in which a program comes by its role's credentials, set up on a real server."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.anywhere import Machine, authority
from tests.journeys.conftest import BIN, Running
from tests.journeys.instances import workloads
from tests.people import allow, policy, trusting

ROLE = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a client gets there: its environment, what stands before it, and the provider of the SDK for
    JavaScript with what that is told."""

    environment: Mapping[str, str]
    provider: str
    told: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    renew: Callable[[], object] = lambda: None
    """What the platform does now and then, such as writing a new token."""


class Site:
    """A server with a role, and a folder for files."""

    def __init__(self, server: Running, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.iam = server.client("iam")
        self.role = ""

    def trusted(self, principal: Any, action: str | list[str] = "sts:AssumeRole", **more: Any) -> str:
        """Make the role; its ARN."""
        document = policy(trusting(principal, action, **more))
        self.role = self.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        return self.role

    def take_away(self) -> None:
        """Delete the role."""
        for profile in self.iam.list_instance_profiles_for_role(RoleName=ROLE)["InstanceProfiles"]:
            self.iam.remove_role_from_instance_profile(
                InstanceProfileName=profile["InstanceProfileName"], RoleName=ROLE
            )
        self.iam.delete_role(RoleName=ROLE)

    def bare(self, **more: str) -> dict[str, str]:
        """An environment with the server in AWS's place, and without credentials."""
        place = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
        return {**self.server.environment, **place, "AWS_ENDPOINT_URL": self.server.endpoint, **more}

    def operator(self) -> dict[str, str]:
        """The environment of who runs the server."""
        keys = self.server.access_key_id, self.server.secret_access_key
        return self.bare(AWS_ACCESS_KEY_ID=keys[0], AWS_SECRET_ACCESS_KEY=keys[1])

    def bob(self) -> dict[str, str]:
        """The environment of a user who may assume the role."""
        self.iam.create_user(UserName="bob")
        document = policy(allow("sts:AssumeRole"))
        self.iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=document)
        key = self.iam.create_access_key(UserName="bob")["AccessKey"]
        return self.bare(AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"])

    def profile(self, **lines: str) -> dict[str, str]:
        """The environment of somebody with a profile in the AWS files."""
        file = self.folder / "config"
        file.write_text("[profile own]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items()))
        return self.bare(AWS_CONFIG_FILE=str(file), AWS_PROFILE="own")

    def rolekeeper(self, *words: str) -> str:
        """What a command of the operator's prints."""
        command = [str(BIN / "rolekeeper"), *words]
        done = subprocess.run(command, env=self.operator(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def instance(self) -> str:
        """An instance with the role; its secret."""
        self.trusted({"Service": "ec2.amazonaws.com"})
        self.iam.create_instance_profile(InstanceProfileName=ROLE)
        self.iam.add_role_to_instance_profile(InstanceProfileName=ROLE, RoleName=ROLE)
        made = workloads(self.server).register_instance(IamInstanceProfile={"Name": ROLE})
        return str(made["Instance"]["InstanceId"]) + " " + str(made["Secret"])

    def task(self) -> Mapping[str, Any]:
        """A task with the role, as it was answered."""
        arn = self.trusted({"Service": "ecs-tasks.amazonaws.com"})
        made: Mapping[str, Any] = workloads(self.server).register_task(Family="web", TaskRoleArn=arn)
        return made

    def association(self) -> None:
        """A cluster with an association of the role."""
        arn = self.trusted({"Service": "pods.eks.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"])
        self.rolekeeper("cluster", "add", "prod")
        self.server.client("eks").create_pod_identity_association(
            clusterName="prod", namespace="shop", serviceAccount="cart", roleArn=arn
        )


def instance_metadata(site: Site) -> Way:
    """On an instance. The SDK for JavaScript drops the path of the endpoint, so it is not asked here."""
    secret = site.instance().split()[1]
    environment = site.bare(
        AWS_EC2_METADATA_SERVICE_ENDPOINT=f"{site.server.endpoint}/_rolekeeper/imds/{secret}"
    )
    del environment["AWS_EC2_METADATA_DISABLED"]
    return Way(environment=environment, provider="")


def container(site: Site) -> Way:
    """In a container."""
    variables = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{site.server.endpoint}/_rolekeeper/containers/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": str(site.task()["Secret"]),
    }
    return Way(environment=site.bare(**variables), provider="fromContainerMetadata")


def pod(site: Site) -> Way:
    """In a pod with EKS Pod Identity."""
    site.association()
    file = str(site.folder / "token")

    def renew() -> None:
        site.rolekeeper("cluster", "token", "shop/cart", "--out", file)

    renew()
    variables = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{site.server.endpoint}/_rolekeeper/pods/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file,
    }
    return Way(environment=site.bare(**variables), provider="fromHttp", renew=renew)


def web_identity(site: Site) -> Way:
    """In a pod with a web identity."""
    site.rolekeeper("cluster", "add", "prod")
    issuer = json.loads(site.rolekeeper("cluster", "list", "--json"))["Issuer"]
    provider = site.iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    named = {"Federated": provider["OpenIDConnectProviderArn"]}
    arn = site.trusted(named, "sts:AssumeRoleWithWebIdentity")
    file = str(site.folder / "token")

    def renew() -> None:
        site.rolekeeper("cluster", "token", "shop/cart", "--audience", "sts.amazonaws.com", "--out", file)

    renew()
    variables = {"AWS_ROLE_ARN": arn, "AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_SESSION_NAME": "cart"}
    return Way(environment=site.bare(**variables), provider="fromTokenFile", renew=renew)


def assumed(site: Site) -> Way:
    """By a profile that assumes the role with the keys of another."""
    keys = site.bob()
    arn = site.trusted({"AWS": "123456789012"})
    environment = site.profile(role_arn=arn, source_profile="bob")
    names = {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY"}
    lines = "".join(f"{name} = {keys[variable]}\n" for name, variable in names.items())
    with (site.folder / "config").open("a") as file:
        file.write(f"[profile bob]\n{lines}")
    own = {"accessKeyId": keys["AWS_ACCESS_KEY_ID"], "secretAccessKey": keys["AWS_SECRET_ACCESS_KEY"]}
    told = {"params": {"RoleArn": arn, "RoleSessionName": "own"}, "masterCredentials": own}

    def renew() -> (
        None
    ):  # the AWS command line keeps such sessions by this machine's clock, which has not moved
        shutil.rmtree(Path(environment["HOME"]) / ".aws/cli/cache", ignore_errors=True)

    return Way(environment=environment, provider="fromTemporaryCredentials", told=told, renew=renew)


def credential_process(site: Site) -> Way:
    """By a command that prints credentials."""
    keys = site.bob()
    arn = site.trusted({"AWS": "123456789012"})
    command = f"{BIN / 'rolekeeper'} creds process --role {arn}"
    file = site.folder / "keys"
    file.write_text("".join(f"export {name}={keys[name]}\n" for name in keys if "_KEY" in name))
    profile = site.profile(credential_process=f"bash -c '. {file}; unset AWS_PROFILE; {command}'")
    return Way(environment=profile, provider="fromProcess")


def certificate(site: Site) -> Way:
    """By a certificate of the machine."""
    arn = site.trusted(
        {"Service": "rolesanywhere.amazonaws.com"},
        ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    )
    root = authority()
    machine = Machine("web-1", root)
    files = {"certificate": machine.pem, "private-key": machine.private}
    for name, text in files.items():
        (site.folder / name).write_text(text)
    client = site.server.client("rolesanywhere")
    source = {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": root.pem}}
    anchor = client.create_trust_anchor(name="own", enabled=True, source=source)["trustAnchor"]
    profile = client.create_profile(name="own", enabled=True, roleArns=[arn])["profile"]
    command = [str(BIN / "rolekeeper"), "creds", "x509", "--role-arn", arn]
    command += ["--trust-anchor-arn", anchor["trustAnchorArn"], "--profile-arn", profile["profileArn"]]
    for name in files:
        command += [f"--{name}", str(site.folder / name)]
    return Way(environment=site.profile(credential_process=" ".join(command)), provider="fromProcess")


def run_as_role(site: Site) -> Way:
    """Under `rolekeeper run --role`."""
    keys = site.bob()
    site.trusted({"AWS": "123456789012"})
    return Way(environment=keys, provider="fromContainerMetadata", before=_run("--role", ROLE))


def run_on_instance(site: Site) -> Way:
    """Under `rolekeeper run --instance`."""
    before = _run("--instance", site.instance().split()[0])
    return Way(environment=site.operator(), provider="fromInstanceMetadata", before=before)


def run_in_task(site: Site) -> Way:
    """Under `rolekeeper run --task`."""
    before = _run("--task", str(site.task()["Task"]["TaskId"]))
    return Way(environment=site.operator(), provider="fromContainerMetadata", before=before)


def run_in_pod(site: Site) -> Way:
    """Under `rolekeeper run --pod`."""
    site.association()
    return Way(environment=site.operator(), provider="fromHttp", before=_run("--pod", "shop/cart"))


def _run(*flags: str) -> tuple[str, ...]:
    return (str(BIN / "rolekeeper"), "run", *flags, "--")


@cache
def can_run(flag: str) -> bool:
    """Whether `rolekeeper run` has that flag."""
    shown = subprocess.run(
        [str(BIN / "rolekeeper"), "run", "--help"], capture_output=True, text=True, timeout=60
    )
    return flag in shown.stdout
