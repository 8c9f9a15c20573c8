"""Transposition report: a model's frame errors at other keys than a note's own, and the pitch of its sound."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note, read_audio, read_notes
from synth_app.decoder import GAUSS_NEWTON_STEPS, Model
from synth_app.evaluation.metrics.pitch import estimate_pitch
from synth_app.evaluation.metrics.rmse import FrameError, Reconstruction
from synth_app.modelfile import BankNote
from synth_app.patch import ENGINE_RATE, NoteOn, Panic, Patch, SetPatch
from synth_app.spectrum import FrameSpec, remove_gain, to_unit
from synth_app.support.errors import UserError
from synth_app.training.data.batch_sampler import PAIR_SEMITONES
from synth_app.training.data.frame_cache import active_frames, note_db_frames
from synth_app.training.export.note_bank import bank_note, hold_seconds, statistics_scale

Array = NDArray[np.float32]
RIGHT_CENTS = 50.0
_HELD_S, _REST_S = 1.6, 0.4


@dataclass(frozen=True)
class PlayedNote:
    """Pitches of one note played at its own key and at another.

    Attributes:
        name: of the note. pitch: its own key. other: the other key, that of a real note of the same instrument.
        recorded: MIDI pitch estimated in the recording; None if none is found.
        own, moved: pitch estimated in the engine's sound at the own and at the other key.
    """

    name: str
    pitch: int
    other: int
    recorded: float | None
    own: float | None
    moved: float | None


@dataclass(frozen=True)
class PitchFigures:
    """Errors and pitches of a model at other keys. Fractions are 0-1, of all notes unless noted.

    Attributes:
        notes: number of notes played.
        recorded_right: fraction of recordings whose estimated pitch is within 50 cents.
        own_right, other_right: the same for the engine's sound at the note's key and at another key.
        other_right_of_recorded: ``other_right`` among the notes whose recording is within 50 cents.
        own_cents, other_cents: median distance in cents from the key, of the notes within 50 cents.
        own_p95_cents, other_p95_cents: 95th percentile of the same.
        rmse_own_db: pooled error of the frames encoded and decoded at the note's own pitch.
        rmse_other_db: of the frames decoded at the other pitch, against the instrument's real note there.
        rmse_there_db: of that real note itself, encoded and decoded at its pitch: a transposition without loss.
        rmse_moved_db: of the recording's own frames transposed without a model, with their formants, as by a sampler.
        rmse_shaped_db: of the same with the spectral envelope unchanged.
        rmse_next_db: of the instrument's real note at the nearest key that lasts as long, transposed in the better of
            the two ways: a bound for a model that has the instrument in its training set.
        rmse_mean_db: of the real note's own mean frame: a bound for a model without movement.
    """

    notes: int
    recorded_right: float
    own_right: float
    other_right: float
    other_right_of_recorded: float
    own_cents: float
    other_cents: float
    own_p95_cents: float
    other_p95_cents: float
    rmse_own_db: float
    rmse_other_db: float
    rmse_there_db: float
    rmse_moved_db: float
    rmse_shaped_db: float
    rmse_next_db: float
    rmse_mean_db: float


@dataclass(frozen=True)
class PitchSettings:
    """Settings of ``pitch_figures``.

    Attributes:
        count: maximum number of notes.
        seed: of the choice of notes.
        lock: harmonic lock, the engine's parameter ``lock``, 0-1.
        gauss_newton_steps: steps of latent optimisation before frames are compared. Played notes have the app's number.
    """

    count: int = 120
    seed: int = 0
    lock: float = 0.0
    gauss_newton_steps: int = 0


def pitch_figures(
    model: Model,
    path: str,
    data: Path,
    notes: tuple[Note, ...],
    settings: PitchSettings,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[PitchFigures, tuple[PlayedNote, ...]]:
    """Play notes through the engine at their own key and at that of another note of the same instrument.

    Args:
        model: the model.
        path: its file.
        data: folder in NSynth's layout.
        notes: of that folder; notes with a partner within an octave are chosen from.
        settings: which notes to play and how.
        progress: called with (notes done, all notes).

    Raises:
        UserError: no note has a partner.
    """
    pairs = _pairs(notes, settings.count, np.random.default_rng(settings.seed))
    if not pairs:
        raise UserError(f"{data}: no instrument has two notes within {PAIR_SEMITONES} semitones at one velocity")
    errors, groups = _PitchErrors(model, data, settings.gauss_newton_steps), _group_notes(read_notes(data))
    bank = [note for own, _ in pairs if (note := _encode(model, data, own)) is not None]
    player = _NotePlayer(model, path, tuple(bank), settings.lock)
    index = {note.name: i for i, note in enumerate(bank)}
    played: list[PlayedNote] = []
    for i, (own, other) in enumerate(pairs):
        if own.note_str in index:
            errors.add(own, other, _nearest_keys(groups, other))
            samples, rate = read_audio(data, own)
            recorded = estimate_pitch(samples, rate)
            sounds = (player.play(index[own.note_str], key) for key in (own.pitch, other.pitch))
            rendered = [estimate_pitch(sound, ENGINE_RATE) for sound in sounds]
            played.append(PlayedNote(own.note_str, own.pitch, other.pitch, recorded, *rendered))
        if progress:
            progress(i + 1, len(pairs))
    return _figures(played, errors), tuple(played)


def _pairs(notes: tuple[Note, ...], count: int, rng: np.random.Generator) -> list[tuple[Note, Note]]:
    found: list[tuple[Note, Note]] = []
    for group in _group_notes(notes).values():
        for note in group:
            partners = [other for other in group if 0 < abs(other.pitch - note.pitch) <= PAIR_SEMITONES]
            if partners:
                found.append((note, partners[int(rng.integers(len(partners)))]))
    return [found[i] for i in sorted(rng.permutation(len(found))[:count])]


def _group_notes(notes: tuple[Note, ...]) -> dict[tuple[str, int], list[Note]]:
    """Group notes by instrument and velocity."""
    groups: dict[tuple[str, int], list[Note]] = {}
    for note in sorted(notes, key=lambda item: item.note_str):
        groups.setdefault((note.instrument_str, note.velocity), []).append(note)
    return groups


def _nearest_keys(groups: dict[tuple[str, int], list[Note]], note: Note) -> list[Note]:
    """Return the other notes of the instrument at that velocity, nearest key first; of equally near keys the lower."""
    others = (each for each in groups[note.instrument_str, note.velocity] if each.pitch != note.pitch)
    return sorted(others, key=lambda each: (abs(each.pitch - note.pitch), each.pitch))


def _encode(model: Model, data: Path, note: Note) -> BankNote | None:
    def encode(unit: Array, pitch: Array) -> Array:
        frames_db = (unit - 1.0) * np.float32(-model.spec.floor_db / 2.0)
        return model.encode(frames_db, pitch, gauss_newton_steps=GAUSS_NEWTON_STEPS)[0]

    scale = statistics_scale(model.stats.std)
    return bank_note(data, note, note.instrument_str, model.spec, encode, scale, hold_seconds(data))


class _PitchErrors:
    """Errors of frames decoded at the own and at the other pitch, and of recorded frames transposed."""

    def __init__(self, model: Model, data: Path, gauss_newton_steps: int) -> None:
        self._reconstruct = Reconstruction(model.file, gauss_newton_steps)
        self._spec, self._data = model.spec, data
        self.own, self.other, self.there = FrameError(), FrameError(), FrameError()
        self.moved, self.shaped = FrameError(), FrameError()
        self.next, self.mean = FrameError(), FrameError()

    def add(self, own: Note, other: Note, others: list[Note]) -> None:
        """Count a pair; ``others`` are the instrument's real notes at other keys, the nearest to ``other`` first."""
        source, target = self._shape_db(own), self._shape_db(other)
        n = min(len(source), len(target))
        target = target[:n]
        unit = to_unit(source, self._spec.floor_db)
        self.own.add_note(self._reconstruct(unit, own.pitch), source)
        self.other.add_note(self._reconstruct.at_pitch(unit[:n], own.pitch, other.pitch), target)
        self.there.add_note(self._reconstruct(to_unit(target, self._spec.floor_db), other.pitch), target)
        for formant, error in ((1.0, self.moved), (0.0, self.shaped)):
            error.add_note(transposed(source[:n], self._spec, own.pitch, other.pitch, formant), target)
        self._add_nearest(target, other, others)
        self.mean.add_note(np.broadcast_to(target.mean(axis=0), target.shape), target)

    def _add_nearest(self, target: Array, other: Note, others: list[Note]) -> None:
        """Count the nearest note that lasts as long as the target, transposed in the better of the two ways."""
        for note in others:
            frames = self._shape_db(note)
            if len(frames) >= len(target):
                frames = frames[: len(target)]
                ways = [transposed(frames, self._spec, note.pitch, other.pitch, formant) for formant in (1.0, 0.0)]
                self.next.add_note(min(ways, key=lambda way: float(np.mean((way - target) ** 2))), target)
                return

    def _shape_db(self, note: Note) -> Array:
        frames = note_db_frames(self._data, note, self._spec)
        return remove_gain(frames[active_frames(frames.max(axis=1, initial=-np.inf))], self._spec.floor_db)[0]


