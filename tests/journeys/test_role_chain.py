"""A chain of roles over two accounts with the AWS command line, as a data warehouse unloads into another.

A user of A becomes a role of A and, as that, a role of C, which reads what is C's: with MFA, external IDs,
tags and a source identity. Each hop is refused without what it asks for, and the events of the trail tie the
hops together.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyotp
import pytest

from tests.journeys.conftest import Running, bare_environment, up

A, C = "123456789012", "222222222222"
WAREHOUSE, UNLOAD = f"arn:aws:iam::{A}:role/warehouse", f"arn:aws:iam::{C}:role/unload"
EVERYTHING = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
SEED = f"""
[[accounts]]
id = "{C}"
name = "lake"
root_access_key_id = "lake_root"
root_secret_access_key = "lake_secret"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Somebody's machine: an AWS configuration, and the code of a phone."""

    environment: Mapping[str, str]
    config: Path
    serial: str
    codes: Iterator[str]

    def aws(self, *arguments: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the AWS command line, without a terminal: it reads the code that it asks for from its input."""
        return subprocess.run(
            ["aws", *arguments, "--output", "json"],
            env=self.environment,
            input="" if code is None else f"{code}\n",
            capture_output=True,
            text=True,
            start_new_session=True,
            timeout=120,
        )

    def told(self, *arguments: str, code: str | None = None) -> Any:
        """What it answers."""
        run = self.aws(*arguments, code=code)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    def refused(self, text: str, *arguments: str, code: str | None = None) -> None:
        """It is refused, for this reason."""
        run = self.aws(*arguments, code=code)
        assert run.returncode != 0, run.stdout
        assert text in run.stderr

    def profile(self, name: str, **settings: str) -> None:
        """Write a profile anew."""
        lines = [f"{key} = {value}" for key, value in settings.items()]
        with self.config.open("a") as file:
            file.write("\n".join([f"[profile {name}]", "region = us-east-1", *lines, ""]))


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Running]:
    """A server with the two accounts."""
    (tmp_path / "seed.toml").write_text(SEED)
    with up(bare_environment(tmp_path), "--ephemeral", "--seed", str(tmp_path / "seed.toml")) as running:
        yield running


@pytest.fixture
def shell(both: Running, tmp_path: Path) -> Shell:
    """ana's machine; her user, her phone and the two roles are there."""
    ours = _iam(both, both.access_key_id, both.secret_access_key)
    lake = _iam(both, "lake_root", "lake_secret")
    ours.create_user(UserName="ana")
    key = ours.create_access_key(UserName="ana")["AccessKey"]
    ours.put_user_policy(
        UserName="ana", PolicyName="own", PolicyDocument=_policy(_allow("sts:*", on=WAREHOUSE))
    )
    phone = ours.create_virtual_mfa_device(VirtualMFADeviceName="ana")["VirtualMFADevice"]
    seed = pyotp.TOTP(phone["Base32StringSeed"].decode())
    codes = _codes(both, seed)
    pair = {"AuthenticationCode1": next(codes), "AuthenticationCode2": next(codes)}
    ours.enable_mfa_device(UserName="ana", SerialNumber=phone["SerialNumber"], **pair)
    asked = {"StringEquals": {"sts:ExternalId": "unload-7"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    ours.create_role(
        RoleName="warehouse", AssumeRolePolicyDocument=_trusting(f"arn:aws:iam::{A}:user/ana", asked)
    )
    ours.put_role_policy(
        RoleName="warehouse", PolicyName="own", PolicyDocument=_policy(_allow(EVERYTHING, on=UNLOAD))
    )
    guard = {"StringEquals": {"sts:ExternalId": "target-9"}}
    lake.create_role(RoleName="unload", AssumeRolePolicyDocument=_trusting(WAREHOUSE, guard))
    project = {"StringEquals": {"aws:PrincipalTag/Project": "unload", "aws:SourceIdentity": "ana"}}
    may = [_allow("iam:GetRole", Condition=project), _allow("iam:ListRoleTags")]
    lake.put_role_policy(RoleName="unload", PolicyName="own", PolicyDocument=_policy(*may))
    config = tmp_path / "config"
    config.write_text("")
    environment = {**both.environment, "AWS_CONFIG_FILE": str(config), "AWS_ENDPOINT_URL": both.endpoint}
    found = Shell(environment=environment, config=config, serial=phone["SerialNumber"], codes=codes)
    found.profile("ana", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    return found


@pytest.mark.requirement("SR-022", "SR-041", "SR-135")
def test_profiles_that_lead_from_role_to_role(shell: Shell) -> None:
    mfa = {"external_id": "unload-7", "mfa_serial": shell.serial, "role_session_name": "night"}
    shell.profile("warehouse", source_profile="ana", role_arn=WAREHOUSE, **mfa)
    shell.profile("lost", source_profile="ana", role_arn=WAREHOUSE, mfa_serial=shell.serial)
    shell.profile("plain", source_profile="ana", role_arn=WAREHOUSE, external_id="unload-7")
    target = {"source_profile": "warehouse", "role_arn": UNLOAD, "role_session_name": "night"}
    shell.profile("unload", **target, external_id="target-9")
    shell.profile("wrong", **target, external_id="unload-7")
    whoami = ("sts", "get-caller-identity", "--profile")
    no = "not authorized to perform: sts:AssumeRole on resource: "
    shell.refused(no + WAREHOUSE, *whoami, "lost", code=next(shell.codes))
    shell.refused(no + WAREHOUSE, *whoami, "plain")
    shell.refused("MultiFactorAuthentication failed", *whoami, "warehouse", code="000000")
    here = shell.told(*whoami, "warehouse", code=next(shell.codes))
    assert here["Arn"] == f"arn:aws:sts::{A}:assumed-role/warehouse/night"
    # The command line keeps the session of the first hop: from here on it asks for no code.
    shell.refused(no + UNLOAD, *whoami, "wrong", code=next(shell.codes))
    there = shell.told(*whoami, "unload", code=next(shell.codes))
    assert there["Arn"] == f"arn:aws:sts::{C}:assumed-role/unload/night"
    tags = ("iam", "list-role-tags", "--role-name", "unload")
    assert shell.told(*tags, "--profile", "unload", code=next(shell.codes))["Tags"] == []
    # Profiles know neither tags nor a source identity, which C's role asks for there.
    get = ("iam", "get-role", "--role-name", "unload", "--profile")
    no_policy = "because no identity-based policy allows the iam:GetRole action"
    shell.refused(no_policy, *get, "unload", code=next(shell.codes))


@pytest.mark.requirement("SR-022", "SR-025", "SR-041", "SR-131", "SR-135")
def test_tags_and_a_source_identity_go_along_and_the_trail_ties_the_hops(shell: Shell, both: Running) -> None:
    become = (
        "sts",
        "assume-role",
        "--role-arn",
        WAREHOUSE,
        "--role-session-name",
        "night",
        "--profile",
        "ana",
    )
    asked = ("--external-id", "unload-7", "--serial-number", shell.serial, "--token-code")
    carried = ("--source-identity", "ana", "--tags", "Key=Project,Value=unload", "Key=Shift,Value=3")
    handed = ("--transitive-tag-keys", "Project")
    first = shell.told(*become, *asked, next(shell.codes), *carried, *handed)
    assert first["SourceIdentity"] == "ana"
    assert 1 <= first["PackedPolicySize"] <= 100
    shell.profile("hop", **_keys(first))
    on = {"source_profile": "hop", "role_arn": UNLOAD, "role_session_name": "night"}
    shell.profile("unload", **on, external_id="target-9")
    get = ("iam", "get-role", "--role-name", "unload", "--profile")
    assert shell.told(*get, "unload")["Role"]["Arn"] == UNLOAD
    next_hop = (
        "sts",
        "assume-role",
        "--role-arn",
        UNLOAD,
        "--role-session-name",
        "night",
        "--profile",
        "hop",
    )
    guard = ("--external-id", "target-9")
    shell.refused("conflicts with a transitive tag", *next_hop, *guard, "--tags", "Key=PROJECT,Value=x")
    shell.refused("already set", *next_hop, *guard, "--source-identity", "eve")
    shell.refused("1 hour session limit", *next_hop, *guard, "--duration-seconds", "3601")
    untagged = shell.told(*become, *asked, next(shell.codes), *carried)
    shell.profile("bare", **_keys(untagged))
    shell.profile(
        "bare-unload", **on | {"source_profile": "bare", "role_session_name": "bare"}, external_id="target-9"
    )
    shell.refused("no identity-based policy allows the iam:GetRole action", *get, "bare-unload")
    _check_the_trail(_events(both), first["Credentials"]["AccessKeyId"])


def _check_the_trail(events: list[dict[str, Any]], first: str) -> None:
    """From the action on C's resource back to ana, by what each event says of the one before."""
    read = next(one for one in events if one["eventName"] == "GetRole" and "errorCode" not in one)
    session = read["userIdentity"]
    assert (session["type"], session["accountId"]) == ("AssumedRole", C)
    assert session["sessionContext"]["sessionIssuer"]["arn"] == UNLOAD
    assert session["sessionContext"]["sourceIdentity"] == "ana"
    mine, known = (one for one in events if _gives(one, session["accessKeyId"]))
    assert mine["sharedEventID"] == known["sharedEventID"]
    assert {mine["recipientAccountId"], known["recipientAccountId"]} == {A, C}
    assert known["userIdentity"]["type"] == "AWSAccount"
    assert known["userIdentity"]["accountId"] == A
    hop = mine["userIdentity"]
    assert hop["accessKeyId"] == first
    assert hop["sessionContext"]["sessionIssuer"]["arn"] == WAREHOUSE
    assert hop["sessionContext"]["sourceIdentity"] == "ana"
    assert hop["sessionContext"]["attributes"]["mfaAuthenticated"] == "true"
    assert mine["requestParameters"]["incomingTransitiveTags"] == {"Project": "unload"}
    (begun,) = (one for one in events if _gives(one, first))
    assert (begun["userIdentity"]["type"], begun["userIdentity"]["userName"]) == ("IAMUser", "ana")
    assert begun["requestParameters"]["sourceIdentity"] == "ana"


def _gives(event: dict[str, Any], access_key_id: str) -> bool:
    """Whether an event is the one that gave credentials."""
    credentials = (event.get("responseElements") or {}).get("credentials") or {}
    return bool(credentials.get("accessKeyId") == access_key_id)


def _events(server: Running) -> list[dict[str, Any]]:
    run = subprocess.run(
        ["rolekeeper", "audit", "tail", "-n", "1000", "--json"],
        env=server.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def _keys(answer: dict[str, Any]) -> dict[str, str]:
    given = answer["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def _codes(server: Running, phone: pyotp.TOTP) -> Iterator[str]:
    """The phone's codes, one after the other; the server's clock goes along."""
    ahead = 0
    while True:
        yield phone.at(int(time.time()) + ahead)
        ahead += 30
        order = json.dumps({"advance_seconds": 30}).encode()
        urllib.request.urlopen(f"{server.endpoint}/_rolekeeper/clock", data=order).close()


def _iam(server: Running, access_key_id: str, secret: str) -> Any:
    return boto3.client(
        "iam",
        region_name="us-east-1",
        endpoint_url=server.endpoint,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret,
    )


def _allow(actions: str | list[str], on: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": on, **more}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _trusting(principal: str, condition: dict[str, Any]) -> str:
    who = {"AWS": principal}
    tagging = {"Effect": "Allow", "Principal": who, "Action": EVERYTHING[1:]}
    becoming = {"Effect": "Allow", "Principal": who, "Action": EVERYTHING[0], "Condition": condition}
    return _policy(becoming, tagging)
