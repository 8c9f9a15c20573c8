"""Spectrograms of auditions: one picture each, and a page of them for each category."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.metrics.loudness import RATE
from synth_app.export.auditions.audition import Audition
from synth_app.support.files import atomic_path

_COLUMNS = 5
_RANGE_DB = 80.0
_COLOURS = "magma"


def draw_spectrograms(auditions: list[Audition], path: Path) -> None:
    """Draw titled spectrograms in rows of five: 0 to 3.2 s, 40 Hz to 16 kHz (mel scale), range 80 dB."""
    from matplotlib.figure import Figure

    columns = min(_COLUMNS, len(auditions))
    rows = -(-len(auditions) // columns)
    figure = Figure(figsize=(3.2 * columns, 1.9 * rows), dpi=100)
    grid = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(left=0.004, right=0.996, bottom=0.01, top=1.0 - 0.16 / rows, wspace=0.02, hspace=0.2)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, each in zip(grid.flat, auditions, strict=False):
        axes.imshow(_spectrogram_db(each), origin="lower", aspect="auto", cmap=_COLOURS, vmin=-_RANGE_DB, vmax=0.0)
        preset = each.entry.preset
        axes.set_title(f"{preset.name} · key {preset.note} · {each.loudness_lufs:.1f} LUFS", fontsize=8, pad=2)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})


def save_spectrogram(heard: Audition, path: Path) -> None:
    """Save one spectrogram as ``draw_spectrograms`` draws them, without a title, two pixels a band and frame."""
    from matplotlib.image import imsave

    pixels = np.kron(_spectrogram_db(heard), np.ones((2, 2)))
    with atomic_path(path) as temporary:
        imsave(temporary, pixels, format="png", origin="lower", cmap=_COLOURS, vmin=-_RANGE_DB, vmax=0.0)


def _spectrogram_db(heard: Audition) -> NDArray[np.floating]:
    """Return the level of each mel band in each frame re the loudest, [128, frames]."""
    from synth_app.support.compiling.librosa_import import librosa

    power = librosa.feature.melspectrogram(
        y=heard.audio.mean(axis=1), sr=RATE, n_fft=4096, hop_length=960, n_mels=128, fmin=40.0, fmax=16_000.0
    )
    db: NDArray[np.floating] = 10.0 * np.log10(np.maximum(power, 1e-12))
    return db - db.max()