def transposed(frames_db: Array, spec: FrameSpec, pitch: float, other: float, formant: float) -> Array:
    """Transpose frames [n, bins], dB re their maximum, by the engine's own rule; the result is re its new maximum.

    Args:
        frames_db, spec: the frames and their specification.
        pitch, other: MIDI pitches before and after.
        formant: as in ``engine.spectral.peak_transpose.Transposition``.
    """
    from synth_app.engine.spectral.peak_transpose import (  # compiled kernels
        MovedFrame,
        Transposition,
        peak_shape,
        shift_peaks,
    )

    spacing = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0) * spec.n_fft / spec.sample_rate
    amplitude = (10.0 ** (frames_db / 20.0)).astype(np.float32)
    out, sums, shape = np.empty_like(frames_db), np.zeros(spec.bins + 1), peak_shape(spec.window)
    unused = np.empty((2, spec.bins), np.float32)
    transposition = Transposition(2.0 ** ((other - pitch) / 12.0), formant, spacing, 0.0, spec.floor_db)
    for frame, linear, moved in zip(frames_db, amplitude, out, strict=True):
        shift_peaks(frame, linear, transposition, shape, sums, MovedFrame(moved, *unused))
    return remove_gain(out, spec.floor_db)[0]


class _NotePlayer:
    """An engine whose bank is the notes to play."""

    def __init__(self, model: Model, path: str, bank: tuple[BankNote, ...], lock: float) -> None:
        from synth_app.engine.engine import Engine  # compiled kernels
        from synth_app.engine.instrument import Instrument
        from synth_app.patch.quality import DEFAULT_QUALITY

        self._sound = Patch(path).with_param("lock", lock)
        self._engine = Engine()
        instrument = Instrument(replace(model.file, bank=bank), path, DEFAULT_QUALITY, 4, 0)
        self._engine.install(instrument, self._sound)

    def play(self, slot: int, key: int) -> Array:
        """Return the mean of both channels of a held key."""
        out = np.zeros((round(_HELD_S * ENGINE_RATE), 2), np.float32)
        self._engine.post(SetPatch(replace(self._sound, slot_a=slot, slot_b=slot)))
        self._engine.post(NoteOn(key, 100))
        self._engine.render(out)
        self._engine.post(Panic())
        self._engine.render(np.zeros((round(_REST_S * ENGINE_RATE), 2), np.float32))
        return out.mean(axis=1)


