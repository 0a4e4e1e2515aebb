"""The command line: `rolekeeper`, short `rk`.

Exit status: 0 yes, 1 no, 2 a wrong use, 3 could not. Modules of commands import what is heavy inside their
functions, so that help and completion answer at once.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name."""
    from rolekeeper.cli.program import program
    from rolekeeper.cli.terminal import COULD_NOT, WRONG_USE, complain
    from rolekeeper.errors import RolekeeperError, UsageError

    try:
        program(prog_name="rolekeeper")
    except RolekeeperError as error:
        complain(str(error))
        sys.exit(WRONG_USE if isinstance(error, UsageError) else COULD_NOT)
