"""Fake MIDI ports: a port exists while its file exists, and receives the lines that are appended to the file.

The environment variable FAKE_MIDI names the folder. A file ``none`` there means a system without MIDI. ``NAME.port`` is
a port; if it holds the line ``busy``, it cannot be opened. Every other line is a message in hex, with ``@`` and the
seconds since the previous one.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from synth_app.support.errors import UserError

FOLDER = "FAKE_MIDI"


def folder() -> Path:
    return Path(os.environ[FOLDER])


def list_ports() -> tuple[str, ...]:
    if (folder() / "none").exists():
        raise UserError("no MIDI: this system has no sequencer")
    return tuple(sorted(path.stem for path in folder().glob("*.port")))


class Port:
    """An open port."""

    def __init__(self, path: Path) -> None:
        self._file = path.open(encoding="ascii")
        self._file.seek(0, os.SEEK_END)

    def read(self) -> tuple[Sequence[int], float] | None:
        at = self._file.tell()
        line = self._file.readline()
        if not line.endswith("\n"):
            self._file.seek(at)
            return None
        data, _, since = line.strip().partition("@")
        return list(bytes.fromhex(data)), float(since or 0.0)

    def close(self) -> None:
        self._file.close()


def open_port(name: str) -> Port:
    path = folder() / f"{name}.port"
    if not path.exists():
        raise UserError(f"MIDI port {name} is gone")
    if path.read_text() == "busy\n":
        raise UserError(f"MIDI port {name} cannot be opened")
    return Port(path)


class Plug:
    """The test's side: adds and removes ports, sends messages."""

    def __init__(self, at: Path) -> None:
        self._at = at
        at.mkdir(exist_ok=True)

    def add(self, name: str, text: str = "") -> None:
        (self._at / f"{name}.port").write_text(text)

    def remove(self, name: str) -> None:
        (self._at / f"{name}.port").unlink()

    def set_system(self, *, there: bool) -> None:
        if there:
            (self._at / "none").unlink()
        else:
            (self._at / "none").write_text("")

    def send(self, name: str, *messages: Sequence[int], since: float = 0.0) -> None:
        with (self._at / f"{name}.port").open("a") as file:
            for message in messages:
                file.write(f"{bytes(message).hex()}@{since}\n")
