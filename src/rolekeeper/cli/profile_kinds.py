"""What the sections of a profile are, by its kind.

Sources: "Shared config and credentials files", "Assume role credential provider" and "Process credential
provider" in the AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from rolekeeper.cli.credentials import environments_key, root_key
from rolekeeper.cli.launch.flags import RoleFlags, seconds
from rolekeeper.cli.launch.profiles import config_file, credentials_file, profiles_key, title
from rolekeeper.cli.running import Running
from rolekeeper.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A profile as it is asked for."""

    name: str
    role: RoleFlags
    process: bool
    token_file: Path | None
    own_keys: bool


class Section(NamedTuple):
    """A section of one of the files; a private one holds secrets. One without values is to be gone."""

    path: Path
    title: str
    values: Mapping[str, str] | None
    private: bool


def sections(wanted: Wanted, server: Running, environment: Mapping[str, str]) -> list[Section]:
    """The sections of a profile; UsageError for what does not go together, ConfigurationError."""
    _check(wanted)
    settings = {"region": server.region, "endpoint_url": server.endpoint}
    if server.tls_cert is not None:
        settings["ca_bundle"] = server.tls_cert
    path, name = config_file(environment), title(wanted.name)
    if wanted.role.role is not None:
        own = _role(wanted, wanted.role.role, server, environment)
        if any("\n" in value or "\r" in value for value in own.values()):
            raise UsageError("a profile's values are of one line")
        # Keys under the same name would be taken in place of the role's.
        return [
            Section(path, name, settings | own, private=False),
            Section(credentials_file(environment), wanted.name, None, private=True),
        ]
    key = environments_key(environment) if wanted.own_keys else root_key(server, environment)
    if key is None:
        raise UsageError("--own-keys: there are none, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    keys = {"aws_access_key_id": key.access_key_id, "aws_secret_access_key": key.secret.reveal()}
    if key.token is not None:
        keys["aws_session_token"] = key.token.reveal()
    return [
        Section(path, name, settings, private=False),
        Section(credentials_file(environment), wanted.name, keys, private=True),
    ]


def _check(wanted: Wanted) -> None:
    given = wanted.role.given
    if wanted.role.role is None:
        stray = [*given, *(["--process"] if wanted.process else [])]
        if stray or wanted.token_file is not None:
            raise UsageError(
                f"{(stray or ['--web-identity-token-file'])[0]} is of a role's profile: --role ARN"
            )
        return
    if sum((wanted.process, wanted.token_file is not None, wanted.own_keys)) > 1:
        raise UsageError("--process, --web-identity-token-file and --own-keys exclude one another")
    if wanted.own_keys:
        raise UsageError("--own-keys is of a profile without a role, which --source-profile can name then")
    if "--token-code" in given or (wanted.process and "--serial-number" in given):
        raise UsageError("a code of an MFA device is good once, and does not go into a profile")
    kept = {"--role", "--session-name"}
    if wanted.token_file is None:
        kept |= {"--source-profile", "--external-id", "--duration", "--serial-number"}
    if wanted.process:
        kept |= {"--tag", "--source-identity"}
    for flag in given:
        if flag not in kept:
            raise UsageError(f"{flag} does not go into a profile of this kind")
    if not str(wanted.role.role).startswith("arn:"):
        raise UsageError("a profile names its role by its ARN")


def _role(wanted: Wanted, arn: str, server: Running, environment: Mapping[str, str]) -> dict[str, str]:
    flags = wanted.role
    if wanted.token_file is not None:
        found = {"role_arn": arn, "web_identity_token_file": str(wanted.token_file.expanduser().absolute())}
        return found | ({"role_session_name": flags.session_name} if flags.session_name else {})
    if flags.source_profile is None:
        raise UsageError("say whose keys assume the role: --source-profile PROFILE")
    profiles_key(flags.source_profile, environment)  # which must be there
    if wanted.process:
        return {"credential_process": shlex.join(_process(flags, server))}
    values = {
        "role_arn": arn,
        "source_profile": flags.source_profile,
        "role_session_name": flags.session_name or "rolekeeper",
        "external_id": flags.external_id,
        "mfa_serial": flags.serial_number,
        "duration_seconds": None if flags.duration is None else str(seconds(flags.duration)),
    }
    return {name: value for name, value in values.items() if value is not None}


def _process(flags: RoleFlags, server: Running) -> list[str]:
    """The command that gets the credentials, as it can be given from anywhere."""
    terms = flags.terms()
    own = shutil.which("rolekeeper") or sys.argv[0]
    command = [
        str(Path(own).absolute()),
        "creds",
        "process",
        "--port",
        str(server.port),
        "--role",
        terms.role,
    ]
    given = {
        "--source-profile": flags.source_profile,
        "--session-name": flags.session_name,
        "--duration": flags.duration,
        "--external-id": flags.external_id,
        "--source-identity": flags.source_identity,
    }
    for name, value in given.items():
        command += [name, value] if value is not None else []
    for tag in flags.tag or ():
        command += ["--tag", tag]
    return command
