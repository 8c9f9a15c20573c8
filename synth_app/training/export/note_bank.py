"""Choosing notes for a model's bank and marking attack, loop and release in their latent paths."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note
from synth_app.modelfile import BankNote, NoteMarks
from synth_app.spectrum import FrameSpec, remove_gain, to_unit
from synth_app.training.data.frame_cache import Array, note_db_frames, sounding

Encode = Callable[[Array, Array], Array]  # scaled frames [n, bins], MIDI pitches [n] -> codes [n, latent]

HELD_SECONDS = 3.0  # NSynth's, where the data set does not say otherwise
BANK_VELOCITY = 100
_PITCH_QUANTILES = (0.2, 0.5, 0.8)
ONSET_BELOW_PEAK_DB = 25.0
_ATTACK_SECONDS, _MIN_ATTACK_FRAMES, _ARRIVED_DB = 0.5, 2, 1.0
_LEAST_FRAMES = 4
LEAST_LOOP_SECONDS = 0.5
_LOOP_SECONDS = (0.5, 0.75, 1.0, 1.5, 2.0)
_GAIN_UNIT_DB = 3.0  # a level step that weighs as much as one standard deviation of the code
_GRID = 2


def choose_bank(notes: Sequence[Note]) -> list[Note]:
    """Up to three notes of every instrument: low, middle and high, nearest to velocity 100."""
    instruments: dict[str, list[Note]] = {}
    for note in sorted(notes, key=lambda item: item.note_str):
        instruments.setdefault(note.instrument_str, []).append(note)
    chosen: list[Note] = []
    for members in instruments.values():
        pitches = sorted({note.pitch for note in members})
        wanted = sorted({pitches[round(q * (len(pitches) - 1))] for q in _PITCH_QUANTILES})
        for pitch in wanted:
            same = [note for note in members if note.pitch == pitch]
            chosen.append(min(same, key=lambda note: abs(note.velocity - BANK_VELOCITY)))
    return chosen


def instrument_names(data: Path) -> dict[str, str]:
    """Names for people by ``instrument_str``: the SoundFont's preset names, where the notes come from one."""
    source = read_source(data)
    instruments = source.get("instruments")
    if not isinstance(instruments, list):
        return {}
    return {str(entry["instrument_str"]): str(entry["preset"]) for entry in instruments if "preset" in entry}


def held_seconds(data: Path) -> float:
    """How long the keys of a data set are held."""
    settings = read_source(data).get("settings")
    return float(settings.get("hold_s", HELD_SECONDS)) if isinstance(settings, Mapping) else HELD_SECONDS


def read_source(data: Path) -> dict[str, object]:
    """What a data set says of where it comes from: its ``source.json``, or nothing."""
    path = data / "source.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found if isinstance(found, dict) else {}


def bank_note(
    data: Path, note: Note, instrument: str, spec: FrameSpec, encode: Encode, z_std: Array, held_s: float
) -> BankNote | None:
    """Encode one note from its onset to its last sounding frame; None if too little of it sounds.

    The first frame is the first within ONSET_BELOW_PEAK_DB of the note's peak.

    Args:
        data, note: which.
        instrument: name for people.
        spec: frames of the model.
        encode: scaled frames to codes.
        z_std: standard deviation [latent] of the codes.
        held_s: key-up in the recording, seconds.
    """
    frames = note_db_frames(data, note, spec)
    gain_db = frames.max(axis=1)
    kept = np.flatnonzero(sounding(gain_db))
    if len(kept) < _LEAST_FRAMES:
        return None
    first = int(np.argmax(gain_db >= gain_db.max() - ONSET_BELOW_PEAK_DB))
    stop = int(kept[-1]) + 1
    if stop - first < _LEAST_FRAMES:
        return None
    shape_db, gain_db = remove_gain(frames[first:stop], spec.floor_db)
    z = encode(to_unit(shape_db, spec.floor_db), np.full(len(shape_db), note.pitch, np.float32))
    key_up = round(held_s / spec.hop_seconds) - first
    return BankNote(
        name=note.note_str,
        instrument=instrument,
        family=note.instrument_family_str,
        pitch=note.pitch,
        velocity=note.velocity,
        z=z,
        gain_db=gain_db,
        marks=note_marks(z / z_std, gain_db, key_up, spec.hop_seconds),
    )


def note_marks(z: Array, gain_db: Array, key_up: int, hop_seconds: float) -> NoteMarks:
    """Where attack, loop and release of a path lie.

    The attack ends where the level has arrived within 1 dB of the highest of the first half second. The loop is
    the part between there and key-up that moves least and whose ends are closest, in code and level, preferring
    long ones. A path too short to loop for LEAST_LOOP_SECONDS is looped as a whole after its attack.

    Args:
        z: codes in standard deviations [frames, latent], frames at least 4.
        gain_db: [frames].
        key_up: frame of the key-up; may lie behind the path's end.
        hop_seconds: between frames.
    """
    release = int(np.clip(key_up, _MIN_ATTACK_FRAMES + 1, len(z)))
    early = gain_db[: max(_MIN_ATTACK_FRAMES + 1, round(_ATTACK_SECONDS / hop_seconds))]
    arrived = int(np.argmax(early >= early.max() - _ARRIVED_DB))
    attack = int(np.clip(arrived, _MIN_ATTACK_FRAMES, release - 1))
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
        last = np.minimum(ends, len(points) - 1)  # the frame that the loop's first one replaces
        jump = np.sqrt(((points[last] - points[starts]) ** 2).sum(axis=1))
        mean = (sums[ends] - sums[starts]) / length
        spread = np.sqrt(np.maximum((squares[ends] - squares[starts]) / length - (mean**2).sum(axis=1), 0.0))
        cost = (jump + spread) / seconds**0.5
        if cost.min() < best:
            best, at = float(cost.min()), int(cost.argmin())
            found = (int(starts[at]), int(ends[at]))
    return found


def statistics_scale(std: NDArray[np.float32]) -> Array:
    """Standard deviations that can be divided by: dimensions that never move count as one."""
    return np.where(std > 0, std, np.float32(1.0)).astype(np.float32)
