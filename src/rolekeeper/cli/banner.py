"""What a server says when it is ready: where it is, what it enforces, and its first key, once."""

from __future__ import annotations

from rolekeeper.app import Server
from rolekeeper.cli.running import Running
from rolekeeper.cli.standing import behind, warnings
from rolekeeper.cli.terminal import command, say_json, screen
from rolekeeper.endpoints.control import ENFORCED, version

DEFAULT_PORT = 4566


def show(server: Server, running: Running, *, as_json: bool) -> None:
    """Say it on standard output; nobody need be there to read it."""
    try:
        if as_json:
            say_json(_document(server, running))
        else:
            _show(server, running)
    except BrokenPipeError:
        pass


def env_command(running: Running) -> str:
    """The line that makes a shell use the server."""
    return f'eval "$({command()} env{_port(running)})"'


def _port(running: Running) -> str:
    return "" if running.port == DEFAULT_PORT else f" --port {running.port}"


def _document(server: Server, running: Running) -> dict[str, object]:
    document: dict[str, object] = {
        "endpoint": running.endpoint,
        "port": running.port,
        "pid": running.pid,
        "region": running.region,
        "account": running.account,
        "authorization": "on, for every call",
        "enforced": ENFORCED,
        "behind": server.behind,
        "unclassified": server.settings.unclassified,
        "observed": server.settings.observe,
        "data": running.data,
    }
    if server.first_start:
        document["root_access_key_id"] = server.root_access_key_id
        if server.settings.root_secret_access_key is None:
            document["root_secret_access_key"] = server.root_secret.reveal()
    return document


def _show(server: Server, running: Running) -> None:
    console = screen()
    console.print(f"Rolekeeper {version()}", style="bold")
    for name, value in (
        ("endpoint", running.endpoint),
        ("account", running.account),
        ("authorization", "on, for every call"),
        ("enforced", ", ".join(ENFORCED)),
        *behind(server.behind),
        ("state", running.data or "in memory, gone when the server stops"),
        ("audit", f"{command()} audit tail{_port(running)}"),
    ):
        console.print(f"  {name:<14} {value}")
    for warning in warnings(server.settings.unclassified, server.settings.observe):
        console.print(f"  {warning}", style="bold red")
    if server.first_start:
        _show_key(server)
    console.print(f"\nIn another shell:  {env_command(running)}\n")


def _show_key(server: Server) -> None:
    console = screen()
    chosen = server.settings.root_secret_access_key is not None
    console.print(f"\nThe root access key, {'as it was chosen' if chosen else 'shown this once'}:")
    console.print(f"  access key ID      {server.root_access_key_id}")
    if not chosen:
        console.print(f"  secret access key  {server.root_secret.reveal()}")
