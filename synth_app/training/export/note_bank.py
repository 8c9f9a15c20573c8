"""A model's note bank: choice of notes, their latent paths, and the marks of attack, loop and release."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note
from synth_app.modelfile import BankNote, NoteMarks
from synth_app.modelfile.path_smoothing import smooth_path, smooth_unresolved
from synth_app.spectrum import FrameSpec, remove_gain, to_unit
from synth_app.support.errors import UserError
from synth_app.support.loading import loading, read_json, shown
from synth_app.training.data.frame_cache import Array, active_frames, note_db_frames

Encode = Callable[[Array, Array], Array]  # scaled frames [n, bins], MIDI pitches [n] -> latent vectors [n, latent]

SOURCE_NAME = "source.json"
_MAX_SOURCE_BYTES = 2**26
_MAX_HOLD_SECONDS = 600.0
HOLD_SECONDS = 3.0  # of NSynth; for data sets that do not give their own
BANK_VELOCITY = 100
_PITCH_QUANTILES = (0.2, 0.5, 0.8)
ONSET_BELOW_PEAK_DB = 25.0
_ATTACK_SECONDS, _MIN_ATTACK_FRAMES, _ATTACK_END_BELOW_PEAK_DB = 0.5, 2, 1.0
_MIN_FRAMES = 4
_LOOP_SECONDS = (0.5, 0.75, 1.0, 1.5, 2.0)
_GAIN_UNIT_DB = 3.0  # a level step with the weight of one standard deviation of a latent dimension
_GRID = 2


def choose_bank(notes: Sequence[Note]) -> list[Note]:
    """Choose up to three notes of every instrument: low, middle and high, nearest to velocity 100."""
    instruments: dict[str, list[Note]] = {}
    for note in sorted(notes, key=lambda item: item.note_str):
        instruments.setdefault(note.instrument_str, []).append(note)
    chosen: list[Note] = []
    for group in instruments.values():
        pitches = sorted({note.pitch for note in group})
        wanted = sorted({pitches[round(q * (len(pitches) - 1))] for q in _PITCH_QUANTILES})
        for pitch in wanted:
            same = [note for note in group if note.pitch == pitch]
            chosen.append(min(same, key=lambda note: abs(note.velocity - BANK_VELOCITY)))
    return chosen


def instrument_names(data: Path) -> dict[str, str]:
    """Return names for people by ``instrument_str``: the SoundFont's preset names if the notes come from one."""
    source = read_source(data)
    instruments = source.get("instruments")
    entries = instruments if isinstance(instruments, list) else []
    named = [entry for entry in entries if isinstance(entry, dict) and {"instrument_str", "preset"} <= entry.keys()]
    return {str(entry["instrument_str"]): str(entry["preset"]) for entry in named}


def hold_seconds(data: Path) -> float:
    """Return the time from key-down to key-up of a data set's notes, in seconds. Raises as ``read_source``."""
    settings = read_source(data).get("settings")
    held = settings.get("hold_s", HOLD_SECONDS) if isinstance(settings, Mapping) else HOLD_SECONDS
    if not isinstance(held, int | float) or not 0.0 < held <= _MAX_HOLD_SECONDS:
        raise UserError(
            f"{shown(data / SOURCE_NAME)}: hold_s is {held!r}; it must be a number up to {_MAX_HOLD_SECONDS:g} seconds"
        )
    return float(held)


def read_source(data: Path) -> dict[str, object]:
    """Return the content of a data set's ``source.json`` (its provenance), or an empty dictionary.

    Raises:
        UserError: the file is damaged.
    """
    path = data / SOURCE_NAME
    if not path.is_file():
        return {}
    with loading(path, "a rendering's record", "correct or remove it"):
        found = read_json(path, _MAX_SOURCE_BYTES)
    return found if isinstance(found, dict) else {}


