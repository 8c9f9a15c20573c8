"""How a model plays other keys than a note's own: error of its frames there, and the pitch that is heard."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note, read_audio, read_notes
from synth_app.decoder import ROUNDS, Model
from synth_app.evaluation.metrics.pitch import estimate_pitch
from synth_app.evaluation.metrics.rmse import FrameError, Reconstruction
from synth_app.modelfile import BankNote
from synth_app.patch import ENGINE_RATE, NoteOn, Panic, Patch, SetPatch
from synth_app.spectrum import FrameSpec, remove_gain, to_unit
from synth_app.support.errors import UserError
from synth_app.training.data.batch_sampler import PAIR_SEMITONES
from synth_app.training.data.frame_cache import note_db_frames, sounding
from synth_app.training.export.note_bank import bank_note, held_seconds, statistics_scale

Array = NDArray[np.float32]
RIGHT_CENTS = 50.0
_HELD_S, _REST_S = 1.6, 0.4


@dataclass(frozen=True)
class Played:
    """One note at its own key and at another.

    Attributes:
        name: of the note. pitch: its own key. other: the other key, that of a real note of the same instrument.
        recorded: pitch that the estimator finds in the recording, MIDI; None for none.
        own, moved: pitch found in what the engine plays at the own and at the other key.
    """

    name: str
    pitch: int
    other: int
    recorded: float | None
    own: float | None
    moved: float | None


@dataclass(frozen=True)
class PitchFigures:
    """What a model makes of notes at other keys. Shares are 0-1, of all notes unless said otherwise.

    Attributes:
        notes: how many were played.
        recorded_right: recordings whose pitch the estimator finds within 50 cents.
        own_right, other_right: the same of the engine's sound at the note's key and at another.
        other_right_of_recorded: ``other_right`` among the notes whose recording it got right.
        own_cents, other_cents: median distance in cents from the key, of those that were right.
        own_p95_cents, other_p95_cents: 95th percentile of the same.
        rmse_own_db: pooled error of the frames coded and decoded at the note's own pitch.
        rmse_other_db: of the frames decoded at the other pitch, beside the instrument's real note there.
        rmse_there_db: of that real note itself, coded and decoded there: a transfer without loss.
        rmse_moved_db: of the recording's own frames, moved to the other pitch without any model, formants and all, as
            a sampler does.
        rmse_shaped_db: of the same with the spectral envelope kept in its place.
        rmse_next_db: of the instrument's real note at the nearest key there is that lasts as long, moved there in
            whichever of the two ways is nearer to the real note: what knowing the instrument itself is worth.
        rmse_mean_db: of the real note's own mean frame: what knowing its sound but no movement of it is worth.
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


