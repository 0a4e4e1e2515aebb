"""A configuration of everything through Terraform's AWS provider: applied, unchanged, changed,
imported and destroyed.

What the configuration has is in `terraform/`; Terraform is a user who may only assume a role in each of two
accounts. Run with `make journeys`.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests import saml
from tests.certificates import Pair, openssh, public_pem
from tests.journeys.conftest import ROOT, Running, serving
from tests.journeys.terraforming import Terraform, needed
from tests.people import allow, policy, trusting

CONFIGURATION = ROOT / "tests/journeys/terraform"
HERE, PARTNER = "123456789012", "444455556666"
SEED = f"""
[[accounts]]
id = "{PARTNER}"
name = "partner"
root_access_key_id = "partner_root"
root_secret_access_key = "partner_secret"
"""
TERRAFORM = f"arn:aws:iam::{HERE}:user/terraform"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
UNUSED = policy(allow("sqs:SendMessage"))

pytestmark = needed


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A server with a second account, which the configuration uses in another region."""
    seed = tmp_path / "seed.toml"
    seed.write_text(SEED)
    with serving(tmp_path, "--seed", str(seed), iam_any_region="true") as running:
        yield running


@pytest.fixture
def terraform(server: Running, tmp_path: Path) -> Terraform:
    """Terraform with the configuration, as a user who may assume the role `deployer` and nothing else."""
    iam, partner = server.client("iam"), server.client("iam", "partner_root", "partner_secret")
    iam.create_user(UserName="terraform")
    may = allow("sts:AssumeRole", "sts:TagSession", on="arn:aws:iam::*:role/deployer")
    iam.put_user_policy(UserName="terraform", PolicyName="deploy", PolicyDocument=policy(may))
    external = trusting(TERRAFORM, Condition={"StringEquals": {"sts:ExternalId": "deploy"}})
    _deployer(iam, external, trusting(TERRAFORM, "sts:TagSession"))
    _deployer(partner, trusting(TERRAFORM))
    key = iam.create_access_key(UserName="terraform")["AccessKey"]
    folder = shutil.copytree(
        CONFIGURATION, tmp_path / "configuration", ignore=shutil.ignore_patterns("moved")
    )
    found = Terraform(
        folder,
        {
            **server.environment,
            "AWS_ENDPOINT_URL": server.endpoint,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        },
    )
    found.variables["files"] = str(_files(tmp_path / "files"))
    return found


@pytest.mark.requirement("SR-139")
def test_a_configuration_lives_its_whole_life(server: Running, terraform: Terraform) -> None:
    iam = server.client("iam")
    before = _everything(server)
    terraform.apply()
    assert not terraform.differs()
    _looked_up(terraform)
    _what_others_attach_is_taken_away(iam, terraform)
    _a_device_is_enabled_behind_its_back(iam, terraform)
    terraform.variables["later"] = "true"
    terraform.apply()
    assert not terraform.differs()
    _everything_is_taken_over_by_its_id(terraform)
    terraform.run("destroy", "-auto-approve")
    assert _everything(server) == before


def _looked_up(terraform: Terraform) -> None:
    found = terraform.output("found")
    assert found["caller"] == f"arn:aws:sts::{HERE}:assumed-role/deployer/terraform"
    assert found["partner"] == f"arn:aws:sts::{PARTNER}:assumed-role/deployer/terraform"
    assert (found["issuer"], found["session"]) == ("deployer", "terraform")
    assert (found["role"], found["roles"], found["profiles"]) == ("/service/", ["ec2", "lambda"], ["ec2"])
    assert (found["users"], found["group"], found["keys"]) == (["ann"], ["ann", "bob"], ["Active"])
    assert found["clients"] == ["app", "sts.amazonaws.com"]
    assert found["simulation"] == {"s3:GetObject": "allowed", "s3:DeleteObject": "implicitDeny"}


