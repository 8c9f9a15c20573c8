"""The studio setting: Sweep, then a few rounds of fitting the new frame to the sound already committed.

Real-time iterative spectrogram inversion (Beauregard, Zhu & Wyse 2005; Zhu, Beauregard & Wyse 2007) without
look-ahead: the frame is overlap-added to the past, analysed again, and given the wanted magnitudes with the
phases found. Three things differ. The start is Sweep's phase, not the past's. The overlap weighs frames by
window^2, which trusts the new frame's own middle more than the past's tails. And the change of phase is handed
back to Sweep, so that the next frame goes on from it. Where the energy doubles in one hop the past tells
nothing about what begins, and the rounds are left out for half a window.

The wanted magnitudes are those after the noise split, so noise stays noise.
"""

from typing import NamedTuple

import numpy as np

from synth_app.kernels import internal, internal_fast, public, public_fast
from synth_app.phase.fft import FftPlan, fft_plan, irfft, rfft
from synth_app.phase.state import SweepState
from synth_app.phase.sweep import sweep_add
from synth_app.phase.tables import Float32s, Int32s, KernelTables, PhaseTables
from synth_app.spectrum.windows import window

_f = np.float32
STUDIO_ROUNDS = 6
_ONSET_RATIO = _f(2.0)  # energy growth per hop that starts something new
_MIN_WEIGHT = _f(1e-3)
_TINY = _f(1e-20)
# atan(a) / pi for 0 <= a <= 1, minimax odd polynomial
_A1, _A3, _A5, _A7, _A9, _A11 = (
    _f(0.318302635), _f(-0.105877131), _f(0.0616057966), _f(-0.037059657), _f(0.0167581285), _f(-0.00373030054)
)  # fmt: skip
_TURN31 = _f(2147483520.0)  # just under 2^31, which an int32 does not hold


class StudioState(NamedTuple):
    """What the studio setting remembers besides the ``SweepState``.

    Attributes:
        past: float32 [voices, n_fft], committed frames, overlap-added, from the next frame's first sample on.
        weight: float32 [voices, n_fft], sum of the windows in ``past``.
        energy: float32 [voices], of the last frame.
        pause: int32 [voices], frames for which the rounds are left out.
        hop: samples.
        analysis, overlap, both: float32 [n_fft], window w, w^2 and w^3.
        plan: of the transforms.
        left, right: float32 [2, bins]. goal, real, imag: float32 [bins]. wave, frame: float32 [n_fft]. Scratch.
    """

    past: Float32s
    weight: Float32s
    energy: Float32s
    pause: Int32s
    hop: int
    analysis: Float32s
    overlap: Float32s
    both: Float32s
    plan: FftPlan
    left: Float32s
    right: Float32s
    goal: Float32s
    real: Float32s
    imag: Float32s
    wave: Float32s
    frame: Float32s


def new_studio(n_voices: int, tables: PhaseTables) -> StudioState:
    """Allocate the studio setting's state for ``n_voices`` voices.

    Raises:
        UserError: n_fft is not a power of two.
    """
    f32, n, bins = np.float32, tables.n_fft, tables.bins
    w = window(tables.window_name, n)
    return StudioState(
        np.zeros((n_voices, n), f32), np.zeros((n_voices, n), f32), np.zeros(n_voices, f32),
        np.zeros(n_voices, np.int32), tables.hop, w.astype(f32), (w**2).astype(f32), (w**3).astype(f32),
        fft_plan(n), np.zeros((2, bins), f32), np.zeros((2, bins), f32), np.zeros(bins, f32),
        np.zeros(bins, f32), np.zeros(bins, f32), np.zeros(n, f32), np.zeros(n, f32),
    )  # fmt: skip


@public
def reset_studio(studio: StudioState, voice: int) -> None:
    """Forget the committed sound of a voice; call it beside ``reset``."""
    studio.past[voice, :] = _f(0)
    studio.weight[voice, :] = _f(0)
    studio.energy[voice] = _f(0)
    studio.pause[voice] = 0


