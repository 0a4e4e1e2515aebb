"""The trunk of the tree of errors: whose fault something is, and what an answer says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class RolekeeperError(Exception):
    """The root of all errors that Rolekeeper raises itself."""


class ConfigurationError(RolekeeperError):
    """A setting, flag or file is wrong; the text says what to do."""


class UsageError(ConfigurationError):
    """A flag has a value that it cannot have."""


class StoreError(RolekeeperError):
    """The store cannot be opened, or failed in a way that no request caused."""


class AwsError(RolekeeperError):
    """An error with an answer of AWS's: a code, an HTTP status, a type and a message."""

    code: ClassVar[str]
    status: ClassVar[int]
    fault: ClassVar[str]
    details: Mapping[str, str] = MappingProxyType({})
    """What the answer says besides code and text, by the model's names: `Reason`."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class SenderError(AwsError):
    """The request is at fault."""

    fault = "Sender"


class ReceiverError(AwsError):
    """The server is at fault."""

    fault = "Receiver"
