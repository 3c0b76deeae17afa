"""`zaoying`: all commands, put together.

Exit codes: 0 done, 1 refused or found wrong, 2 used wrongly.
"""

import errno
import os
import sys
from contextlib import suppress
from typing import Final, NoReturn

import typer

from claims.text.file_problems import os_problem
from cli import calendars, db, release, system
from cli.access import keys
from cli.access.tokens import revoke_token, token
from cli.auditing import archive, audit
from cli.auditing.rehearse import rehearse
from cli.demo import demo
from cli.forward import forward
from cli.refusals import CommandRefused
from cli.usage_errors import in_chinese
from runtime.errors import ConfigurationError
from runtime.process.garbage import tune_for_loading
from runtime.secret_files import UnreadableSecret

app = typer.Typer(
    name="zaoying",
    help="企呼枣(早)应、接诉即办",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    *(system.up, demo, system.worker, system.api, system.namespace),
    *(release.check_release, release.promote, token, revoke_token, forward, rehearse),
):
    app.command()(command)
for name, group in (
    ("calendar", calendars.app),
    ("archive", archive.app),
    ("audit", audit.app),
    ("db", db.app),
    ("keys", keys.app),
):
    app.add_typer(group, name=name)


OWNER_ALONE: Final = 0o077
"""The umask of every program: databases, archive, attachments, exports and logs are for the account that runs it."""


_OF_THE_DISK: Final = frozenset(
    {errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC}
    | {errno.EDQUOT, errno.EFBIG}
)


def _about_the_disk(error: OSError) -> str:
    where = error.filename or "数据目录"
    return (
        f"无法使用 {where}（{os_problem(error)}）：请核对 ZAOYING_HOME 所指的目录、权限和磁盘空间，然后重试"
    )


def _run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    try:
        left = app(arguments, prog_name="zaoying", standalone_mode=False)
    except typer.TyperException as wrong:
        if type(wrong).__name__ == "NoArgsIsHelpError":
            getattr(wrong, "show", lambda: None)()
        else:
            typer.echo(in_chinese(wrong), err=True)
        return wrong.exit_code
    except typer.Abort:
        return 1
    except (CommandRefused, ConfigurationError, UnreadableSecret) as refused:
        typer.echo(str(refused), err=True)
        return 1
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:  # noqa: BLE001  print any error and exit with 1
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            typer.echo(_about_the_disk(error), err=True)
        else:
            sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return left if isinstance(left, int) else 0


def main() -> NoReturn:
    """Run the command and leave with `os._exit`.

    The SDK's native threads can crash the interpreter while it shuts down, which would change the exit code.
    """
    tune_for_loading()
    os.umask(OWNER_ALONE)
    code = _run(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):
            stream.flush()
    os._exit(code)
