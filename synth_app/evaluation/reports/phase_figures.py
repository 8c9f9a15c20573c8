"""Figures of phase errors: their positions, the ringing of static noise, and the smearing of onsets."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from synth_app.dataset.nsynth import read_audio, read_notes
from synth_app.evaluation.listening import HOW_TO_INSTALL
from synth_app.evaluation.reports.phase_report import PhaseReport
from synth_app.phase import resynthesize, spectral_convergence_db, stft
from synth_app.phase.tables import Float32s
from synth_app.spectrum import FrameSpec
from synth_app.support.errors import UserError
from synth_app.support.files import atomic_path

SHOWN = {"spsi": "SPSI (eco)", "live": "Sweep (live)", "studio": "Studio", "fast_griffinlim": "Fast Griffin-Lim, 100"}
_RANGE_DB = 90.0
_NOISE_FRAMES = 160
_FINE_SECONDS = 0.004  # window that shows time rather than frequency


def require_matplotlib(folder: Path) -> None:
    """Check before any work that figures can be drawn.

    Raises:
        UserError: matplotlib is missing, or the folder does not exist.
    """
    if find_spec("matplotlib") is None:
        raise UserError(f"figures need matplotlib; install it: {HOW_TO_INSTALL}")
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; make it first")


def draw_figures(data: Path, report: PhaseReport, folder: Path, note: str | None = None) -> None:
    """Write ``phase-error.png``, ``phase-noise.png`` and ``phase-onset.png``.

    Args:
        data: folder of the report's notes.
        report: has the grid, the seed and the notes to show.
        folder: an existing folder.
        note: name of the note whose errors are shown; None for the report's typical one.

    Raises:
        UserError: matplotlib is missing, no such note, or a note cannot be read.
    """
    require_matplotlib(folder)
    grid = FrameSpec(report.sample_rate, report.n_fft, report.n_fft // 4, report.window)
    notes = {note.note_str: note for note in read_notes(data)}
    shown = note or report.typical_note
    if shown not in notes:
        raise UserError(f"no note {shown!r} in {data}; give the name of one of its WAV files")
    hardest, audio = (read_audio(data, notes[name])[0] for name in (report.hardest_note, shown))
    _save(_errors(audio, grid, report.seed, shown), folder / "phase-error.png")
    _save(_static_noise(grid, report.seed), folder / "phase-noise.png")
    _save(_onset(hardest, grid, report), folder / "phase-onset.png")


def _new(rows: int, columns: int, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, height), dpi=110, layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)


def _save(figure: Any, path: Path) -> None:
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})


def _show(axes: Any, values_db: Float32s, seconds: float, rate: int, title: str, range_db: float = _RANGE_DB) -> Any:
    """Draw one spectrogram [frames, bins] in dB; 0 is the top of the scale."""
    picture = axes.imshow(
        values_db.T, origin="lower", aspect="auto", cmap="magma", vmin=-range_db, vmax=0.0,
        extent=(0.0, seconds, 0.0, rate / 2000.0), interpolation="nearest",
    )  # fmt: skip
    axes.set_title(title, fontsize=10)
    return picture


def _label(axes: Any) -> None:
    for row in axes:
        row[0].set_ylabel("kHz")
    for cell in axes[-1]:
        cell.set_xlabel("s")


def _errors(audio: Float32s, grid: FrameSpec, seed: int, name: str) -> Any:
    """Draw a note, and the magnitude error of each method."""
    target = np.abs(stft(audio, grid))
    figure, axes = _new(len(SHOWN) // 2 + 1, 2, 8.6)
    seconds, top = len(audio) / grid.sample_rate, target.max()
    title = f"{name}: target magnitudes"
    picture = _show(axes[0, 0], _db(target / top), seconds, grid.sample_rate, title)
    axes[0, 1].axis("off")
    axes[0, 1].text(0.02, 0.5, _explanation(grid), fontsize=10, va="center", transform=axes[0, 1].transAxes)
    for cell, (method, label) in zip(axes[1:].ravel(), SHOWN.items(), strict=True):
        wave = resynthesize(target, grid, method, seed=seed)
        left = np.abs(np.abs(stft(wave, grid, len(target))) - target) / top
        reached = spectral_convergence_db(target, wave, grid)
        _show(cell, _db(left), seconds, grid.sample_rate, f"{label}: error, {reached:.1f} dB")
    figure.colorbar(picture, ax=axes, label="dB re the note's loudest bin", shrink=0.6)
    _label(axes)
    return figure


def _explanation(grid: FrameSpec) -> str:
    return (
        "Below: error of each method,\nthe difference between the magnitudes\nof its sound and the target.\n\n"
        f"{grid.sample_rate} Hz, n_fft {grid.n_fft}, {grid.window}, hop {grid.hop_length}\n"
        "Numbers: spectral convergence of this note."
    )


def _static_noise(grid: FrameSpec, seed: int) -> Any:
    """Draw a held flat frame with and without the noise split: fine spectrogram and autocorrelation."""
    flat = np.full((_NOISE_FRAMES, grid.bins), 8.0, np.float32)
    figure, axes = _new(2, 2, 6.0)
    fine_hop = round(_FINE_SECONDS * grid.sample_rate / 4)
    fine = FrameSpec(grid.sample_rate, 4 * fine_hop, fine_hop, "hann")
    for row, method, name in zip(axes, ("sweep", "live"), ("without noise split", "with noise split"), strict=True):
        wave = resynthesize(flat, grid, method, seed=seed)[4 * grid.n_fft : -4 * grid.n_fft]
        shown = wave[: 5 * grid.n_fft]
        values = np.abs(stft(shown, fine))
        seconds = len(shown) / grid.sample_rate
        _show(row[0], _db(values / values.max()), seconds, grid.sample_rate, f"Held flat frame, {name}", 40.0)
        spectrum = np.abs(np.fft.rfft(wave, 2 * len(wave))) ** 2
        correlation = np.fft.irfft(spectrum)[: 4 * grid.n_fft]
        row[1].plot(np.arange(len(correlation)) / grid.n_fft, correlation / correlation[0], lw=0.8, color="#7a2a83")
        row[1].set_ylim(-0.35, 1.05)
        row[1].grid(alpha=0.3)
        row[1].set_title(f"Autocorrelation, {name}", fontsize=10)
    _label(axes)
    axes[1, 1].set_xlabel("lag in n_fft")
    return figure


def _onset(audio: Float32s, grid: FrameSpec, report: PhaseReport) -> Any:
    """Draw the loudest attack of a note at a fine time resolution, original and resynthesised."""
    target = np.abs(stft(audio, grid))
    fine_hop = max(round(_FINE_SECONDS * grid.sample_rate / 16), 1)
    fine = FrameSpec(grid.sample_rate, 16 * fine_hop, fine_hop, "hann")
    before = np.zeros(grid.n_fft // 2, np.float32)  # a note may begin with its file
    start = max(int(np.argmax(np.abs(audio) > 0.1 * np.abs(audio).max())) // fine_hop, 0)
    cut = slice(start, start + 3 * grid.n_fft // fine_hop)
    waves = {"Original": audio}
    for method in ("live", "studio", "fast_griffinlim"):
        waves[SHOWN[method]] = resynthesize(target, grid, method, seed=report.seed)
    pictures = {name: np.abs(stft(np.append(before, wave), fine))[cut] for name, wave in waves.items()}
    top = pictures["Original"].max()
    figure, axes = _new(2, 2, 6.0)
    seconds = len(pictures["Original"]) * fine_hop / grid.sample_rate
    for cell, (name, values) in zip(axes.ravel(), pictures.items(), strict=True):
        picture = _show(cell, _db(values / top), seconds, grid.sample_rate, name, 70.0)
    figure.suptitle(f"{report.hardest_note}: attack, windows of {1e3 * _FINE_SECONDS:.0f} ms", fontsize=11)
    figure.colorbar(picture, ax=axes, label="dB re the original's loudest bin", shrink=0.6)
    _label(axes)
    return figure


def _db(ratio: Float32s) -> Float32s:
    return np.asarray(20.0 * np.log10(np.maximum(ratio, 1e-9)), dtype=np.float32)
