"""Calls of IAM and STS to a running server: for the commands that look at what is there, or change it.

Only a server that runs here is asked, at the endpoint that it announces itself: no file and no argument can
lead a signed request elsewhere.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from rolekeeper.cli.client import connection
from rolekeeper.cli.credentials import AccessPair
from rolekeeper.cli.running import Running
from rolekeeper.cli.signer import signed_headers
from rolekeeper.errors import ConfigurationError, UsageError

VERSIONS: Final = {"iam": "2010-05-08", "sts": "2011-06-15"}


class CallRefused(ConfigurationError):
    """The server refuses a call; `code` is AWS's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message or code)
        self.code = code


class IamCalls:
    """Calls by the operation's name, one after the other; of IAM if nothing else is said, in the server's
    partition or another one. UsageError where there is no such partition."""

    def __init__(
        self, server: Running, key: AccessPair, service: str = "iam", *, partition: str | None = None
    ) -> None:
        self._server = server
        self._key = key
        self._service = service
        self._region = server.region
        if service == "iam":
            from rolekeeper.wire.model import global_region, partition_of

            try:
                self._region = global_region("iam", partition or partition_of(server.region))
            except LookupError:
                raise UsageError(f"there is no partition {partition}") from None

    def call(self, operation: str, **parameters: str) -> ElementTree.Element:
        """The result of an operation. CallRefused, or ConfigurationError where there is no answer."""
        body = urlencode({"Action": operation, "Version": VERSIONS[self._service], **parameters}).encode()
        status, answer = self._post(body)
        try:
            root = ElementTree.fromstring(answer)  # noqa: S314 (of our own server)
        except ElementTree.ParseError:
            raise ConfigurationError(f"{self._who()} answers {status} to {operation}, and no XML") from None
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        if status != 200:
            raise CallRefused(root.findtext(".//Code", str(status)), root.findtext(".//Message", ""))
        return root

    def pages(self, operation: str, **parameters: str) -> Iterator[ElementTree.Element]:
        """The results of an operation that answers in pages."""
        while True:
            page = self.call(operation, **parameters)
            yield page
            if page.findtext(".//IsTruncated") != "true":
                return
            parameters["Marker"] = page.findtext(".//Marker", "")

    def _post(self, body: bytes) -> tuple[int, bytes]:
        headers = signed_headers(
            body,
            host=urlsplit(self._server.endpoint).netloc,
            service=self._service,
            region=self._region,
            key=self._key,
            now=datetime.now(UTC),
        )
        asking = connection(self._server)
        try:
            asking.request("POST", "/", body, headers)
            response = asking.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConfigurationError(f"{self._who()} does not answer: {error}") from None
        finally:
            asking.close()

    def _who(self) -> str:
        return f"the server on port {self._server.port}"
