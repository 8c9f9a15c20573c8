"""Starts modules of the program in processes of their own: from a checkout, an installed package and the app folder.

This module imports the standard library only, because the audio process is started before all other imports.
"""

import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NoReturn

_RUN_MODULE = "--run-module"  # the app folder's program runs this module instead of its command line
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows: no console for a child of a windowed program
_PROGRAM_FOLDER = Path(__file__).parents[2]

ErrorOutput = Literal["shared", "pipe"]


def start_child(
    module: str,
    arguments: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    errors: ErrorOutput = "shared",
) -> "subprocess.Popen[bytes]":
    """Start a module as ``__main__`` of a new process, whose standard input and output are pipes.

    The child imports what this process can import, but nothing from the folder in which the program was started.

    Args:
        module: dotted name; the module does its work under ``if __name__ == "__main__":``.
        arguments: ``sys.argv[1:]`` of the child.
        environment: variables added to those of this process.
        errors: "shared" writes the child's standard error to that of this process, "pipe" makes it a pipe.

    Raises:
        OSError: the system cannot start a process.
    """
    return subprocess.Popen(
        [*_interpreter(), module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if errors == "pipe" else None,
        env={**os.environ, **(environment or {}), **_import_settings()},
        creationflags=_NO_WINDOW,
    )


def run_child(module: str, arguments: Sequence[str] = (), *, timeout_s: float) -> "subprocess.CompletedProcess[str]":
    """Run a module as ``start_child`` does until it ends; return its status and its outputs as UTF-8 text.

    Raises:
        OSError: the system cannot start a process.
        subprocess.TimeoutExpired: it ran longer than ``timeout_s``; it was ended.
    """
    with start_child(module, arguments, {"PYTHONIOENCODING": "utf-8"}, errors="pipe") as child:
        try:
            output, errors = child.communicate(timeout=timeout_s)
        except BaseException:
            child.kill()
            raise
    return subprocess.CompletedProcess(
        child.args, child.returncode, output.decode(errors="replace"), errors.decode(errors="replace")
    )


def end_tidily() -> None:
    """Let a request to end this process raise ``SystemExit`` in its main thread, where this is called.

    So ``with`` and ``finally`` remove what is half done. Windows ends processes without a request.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def prepare_children() -> None:
    """Prepare this process, the program, for the processes that it starts; call it first.

    From here on neither this process nor its children import from the folder in which the program was started. In the
    app folder this process may itself be a child: then its module runs here, and the function does not return.
    """
    sys.path[:] = _without_start_folder(sys.path)
    os.environ["PYTHONSAFEPATH"] = "1"  # for the processes of multiprocessing too
    if path := os.environ.get("PYTHONPATH"):
        os.environ["PYTHONPATH"] = os.pathsep.join(_without_start_folder(path.split(os.pathsep)))
    if not is_app_folder():
        return
    import multiprocessing

    multiprocessing.freeze_support()  # runs a child of multiprocessing, and exits
    if sys.argv[1:2] == [_RUN_MODULE]:
        _run_as_child(sys.argv[2:])


def is_app_folder() -> bool:
    """Return whether the program runs from its app folder, where ``sys.executable`` is the program itself."""
    return bool(getattr(sys, "frozen", False))


def _run_as_child(arguments: list[str]) -> NoReturn:
    if not arguments or arguments[0].partition(".")[0] != __name__.partition(".")[0]:
        sys.exit(f"synth-app: {_RUN_MODULE} is for the program's own processes")
    sys.argv[1:] = arguments[1:]
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    sys.exit(0)


def _interpreter() -> list[str]:
    if is_app_folder():
        return [sys.executable, _RUN_MODULE]
    return [sys.executable, "-P", "-m"]


def _import_settings() -> dict[str, str]:
    """Return the variables by which a child imports from the same folders, except the one of the start."""
    if is_app_folder():
        return {}
    return {"PYTHONPATH": os.pathsep.join(_without_start_folder(sys.path)), "PYTHONSAFEPATH": "1"}


def _without_start_folder(folders: list[str]) -> list[str]:
    """Return the folders of an import path but the current one, which stays only if it holds the program."""
    try:
        start = Path.cwd()
    except OSError:  # it was removed
        return [folder for folder in folders if Path(folder).is_absolute()]
    holds_program = start == _PROGRAM_FOLDER
    return [folder for folder in folders if folder and (holds_program or Path(folder).absolute() != start)]
