"""Where the sign-in sends a browser: to this server's own pages, and nowhere else.

AWS's console hosts stand for the console of this server, so that brokers' scripts work as they are.
Source: the OWASP Unvalidated Redirects and Forwards Cheat Sheet; RFC 3986.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rolekeeper.endpoints import ours
from rolekeeper.wire.http import HttpRequest

HOME = "/console"
"""Where who has signed in is, unless another place was asked for."""
MAX_URL = 2048

_CONSOLE = re.compile(r"(?:[a-z0-9-]+\.)?console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)")
_SIGN_IN = re.compile(
    r"(?:[a-z0-9-]+\.)?signin\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)(?::[0-9]+)?"
)
_PARTITIONS = {"amazonaws.cn": "aws-cn", "amazonaws-us-gov.com": "aws-us-gov"}
_PLAIN = re.compile(r"[!-~]+")


def partition(request: HttpRequest) -> str:
    """The partition whose sign-in a request was for, by its Host."""
    found = _SIGN_IN.fullmatch((request.header("host") or "").lower())
    return "aws" if found is None else _PARTITIONS.get(found[1], "aws")


def is_sign_in_host(request: HttpRequest) -> bool:
    """Whether the Host is AWS's own sign-in, where that name leads to this server: nobody else has it."""
    return _SIGN_IN.fullmatch((request.header("host") or "").lower()) is not None


def landing(text: str, request: HttpRequest) -> str | None:
    """The address on this server that a destination means; None where it is of anybody else."""
    own = ours.origin(request)
    if not text:
        return own + HOME
    if len(text) > MAX_URL or "\\" in text or not _PLAIN.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if not parts.scheme and not parts.netloc and text.startswith("/") and not text.startswith("//"):
        return own + text
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    if origin == own.lower():
        return own + (text[len(origin) :] or HOME)
    if parts.scheme == "https" and _CONSOLE.fullmatch(parts.netloc.lower()):
        return own + HOME
    return None
