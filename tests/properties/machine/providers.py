"""What belongs to nobody but the account: identity providers, server certificates, the alias."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests import saml
from tests.certificates import Pair
from tests.client import ACCOUNT
from tests.properties.machine.base import NAMES, Machine, move

HOSTS = ("one.example", "two.example")
CLIENTS = ("web", "Web")


@cache
def pair() -> Pair:
    return Pair("server")


@cache
def metadata() -> str:
    return saml.metadata()


class Providers(Machine):
    """Things of the account by their names; those of SAML providers and aliases are told apart by case."""

    def __init__(self) -> None:
        super().__init__()
        self.oidc: dict[str, set[str]] = {}
        self.saml: set[str] = set()
        self.certificates: dict[str, str] = {}
        self.alias: str | None = None

    @move(host=HOSTS)
    def create_oidc(self, host: str) -> None:
        expected = "EntityAlreadyExists" if host in self.oidc else None
        create = self.iam.create_open_id_connect_provider
        self.does(expected, create, Url=f"https://{host}", ClientIDList=["first"])
        if expected is None:
            self.oidc[host] = {"first"}

    @move(host=HOSTS, client=CLIENTS, add=(False, True))
    def change_clients(self, host: str, client: str, add: bool) -> None:
        expected = None if host in self.oidc else "NoSuchEntity"
        call = self.iam.remove_client_id_from_open_id_connect_provider
        if add:
            call = self.iam.add_client_id_to_open_id_connect_provider
        self.does(expected, call, OpenIDConnectProviderArn=_oidc(host), ClientID=client)
        if expected is None:
            self.oidc[host] = self.oidc[host] | {client} if add else self.oidc[host] - {client}

    @move(host=HOSTS)
    def delete_oidc(self, host: str) -> None:
        self.does(None, self.iam.delete_open_id_connect_provider, OpenIDConnectProviderArn=_oidc(host))
        self.oidc.pop(host, None)

    @move(name=NAMES)
    def create_saml(self, name: str) -> None:
        expected = "EntityAlreadyExists" if name in self.saml else None
        self.does(expected, self.iam.create_saml_provider, Name=name, SAMLMetadataDocument=metadata())
        self.saml.add(name)

    @move(name=NAMES)
    def delete_saml(self, name: str) -> None:
        expected = None if name in self.saml else "NoSuchEntity"
        self.does(expected, self.iam.delete_saml_provider, SAMLProviderArn=_saml(name))
        self.saml.discard(name)

    @move(name=NAMES)
    def upload_server_certificate(self, name: str) -> None:
        expected = "EntityAlreadyExists" if name.lower() in self.certificates else None
        it = {"CertificateBody": pair().pem, "PrivateKey": pair().private()}
        self.does(expected, self.iam.upload_server_certificate, ServerCertificateName=name, **it)
        self.certificates.setdefault(name.lower(), name)

    @move(name=NAMES, new=NAMES)
    def rename_server_certificate(self, name: str, new: str) -> None:
        old_key, new_key = name.lower(), new.lower()
        expected = "EntityAlreadyExists" if new_key in self.certificates and new_key != old_key else None
        if old_key not in self.certificates:
            expected = "NoSuchEntity"
        update = self.iam.update_server_certificate
        self.does(expected, update, ServerCertificateName=name, NewServerCertificateName=new)
        if expected is None:
            del self.certificates[old_key]
            self.certificates[new_key] = new

    @move(name=NAMES)
    def delete_server_certificate(self, name: str) -> None:
        expected = None if name.lower() in self.certificates else "NoSuchEntity"
        self.does(expected, self.iam.delete_server_certificate, ServerCertificateName=name)
        self.certificates.pop(name.lower(), None)

    @move(alias=("first", "second"))
    def create_alias(self, alias: str) -> None:
        expected = "EntityAlreadyExists" if alias == self.alias else None
        self.does(expected, self.iam.create_account_alias, AccountAlias=alias)
        self.alias = alias

    @move(alias=("first", "second"))
    def delete_alias(self, alias: str) -> None:
        expected = None if alias == self.alias else "NoSuchEntity"
        self.does(expected, self.iam.delete_account_alias, AccountAlias=alias)
        self.alias = None if expected is None else self.alias

    def looks(self) -> list[Callable[[], None]]:
        return [*super().looks(), self._providers, self._certificates]

    def _providers(self) -> None:
        found = self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        assert {one["Arn"] for one in found} == {_oidc(host) for host in self.oidc}
        for host, clients in self.oidc.items():
            shown = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=_oidc(host))
            assert set(shown["ClientIDList"]) == clients
        providers = self.iam.list_saml_providers()["SAMLProviderList"]
        assert {one["Arn"] for one in providers} == {_saml(name) for name in self.saml}

    def _certificates(self) -> None:
        found = self.iam.list_server_certificates()["ServerCertificateMetadataList"]
        assert {one["ServerCertificateName"] for one in found} == set(self.certificates.values())
        aliases = self.iam.list_account_aliases()["AccountAliases"]
        assert aliases == ([] if self.alias is None else [self.alias])


def _oidc(host: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"


def _saml(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}"