def pitch_figures(
    model: Model,
    path: str,
    data: Path,
    notes: tuple[Note, ...],
    *,
    count: int,
    seed: int,
    lock: float,
    rounds: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[PitchFigures, tuple[Played, ...]]:
    """Play notes through the engine at their own key and at that of another note of the same instrument.

    Args:
        model, path: the model and its file.
        data: folder in NSynth's layout.
        notes: of that folder; those with a mate within an octave are drawn from.
        count: most notes played.
        seed: of the draw.
        lock: the engine's parameter of that name, 0-1.
        rounds: how often codes are refined before frames are compared; what is played has the app's own number.
        progress: called with (notes done, notes in all).

    Raises:
        UserError: no note has a mate.
    """
    pairs = _pairs(notes, count, np.random.default_rng(seed))
    if not pairs:
        raise UserError(f"{data}: no instrument has two notes within {PAIR_SEMITONES} semitones at one velocity")
    errors, kin = _Errors(model, data, rounds), _kin(read_notes(data))
    bank = [note for own, _ in pairs if (note := _coded(model, data, own)) is not None]
    stage = _Stage(model, path, tuple(bank), lock)
    index = {note.name: i for i, note in enumerate(bank)}
    played: list[Played] = []
    for i, (own, other) in enumerate(pairs):
        if own.note_str in index:
            errors.add(own, other, _next_keys(kin, other))
            samples, rate = read_audio(data, own)
            slot = index[own.note_str]
            recorded = estimate_pitch(samples, rate)
            heard = [estimate_pitch(stage.play(slot, key), ENGINE_RATE) for key in (own.pitch, other.pitch)]
            played.append(Played(own.note_str, own.pitch, other.pitch, recorded, *heard))
        if progress:
            progress(i + 1, len(pairs))
    return _figures(played, errors), tuple(played)


def _pairs(notes: tuple[Note, ...], count: int, rng: np.random.Generator) -> list[tuple[Note, Note]]:
    found: list[tuple[Note, Note]] = []
    for members in _kin(notes).values():
        for note in members:
            mates = [other for other in members if 0 < abs(other.pitch - note.pitch) <= PAIR_SEMITONES]
            if mates:
                found.append((note, mates[int(rng.integers(len(mates)))]))
    return [found[i] for i in sorted(rng.permutation(len(found))[:count])]


def _kin(notes: tuple[Note, ...]) -> dict[tuple[str, int], list[Note]]:
    """Notes by instrument and velocity."""
    kin: dict[tuple[str, int], list[Note]] = {}
    for note in sorted(notes, key=lambda item: item.note_str):
        kin.setdefault((note.instrument_str, note.velocity), []).append(note)
    return kin


def _next_keys(kin: dict[tuple[str, int], list[Note]], note: Note) -> list[Note]:
    """The other notes of the same instrument and velocity, that of the nearest key first; of two the lower one."""
    others = (each for each in kin[note.instrument_str, note.velocity] if each.pitch != note.pitch)
    return sorted(others, key=lambda each: (abs(each.pitch - note.pitch), each.pitch))


def _coded(model: Model, data: Path, note: Note) -> BankNote | None:
    def encode(unit: Array, pitch: Array) -> Array:
        frames_db = (unit - 1.0) * np.float32(-model.spec.floor_db / 2.0)
        return model.encode(frames_db, pitch, rounds=ROUNDS)[0]

    scale = statistics_scale(model.stats.std)
    return bank_note(data, note, note.instrument_str, model.spec, encode, scale, held_seconds(data))


class _Errors:
    """Errors of decoded frames at the own and at the other pitch, and of recorded frames moved there."""

    def __init__(self, model: Model, data: Path, rounds: int) -> None:
        self._rebuild, self._spec, self._data = Reconstruction(model.file, rounds), model.spec, data
        self.own, self.other, self.there = FrameError(), FrameError(), FrameError()
        self.moved, self.shaped = FrameError(), FrameError()
        self.next, self.mean = FrameError(), FrameError()

    def add(self, own: Note, other: Note, others: list[Note]) -> None:
        """Count the pair; ``others`` are the instrument's real notes at other keys, the nearest to ``other`` first."""
        mine, theirs = self._shape_db(own), self._shape_db(other)
        n = min(len(mine), len(theirs))
        unit = to_unit(mine, self._spec.floor_db)
        self.own.add_note(self._rebuild(unit, own.pitch), mine)
        self.other.add_note(self._rebuild.at_pitch(unit[:n], own.pitch, other.pitch), theirs[:n])
        self.there.add_note(self._rebuild(to_unit(theirs[:n], self._spec.floor_db), other.pitch), theirs[:n])
        for formant, error in ((1.0, self.moved), (0.0, self.shaped)):
            error.add_note(transposed(mine[:n], self._spec, own.pitch, other.pitch, formant), theirs[:n])
        self._add_beside(theirs[:n], other, others)
        self.mean.add_note(np.broadcast_to(theirs[:n].mean(axis=0), theirs[:n].shape), theirs[:n])

    def _add_beside(self, theirs: Array, other: Note, others: list[Note]) -> None:
        for near in others:
            beside = self._shape_db(near)
            if len(beside) >= len(theirs):
                beside = beside[: len(theirs)]
                ways = [transposed(beside, self._spec, near.pitch, other.pitch, formant) for formant in (1.0, 0.0)]
                self.next.add_note(min(ways, key=lambda way: float(np.mean((way - theirs) ** 2))), theirs)
                return

    def _shape_db(self, note: Note) -> Array:
        frames = note_db_frames(self._data, note, self._spec)
        return remove_gain(frames[sounding(frames.max(axis=1, initial=-np.inf))], self._spec.floor_db)[0]


def transposed(frames_db: Array, spec: FrameSpec, pitch: float, other: float, formant: float) -> Array:
    """Frames [n, bins], dB re their maximum, moved to another pitch by the engine's own rule; re their new maximum.

    Args:
        frames_db, spec: the frames.
        pitch, other: MIDI.
        formant: as in ``engine.transpose.shift_peaks``.
    """
    from synth_app.engine.spectral.peak_transpose import peak_shape, shift_peaks  # compiled kernels

    spacing = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0) * spec.n_fft / spec.sample_rate
    amplitude = (10.0 ** (frames_db / 20.0)).astype(np.float32)
    out, sums, shape = np.empty_like(frames_db), np.zeros(spec.bins + 1), peak_shape(spec.window)
    course = np.empty(spec.bins, np.float32)
    ratio = 2.0 ** ((other - pitch) / 12.0)
    for frame, linear, moved in zip(frames_db, amplitude, out, strict=True):
        shift_peaks(frame, linear, ratio, formant, spacing, 0.0, spec.floor_db, shape, sums, moved, course)
    return remove_gain(out, spec.floor_db)[0]


class _Stage:
    """An engine whose bank is the notes to be played."""

    def __init__(self, model: Model, path: str, bank: tuple[BankNote, ...], lock: float) -> None:
        from synth_app.engine.engine import Engine  # compiled kernels
        from synth_app.engine.instrument import Instrument
        from synth_app.patch.quality import DEFAULT_QUALITY

        self._sound = Patch(path).with_param("lock", lock)
        self._engine = Engine()
        instrument = Instrument(replace(model.file, bank=bank), path, DEFAULT_QUALITY, 4, 0)
        self._engine.install(instrument, self._sound)

    def play(self, slot: int, key: int) -> Array:
        """Both channels' mean of a held key, after its attack."""
        out = np.zeros((round(_HELD_S * ENGINE_RATE), 2), np.float32)
        self._engine.post(SetPatch(replace(self._sound, slot_a=slot, slot_b=slot)))
        self._engine.post(NoteOn(key, 100))
        self._engine.render(out)
        self._engine.post(Panic())
        self._engine.render(np.zeros((round(_REST_S * ENGINE_RATE), 2), np.float32))
        return out.mean(axis=1)


def _figures(played: list[Played], errors: _Errors) -> PitchFigures:
    def cents(found: float | None, wanted: int) -> float:
        return np.inf if found is None else abs(found - wanted) * 100.0

    recorded = np.array([cents(p.recorded, p.pitch) for p in played]) <= RIGHT_CENTS
    own, other = (np.array([cents(*pair) for pair in pairs]) for pairs in (
        [(p.own, p.pitch) for p in played], [(p.moved, p.other) for p in played]))  # fmt: skip
    own_right, other_right = own <= RIGHT_CENTS, other <= RIGHT_CENTS

    def quantile(values: NDArray[np.float64], share: float) -> float:
        return float(np.quantile(values, share)) if len(values) else float("nan")

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