def _what_others_attach_is_taken_away(iam: Any, terraform: Terraform) -> None:
    """The resources that are exclusive see what they do not have, and put it right."""
    iam.attach_role_policy(RoleName="tasks", PolicyArn=ADMINISTRATOR)
    iam.put_role_policy(RoleName="ec2", PolicyName="other", PolicyDocument=UNUSED)
    iam.attach_user_policy(UserName="ann", PolicyArn=ADMINISTRATOR)
    iam.put_user_policy(UserName="ann", PolicyName="other", PolicyDocument=UNUSED)
    iam.attach_group_policy(GroupName="developers", PolicyArn=ADMINISTRATOR)
    iam.put_group_policy(GroupName="developers", PolicyName="other", PolicyDocument=UNUSED)
    assert terraform.differs()
    terraform.apply()
    assert not terraform.differs()
    assert iam.list_entities_for_policy(PolicyArn=ADMINISTRATOR)["PolicyUsers"] == []
    assert iam.list_role_policies(RoleName="ec2")["PolicyNames"] == ["read"]


def _a_device_is_enabled_behind_its_back(iam: Any, terraform: Terraform) -> None:
    """The seed that Terraform has kept gives the codes; destroying first takes the device off the user."""
    device = terraform.resource("aws_iam_virtual_mfa_device.bob")
    codes = pyotp.TOTP(device["base_32_string_seed"])
    now = int(time.time())
    iam.enable_mfa_device(
        UserName="bob",
        SerialNumber=device["arn"],
        AuthenticationCode1=codes.at(now - 30),
        AuthenticationCode2=codes.at(now),
    )
    assert not terraform.differs()


def _everything_is_taken_over_by_its_id(terraform: Terraform) -> None:
    moved = CONFIGURATION / "moved/imports.tf"
    addresses = re.findall(r"^  to = (\S+)$", moved.read_text(), re.MULTILINE)
    terraform.run("state", "rm", *addresses)
    assert terraform.differs()
    terraform.run("import", "aws_iam_role.ci", "ci")
    shutil.copy(moved, terraform.folder)
    done = terraform.apply()
    expected = f"{len(addresses) - 1} imported, 0 added, 0 changed, 0 destroyed"
    assert f"Apply complete! Resources: {expected}." in done
    assert not terraform.differs()


def _everything(server: Running) -> list[dict[str, Any]]:
    """What the two accounts have: the counts of everything, and the names of what has one."""
    accounts = server.client("iam"), server.client("iam", "partner_root", "partner_secret")
    return [_names(iam) | {"summary": iam.get_account_summary()["SummaryMap"]} for iam in accounts]


def _names(iam: Any) -> dict[str, Any]:
    return {
        "users": [user["UserName"] for user in iam.list_users()["Users"]],
        "groups": [group["GroupName"] for group in iam.list_groups()["Groups"]],
        "roles": [role["RoleName"] for role in iam.list_roles()["Roles"]],
        "policies": [made["PolicyName"] for made in iam.list_policies(Scope="Local")["Policies"]],
        "profiles": iam.list_instance_profiles()["InstanceProfiles"],
        "devices": iam.list_virtual_mfa_devices()["VirtualMFADevices"],
        "certificates": iam.list_server_certificates()["ServerCertificateMetadataList"],
        "oidc": iam.list_open_id_connect_providers()["OpenIDConnectProviderList"],
        "saml": iam.list_saml_providers()["SAMLProviderList"],
        "aliases": iam.list_account_aliases()["AccountAliases"],
        "password policy": _has_password_policy(iam),
    }


def _has_password_policy(iam: Any) -> bool:
    try:
        iam.get_account_password_policy()
    except iam.exceptions.NoSuchEntityException:
        return False
    return True


def _deployer(iam: Any, *trust: Any) -> None:
    iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=policy(*trust))
    iam.attach_role_policy(RoleName="deployer", PolicyArn=ADMINISTRATOR)


def _files(folder: Path) -> Path:
    """The files that the configuration uploads."""
    authority, bob = Pair("authority"), Pair("bob")
    site = Pair("site.example.com", authority)
    texts = {
        "authority.pem": authority.pem,
        "site.pem": site.pem,
        "site.key": site.private(),
        "bob.pem": bob.pem,
        "bob.pub": f"{openssh()} bob@example.com\n",
        "ann.pub": public_pem(),
        "first.xml": saml.metadata(),
        "second.xml": saml.metadata(issuer="https://second.example/saml"),
    }
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder
