"""Which frames of a note count in its error: RMSE depends on it, so both definitions are printed side by side."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.dataset.nsynth import Note
from synth_app.evaluation.metrics.rmse import Rebuild, Reconstruction, Rmse
from synth_app.modelfile import ModelFile
from synth_app.spectrum import FrameSpec, from_unit, remove_gain, to_unit
from synth_app.training.data.frame_cache import SILENT_BELOW_NOTE_DB, SILENT_DBFS, note_db_frames, sounding

Array = NDArray[np.float32]
PAPER_SILENT_DBFS = -100.0


@dataclass(frozen=True)
class FrameRule:
    """One definition of a frame that counts.

    Attributes:
        name: "sounding" or "paper".
        text: for people.
        keep: a note's frame maxima [frames] in dBFS to which of them count.
    """

    name: str
    text: str
    keep: Callable[[Array], NDArray[np.bool_]]


SOUNDING = FrameRule(
    "sounding",
    f"frames over {SILENT_DBFS:g} dBFS and within {SILENT_BELOW_NOTE_DB:g} dB of their note's maximum",
    sounding,
)
# The study drops silent frames and does not say which; this takes all that are more than rounding noise.
PAPER = FrameRule(
    "paper",
    f"the study's reading: all frames over {PAPER_SILENT_DBFS:g} dBFS, decays and releases to their end",
    lambda gain_db: gain_db > PAPER_SILENT_DBFS,
)
RULES = (SOUNDING, PAPER)


@dataclass(frozen=True)
class RuleErrors:
    """A model's error by one definition, note by note; notes without a frame that counts have 0 frames.

    Attributes:
        rule: its name.
        mean_squares: dB^2, over all bins of the frames that count.
        frames: how many count.
    """

    rule: str
    mean_squares: tuple[float, ...]
    frames: tuple[int, ...]

    def rmse(self) -> Rmse:
        """Pooled over frames, and mean of the notes' own; not a number where no frame counts."""
        squares, frames = np.array(self.mean_squares), np.array(self.frames)
        if not frames.sum():
            return Rmse(pooled_db=float("nan"), per_note_db=float("nan"), notes=0, frames=0)
        return Rmse(
            pooled_db=float(np.sqrt(squares @ frames / frames.sum())),
            per_note_db=float(np.sqrt(squares[frames > 0]).mean()),
            notes=int((frames > 0).sum()),
            frames=int(frames.sum()),
        )


@dataclass(frozen=True)
class KeptFrames:
    """A note's frames that count by any rule.

    Attributes:
        unit: scaled frames [frames, bins], float32, or float16 where many notes are held.
        kept: bool [rules, frames], which count by which of ``RULES``.
        pitch: the note's, MIDI.
    """

    unit: NDArray[np.floating]
    kept: NDArray[np.bool_]
    pitch: int


def kept_frames(folder: Path, note: Note, spec: FrameSpec) -> KeptFrames:
    """Those of a note on disk.

    Raises:
        UserError: it cannot be read.
    """
    shape_db, gain_db = remove_gain(note_db_frames(folder, note, spec), spec.floor_db)
    kept = np.array([rule.keep(gain_db) for rule in RULES], dtype=bool).reshape(len(RULES), len(gain_db))
    some = kept.any(axis=0)
    return KeptFrames(to_unit(shape_db[some], spec.floor_db), kept[:, some], note.pitch)


def errors_by_rule(model: ModelFile, notes: Iterable[KeptFrames]) -> tuple[RuleErrors, ...]:
    """A model's errors by every rule of ``RULES``, in their order.

    Each note goes through the model once, with all the frames that count by any rule: a recurrent model hears it whole.
    """
    (found,) = all_errors_by_rule((Reconstruction(model),), model.card.spec.floor_db, notes)
    return found


def all_errors_by_rule(
    rebuilds: Sequence[Rebuild], floor_db: float, notes: Iterable[KeptFrames]
) -> tuple[tuple[RuleErrors, ...], ...]:
    """The same of several models [models][rules], which share the notes' frames."""
    squares: list[list[list[float]]] = [[[] for _ in RULES] for _ in rebuilds]
    counts: list[list[int]] = [[] for _ in RULES]
    for note in notes:
        unit = note.unit.astype(np.float32, copy=False)
        true_db = from_unit(unit, floor_db)
        for rebuild, of_model in zip(rebuilds, squares, strict=True):
            made_db = rebuild(unit, note.pitch) if len(unit) else true_db
            error = np.square(made_db - true_db, dtype=np.float64).mean(axis=1)
            for keep, found in zip(note.kept, of_model, strict=True):
                found.append(round(float(error[keep].mean()), 5) if keep.any() else 0.0)
        for keep, count in zip(note.kept, counts, strict=True):
            count.append(int(keep.sum()))
    return tuple(
        tuple(RuleErrors(r.name, tuple(f), tuple(c)) for r, f, c in zip(RULES, of_model, counts, strict=True))
        for of_model in squares
    )
