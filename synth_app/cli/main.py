"""The root command, its sub-commands, and how errors leave the program."""

import sys
from typing import Annotated

import typer

from synth_app import __version__
from synth_app.cli import data, inspect, measure, motion, pitch, play, presets, study, train
from synth_app.support.errors import UserError

app = typer.Typer(
    name="synth-app",
    help="Play a neural network: a synthesizer whose oscillator is a learned latent space.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (play, inspect, measure, train, pitch, motion, study):
    for command in module.COMMANDS:
        app.command()(command)
app.add_typer(data.app, name="dataset")
app.add_typer(presets.app, name="presets")


@app.callback(invoke_without_command=True)
def window(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Play a neural network. Without a command: open the window."""
    if version:
        typer.echo(f"synth-app {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from synth_app.app import run

        raise typer.Exit(run([]))


def main() -> None:
    """Run the command line and exit: 0 done, 2 the user can mend it (one line says how), 130 interrupted."""
    try:
        status = app(standalone_mode=False)
    except UserError as error:
        _fail(str(error), 2)
    except typer.TyperException as error:
        _fail(f"{error.format_message()} (see synth-app --help)", 2)
    except OSError as error:
        _fail(f"{error.filename or 'file'}: {error.strerror}", 2)
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted; nothing unfinished was kept", 130)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, status: int) -> None:
    print(f"synth-app: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(status)
