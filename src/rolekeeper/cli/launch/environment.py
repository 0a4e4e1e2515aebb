"""The environment of a program that runs as a role: nothing of AWS's in it but what is set here.

Whatever could lead an AWS client to an account, a key or an endpoint of its user is taken out first, so that
nothing can reach real AWS by accident. Sources: "Environment variables list" in the AWS SDKs and Tools
Reference Guide, "Defined runtime environment variables" in the Lambda Developer Guide.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from rolekeeper.cli.running import Running

PREFIXES: Final = ("AWS_", "LAMBDA_", "ROLEKEEPER_")
"""All variables that begin so are taken out. Ours may hold the server's key, which no workload has."""

NAMES: Final = frozenset(
    {
        "BOTO_CONFIG",
        "BOTO_PATH",
        "EC2_ACCESS_KEY",
        "EC2_REGION",
        "EC2_SECRET_KEY",
        "EC2_URL",
        "ECS_AGENT_URI",
        "ECS_CONTAINER_METADATA_URI",
        "ECS_CONTAINER_METADATA_URI_V4",
        "S3_URL",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    }
)

_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def ambient(name: str) -> bool:
    """Whether a variable is a setting of AWS clients, or of ours."""
    return name.startswith(PREFIXES) or name in NAMES


def bare(environment: Mapping[str, str], server: Running, region: str | None = None) -> dict[str, str]:
    """The environment with this server in the place of AWS, and without credentials."""
    kept = {name: value for name, value in environment.items() if not ambient(name)}
    own = {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_REGION": region or server.region,
        "AWS_DEFAULT_REGION": region or server.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if server.tls_cert is not None:
        own["AWS_CA_BUNDLE"] = server.tls_cert
    return kept | own | _past_proxies(environment, urlsplit(server.endpoint).hostname or "")


def _past_proxies(environment: Mapping[str, str], host: str) -> dict[str, str]:
    """What keeps requests to this machine from a proxy, where there is one."""
    if not any(environment.get(name) or environment.get(name.lower()) for name in _PROXIES):
        return {}
    known = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    excepted = ",".join(dict.fromkeys([*filter(None, known.split(",")), "127.0.0.1", "localhost", host]))
    return {"NO_PROXY": excepted, "no_proxy": excepted}
