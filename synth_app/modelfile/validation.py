"""Checks that a model can be played: tensors, networks, statistics, map and note bank."""

import numpy as np

from synth_app.modelfile.bank import BankNote
from synth_app.modelfile.card import Activation, LayerNorm, Linear, Lstm, Op, Parallel, PitchComb, PitchConcat, Residual
from synth_app.modelfile.content import PERCENTS, ModelFile
from synth_app.support.errors import UserError

MAX_GAIN_DB = 60.0  # of a bank note's frame; audio files that are read peak at 40 dB over full scale
MAX_OPERATIONS = 512  # of a network; the shipped ones have up to 20


def check_model(model: ModelFile, where: str) -> None:
    """Raise UserError for a model that cannot be played."""
    card = model.card
    for name, tensor in model.tensors.items():
        if tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise UserError(f"{where}: tensor {name} is not finite float32; download or train the model again")
    sizes = (card.frame_spec.bins, card.latent_size)
    for net, (n_in, n_out) in (("encoder", sizes), ("decoder", sizes[::-1])):
        found = _Program(model, where).width_after(getattr(card, net), n_in)
        if found != n_out:
            raise UserError(f"{where}: the {net} returns {found} values; the card says {n_out}")
    latent = (card.latent_size,)
    shapes = {
        "mean": latent,
        "std": latent,
        "percentiles": (len(PERCENTS), *latent),
        "axes": latent * 2,
        "axis_std": latent,
    }
    for name, shape in shapes.items():
        statistic = getattr(model.stats, name)
        if statistic.shape != shape or not np.isfinite(statistic).all():
            raise UserError(f"{where}: latent statistic {name} has the wrong shape or values; download the file again")
    if min(model.stats.std.min(), model.stats.axis_std.min()) < 0.0:
        raise UserError(f"{where}: a standard deviation of the latent vectors is negative; download the file again")
    if model.map_positions is not None and (
        model.map_positions.shape != (len(model.bank), 2) or not np.isfinite(model.map_positions).all()
    ):
        raise UserError(f"{where}: the map does not match the bank of {len(model.bank)} notes; download the file again")
    for note in model.bank:
        _check_note(note, card.latent_size, card.frame_spec.bins, where)


def _check_note(note: BankNote, latent_size: int, bins: int, where: str) -> None:
    m, n = note.marks, len(note.z)
    ordered = 0 <= m.attack_end <= m.loop_start < m.loop_end <= m.release_start <= n
    if note.z.shape != (n, latent_size) or note.gain_db.shape != (n,) or not ordered or n < 2:
        raise UserError(f"{where}: bank note {note.name} has an invalid latent path; download the file again")
    levels = np.isfinite(note.gain_db).all() and note.gain_db.max() <= MAX_GAIN_DB
    if not (levels and np.isfinite(note.z).all() and 0 <= note.pitch <= 127):
        raise UserError(f"{where}: bank note {note.name} has values out of range; download the file again")
    if note.correction is not None and note.correction.bins != bins:
        raise UserError(f"{where}: bank note {note.name} has a correction of {note.correction.bins} bins; frames have "
                        f"{bins}; download the file again")  # fmt: skip


class _Program:
    """Check the tensors of a network program and compute its widths."""

    def __init__(self, model: ModelFile, where: str) -> None:
        self._tensors, self._where = model.tensors, where
        self._keys = model.card.key_range.keys if model.card.key_range else 0
        self._operations = 0

    def width_after(self, ops: tuple[Op, ...], width: int) -> int:
        """Return the width of the vector after ``ops``."""
        self._operations += len(ops)
        if self._operations > MAX_OPERATIONS:
            raise UserError(f"{self._where}: a network has over {MAX_OPERATIONS} operations; use another model")
        for op in ops:
            if isinstance(op, Linear | PitchComb):
                width = self._linear(op, width)
            elif isinstance(op, LayerNorm):
                if {self._shape(op.weight), self._shape(op.bias)} != {(width,)}:
                    raise self._misfit(op.weight, width)
            elif isinstance(op, PitchConcat):
                width += self._table_width(op.table, width)
            elif isinstance(op, Lstm):
                width = self._lstm(op, width)
            elif isinstance(op, Residual | Parallel):
                width = self._branches(op, width)
            elif not isinstance(op, Activation):
                raise UserError(f"{self._where}: unknown operation {type(op).__name__}; update the program")
        return width

    def _table_width(self, name: str, width: int) -> int:
        table = self._shape(name)
        if len(table) != 2 or table[0] != self._keys or not self._keys:
            raise self._misfit(name, width)
        return table[1]

    def _linear(self, op: Linear | PitchComb, width: int) -> int:
        out = self._shape(op.bias)
        if len(out) != 1 or not out[0] or self._shape(op.weight) != (out[0], width):
            raise self._misfit(op.weight, width)
        if isinstance(op, PitchComb):
            inner, bumps, combs = (self._shape(name) for name in (op.coefficients, op.bumps, op.combs))
            fits = len(inner) == len(bumps) == 2 and len(combs) == 3 and inner[1] == width and combs[0] == self._keys
            if not fits or inner[0] != combs[1] * bumps[0] or not bumps[1] == combs[2] == out[0] or not self._keys:
                raise self._misfit(op.combs, width)
        return out[0]

    def _lstm(self, op: Lstm, width: int) -> int:
        bias = self._shape(op.bias)
        n = bias[0] // 4 if len(bias) == 1 else 0
        shapes = (bias, self._shape(op.weight), self._shape(op.recurrent))
        if not n or shapes != ((4 * n,), (4 * n, width), (4 * n, n)):
            raise self._misfit(op.weight, width)
        return n

    def _branches(self, op: Residual | Parallel, width: int) -> int:
        bodies = (op.body, ()) if isinstance(op, Residual) else op.branches
        widths = {self.width_after(body, width) for body in bodies}
        if len(widths) > 1:
            raise UserError(f"{self._where}: a network has branches of different widths {sorted(widths)}")
        return widths.pop() if widths else width

    def _shape(self, name: str) -> tuple[int, ...]:
        if name not in self._tensors:
            raise UserError(f"{self._where}: tensor {name} is missing; download the file again")
        return self._tensors[name].shape

    def _misfit(self, name: str, width: int) -> UserError:
        return UserError(f"{self._where}: layer {name} does not match its input width {width}; download the file again")
