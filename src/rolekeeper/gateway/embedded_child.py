"""The process of the embedded backend: moto's server on a Unix socket, as `embedded` starts it.

The rule of this file: the mock acts on the request that was decided, and on no other. So it is told the
service, the account and the region in headers that only the gateway can write, and guesses none of them from
a path, a host or a client's name; it has no routes of its own; it judges no policy; and it reaches nobody.
"""

from __future__ import annotations

import importlib
import logging
import os
import shutil
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rolekeeper.gateway import embedded_world
from rolekeeper.gateway.embedded import FAULT, ORDER, REGION, SERVICE

_OUTWARD = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.system",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
        "subprocess.Popen",
    }
)
"""Events of the interpreter (PEP 578)."""

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def main(place: str, scheme: str) -> None:
    """Serve on a socket until standard input ends. `scheme` is that of the URLs which clients know."""
    os.umask(0o077)
    threading.Thread(target=_end_with_the_parent, args=[place], daemon=True).start()
    sys.addaudithook(_reach_nobody)
    from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    embedded_world.arrange()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        f"unix://{place}",
        0,
        Guarded(create_backend_app, scheme),
        threaded=True,
        request_handler=MotoRequestHandler,
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    with Path(os.devnull).open("w") as nowhere:  # the mock prints
        os.dup2(nowhere.fileno(), 1)
    server.serve_forever()


class Guarded:
    """The mock's services, each an application that is made when it is first asked for."""

    def __init__(self, create: Callable[[Any], Any], scheme: str) -> None:
        self._create = create
        self._scheme = scheme
        self._made: dict[str, Wsgi] = {}
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request. What the mock raises is a fault of its own, which the gateway tells."""
        if environ.get(_variable(ORDER)) == "reset":
            _reset()
            start_response("204 No Content", [])
            return []
        try:
            application = self._application(environ[_variable(SERVICE)])
            environ[_variable(REGION)]  # there is no call without it
            return application(environ | {"wsgi.url_scheme": self._scheme}, start_response)
        except (NotImplementedError, ImportError):  # or it needs a package that is not installed
            fault = "missing"
        except OSError as error:  # the request broke off; nobody waits for the answer
            fault = type(error).__name__
        except Exception as error:
            traceback.print_exc()
            fault = type(error).__name__
        start_response("501 Not Implemented", [(FAULT, fault), ("Content-Length", "0")])
        return [b""]

    def _application(self, service: str) -> Wsgi:
        with self._lock:
            found = self._made.get(service)
            if found is None:
                made = self._create(service)
                made.url_map.merge_slashes = False  # an object's name may have several in a row
                for status in (404, 405):  # of routes; what a service does not find it says itself
                    made.register_error_handler(status, _missing)
                embedded_world.arrange_service(service)
                found = self._made[service] = made
            return found


def _reset() -> None:
    models: Any = importlib.import_module("moto.moto_api._internal.models")
    models.moto_api_backend.reset()


def _missing(error: Exception) -> Any:
    raise NotImplementedError from error


def _variable(header: str) -> str:
    return "HTTP_" + header.upper().replace("-", "_")


def _reach_nobody(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what would leave this process: whoever may subscribe a URL must not reach our network by it."""
    if event in _OUTWARD:
        raise PermissionError(f"the embedded backend reaches nobody ({event})")


def _end_with_the_parent(place: str) -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(Path(place).parent, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
