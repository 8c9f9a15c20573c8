"""Measures everything that a fidelity report shows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from synth_app.dataset.soundfont_info import SoundFontInfo, read_soundfont_info
from synth_app.evaluation.fidelity.choice import DEFAULT_CHOICES, ChosenNote, NoteChoice, find_notes
from synth_app.evaluation.fidelity.chords import ChordFidelity, ChosenChord, chord_renderer, find_chords
from synth_app.evaluation.fidelity.measures import NoteFidelity, measure_note
from synth_app.evaluation.fidelity.report import FidelityReport
from synth_app.evaluation.fidelity.sound_pair import SoundPair, render_pair
from synth_app.evaluation.fidelity.velocities import VELOCITY_CHOICES, VelocityFidelity, measure_velocities
from synth_app.modelfile import ModelFile, load_model_file
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.errors import UserError

Keep = Callable[[NoteFidelity | ChordFidelity, SoundPair], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Extent:
    """What a report compares: notes (none: ``DEFAULT_CHOICES``), soft with hard strokes, and chords."""

    choices: tuple[NoteChoice, ...] = ()
    velocities: bool = False
    chords: bool = False


def fidelity_report(
    model_path: Path,
    soundfont: Path,
    extent: Extent | None = None,
    *,
    quality: str = DEFAULT_QUALITY,
    keep: Keep | None = None,
    progress: Progress | None = None,
) -> FidelityReport:
    """Play bank notes through the engine as the window does, and compare them with the SoundFont's own notes.

    Args:
        model_path: of the model file.
        soundfont: the SoundFont that the bank's notes were rendered from.
        extent: what to compare, by default the default notes; those that are missing are left out.
        quality: of the engine.
        keep: called with the measures and sounds of each note and chord.
        progress: called with (notes and chords done, all of them).

    Raises:
        UserError: the model, the SoundFont or FluidSynth cannot be loaded, or a chosen note is missing.
    """
    extent = extent or Extent()
    file, info = load_model_file(model_path), read_soundfont_info(soundfont)
    found, absent = _found_notes(extent.choices, file, info, soundfont.name)
    struck = find_notes(VELOCITY_CHOICES, file.bank, info)[0] if extent.velocities else ()
    chords = find_chords(file.bank, info) if extent.chords else ()
    run = _Run(soundfont, model_path, file, quality, keep)
    run.report_to(progress, len(found) + len(struck) + len(chords))
    with BlasThreadLimit():
        return FidelityReport(
            file.card.name, soundfont.name, quality, run.notes(found), absent, run.velocities(struck),
            run.chords(chords) if chords else (),
        )  # fmt: skip


def _found_notes(
    choices: tuple[NoteChoice, ...], file: ModelFile, info: SoundFontInfo, soundfont: str
) -> tuple[tuple[ChosenNote, ...], tuple[str, ...]]:
    """Return the notes to compare, and the default notes (PROGRAM:KEY) that are missing."""
    found, missing = find_notes(choices or DEFAULT_CHOICES, file.bank, info)
    absent = tuple(f"{each.program}:{each.key}" for each in missing)
    if (choices and missing) or not found:
        raise UserError(
            f"{file.card.name} has no bank note made from {soundfont} for {', '.join(absent)}; "
            "name the SoundFont of its data set, and notes of its bank as PROGRAM:KEY"
        )
    return found, absent


class _Run:
    """Measures notes and chords one after the other."""

    def __init__(self, soundfont: Path, model_path: Path, file: ModelFile, quality: str, keep: Keep | None) -> None:
        self._soundfont, self._model_path, self._file, self._quality = soundfont, model_path, file, quality
        self._keep = keep or (lambda _fidelity, _pair: None)
        self._progress: Progress | None = None
        self._done = self._total = 0

    def report_to(self, progress: Progress | None, total: int) -> None:
        """Call ``progress`` after each of ``total`` notes and chords."""
        self._progress, self._total = progress, total

    def notes(self, found: tuple[ChosenNote, ...]) -> tuple[NoteFidelity, ...]:
        """Measure single notes."""
        measured = []
        for chosen in found:
            pair = render_pair(self._soundfont, str(self._model_path), self._file.card, chosen, self._quality)
            measured.append(measure_note(chosen, pair))
            self._finish(measured[-1], pair)
        return tuple(measured)

    def velocities(self, struck: tuple[ChosenNote, ...]) -> tuple[VelocityFidelity, ...]:
        """Compare soft with hard strokes."""
        measured = []
        for chosen in struck:
            measured.append(
                measure_velocities(self._soundfont, str(self._model_path), self._file.card, chosen, self._quality)
            )
            self._count()
        return tuple(measured)

    def chords(self, chords: tuple[ChosenChord, ...]) -> tuple[ChordFidelity, ...]:
        """Measure chords."""
        measured = []
        with chord_renderer(self._soundfont, self._model_path, self._file, self._quality) as renderer:
            for chosen in chords:
                fidelity, pair = renderer.measure(chosen)
                measured.append(fidelity)
                self._finish(fidelity, pair)
        return tuple(measured)

    def _finish(self, fidelity: NoteFidelity | ChordFidelity, pair: SoundPair) -> None:
        self._keep(fidelity, pair)
        self._count()

    def _count(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done, self._total)
