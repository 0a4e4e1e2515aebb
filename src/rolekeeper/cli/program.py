"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from rolekeeper.cli import (
    audit,
    authorize,
    break_glass,
    cluster,
    creds,
    creds_x509,
    env,
    explain,
    export,
    importing,
    profile,
    role,
    run,
    status,
    suite,
    up,
    why,
)
from rolekeeper.cli.metadata import listen
from rolekeeper.cli.terminal import say
from rolekeeper.cli.workload.commands import workload

program = typer.Typer(
    name="rolekeeper",
    help="AWS IAM roles and temporary credentials as a system that anyone can run.",
    epilog='Example: rolekeeper up --ephemeral   and then, in another shell:   eval "$(rolekeeper env)"',
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
program.command(epilog=up.EXAMPLE)(up.up)
program.command(epilog=env.EXAMPLE)(env.env)
program.command(epilog=status.EXAMPLE)(status.status)
program.command(epilog=run.EXAMPLE, context_settings=run.SETTINGS)(run.run)

_creds = typer.Typer(help="A role's credentials.", no_args_is_help=True)
_creds.command("process", epilog=creds.PROCESS_EXAMPLE)(creds.process)
_creds.command("export", epilog=creds.EXPORT_EXAMPLE)(creds.export)
_creds.command("shell", epilog=creds.SHELL_EXAMPLE)(creds.shell)
_creds.command("x509", epilog=creds_x509.EXAMPLE)(creds_x509.x509)
program.add_typer(_creds, name="creds")

program.command(epilog=authorize.EXAMPLE)(authorize.authorize)
program.command(epilog=explain.EXAMPLE)(explain.explain)
program.command(epilog=why.EXAMPLE)(why.why)
program.command(epilog=suite.EXAMPLE)(suite.test)

_import = typer.Typer(help="Bring in what other places have.", no_args_is_help=True)
_import.command("authorization-details", epilog=importing.EXAMPLE)(importing.authorization_details)
program.add_typer(_import, name="import")
program.command(epilog=export.EXAMPLE)(export.export)

_profile = typer.Typer(help="Profiles in the AWS configuration files.", no_args_is_help=True)
_profile.command("write", epilog=profile.EXAMPLE)(profile.write)
program.add_typer(_profile, name="profile")

_role = typer.Typer(help="Roles of a running server.", no_args_is_help=True)
_role.command("trust", epilog=role.EXAMPLE)(role.trust)
program.add_typer(_role, name="role")

program.add_typer(workload, name="workload")

_cluster = typer.Typer(help="Kubernetes clusters, and tokens of their pods.", no_args_is_help=True)
_cluster.command("add", epilog=cluster.ADD_EXAMPLE)(cluster.add)
_cluster.command("list", epilog=cluster.LIST_EXAMPLE)(cluster.list_)
_cluster.command("token", epilog=cluster.TOKEN_EXAMPLE)(cluster.token)
_cluster.command("remove", epilog=cluster.REMOVE_EXAMPLE)(cluster.remove)
program.add_typer(_cluster, name="cluster")

_metadata = typer.Typer(help="Instance metadata where instances look for them.", no_args_is_help=True)
_metadata.command("listen", epilog=listen.LISTEN_EXAMPLE)(listen.listen)
program.add_typer(_metadata, name="metadata")

_audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
_audit.command("tail", epilog=audit.EXAMPLE)(audit.tail)
program.add_typer(_audit, name="audit")

_break_glass = typer.Typer(help="Roles for emergencies.", no_args_is_help=True)
_break_glass.command("create", epilog=break_glass.CREATE_EXAMPLE)(break_glass.create)
_break_glass.command("open", epilog=break_glass.OPEN_EXAMPLE)(break_glass.open_)
_break_glass.command("extend", epilog=break_glass.EXTEND_EXAMPLE)(break_glass.extend)
_break_glass.command("close", epilog=break_glass.CLOSE_EXAMPLE)(break_glass.close)
_break_glass.command("status", epilog=break_glass.STATUS_EXAMPLE)(break_glass.status)
program.add_typer(_break_glass, name="break-glass")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"rolekeeper {version('rolekeeper')}")
        raise typer.Exit


@program.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass
