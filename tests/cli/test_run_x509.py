"""`rolekeeper run --x509`: a program on a machine with a certificate."""

from __future__ import annotations

import pytest

from tests.anywhere import Machine, authority
from tests.cli.places import ACCOUNT, python
from tests.cli.test_run import ASKS, WHO, ask

requirement = pytest.mark.requirement

ROOT = authority("root")


@pytest.fixture(scope="module")
def arns(place):
    """The flags that name a trust anchor, a profile and a role."""
    role = place.role("web", {"Service": "rolesanywhere.amazonaws.com"})
    anywhere = place.client("rolesanywhere")
    source = {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": ROOT.pem}}
    anchor = anywhere.create_trust_anchor(name="ca", source=source, enabled=True)["trustAnchor"]
    profile = anywhere.create_profile(name="web", roleArns=[role], enabled=True)["profile"]
    return [
        *("--trust-anchor-arn", anchor["trustAnchorArn"]),
        *("--profile-arn", profile["profileArn"]),
        *("--role", role),
    ]


@pytest.fixture
def machine(tmp_path):
    """Writes a machine's files, and gives the flags that name them."""

    def write(found):
        (tmp_path / "cert").write_text(found.pem)
        (tmp_path / "key").write_text(found.private)
        return ["--x509", str(tmp_path / "cert"), "--private-key", str(tmp_path / "key")]

    return write


def test_a_machine_that_nobody_vouches_for_runs_nothing(place, arns, machine):
    stranger = machine(Machine("web", authority("other")))
    done = place.rolekeeper("run", *stranger, *arns, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rolekeeper: the session is refused: Untrusted signing certificate")


def test_an_anchor_that_is_not_there_is_no_denial(place, arns, machine):
    nowhere = [f"{part[:-12]}000000000000" if ":trust-anchor/" in part else part for part in arns]
    done = place.rolekeeper("run", *machine(Machine("web", ROOT)), *nowhere, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (3, "")
    assert "the session is refused: The trust anchor could not be found" in done.stderr


def test_files_that_are_none_are_a_wrong_use(place, arns, machine, tmp_path):
    flags = machine(Machine("web", ROOT))
    (tmp_path / "key").write_text("x")
    assert place.rolekeeper("run", *flags, *arns, "--", "echo", "ran").returncode == 2


@requirement("SR-027", "SR-133")
def test_a_machine_needs_no_key_of_aws_and_its_sessions_are_renewed(place, arns, machine):
    flags = machine(Machine("web", ROOT))
    done = place.rolekeeper("run", *flags, *arns, "--", *python(WHO))
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/web/" in done.stdout, done.stderr
    process = place.start("run", *flags, *arns, "--duration", "900", "--", *python(ASKS))
    first = ask(process)
    assert first.startswith("ASIA")
    place.advance(600)
    second = ask(process)
    assert second.startswith("ASIA") and second != first
    process.communicate(timeout=60)
