"""Encodes a sound file as a user note of the present model, in a process of its own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from synth_app.export.process_job import ProcessJob
from synth_app.patch import UserNote
from synth_app.support.errors import UserError
from synth_app.support.loading import shown

MAX_SECONDS = 12.0  # a longer recording is probably not a single note
FALLBACK_PITCH = 60.0  # MIDI pitch of a recording without one, such as noise


def encode_sound(path: Path, model_path: str) -> UserNote:
    """Encode a recording as a user note, from its onset to its end.

    Silence before and after is left out. The pitch is estimated. The latent path is smoothed.

    Args:
        path: a sound file of ``MAX_SECONDS`` at most.
        model_path: the model that the note is for.

    Raises:
        UserError: the file is not a sound file, too long or silent, or the model cannot be loaded.
    """
    import numpy as np

    from synth_app.dataset.audio_io import read_audio_file
    from synth_app.decoder import GAUSS_NEWTON_STEPS, load_model
    from synth_app.decoder.correction_fit import fit_correction
    from synth_app.evaluation.metrics.pitch import estimate_pitch
    from synth_app.modelfile import BankNote
    from synth_app.modelfile.path_smoothing import smooth_path
    from synth_app.patch.user_note import MAX_PATH_FRAMES
    from synth_app.training.data.frame_cache import active_frames
    from synth_app.training.export.note_bank import note_marks, statistics_scale

    model = load_model(model_path)
    audio, rate = read_audio_file(path, max_seconds=MAX_SECONDS)
    pitch = estimate_pitch(audio, rate)
    frames = model.frames(audio, rate)
    kept = np.flatnonzero(active_frames(frames.max(axis=1)))
    if len(kept) < 4:
        raise UserError(f"{shown(path.name)}: almost only silence; use a recording of at least a tenth of a second")
    frames = frames[kept[0] : kept[-1] + 1][:MAX_PATH_FRAMES]
    found = FALLBACK_PITCH if pitch is None else min(max(pitch, 0.0), 127.0)
    z, gain_db = model.encode(frames, found, gauss_newton_steps=GAUSS_NEWTON_STEPS)
    release = max(len(z) - 1, 3)
    marks = note_marks(z / statistics_scale(model.stats.std), gain_db, release, model.spec.hop_seconds)
    name = shown(path.stem)  # it is stored as text
    smooth = smooth_path(z, 1.0 / model.spec.hop_seconds)
    note = BankNote(name, name[:40], "", round(found), 100, smooth, gain_db, marks)
    return UserNote.of(replace(note, correction=fit_correction(model, note, frames, found)), found)


class EncodeJob(ProcessJob):
    """One sound file being encoded in another process. ``note`` or ``error`` is set when it is done.

    Attributes:
        note: the encoded note, None until it is ready.
        error: why encoding failed, "" otherwise.
    """

    def __init__(self, path: Path, model_path: str) -> None:
        super().__init__(_encode, path, model_path)
        self.note: UserNote | None = None
        self.error = ""

    def _handle(self, message: object) -> None:
        if isinstance(message, UserNote):
            self.note = message
        else:
            self.error = str(message)
        self._ended = True

    def _handle_end(self) -> None:
        self.error = "the sound file could not be encoded: the process ended unexpectedly; try again"


def _encode(path: Path, model_path: str, send: Callable[[UserNote], None]) -> None:
    send(encode_sound(path, model_path))