def bank_note(
    data: Path, note: Note, instrument: str, spec: FrameSpec, encode: Encode, z_std: Array, held_s: float
) -> BankNote | None:
    """Encode one note from its onset to its last active frame, smoothed; None if fewer than 4 frames are active.

    Args:
        data: folder in NSynth's layout.
        note: a note of that folder.
        instrument: name for people.
        spec: specification of the model's frames.
        encode: scaled frames and pitches to latent vectors.
        z_std: standard deviation [latent] of the latent vectors.
        held_s: time of the key-up in the recording, in seconds.
    """
    found = recorded_frames(data, note, spec)
    if found is None:
        return None
    first, frames = found
    shape_db, gain_db = remove_gain(frames, spec.floor_db)
    z = encode(to_unit(shape_db, spec.floor_db), np.full(len(shape_db), note.pitch, np.float32))
    key_up = round(held_s / spec.hop_seconds) - first
    marks = note_marks(z / z_std, gain_db, key_up, spec.hop_seconds)
    spacing = 440.0 * 2.0 ** ((note.pitch - 69.0) / 12.0) * spec.n_fft / spec.sample_rate
    smooth = smooth_path(z, 1.0 / spec.hop_seconds)
    return BankNote(
        name=note.note_str,
        instrument=instrument,
        family=note.instrument_family_str,
        pitch=note.pitch,
        velocity=note.velocity,
        z=smooth_unresolved(smooth, marks.release_start, spacing, 1.0 / spec.hop_seconds),
        gain_db=smooth_unresolved(gain_db[:, None], marks.release_start, spacing, 1.0 / spec.hop_seconds)[:, 0],
        marks=marks,
    )


def recorded_frames(data: Path, note: Note, spec: FrameSpec) -> tuple[int, Array] | None:
    """Return the frames of a note's recording from its onset to its last active frame, and the index of the first.

    The onset is the first frame within ONSET_BELOW_PEAK_DB of the note's peak.

    Returns:
        Index of the first frame, and frames float32 [n, bins] in dB; None if fewer than 4 frames are active.
    """
    frames = note_db_frames(data, note, spec)
    gain_db = frames.max(axis=1)
    active = np.flatnonzero(active_frames(gain_db))
    if len(active) < _MIN_FRAMES:
        return None
    first = int(np.argmax(gain_db >= gain_db.max() - ONSET_BELOW_PEAK_DB))
    stop = int(active[-1]) + 1
    return (first, frames[first:stop]) if stop - first >= _MIN_FRAMES else None


def note_marks(z: Array, gain_db: Array, key_up: int, hop_seconds: float) -> NoteMarks:
    """Find attack, loop and release of a latent path.

    The attack ends where the level is within 1 dB of the maximum of the first half second. The loop is the part between
    there and key-up that varies least and whose ends are closest, in latent vector and level; long loops are preferred.
    A path too short for a loop of half a second is looped as a whole after its attack.

    Args:
        z: latent vectors in standard deviations [frames, latent], at least 4 frames.
        gain_db: level [frames].
        key_up: frame of the key-up; it may be after the path's end.
        hop_seconds: time between frames.
    """
    release = int(np.clip(key_up, _MIN_ATTACK_FRAMES + 1, len(z)))
    early = gain_db[: max(_MIN_ATTACK_FRAMES + 1, round(_ATTACK_SECONDS / hop_seconds))]
    near_peak = int(np.argmax(early >= early.max() - _ATTACK_END_BELOW_PEAK_DB))
    attack = int(np.clip(near_peak, _MIN_ATTACK_FRAMES, release - 1))
    start, end = _best_loop(z, gain_db, attack, release, hop_seconds)
    return NoteMarks(attack_end=attack, loop_start=start, loop_end=end, release_start=release)


def _best_loop(z: Array, gain_db: Array, attack: int, release: int, hop_seconds: float) -> tuple[int, int]:
    points = np.concatenate([z, gain_db[:, None] / np.float32(_GAIN_UNIT_DB)], axis=1).astype(np.float64)
    sums = np.concatenate([np.zeros((1, points.shape[1])), np.cumsum(points, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((points**2).sum(axis=1))])
    best, found = np.inf, (attack, release)
    for seconds in _LOOP_SECONDS:
        length = int(np.ceil(seconds / hop_seconds))
        starts = np.arange(attack, release - length + 1, _GRID)
        if not len(starts):
            break
        ends = starts + length
        last = np.minimum(ends, len(points) - 1)  # the frame that the loop's first frame replaces
        jump = np.sqrt(((points[last] - points[starts]) ** 2).sum(axis=1))
        mean = (sums[ends] - sums[starts]) / length
        spread = np.sqrt(np.maximum((squares[ends] - squares[starts]) / length - (mean**2).sum(axis=1), 0.0))
        cost = (jump + spread) / seconds**0.5
        if cost.min() < best:
            best, at = float(cost.min()), int(cost.argmin())
            found = (int(starts[at]), int(ends[at]))
    return found


def statistics_scale(std: NDArray[np.float32]) -> Array:
    """Return standard deviations to divide by: 1 for dimensions that are constant."""
    return np.where(std > 0, std, np.float32(1.0)).astype(np.float32)
