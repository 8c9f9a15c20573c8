"""The root command with all subcommands, and the exit status and message of every error."""

import io
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from synth_app import __version__
from synth_app.cli.aliases import with_new_names
from synth_app.cli.commands import LazyGroup
from synth_app.support.early_process import EarlyProcess
from synth_app.support.errors import UserError
from synth_app.support.logging import LEVELS, ROOT, setup_logging

logger = logging.getLogger(__name__)

# Packages that only some commands import, with the extra that installs them.
_EXTRAS = {
    **dict.fromkeys(("torch", "dask", "distributed", "umap", "PIL"), "train"),
    **dict.fromkeys(("matplotlib", "visqol"), "report"),
}

app = typer.Typer(
    name="synth-app",
    cls=LazyGroup,
    help="Play a neural network: a synthesizer whose oscillator is a learned latent space.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    log_level: Annotated[
        str,
        typer.Option(metavar="LEVEL", help=f"Least severe records to log: {', '.join(LEVELS)}. Only before a command."),
    ] = "info",
    log_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Log file; - is standard error. Default: in the user's log folder. Only before a command.",
        ),
    ] = None,
) -> None:
    """Play a neural network. Without a command, open the window."""
    if version:
        typer.echo(f"synth-app {__version__}")
        raise typer.Exit
    setup_logging(log_level, log_file)
    logger.info("synth-app %s: %s", __version__, context.invoked_subcommand or "window")
    if context.invoked_subcommand is None:
        from synth_app.app import run

        raise typer.Exit(run([], context.obj))


def main(early: EarlyProcess | None = None) -> None:
    """Run the command line and exit with a status.

    The status is 0 on success, 2 after an error that the user can correct (one line on stderr says how), 130 after an
    interruption, and 1 after an unexpected error, whose traceback is printed once.

    Args:
        early: an audio process that was started already, for the window.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may hold bytes that the terminal's encoding lacks
            stream.reconfigure(errors="backslashreplace")
    try:
        arguments = with_new_names(sys.argv[1:], value_options)
        status = app(arguments, prog_name="synth-app", standalone_mode=False, obj=early)
    except UserError as error:
        _fail(str(error), 2)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)  # of the command that got the wrong argument
        command = "synth-app" if context is None else context.command_path
        _fail(f"{error.format_message()} (see {command} --help)", 2)
    except OSError as error:
        _fail(f"{error.filename or 'file'}: {error.strerror or error}", 2)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted; no unfinished file is kept", 130)
    except Exception as error:
        if problem := _missing_extra(error):
            _fail(problem, 2)
        logger.exception("unexpected error")
        if _logs_to_stderr():  # the traceback is there already
            sys.exit(1)
        raise
    sys.exit(status if isinstance(status, int) else 0)


def value_options(command: str) -> frozenset[str]:
    """Return the options of a command that take a value; none for an unknown command.

    Args:
        command: its full name, such as "render" or "presets sheet".
    """
    found: Any = get_command(app)
    for word in command.split():
        found = getattr(found, "commands", {}).get(word)
    options = [param for param in getattr(found, "params", ()) if param.param_type_name == "option"]
    return frozenset(name for param in options if not param.is_flag for name in param.opts)


def _missing_extra(error: Exception) -> str:
    """Return how to install the package that a command needs beyond those of the window; "" for other errors."""
    package = (getattr(error, "name", "") or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    extra = _EXTRAS.get(package)
    if extra is None:
        return ""
    return f'this command needs {package}, which is not installed; install it: pip install "synth-app[{extra}]"'


def _logs_to_stderr() -> bool:
    return any(getattr(handler, "stream", None) is sys.stderr for handler in logging.getLogger(ROOT).handlers)


def _fail(message: str, status: int) -> None:
    logger.info("status %d: %s", status, " ".join(message.split()))
    logger.debug("traceback of status %d", status, exc_info=True)
    print(f"synth-app: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)
