"""Writes or reads a pack in a process of its own: packs may be large."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synth_app.export.process_job import ProcessJob
from synth_app.session.packs import Imported, Libraries, PackTexts, export_pack, import_pack
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.session.state.preset import Preset


@dataclass(frozen=True)
class PackRequest:
    """What goes into a pack; see ``export_pack``."""

    out: Path
    texts: PackTexts
    models: tuple[Path, ...] = ()
    sounds: tuple[SoundEntry, ...] = ()
    presets: tuple[Preset, ...] = ()


@dataclass(frozen=True)
class _Written:
    size: int


class PackJob(ProcessJob):
    """One pack being written, if given a request, or added to the user's libraries, if given libraries.

    Attributes:
        written: size of the pack in bytes, 0 until it is written.
        imported: what was added; None until it is.
        error: why it failed, "" otherwise.
    """

    def __init__(self, what: "PackRequest | Path", libraries: Libraries | None = None) -> None:
        if isinstance(what, PackRequest):
            super().__init__(_export, what)
        else:
            super().__init__(_import, what, libraries)
        self.written = 0
        self.imported: Imported | None = None
        self.error = ""

    def _handle(self, message: object) -> None:
        match message:
            case Imported():
                self.imported = message
            case _Written(size):
                self.written = size
            case _:
                self.error = str(message)
        self._ended = True

    def _handle_end(self) -> None:
        self.error = "the pack could not be read or written: the process ended unexpectedly; try again"


def _export(request: PackRequest, send: Callable[[object], None]) -> None:
    export_pack(request.out, request.texts, models=request.models, sounds=request.sounds, presets=request.presets)
    send(_Written(request.out.stat().st_size))


def _import(path: Path, libraries: Libraries | None, send: Callable[[object], None]) -> None:
    send(import_pack(path, libraries or Libraries.of_user()))