def _figures(played: list[PlayedNote], errors: _PitchErrors) -> PitchFigures:
    def cents(found: float | None, wanted: int) -> float:
        return np.inf if found is None else abs(found - wanted) * 100.0

    recorded = np.array([cents(p.recorded, p.pitch) for p in played]) <= RIGHT_CENTS
    own, other = (np.array([cents(*pair) for pair in pairs]) for pairs in (
        [(p.own, p.pitch) for p in played], [(p.moved, p.other) for p in played]))  # fmt: skip
    own_right, other_right = own <= RIGHT_CENTS, other <= RIGHT_CENTS

    def quantile(values: NDArray[np.float64], fraction: float) -> float:
        return float(np.quantile(values, fraction)) if len(values) else float("nan")

    return PitchFigures(
        notes=len(played),
        recorded_right=float(recorded.mean()),
        own_right=float(own_right.mean()),
        other_right=float(other_right.mean()),
        other_right_of_recorded=float(other_right[recorded].mean()) if recorded.any() else float("nan"),
        own_cents=quantile(own[own_right], 0.5),
        other_cents=quantile(other[other_right], 0.5),
        own_p95_cents=quantile(own[own_right], 0.95),
        other_p95_cents=quantile(other[other_right], 0.95),
        rmse_own_db=errors.own.result().pooled_db,
        rmse_other_db=errors.other.result().pooled_db,
        rmse_there_db=errors.there.result().pooled_db,
        rmse_moved_db=errors.moved.result().pooled_db,
        rmse_shaped_db=errors.shaped.result().pooled_db,
        rmse_next_db=errors.next.result().pooled_db,
        rmse_mean_db=errors.mean.result().pooled_db,
    )
