"""What a style adds to the latent path and the gain of a voice (compiled)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synth_app.engine.spectral.detail import PARTS
from synth_app.engine.voices.latent_path import RELEASED, Voices
from synth_app.engine.voices.packed_bank import PackedBank
from synth_app.patch.style_texture import AMOUNTS, StyleChange
from synth_app.support.kernels import inlined

_f = np.float32


class StylePaths(NamedTuple):
    """What the style adds to the recordings of a bank.

    Attributes:
        z: float32 [frames of the bank, latent], change of the path at amount 1; no frames where nothing is added.
        gain_db: float32 [AMOUNTS, frames of the bank], change of the gains at even amounts.
        used: int64 [recordings], 1 where something is added.
    """

    z: NDArray[np.float32]
    gain_db: NDArray[np.float32]
    used: NDArray[np.int64]


def pack_style(bank: PackedBank, changes: Sequence[StyleChange | None]) -> StylePaths:
    """Pack changes beside the recordings that they belong to.

    Args:
        bank: the recordings of slot A, then those of slot B.
        changes: of these recordings; one of another latent size or length than its recording adds nothing.
    """
    used = np.zeros(len(bank.start), np.int64)
    latent = bank.z.shape[1]
    frames = len(bank.z) if any(changes) else 0
    paths = StylePaths(np.zeros((frames, latent), np.float32), np.zeros((AMOUNTS, frames), np.float32), used)
    if not frames:
        return paths
    for row, change in enumerate(changes):
        if change is None or change.latent_size != latent or len(change.codes()) != bank.length[row]:
            continue
        part = slice(int(bank.start[row]), int(bank.start[row] + bank.length[row]))
        paths.z[part], paths.gain_db[:, part], used[row] = change.codes(), change.gains(), 1
    return paths


@inlined
def _style_gain(gain_db: NDArray[np.float32], amount: float, i: int, j: int, w: float) -> float:
    """Change of the gain in dB at an amount, ``w`` of the way from frame i to j; linear between the points given."""
    step = amount * (AMOUNTS - 1)
    k = min(int(step), AMOUNTS - 2)
    low = gain_db[k, i] + w * (gain_db[k, j] - gain_db[k, i])
    high = gain_db[k + 1, i] + w * (gain_db[k + 1, j] - gain_db[k + 1, i])
    return low + (step - k) * (high - low)


@inlined
def add_style(voices: Voices, v: int, bank: PackedBank, styles: StylePaths, amount: float, blend: float) -> None:
    """Add the style to ``path_z`` and ``path_db`` of a voice, after ``read_path`` has set them.

    Args:
        voices, v, bank: as for ``read_path``.
        styles: of the bank's recordings.
        amount: 0 to 1.
        blend: weight of the values that were frozen at the last sudden change, when ``read_path`` was called.
    """
    if amount <= 0.0:
        return
    for part in range(PARTS):
        weight, note = voices.weight[v, part], voices.recording[v, part]
        if weight == 0.0 or styles.used[note] == 0:
            continue
        first, position = bank.start[note], voices.frame[v, part]
        i, j = first + int(position), first + min(int(position) + 1, bank.length[note] - 1)
        w, much = _f(position - int(position)), _f((1.0 - blend) * weight * amount)
        for d in range(styles.z.shape[1]):
            voices.path_z[v, d] += much * (styles.z[i, d] + w * (styles.z[j, d] - styles.z[i, d]))
        gain = _style_gain(styles.gain_db, amount, i, j, w)
        if voices.stage[v] == RELEASED:  # relative to the key-up mark, and not blended, as the path's own gain
            key_up = first + bank.release_start[note]
            voices.path_db[v] += weight * (gain - _style_gain(styles.gain_db, amount, key_up, key_up, 0.0))
        else:
            voices.path_db[v] += (1.0 - blend) * weight * gain
