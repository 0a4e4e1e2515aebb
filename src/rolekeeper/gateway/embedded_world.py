"""What the mock is told of the world around it, in the child's process only.

Accounts, regions and identities are not the mock's: roles and instance profiles are kept by Rolekeeper, which
has checked them before a request comes here, so the mock takes each name for one that is there.
"""

from __future__ import annotations

import base64
import hmac
import importlib.util
import secrets
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from rolekeeper.gateway.embedded import REGION


def arrange() -> None:
    """Put that into the mock's place. To be called before any of its services is loaded."""
    _make_nothing_of_yaml()
    _need_no_validators()
    config: Any = import_module("moto.core.config").default_user_config
    config["lambda"]["use_docker"] = False
    config["batch"]["use_docker"] = False
    answering: Any = import_module("moto.core.responses").BaseResponse
    answering.get_region_from_url = lambda self, request, full_url: request.headers[REGION]
    _believe_identities()
    _judge_nothing()
    _name_keys()
    _deliver_nowhere()
    _lint_nothing()


def arrange_service(name: str) -> None:
    """The same for one service, once that is loaded."""
    if name == "ssm":
        _seal_parameters()


def _make_nothing_of_yaml() -> None:
    """The mock loads templates with a loader that runs whatever Python they name. It gets the safe one."""
    yaml: Any = import_module("yaml")
    for name in ("Loader", "FullLoader", "UnsafeLoader"):
        for place in (yaml, yaml.loader):
            setattr(place, name, yaml.SafeLoader)


def _need_no_validators() -> None:
    """Documents of OpenAPI are taken as they are, where their large validator is not installed."""
    if importlib.util.find_spec("openapi_spec_validator") is not None:
        return
    package, inner = ModuleType("openapi_spec_validator"), ModuleType("openapi_spec_validator.validation")
    errors: Any = ModuleType("openapi_spec_validator.validation.exceptions")
    package.validate = lambda document: None  # type: ignore[attr-defined]
    errors.OpenAPIValidationError = ValueError
    for module in (package, inner, errors):
        sys.modules[module.__name__] = module


def _believe_identities() -> None:
    models: Any = import_module("moto.iam.models")

    def role(self: Any, arn: str) -> Any:
        return arn

    def profile(self: Any, name: str, path: str = "/") -> Any:
        made = self.instance_profiles.get(name)
        if made is None:
            made = self.instance_profiles[name] = models.InstanceProfile(
                account_id=self.account_id,
                region_name=self.partition,
                instance_profile_id=f"AIPA{name}",
                name=name,
                path=path,
                roles=[],
            )
        return made

    def profile_by_arn(self: Any, arn: str) -> Any:
        path, _, name = arn.partition(":instance-profile")[2].rpartition("/")
        return profile(self, name, f"{path}/")

    models.IAMBackend.get_role_by_arn = role
    models.IAMBackend.get_instance_profile = profile
    models.IAMBackend.get_instance_profile_by_arn = profile_by_arn


def _judge_nothing() -> None:
    """A bucket's policy is evaluated by Rolekeeper, and by nobody else."""
    neutral: Any = import_module("moto.iam.access_control").PermissionResult.NEUTRAL
    bucket: Any = import_module("moto.s3.models").FakeBucket
    bucket.get_permission = lambda self, action, resource: neutral


def _name_keys() -> None:
    """An object that is encrypted twice over says its key, as one does that is encrypted once."""
    item: Any = import_module("moto.s3.models").FakeKey
    plain = item.response_dict.fget

    def told(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = plain(self)
        if self.encryption == "aws:kms:dsse" and self.kms_key_id is not None:
            found["x-amz-server-side-encryption-aws-kms-key-id"] = self.kms_key_id
        return found

    item.response_dict = property(told)


def _deliver_nowhere() -> None:
    """A subscription to a URL gets nothing; what is published goes its other ways."""
    requests: Any = import_module("requests")

    def nobody(self: Any, request: Any, **more: Any) -> Any:
        response = requests.Response()
        response.status_code, response.request, response.url = 503, request, request.url
        return response

    requests.Session.send = nobody


def _seal_parameters() -> None:
    """An encrypted parameter that is read as it is kept shows nothing of its value."""
    parameter: Any = import_module("moto.ssm.models").Parameter
    plain, secret = parameter.response_object, secrets.token_bytes(32)

    def sealed(self: Any, decrypt: bool = False, region: str | None = None) -> Any:
        told = plain(self, decrypt, region)
        if self.parameter_type == "SecureString" and not decrypt:
            told["Value"] = base64.b64encode(hmac.digest(secret, self.value.encode(), "sha512")).decode()
        return told

    parameter.response_object = sealed


def _lint_nothing() -> None:
    """A template that can be read is one, where the large linter of templates is not installed."""
    if importlib.util.find_spec("cfnlint") is None:
        models: Any = import_module("moto.cloudformation.models")
        models.validate_template_cfn_lint = lambda template: []
