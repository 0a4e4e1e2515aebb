"""The settings: one frozen value, from defaults < configuration file < environment < flags.

A setting has one name, `root_access_key_id`, which the configuration file uses as it is, the environment as
`ROLEKEEPER_ROOT_ACCESS_KEY_ID`, and a flag, where there is one, as `--root-access-key-id`. Nothing is read
leniently: an unknown name, a value of another kind or two places for the same state refuse to start, and
the text names the nearest right name. Values are checked here and are valid ever after.
"""

from __future__ import annotations

from rolekeeper.config.backend_keys import BackendAccess
from rolekeeper.config.seed import SeedAccount
from rolekeeper.config.settings import RAISABLE_LIMITS, Settings, is_loopback
from rolekeeper.config.sources import default_data, load

__all__ = [
    "RAISABLE_LIMITS",
    "BackendAccess",
    "SeedAccount",
    "Settings",
    "default_data",
    "is_loopback",
    "load",
]
