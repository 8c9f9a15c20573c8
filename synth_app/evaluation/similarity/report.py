"""How often the same instrument at another key is found: for instruments that the metric did not learn from."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note, read_audio, read_notes
from synth_app.evaluation.similarity.analysis import shape_of_audio
from synth_app.evaluation.similarity.features import features
from synth_app.evaluation.similarity.fit import LabelledSounds, fit_metric
from synth_app.evaluation.similarity.metric import Metric
from synth_app.support.errors import UserError

VELOCITY = 100
INTERVALS = (12, 24)  # semitones
FIRST = 5
_SAME_KEY, _ANY_KEY = 2, 6  # semitones by which the note of the same, of another instrument may be off
_FOLDS = 5
Floats = NDArray[np.floating]


@dataclass(frozen=True)
class FindRow:
    """One metric at one interval.

    Attributes:
        metric: its name. semitones: the interval.
        queries: notes that were looked for.
        first: share of them whose instrument came first. among_first: among the first ``FIRST``.
    """

    metric: str
    semitones: int
    queries: int
    first: float
    among_first: float


@dataclass(frozen=True)
class FindReport:
    """The rows, for the notes of ``data``."""

    data: str
    instruments: int
    notes: int
    rows: tuple[FindRow, ...]

    def as_dict(self) -> dict[str, object]:
        """Return plain data for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """Return a table for a terminal."""
        head = (
            f"{self.data}: {self.notes} notes of {self.instruments} instruments; each note is looked for among one "
            "note of every instrument\n"
            f"{'metric':34} {'semitones':>9} {'queries':>8} {'first':>7} {f'among {FIRST}':>8}"
        )
        rows = [f"{r.metric:34} {r.semitones:9} {r.queries:8} {r.first:7.1%} {r.among_first:8.1%}" for r in self.rows]
        return "\n".join([head, *rows])


def measured_sounds(data: Path, progress: Callable[[int, int], None] | None = None) -> LabelledSounds:
    """Measure the notes of a folder in NSynth's layout, at velocity ``VELOCITY``.

    Raises:
        UserError: a note cannot be read, or fewer than ten instruments have notes at that velocity.
    """
    notes = [note for note in read_notes(data) if note.velocity == VELOCITY]
    if len({note.instrument for note in notes}) < 2 * _FOLDS:
        raise UserError(
            f"{data}: fewer than {2 * _FOLDS} instruments with notes at velocity {VELOCITY}; choose a larger folder"
        )
    found: list[tuple[Floats, Note]] = []
    for i, note in enumerate(notes):
        samples, rate = read_audio(data, note)
        found.append((features(shape_of_audio(samples, rate, float(note.pitch))), note))
        if progress:
            progress(i + 1, len(notes))
    pitches = np.array([note.pitch for _, note in found], np.float64)
    instruments = np.array([note.instrument for _, note in found], np.int64)
    return LabelledSounds(np.array([each for each, _ in found]), pitches, instruments)


def find_report(sounds: LabelledSounds, name: str, seed: int = 0) -> FindReport:
    """Judge the learned metric by cross-validation over instruments, beside the plain distance of the spectra.

    Each fold's metric is fitted to the other instruments. A note of an instrument is looked for among one note of every
    instrument, of the folds that the metric learned from too, each at the interval or up to ``_ANY_KEY`` off it.

    Args:
        sounds: of ``measured_sounds``.
        name: of the data.
        seed: of the folds.
    """
    instruments = np.unique(sounds.instruments)
    ranks: dict[tuple[str, int], list[int]] = {}
    plain = (sounds.features - sounds.features.mean(axis=0)) / (sounds.features.std(axis=0) + 1e-6)
    for fold in np.array_split(np.random.default_rng(seed).permutation(instruments), _FOLDS):
        held_out = np.isin(sounds.instruments, fold)
        metric: Metric = fit_metric(sounds.of(~held_out))
        learned = metric.points(sounds.features, sounds.pitches)
        for semitones in INTERVALS:
            for label, points in (("features, all alike", plain), ("learned, instruments held out", learned)):
                ranks.setdefault((label, semitones), []).extend(_ranks(points, sounds, held_out, semitones))
    rows = [
        FindRow(label, semitones, len(each), float(np.mean(np.array(each) < 1)), float(np.mean(np.array(each) < FIRST)))
        for (label, semitones), each in ranks.items()
    ]
    return FindReport(name, len(instruments), len(sounds.pitches), tuple(rows))


def _ranks(points: Floats, sounds: LabelledSounds, queries: NDArray[np.bool_], semitones: int) -> list[int]:
    """Return how many other instruments are nearer than the same one, for every query below and above it."""
    ranks = []
    for query in np.flatnonzero(queries):
        for wanted in (sounds.pitches[query] - semitones, sounds.pitches[query] + semitones):
            candidates = _one_of_each(sounds, wanted)
            own = np.flatnonzero(sounds.instruments[candidates] == sounds.instruments[query])
            if not len(own) or abs(sounds.pitches[candidates[own[0]]] - wanted) > _SAME_KEY:
                continue
            distance = ((points[candidates] - points[query]) ** 2).sum(axis=1)
            ranks.append(int((distance < distance[own[0]]).sum()))
    return ranks


def _one_of_each(sounds: LabelledSounds, wanted: float) -> NDArray[np.int64]:
    """Return the note of every instrument that is nearest to a key, if it is near enough."""
    off = np.abs(sounds.pitches - wanted)
    order = np.lexsort((off, sounds.instruments))
    nearest = order[np.unique(sounds.instruments[order], return_index=True)[1]]
    return np.asarray(nearest[off[nearest] <= _ANY_KEY], np.int64)
