"""The sign-in to the console, on the server's own port: which page answers, and whom it answers at all.

A page in a browser must not reach it but by a link: whose Host is not ours gets an empty 403, and so does
whose Origin is not. The one exception is a SAML response, which a browser brings from the identity
provider's page; it is worth nothing that its signature does not say. Every form has a token of its session
besides.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from rolekeeper.endpoints import ours, signin_federation, signin_oauth, signin_people, signin_switching
from rolekeeper.endpoints import signin_cookies as cookies
from rolekeeper.endpoints.contract import Fetch, Server
from rolekeeper.endpoints.signin_addresses import is_sign_in_host, partition
from rolekeeper.endpoints.signin_visit import Visit, refused
from rolekeeper.errors import AwsError
from rolekeeper.service import signin_saml
from rolekeeper.service.signin import SignIn
from rolekeeper.wire.http import HttpRequest, HttpResponse

__all__ = ["SignInPages"]

_log = logging.getLogger("rolekeeper")

SAML = signin_federation.SAML
ACS = f"{SAML}/acs/"
Page = Callable[[Visit], HttpResponse]

_PAGES: Mapping[str, tuple[Page, frozenset[str]]] = {
    "/federation": (signin_federation.federation, frozenset({"GET", "POST"})),
    SAML: (signin_federation.saml, frozenset({"POST"})),
    "/login": (signin_people.login, frozenset({"GET", "POST"})),
    "/password": (signin_people.password, frozenset({"GET", "POST"})),
    "/logout": (signin_people.logout, frozenset({"GET", "POST"})),
    "/console": (signin_people.home, frozenset({"GET"})),
    "/switchrole": (signin_switching.switch_role, frozenset({"GET", "POST"})),
    "/v1/authorize": (signin_oauth.authorize, frozenset({"GET", "POST"})),
    signin_oauth.TOKEN_PATH: (signin_oauth.token, frozenset({"POST"})),
}


def is_ours(path: str) -> bool:
    """Whether a path is the sign-in's."""
    return path in _PAGES or path.startswith(ACS)


class SignInPages:
    """The pages."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def missing(self, request: HttpRequest) -> Fetch | None:
        """Work that others must not wait for: that of verifying a SAML response."""
        if not _takes_saml(request.path) or request.method != "POST":
            return None
        try:
            response = request.form.get("SAMLResponse", "")
        except AwsError:
            return None
        return signin_saml.missing(self._signin, request, response)

    def answer(self, request: HttpRequest, address: str, port: int) -> HttpResponse:
        """Answer a request that came in on this address and port of ours."""
        host = self._server.settings.host
        if not (ours.has_our_host(request, address, port, host) or is_sign_in_host(request)):
            return HttpResponse(status=403)
        if not ours.has_our_origin(request) and not _takes_saml(request.path):
            return HttpResponse(status=403)
        page, methods = _PAGES[SAML if request.path.startswith(ACS) else request.path]
        if request.method not in methods:
            return HttpResponse(status=405, headers=(("allow", ", ".join(sorted(methods))),))
        try:
            return page(self._visit(request))
        except AwsError as error:
            return refused(error.message)
        except Exception:
            _log.exception("the sign-in could not answer %s %s", request.method, request.path)
            return refused("Something went wrong on this server.", 500)

    @property
    def _signin(self) -> SignIn:
        return self._server.signin

    def _visit(self, request: HttpRequest) -> Visit:
        id = cookies.read(request, cookies.SESSION)
        session = self._signin.find(id)
        return Visit(
            request=request,
            signin=self._signin,
            partition=partition(request),
            form={} if request.path == signin_oauth.TOKEN_PATH else request.form,
            id=id if session is not None else None,
            session=session,
        )


def _takes_saml(path: str) -> bool:
    return path == SAML or path.startswith(ACS)
