"""The page on web identities, as printed, with an issuer of its own."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.issuers import Issuer, SigningKey
from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, bare_environment, up

PAGE = ROOT / "docs/web-identity.md"


def _tokens(issuer: Issuer, folder: Path) -> None:
    ana = {"sub": "ana", "aud": "aws", "groups": ["/staff", "/admins"]}
    tokens = {
        "ana": issuer.token(**ana),
        "guest": issuer.token(**ana | {"groups": ["/staff"]}),
        "elsewhere": issuer.token(**ana | {"aud": "other"}),
        "ended": issuer.token(**ana | {"exp": int(time.time()) - 3600}),
        "forged": SigningKey("first").sign(issuer.claims(**ana)),
    }
    for name, token in tokens.items():
        (folder / name).write_text(token)


@pytest.mark.requirement("SR-122", "SR-125", "SR-130")
def test_the_page_works_as_printed(tmp_path: Path) -> None:
    with Issuer("sso.example", "/realms/staff") as issuer:
        _tokens(issuer, tmp_path)
        hosts = {"ROLEKEEPER_FEDERATION_HOSTS": f"sso.example={issuer.hosts['sso.example']}"}
        with up(bare_environment(tmp_path) | hosts, "--ephemeral") as server:
            environment = {
                **server.environment,
                "AWS_ACCESS_KEY_ID": server.access_key_id,
                "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": server.endpoint,
                "THUMBPRINT": issuer.thumbprint,
                "TOKENS": str(tmp_path),
            }
            run = subprocess.run(
                ["bash", "-c", script(PAGE)],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                timeout=300,
            )
    times = r"date/time \d+ must be before the expiration date/time \d+"
    printed = re.sub(times, "date/time NOW must be before the expiration date/time THEN", run.stdout)
    assert outputs(printed) == [block.output for block in blocks(PAGE)]
