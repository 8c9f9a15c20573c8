"""MIDI ports that are files: a port appears with its file, disappears with it, and receives the lines added to it.

The folder is named by FAKE_MIDI. A file ``none`` there is a system without MIDI; ``NAME.port`` is a port, one that
holds the line ``busy`` cannot be opened. Every line is a message in hex, maybe with the seconds since the one before.
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
    """Reads on where it stopped."""

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
    """The test's end of a folder of ports."""

    def __init__(self, at: Path) -> None:
        self._at = at
        at.mkdir(exist_ok=True)

    def come(self, name: str, text: str = "") -> None:
        (self._at / f"{name}.port").write_text(text)

    def go(self, name: str) -> None:
        (self._at / f"{name}.port").unlink()

    def system(self, *, there: bool) -> None:
        if there:
            (self._at / "none").unlink()
        else:
            (self._at / "none").write_text("")

    def send(self, name: str, *messages: Sequence[int], since: float = 0.0) -> None:
        with (self._at / f"{name}.port").open("a") as file:
            for message in messages:
                file.write(f"{bytes(message).hex()}@{since}\n")
