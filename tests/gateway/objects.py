"""A second backend, of another make: nanio, an object store that verifies signatures, on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ACCESS_KEY_ID, SECRET_ACCESS_KEY = "AKIASTORE", "store/secret+with=signs"

_PROGRAM = """
import os, socket, sys
from pathlib import Path
import uvicorn
from nanio.app import build_app
from nanio.config import Settings
listener = socket.socket()
listener.bind(("127.0.0.1", 0)); listener.listen()
print(listener.getsockname()[1], flush=True)
settings = Settings(data_dir=Path(sys.argv[1]), host="127.0.0.1", access_log=False)
uvicorn.Server(uvicorn.Config(build_app(settings), log_level="error")).run(sockets=[listener])
"""


@contextmanager
def object_store(folder: Path) -> Iterator[str]:
    """The URL of a running store; the one access key there is above."""
    keys = {"NANIO_ACCESS_KEY": ACCESS_KEY_ID, "NANIO_SECRET_KEY": SECRET_ACCESS_KEY}
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(folder)], env=os.environ | keys, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
