"""`rolekeeper up`: settings, and a server that runs by them until it is told to stop."""

from __future__ import annotations

import gc
import os
from contextlib import closing
from typing import Annotated, Any

import typer

EXAMPLE = "Example: rolekeeper up --ephemeral --port 4567"


def _given(metavar: str, text: str) -> Any:
    # No default here: what is not given must stay unsaid, or it would hide the variable and the file.
    return typer.Option(metavar=metavar, help=text, show_default=False)


def up(
    host: Annotated[str | None, _given("ADDRESS", "The address to listen on [127.0.0.1].")] = None,
    port: Annotated[str | None, _given("PORT", "The port [4566]; 0 takes a free one.")] = None,
    data: Annotated[str | None, _given("DIR", "The folder of the state.")] = None,
    database_url: Annotated[str | None, _given("URL", "The same as sqlite:///DIR/rolekeeper.db.")] = None,
    account: Annotated[str | None, _given("NUMBER", "The account to make [123456789012].")] = None,
    ephemeral: Annotated[bool | None, typer.Option("--ephemeral", help="Keep the state in memory.")] = None,
    seed: Annotated[str | None, _given("FILE", "Further accounts (TOML).")] = None,
    config: Annotated[str | None, _given("FILE", "A configuration file (TOML).")] = None,
    insecure: Annotated[bool | None, typer.Option("--insecure", help="Do without TLS.")] = None,
    tls_cert: Annotated[str | None, _given("FILE", "The certificate chain (PEM).")] = None,
    tls_key: Annotated[str | None, _given("FILE", "Its private key (PEM).")] = None,
    trusted_proxies: Annotated[
        str | None, _given("NETWORKS", "Proxies whose X-Forwarded-For and -Proto are believed.")
    ] = None,
    backend: Annotated[
        list[str] | None,
        _given(
            "SERVICE=URL",
            "What is behind a service; * is every other one, none is nothing, embedded a mock [embedded].",
        ),
    ] = None,
    backend_keys: Annotated[str | None, _given("FILE", "Access keys at backends (TOML).")] = None,
    unclassified: Annotated[
        str | None, _given("deny|allow", "What becomes of requests that the gateway cannot classify [deny].")
    ] = None,
    observe: Annotated[
        list[str] | None, _given("ROLE", "Let refused calls of a role through to services, and mark them.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Be ready with one line of JSON.")] = False,
) -> None:
    """Start the server; Ctrl-C or SIGTERM stops it, after what is in flight.

    Authorization is on, for every call. On first start the root access key is shown, once. Every setting is
    also a variable, ROLEKEEPER_PORT, and a key of the configuration file.
    """
    from rolekeeper.cli.listening import bind
    from rolekeeper.config import load

    flags = {
        "host": host,
        "port": port,
        "data": data,
        "database_url": database_url,
        "account": account,
        "ephemeral": ephemeral,
        "seed": seed,
        "config": config,
        "insecure": insecure,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "trusted_proxies": trusted_proxies,
        "backend": backend or None,
        "backend_keys": backend_keys,
        "unclassified": unclassified,
        "observe": observe or None,
    }
    settings = load(flags=flags, environment=os.environ)
    with closing(bind(settings)) as listener:
        gc.disable()  # nothing that loading makes is garbage; `serve` enables it again
        from rolekeeper.cli.serving import serve

        serve(settings, listener, as_json=as_json)
