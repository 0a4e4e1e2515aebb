"""`rolekeeper metadata listen`: the metadata service of one instance, or of all that are told by address."""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from rolekeeper.cli.workload.flags import AsJson, Data, Region
from rolekeeper.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from rolekeeper.cli.launch.listener import Answer, Asked, Listener

LISTEN_EXAMPLE = "Example: rolekeeper metadata listen --instance i-0123456789abcdef0"


def listen(
    instance: Annotated[
        str | None, typer.Option("--instance", metavar="ID", help="The instance that all requests are from.")
    ] = None,
    by_source: Annotated[
        bool, typer.Option("--by-source", help="Tell instances by the private address that they ask from.")
    ] = False,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 0,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let it be an address that others can reach.")
    ] = False,
    as_json: AsJson = False,
    region: Region = None,
    server_port: Annotated[
        int | None, typer.Option(help="The port of the server, where several run.")
    ] = None,
    data: Data = None,
) -> None:
    """Serve instance metadata at an address of their own, until Ctrl-C or SIGTERM.

    Where EC2 has them is 169.254.169.254, port 80: SDKs find them there without any variable. Whoever can
    reach the address as the instance gets its role's credentials.
    """
    from rolekeeper.cli.launch.forwarding import Metadata
    from rolekeeper.cli.launch.keeping import ServersClock
    from rolekeeper.cli.metadata.inside import BySource, Insides
    from rolekeeper.cli.running import the_running
    from rolekeeper.cli.workload.calls import asked

    if (instance is None) is not by_source:
        raise UsageError("say whose metadata are served: --instance ID, or --by-source")
    _check(host, insecure)
    server = the_running(os.environ, port=server_port, data=data)
    calls, clock = asked(server.port, data, region), ServersClock(server)
    with ExitStack() as held:
        insides = Insides(calls, lambda secret: Metadata(server, secret, clock), held)
        answer = BySource(calls, insides) if instance is None else insides.of(instance)
        _serve(_bound(answer, host, port), instance or "instances by their address", as_json=as_json)


def _check(host: str, insecure: bool) -> None:
    """What others can reach must be asked for; a link-local address is for who is on the same link."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise UsageError(f"--host: {host} is not an address") from None
    if not (address.is_loopback or address.is_link_local or insecure):
        raise UsageError(f"others can reach {host}, and there is no TLS here; if that is meant: --insecure")


def _bound(answer: Callable[[Asked], Answer], host: str, port: int) -> Listener:
    from rolekeeper.cli.launch.listener import Listener

    try:
        return Listener(answer, host=host, port=port)
    except (OSError, OverflowError) as error:
        reasons: dict[int | None, str] = {
            errno.EADDRINUSE: f"port {port} on {host} is in use",
            errno.EADDRNOTAVAIL: f"{host} is not an address of this machine; as root: ip address add "
            f"{host}/32 dev lo",
            errno.EACCES: f"this user may not listen on port {port}",
        }
        reason = reasons.get(
            getattr(error, "errno", None), f"cannot listen on port {port} of {host}: {error}"
        )
        raise ConfigurationError(reason) from None


def _serve(listener: Listener, whose: str, *, as_json: bool) -> None:
    from rolekeeper.cli.terminal import say, say_json

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with listener:
        if as_json:
            say_json({"endpoint": listener.endpoint, "port": listener.port})
        else:
            say(f"metadata of {whose}:")
            say(f"export AWS_EC2_METADATA_SERVICE_ENDPOINT={listener.endpoint}")
        stop.wait()
