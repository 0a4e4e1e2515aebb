"""What was measured on: the machine and the versions that matter to the numbers."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "rolekeeper",
    "uvicorn",
    "uvloop",
    "httptools",
    "cryptography",
    "msgspec",
    "sqlalchemy",
    "botocore",
)


def machine() -> dict[str, object]:
    """The processor, the system, Python and the packages."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"
