"""Encodes audio as a user note of a model: latent path, gains, marks and correction."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.modelfile import BankNote, NoteMarks
from synth_app.patch import UserNote
from synth_app.session.sounds.user_sound import Region
from synth_app.support.errors import UserError

if TYPE_CHECKING:
    from synth_app.decoder import Model

FALLBACK_PITCH = 60.0  # MIDI pitch of a recording without one, such as noise
_LEAST_FRAMES = 4
_LEAST_LAG_S, _REPEAT_S, _LEAST_LIKENESS = 0.005, 0.3, 0.25


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
    velocity: int = 100
    pitched: bool = True
    loop: Region | None = None


def encode_audio(model: "Model", samples: NDArray[np.float32], rate: int, settings: NoteSettings) -> UserNote:
    """Encode a recording as a user note, from its first to its last audible frame.

    The latent path is smoothed, and before that optimized unless the model is pitch-conditioned. Only as much of a long
    recording is used as a note can hold (``patch.user_note.MAX_PATH_FRAMES``).

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
    corrected = replace(note, correction=fit_correction(model, note, frames, pitch, noise=noise))
    return replace(UserNote.of(corrected, pitch), pitched=settings.pitched)


def _encoded(model: "Model", frames: NDArray[np.float32], pitch: float, settings: NoteSettings, first: int) -> BankNote:
    """Return a note of frames [frames, bins] in dB from the ``first`` on, with a smoothed path and no correction."""
    from synth_app.decoder import GAUSS_NEWTON_STEPS
    from synth_app.decoder.correction_fit import partial_spacing
    from synth_app.modelfile.path_smoothing import smooth_path, smooth_unresolved
    from synth_app.training.export.note_bank import note_marks, statistics_scale

    # as in note banks: optimised at its own key, a pitch-conditioned model's path would be worse at all others
    steps = 0 if model.pitch_conditioned else GAUSS_NEWTON_STEPS
    z, gain_db = model.encode(frames, pitch, gauss_newton_steps=steps)
    release, hop_s, name = max(len(z) - 1, 3), model.spec.hop_seconds, settings.name
    marks = note_marks(z / statistics_scale(model.stats.std), gain_db, release, hop_s)
    marks = _with_loop(marks, settings.loop, first, hop_s)
    spacing = partial_spacing(model.spec, pitch)
    z = smooth_unresolved(smooth_path(z, 1.0 / hop_s), release, spacing, 1.0 / hop_s)
    gains = smooth_unresolved(gain_db[:, None], release, spacing, 1.0 / hop_s)[:, 0]
    return BankNote(name, name[:40], "", round(pitch), settings.velocity, z, gains, marks)


def found_pitch(samples: NDArray[np.float32], rate: int) -> float | None:
    """Return the MIDI pitch of a recording, fractions allowed, within 0 to 127; None without a clear one."""
    from synth_app.evaluation.metrics.pitch import estimate_pitch

    pitch = estimate_pitch(samples, rate)
    if pitch is None or not repeats(samples, rate, 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)):
        return None
    return min(max(pitch, 0.0), 127.0)


def repeats(samples: NDArray[np.float32], rate: int, f0_hz: float) -> bool:
    """Return whether a sound repeats itself with a frequency, as noise does not in which a pitch seems to be found.

    The normalized autocorrelation around the loudest moment is looked at, at the first multiple of the period that is
    as long as 5 ms: over shorter times filtered noise resembles itself too.
    """
    period = rate / f0_hz * max(math.ceil(_LEAST_LAG_S * f0_hz), 1)
    loudest = int(np.argmax(np.abs(samples)))
    part = samples[loudest : loudest + round(_REPEAT_S * rate)].astype(np.float64)
    lags = range(int(period * 0.99), math.ceil(period * 1.01) + 1)
    return any(_likeness(part[:-lag], part[lag:]) > _LEAST_LIKENESS for lag in lags if 0 < lag < len(part) // 2)


def _likeness(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    power = float(x @ x) * float(y @ y)
    return float(x @ y) / math.sqrt(power) if power > 0.0 else 0.0


def _with_loop(marks: NoteMarks, loop: Region | None, first_frame: int, hop_seconds: float) -> NoteMarks:
    """Return the marks with the user's loop; the attack ends before it at the latest."""
    if loop is None:
        return marks
    last = marks.release_start
    start = min(max(round(loop.start_s / hop_seconds) - first_frame, 0), last - 1)
    end = min(max(round(loop.end_s / hop_seconds) - first_frame, start + 1), last)
    return NoteMarks(min(marks.attack_end, start), start, end, last, own_loop=True)
