"""The commands under `rolekeeper workload`."""

from __future__ import annotations

import typer

from rolekeeper.cli.workload import every, function, instance, service_role, task

workload = typer.Typer(help="What runs as what, and with which role.", no_args_is_help=True)
workload.command("list", epilog=every.LIST_EXAMPLE)(every.list_)
workload.command("secret", epilog=every.SECRET_EXAMPLE)(every.secret)
workload.command("forget-secret", epilog=every.FORGET_EXAMPLE)(every.forget_secret)

_instance = typer.Typer(help="EC2 instances.", no_args_is_help=True)
_instance.command("register", epilog=instance.REGISTER_EXAMPLE)(instance.register)
_instance.command("list", epilog=instance.LIST_EXAMPLE)(instance.list_)
_instance.command("associate", epilog=instance.ASSOCIATE_EXAMPLE)(instance.associate)
_instance.command("replace", epilog=instance.REPLACE_EXAMPLE)(instance.replace)
_instance.command("disassociate", epilog=instance.DISASSOCIATE_EXAMPLE)(instance.disassociate)
_instance.command("deregister", epilog=instance.DEREGISTER_EXAMPLE)(instance.deregister)
workload.add_typer(_instance, name="instance")

_task = typer.Typer(help="ECS tasks.", no_args_is_help=True)
_task.command("register", epilog=task.REGISTER_EXAMPLE)(task.register)
_task.command("list", epilog=task.LIST_EXAMPLE)(task.list_)
_task.command("deregister", epilog=task.DEREGISTER_EXAMPLE)(task.deregister)
workload.add_typer(_task, name="task")

_function = typer.Typer(help="Lambda functions.", no_args_is_help=True)
_function.command("register", epilog=function.REGISTER_EXAMPLE)(function.register)
_function.command("list", epilog=function.LIST_EXAMPLE)(function.list_)
_function.command("set-role", epilog=function.SET_ROLE_EXAMPLE)(function.set_role)
_function.command("deregister", epilog=function.DEREGISTER_EXAMPLE)(function.deregister)
workload.add_typer(_function, name="function")

_service_role = typer.Typer(help="Whatever else a service runs.", no_args_is_help=True)
_service_role.command("register", epilog=service_role.REGISTER_EXAMPLE)(service_role.register)
_service_role.command("list", epilog=service_role.LIST_EXAMPLE)(service_role.list_)
_service_role.command("deregister", epilog=service_role.DEREGISTER_EXAMPLE)(service_role.deregister)
workload.add_typer(_service_role, name="service-role")
