"""`rolekeeper creds x509`: machines with certificates, and boto3 with it as its credential_process."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from cryptography import x509

from tests.anywhere import Machine, authority, rsa_key
from tests.cli.conftest import Home
from tests.cli.places import Place

ROOT = authority("root")
MIDDLE = authority("middle", ROOT)
WEB = Machine("web", MIDDLE)
SERVICE = {"Service": "rolesanywhere.amazonaws.com"}
WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"

requirement = pytest.mark.requirement


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with Home(tmp_path_factory.mktemp("home")).up("--ephemeral") as server:
        yield Place(Home(tmp_path_factory.mktemp("away")), server.ready)


@pytest.fixture(scope="module")
def anywhere(place):
    return boto3.client(
        "rolesanywhere",
        endpoint_url=place.endpoint,
        region_name="us-east-1",
        aws_access_key_id=place.root["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=place.root["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture(scope="module")
def site(place, anywhere):
    """The flags that name a trust anchor, a profile and a role."""
    role = place.role("web", SERVICE)
    source = {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": ROOT.pem}}
    anchor = anywhere.create_trust_anchor(name="ca", source=source, enabled=True)["trustAnchor"]
    profile = anywhere.create_profile(name="web", roleArns=[role], enabled=True)["profile"]
    return {
        "--trust-anchor-arn": anchor["trustAnchorArn"],
        "--profile-arn": profile["profileArn"],
        "--role-arn": role,
        "--endpoint": place.endpoint,
    }


@pytest.fixture
def files(tmp_path):
    """Writes a machine's files, and gives the flags that name them."""

    def write(machine, *chain):
        paths = {"certificate": machine.pem, "private-key": machine.private}
        if chain:
            paths["intermediates"] = "".join(each.pem for each in chain)
        for name, text in paths.items():
            (tmp_path / name).write_text(text)
        return {f"--{name}": str(tmp_path / name) for name in paths}

    return write


def asked(place, site, files, *more, **variables):
    flags = [part for pair in (site | files).items() for part in pair]
    return place.rolekeeper("creds", "x509", *flags, *more, **variables)


@requirement("SR-011")
@pytest.mark.parametrize("key", [None, rsa_key()], ids=["ecdsa", "rsa"])
def test_sr_011_a_machine_outside_gets_a_roles_credentials(place, site, files, key):
    done = asked(place, site, files(Machine("web", MIDDLE, key=key), MIDDLE))
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["Version"] == 1
    ends = datetime.strptime(found["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert ends > datetime.now(UTC) + timedelta(minutes=50)
    sts = boto3.client(
        "sts",
        endpoint_url=place.endpoint,
        region_name="us-east-1",
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )
    assert ":assumed-role/web/" in sts.get_caller_identity()["Arn"]


def test_the_chain_may_follow_in_the_certificates_own_file(place, site, files):
    flags = files(WEB)
    with Path(flags["--certificate"]).open("a") as file:
        file.write(MIDDLE.pem)
    assert asked(place, site, flags, "--session-duration", "900").returncode == 0


@requirement("SR-133")
def test_sr_133_boto3_renews_them_by_the_command(place, anywhere, site, files, tmp_path):
    parts = [part for pair in (site | files(WEB, MIDDLE)).items() for part in pair]
    program = place.home.environment["PATH"].split(":")[0] + "/rolekeeper"
    config = tmp_path / "config"
    config.write_text(
        f"[profile web]\nregion = us-east-1\ncredential_process = {program} creds x509 {' '.join(parts)}\n"
    )
    script = """
import boto3
session = boto3.Session()
keys = session.get_credentials()
first = keys.access_key
assert ":assumed-role/web/" in session.client("sts").get_caller_identity()["Arn"]
from datetime import timedelta
keys._expiry_time -= timedelta(hours=1)  # as if they were about to end
assert keys.access_key != first
print(session.client("sts").get_caller_identity()["Arn"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=place.environment(
            AWS_CONFIG_FILE=str(config), AWS_PROFILE="web", AWS_ENDPOINT_URL=place.endpoint
        ),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert ":assumed-role/web/" in done.stdout


def test_a_revoked_machine_gets_no_more(place, anywhere, site, files):
    machine = Machine("gone", ROOT)
    flags = files(machine)
    assert asked(place, site, flags).returncode == 0
    crl = anywhere.import_crl(
        name="gone",
        crlData=ROOT.revoking(machine),
        enabled=True,
        trustAnchorArn=site["--trust-anchor-arn"],
    )["crl"]
    done = asked(place, site, flags)
    anywhere.delete_crl(crlId=crl["crlId"])
    assert (done.returncode, done.stdout) == (1, "")
    assert "revoked" in done.stderr


def test_what_the_server_refuses_is_told(place, site, files):
    done = asked(place, site, files(Machine("web", authority("root"))))
    assert (done.returncode, done.stdout) == (1, "")
    assert "Untrusted signing certificate" in done.stderr
    done = asked(place, site, files(WEB, MIDDLE), "--role-session-name", "mine")
    assert "Not authorized to set roleSessionName" in done.stderr


def test_files_that_do_not_fit_are_told(place, site, files, tmp_path):
    own = files(WEB, MIDDLE)
    (tmp_path / "other").write_text(Machine("other").private)
    (tmp_path / "text").write_text("text")
    for flag, path, complaint in (
        ("--private-key", tmp_path / "other", "not that of the certificate"),
        ("--private-key", tmp_path / "text", "no private key"),
        ("--certificate", tmp_path / "text", "no certificate"),
        ("--certificate", tmp_path / "none", "cannot be read"),
        ("--intermediates", tmp_path / "text", "no certificate"),
        ("--trust-anchor-arn", "x", "is an ARN"),
        ("--endpoint", "x", "is a URL"),
    ):
        done = asked(place, site | ({flag: str(path)} if flag in site else {}), own | {flag: str(path)})
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert complaint in done.stderr
        assert "PRIVATE KEY" not in done.stderr


def test_nobody_there_is_told(place, site, files):
    done = asked(place, site | {"--endpoint": "http://127.0.0.1:9"}, files(WEB, MIDDLE))
    assert (done.returncode, done.stdout) == (3, "")
    assert "does not answer" in done.stderr


def test_the_server_that_runs_here_is_found_also_with_a_certificate_of_its_own(tmp_path, files):
    own = Machine("127.0.0.1", more=[(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)])
    for name, text in (("cert.pem", own.pem), ("key.pem", own.private)):
        (tmp_path / name).write_text(text)
    home = Home(tmp_path / "home")
    tls = ["--tls-cert", str(tmp_path / "cert.pem"), "--tls-key", str(tmp_path / "key.pem")]
    with home.up("--ephemeral", *tls) as server:
        place = Place(home, server.ready)
        away = Place(Home(tmp_path / "away"), server.ready)
        anchor = (
            "arn:aws:rolesanywhere:us-east-1:123456789012:trust-anchor/00000000-0000-0000-0000-000000000000"
        )
        nowhere = {
            "--trust-anchor-arn": anchor,
            "--profile-arn": anchor.replace("trust-anchor", "profile"),
            "--role-arn": "arn:aws:iam::123456789012:role/web",
        }
        done = asked(place, nowhere, files(WEB, MIDDLE))
        stranger = asked(away, nowhere | {"--endpoint": place.endpoint}, files(WEB, MIDDLE))
    assert (done.returncode, "The trust anchor could not be found" in done.stderr) == (3, True), done.stderr
    assert (stranger.returncode, "CERTIFICATE_VERIFY_FAILED" in stranger.stderr) == (3, True), stranger.stderr
