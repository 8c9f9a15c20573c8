"""Encodes audio as a user note of a model: latent path, gains, marks and correction."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, NoteMarks
from synth_app.patch import UserNote
from synth_app.patch.user_note import OWN_SOUND
from synth_app.session.sounds.user_sound import Region
from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from synth_app.decoder import Model

FALLBACK_PITCH = 60.0  # MIDI pitch of a recording without one, such as noise
VELOCITY = 100  # of a recording whose velocity is not known
OWN_SHAPES, OWN_KNOTS = 16, 192  # of a correction; a bank's notes have fewer, because a model file is small
_LEAST_FRAMES = 4


@dataclass(frozen=True)
class NoteSettings:
    """How audio is encoded.

    Attributes:
        name: of the note.
        pitch: MIDI, fractions allowed.
        velocity: of the recording, 1 to 127.
        pitched: whether the note follows the keys.
        loop: of a held key, from the start of the audio; None finds one.
    """

    name: str
    pitch: float
    velocity: int = VELOCITY
    pitched: bool = True
    loop: Region | None = None


def encode_audio(model: "Model", samples: NDArray[np.float32], rate: int, settings: NoteSettings) -> UserNote:
    """Encode a recording as a user note, from its first to its last audible frame.

    The latent path is optimized, by the audible error if the model is pitch-conditioned, and smoothed. Only as much of
    a long recording is used as a note can hold (``patch.user_note.MAX_PATH_FRAMES``).

    Args:
        model: the model that the note is for.
        samples: float32 [n], mono. rate: Hz.
        settings: name, pitch and the rest.

    Raises:
        UserError: almost all of the recording is silent.
    """
    from synth_app.decoder.correction_fit import fit_correction
    from synth_app.decoder.noise_fit import fit_noise
    from synth_app.patch.user_note import MAX_PATH_FRAMES
    from synth_app.training.data.frame_cache import active_frames

    frames = model.frames(samples, rate)
    kept = np.flatnonzero(active_frames(frames.max(axis=1)))
    if len(kept) < _LEAST_FRAMES:
        raise UserError(f"{settings.name}: almost only silence; use a recording of at least a tenth of a second")
    frames = frames[kept[0] : kept[-1] + 1][:MAX_PATH_FRAMES]
    pitch = min(max(settings.pitch, 0.0), 127.0)
    note = _encoded(model, frames, pitch, settings, int(kept[0]))
    hop_s = model.spec.hop_seconds
    noise = fit_noise(samples, rate, pitch, kept[0] * hop_s, len(frames) * hop_s)
    correction = fit_correction(model, note, frames, pitch, OWN_SHAPES, noise, knots=OWN_KNOTS)
    corrected = replace(note, correction=correction)
    return replace(UserNote.of(corrected, pitch), pitched=settings.pitched)


def _encoded(model: "Model", frames: NDArray[np.float32], pitch: float, settings: NoteSettings, first: int) -> BankNote:
    """Return a note of frames [frames, bins] in dB from the ``first`` on, with a smoothed path and no correction."""
    from synth_app.decoder import GAUSS_NEWTON_STEPS
    from synth_app.decoder.correction_fit import partial_spacing
    from synth_app.modelfile.path_smoothing import smooth_path, smooth_unresolved
    from synth_app.training.export.note_bank import note_marks, statistics_scale

    if model.pitch_conditioned:  # the squared error of a frame at its own key says little about other keys
        z, gain_db = model.encode_audibly(frames, pitch)
    else:
        z, gain_db = model.encode(frames, pitch, gauss_newton_steps=GAUSS_NEWTON_STEPS)
    release, hop_s, name = max(len(z) - 1, 3), model.spec.hop_seconds, settings.name
    marks = note_marks(z / statistics_scale(model.stats.std), gain_db, release, hop_s)
    marks = _with_loop(marks, settings.loop, first, hop_s)
    spacing = partial_spacing(model.spec, pitch)
    z = smooth_unresolved(smooth_path(z, 1.0 / hop_s), release, spacing, 1.0 / hop_s)
    gains = smooth_unresolved(gain_db[:, None], release, spacing, 1.0 / hop_s)[:, 0]
    return BankNote(name, name[:40], OWN_SOUND, round(pitch), settings.velocity, z, gains, marks)


def _with_loop(marks: NoteMarks, loop: Region | None, first_frame: int, hop_seconds: float) -> NoteMarks:
    """Return the marks with the user's loop; the attack ends before it at the latest."""
    if loop is None:
        return marks
    last = marks.release_start
    start = min(max(round(loop.start_s / hop_seconds) - first_frame, 0), last - 1)
    end = min(max(round(loop.end_s / hop_seconds) - first_frame, start + 1), last)
    return NoteMarks(min(marks.attack_end, start), start, end, last, own_loop=True)
