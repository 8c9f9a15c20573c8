"""Renders the two sounds of a blind comparison in a process of its own, at low priority."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth_app.dataset.nsynth import audio_path, read_notes
from synth_app.export.abx.phrases import KEYS, Recording, Sound, bank_phrases, recording_phrases, sound_phrases
from synth_app.export.process_job import ProcessJob
from synth_app.session.sounds.sound_library import SoundEntry
from synth_app.support.errors import UserError
from synth_app.support.files import reason
from synth_app.support.priority import lower_process


@dataclass(frozen=True)
class AbxRequest:
    """Two models, and what both play.

    Attributes:
        models: files of A and B.
        folder: for the two sounds; it must exist.
        notes: folder of notes, as a training keeps them; both models encode some of them.
        sound: of the user; both models encode it. Without notes and sound they play a note of both banks.
        detail: how much of what a model misses is added to its sound, 0-1.
    """

    models: tuple[Path, Path]
    folder: Path
    notes: Path | None = None
    sound: SoundEntry | None = None
    detail: float = 1.0


@dataclass(frozen=True)
class AbxSounds:
    """The sounds of A and B, mono at 48 kHz in raw 32-bit floats, of equal length."""

    a: Path
    b: Path


@dataclass(frozen=True)
class _Progress:
    done: int
    total: int


class AbxJob(ProcessJob):
    """One rendering in another process.

    Attributes:
        steps: parts that are done, and all of them; zeros before the first.
        result: the sounds; None until they are there.
        error: why it failed, "" otherwise.
    """

    def __init__(self, request: AbxRequest) -> None:
        super().__init__(_render, request)
        self.steps = (0, 0)
        self.result: AbxSounds | None = None
        self.error = ""

    def _handle(self, message: object) -> None:
        match message:
            case _Progress(done, total):
                self.steps = (done, total)
                return
            case AbxSounds():
                self.result = message
            case _:
                self.error = str(message)
        self._ended = True

    def _handle_end(self) -> None:
        self.error = "the sounds could not be rendered: the process ended unexpectedly; try again"


def _render(request: AbxRequest, send: Callable[[object], None]) -> None:
    lower_process()

    def report(done: int, total: int) -> None:
        send(_Progress(done, total))

    a, b = request.models
    if request.notes is not None:
        notes = read_notes(request.notes)
        recordings = [Recording(audio_path(request.notes, each.note_str), each.pitch, each.velocity) for each in notes]
        sounds = recording_phrases(request.models, recordings, report, detail=request.detail)
    elif request.sound is not None:
        sounds = sound_phrases(request.models, request.sound, report, detail=request.detail)
    else:
        sounds = bank_phrases((str(a), str(b)), "", KEYS, report, detail=request.detail)
    paths = tuple(request.folder / f"{side}.f32" for side in ("a", "b"))
    for path, sound in zip(paths, sounds, strict=True):
        _write(path, sound)
    send(AbxSounds(*paths))


def _write(path: Path, sound: Sound) -> None:
    try:
        sound.mean(axis=1).astype(np.float32).tofile(path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {reason(error)}; free some space") from error