@public
def studio_add(
    mag: Float32s, state: SweepState, studio: StudioState, voice: int, tables: KernelTables, rounds: int,
    gain_l: np.float32, gain_r: np.float32, acc_l: Float32s, acc_r: Float32s,
) -> None:  # fmt: skip
    """Next frame of one voice in the studio setting; arguments as ``sweep_add``, and how many rounds.

    ``rounds`` may change from frame to frame, down to 0.
    """
    left, right = studio.left, studio.right
    left[:] = _f(0)
    right[:] = _f(0)
    sweep_add(mag, state, voice, tables, _f(1), _f(1), left, right)
    _subtract(right[0], left[0])  # from here on what the right side has besides the left
    _subtract(right[1], left[1])
    energy = _goal(left[0], left[1], studio.goal)
    if energy > _ONSET_RATIO * studio.energy[voice]:
        studio.pause[voice] = studio.frame.shape[0] // (2 * studio.hop)
    studio.energy[voice] = energy
    real, imag = studio.real, studio.imag
    _alternate(left[0], real)  # phases referred to the frame's start, for the transforms
    _alternate(left[1], imag)
    irfft(real, imag, studio.plan, studio.wave)
    if studio.pause[voice] > 0:
        studio.pause[voice] -= 1
    else:
        for _ in range(rounds):
            _round(studio, studio.past[voice], studio.weight[voice])
        _alternate(real, real)
        _alternate(imag, imag)
        _turn_back(state.phase[voice], left[0], left[1], real, imag)
        left[0, :] = real
        left[1, :] = imag
    _commit(studio, studio.past[voice], studio.weight[voice])
    for plane in range(2):
        _add(acc_l[plane], gain_l, left[plane])
        _add(acc_r[plane], gain_r, left[plane])
        _add(acc_r[plane], gain_r, right[plane])


@internal
def _round(studio: StudioState, past: Float32s, weight: Float32s) -> None:
    """Analyse the new frame together with the past, and give it the wanted magnitudes again."""
    _blend(past, weight, studio.wave, studio.overlap, studio.both, studio.frame)
    _multiply(studio.frame, studio.analysis)
    rfft(studio.frame, studio.plan, studio.real, studio.imag)
    _impose(studio.goal, studio.real, studio.imag)
    irfft(studio.real, studio.imag, studio.plan, studio.wave)


@internal
def _commit(studio: StudioState, past: Float32s, weight: Float32s) -> None:
    """Add the finished frame to the past and move on by one hop."""
    hop, n = studio.hop, past.shape[0]
    for i in range(n):
        past[i] += studio.wave[i] * studio.overlap[i]
        weight[i] += studio.both[i]
    for i in range(n - hop):
        past[i] = past[i + hop]
        weight[i] = weight[i + hop]
    past[n - hop :] = _f(0)
    weight[n - hop :] = _f(0)


@internal_fast
def _blend(past: Float32s, weight: Float32s, wave: Float32s, overlap: Float32s, both: Float32s, out: Float32s) -> None:
    """Samples that the past and the new frame make together."""
    for i in range(out.shape[0]):
        out[i] = (past[i] + wave[i] * overlap[i]) / max(weight[i] + both[i], _MIN_WEIGHT)


@internal_fast
def _multiply(x: Float32s, factor: Float32s) -> None:
    for i in range(x.shape[0]):
        x[i] *= factor[i]


@internal_fast
def _subtract(x: Float32s, y: Float32s) -> None:
    for k in range(x.shape[0]):
        x[k] -= y[k]


@internal_fast
def _add(x: Float32s, gain: np.float32, y: Float32s) -> None:
    g = _f(gain)
    for k in range(x.shape[0]):
        x[k] += g * y[k]


@internal_fast
def _alternate(source: Float32s, target: Float32s) -> None:
    """target = (-1)^k source."""
    for k in range(source.shape[0]):
        target[k] = source[k] * (_f(1) - _f(2) * _f(k & 1))


@internal_fast
def _goal(real: Float32s, imag: Float32s, goal: Float32s) -> np.float32:
    """Magnitudes into ``goal``; returns their energy."""
    energy = _f(0)
    for k in range(goal.shape[0]):
        power = real[k] * real[k] + imag[k] * imag[k]
        goal[k] = np.sqrt(power)
        energy += power
    return energy


@internal_fast
def _impose(goal: Float32s, real: Float32s, imag: Float32s) -> None:
    """Scale every bin to its wanted magnitude."""
    for k in range(goal.shape[0]):
        factor = goal[k] / np.sqrt(real[k] * real[k] + imag[k] * imag[k] + _TINY)
        real[k] *= factor
        imag[k] *= factor


@internal_fast
def _turn_back(phase: Int32s, old_re: Float32s, old_im: Float32s, real: Float32s, imag: Float32s) -> None:
    """Turn the voice's phases by as much as the rounds turned its bins."""
    for k in range(phase.shape[0]):
        x = real[k] * old_re[k] + imag[k] * old_im[k]
        y = imag[k] * old_re[k] - real[k] * old_im[k]
        phase[k] += np.int32(half_turns(x, y) * _TURN31)


@public_fast
def half_turns(x: np.float32, y: np.float32) -> np.float32:
    """Angle of (x, y) in half turns, within +-1; minimax polynomial, error below 2e-6; 0 at the origin."""
    ax, ay = abs(x), abs(y)
    a = min(ax, ay) / max(max(ax, ay), _TINY)
    z = a * a
    r = a * (_A1 + z * (_A3 + z * (_A5 + z * (_A7 + z * (_A9 + z * _A11)))))
    r = _f(0.5) - r if ay > ax else r
    r = _f(1) - r if x < _f(0) else r
    return -r if y < _f(0) else r
