"""The studio setting: Sweep, then rounds that fit the last two frames to each other and to what was heard.

Real-time iterative spectrogram inversion (Beauregard, Zhu & Wyse 2005; Zhu, Beauregard & Wyse 2007) without
look-ahead: frames are overlap-added, analysed again, and given the wanted magnitudes with the phases found.
Four things differ.

* It starts from Sweep's phases, and hands the change of phase back, so that Sweep goes on from it.
* What is settled is what was heard, not the frames sent: a frame's later part has not sounded when the next
  one comes. So the previous frame is open too and takes part in the rounds, and the new frame is sent with the
  correction of what the previous one's tail has already put into the overlap-add.
* Frames are weighed by window^2, which trusts the middle of a frame more than its tails.
* Every round goes on beyond the phases found by ``MOMENTUM`` times their last change, as in fast Griffin-Lim
  (Perraudin, Balazs & Sondergaard 2013).

With x frames, w and v the analysis and synthesis window, o = w^2, all aligned in time, one round is

    y = heard / sum(w v) where it was heard, else (past + o x_previous + o x_new) / sum(o w)
    x = inverse(goal * F / |F|),  F = Y + MOMENTUM (Y - Y of the round before),  Y = transform(w y)

and what is sent makes the overlap-add sum(v x) equal y sum(w v), as far as v is not too small for it.
The wanted magnitudes are those after the noise split, so noise stays noise.
"""

import numpy as np

from synth_app.phase.fft import irfft, rfft
from synth_app.phase.state import SweepState, copy_row
from synth_app.phase.studio_state import StudioState
from synth_app.phase.sweep import sweep_add
from synth_app.phase.tables import Float32s, Int32s, KernelTables
from synth_app.support.kernels import internal, internal_fast, public, public_fast

_f = np.float32
STUDIO_ROUNDS = 4
MOMENTUM = _f(0.75)
_MIN_WEIGHT = _f(1e-3)
_TINY = _f(1e-20)
# atan(a) / pi for 0 <= a <= 1, minimax odd polynomial
_A1, _A3, _A5, _A7, _A9, _A11 = (
    _f(0.318302635), _f(-0.105877131), _f(0.0616057966), _f(-0.037059657), _f(0.0167581285), _f(-0.00373030054)
)  # fmt: skip
_TURN31 = _f(2147483520.0)  # just under 2^31, which an int32 does not hold


@public
def studio_add(
    mag: Float32s, state: SweepState, studio: StudioState, voice: int, tables: KernelTables, rounds: int,
    gain_l: np.float32, gain_r: np.float32, acc_l: Float32s, acc_r: Float32s,
) -> None:  # fmt: skip
    """Next frame of one voice in the studio setting; arguments as ``sweep_add``, and how many rounds.

    ``rounds`` may change from frame to frame; with 0 the frame is Sweep's.
    """
    left, right = studio.left, studio.right
    left[:] = _f(0)
    right[:] = _f(0)
    sweep_add(mag, state, voice, tables, _f(1), _f(1), left, right)
    _subtract(right[0], left[0])  # from here on what the right side has besides the left
    _subtract(right[1], left[1])
    _magnitudes(left[0], left[1], studio.goal)
    real, imag = studio.real, studio.imag
    _alternate(left[0], real)  # phases referred to the frame's start, for the transforms
    _alternate(left[1], imag)
    irfft(real, imag, studio.plan, studio.wave)
    if rounds > 0:
        _settle(studio, voice)
        for i in range(rounds):
            _round(studio, voice, MOMENTUM if i else _f(0))
        _alternate(real, real)
        _alternate(imag, imag)
        _turn_back(state.phase[voice], left[0], left[1], real, imag)
        _correct(studio, voice, left)
    else:
        copy_row(studio.wave, studio.frame)
    _remember(studio, voice)
    for plane in range(2):
        _add(acc_l[plane], gain_l, left[plane])
        _add(acc_r[plane], gain_r, left[plane])
        _add(acc_r[plane], gain_r, right[plane])


@internal
def _settle(studio: StudioState, voice: int) -> None:
    """What the rounds will not change: ``sound = fixed + share (o previous + o new)``."""
    hop, n, begun = studio.hop, studio.wave.shape[0], studio.begun[voice]
    fixed, share = studio.fixed, studio.share
    for i in range(n):
        fixed[i] = studio.past[voice, i]
        share[i] = studio.past_weight[voice, i] + begun * studio.both[i]
    fixed[n:] = _f(0)
    share[n:] = _f(0)
    for i in range(n):
        share[hop + i] += studio.both[i]
    for i in range(n + hop):
        share[i] = _f(1) / max(share[i], _MIN_WEIGHT)
        fixed[i] *= share[i]
    heard, weight = studio.heard[voice], studio.heard_weight[voice]
    for i in range(hop + studio.settled):
        if weight[i] > _MIN_WEIGHT:
            fixed[i] = heard[i] / weight[i]
            share[i] = _f(0)


@internal
def _round(studio: StudioState, voice: int, momentum: np.float32) -> None:
    """Analyse what the frames make together, and give the previous and the new one their magnitudes again."""
    hop, n, found = studio.hop, studio.wave.shape[0], studio.found
    _blend(studio, voice)
    if studio.begun[voice] > _f(0):
        _window(studio.sound[:n], studio.analysis, studio.frame)
        _refit(studio, studio.previous_goal[voice], momentum, found[:2], studio.previous[voice])
    _window(studio.sound[hop:], studio.analysis, studio.frame)
    _refit(studio, studio.goal, momentum, found[2:], studio.wave)


@internal
def _refit(studio: StudioState, goal: Float32s, momentum: np.float32, found: Float32s, wave: Float32s) -> None:
    """The frame with the magnitudes of ``goal`` and the phases of what is in ``frame``."""
    real, imag = studio.real, studio.imag
    rfft(studio.frame, studio.plan, real, imag)
    _lean(real, found[0], momentum)
    _lean(imag, found[1], momentum)
    _impose(goal, real, imag)
    irfft(real, imag, studio.plan, wave)


@internal
def _blend(studio: StudioState, voice: int) -> None:
    """Sound that all frames make together."""
    hop, n = studio.hop, studio.wave.shape[0]
    copy_row(studio.fixed, studio.sound)
    if studio.begun[voice] > _f(0):
        _overlap(studio.sound[:n], studio.share[:n], studio.overlap, studio.previous[voice])
    _overlap(studio.sound[hop:], studio.share[hop:], studio.overlap, studio.wave)


@internal
def _correct(studio: StudioState, voice: int, spectrum: Float32s) -> None:
    """The frame to send, in ``frame`` and ``spectrum``: with it the overlap-add is ``sound`` so far."""
    hop, frame, heard, weight = studio.hop, studio.frame, studio.heard[voice], studio.heard_weight[voice]
    _blend(studio, voice)
    for i in range(frame.shape[0]):
        own = studio.sound[hop + i] * studio.analysis[i]
        missing = studio.sound[hop + i] * weight[hop + i] - heard[hop + i]
        frame[i] = own + missing * studio.undo[i]
    rfft(frame, studio.plan, spectrum[0], spectrum[1])
    _alternate(spectrum[0], spectrum[0])
    _alternate(spectrum[1], spectrum[1])


@internal
def _remember(studio: StudioState, voice: int) -> None:
    """Close the previous frame, make the new one the previous and move on by one hop."""
    hop, n, begun = studio.hop, studio.wave.shape[0], studio.begun[voice]
    heard, heard_weight = studio.heard[voice], studio.heard_weight[voice]
    past, past_weight, previous = studio.past[voice], studio.past_weight[voice], studio.previous[voice]
    for i in range(n):
        heard[hop + i] += studio.frame[i] * studio.synthesis[i]
        heard_weight[hop + i] += studio.analysis[i] * studio.synthesis[i]
        past[i] += begun * previous[i] * studio.overlap[i]
        past_weight[i] += begun * studio.both[i]
    for row in (heard, heard_weight, past, past_weight):
        _shift(row, hop)
    copy_row(studio.wave, previous)
    copy_row(studio.goal, studio.previous_goal[voice])
    studio.begun[voice] = _f(1)


@internal
def _shift(row: Float32s, hop: int) -> None:
    """Move on by ``hop`` samples."""
    kept = row.shape[0] - hop
    for i in range(kept):
        row[i] = row[i + hop]
    row[kept:] = _f(0)


@internal_fast
def _overlap(sound: Float32s, share: Float32s, overlap: Float32s, wave: Float32s) -> None:
    """sound += share overlap wave."""
    for i in range(wave.shape[0]):
        sound[i] += share[i] * overlap[i] * wave[i]


@internal_fast
def _window(sound: Float32s, analysis: Float32s, frame: Float32s) -> None:
    """Cut a frame out."""
    for i in range(frame.shape[0]):
        frame[i] = sound[i] * analysis[i]


@internal_fast
def _lean(part: Float32s, last: Float32s, momentum: np.float32) -> None:
    """part + momentum (part - last); ``last`` becomes the part."""
    for k in range(part.shape[0]):
        now = part[k]
        part[k] = now + momentum * (now - last[k])
        last[k] = now


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
def _magnitudes(real: Float32s, imag: Float32s, goal: Float32s) -> None:
    """Magnitudes into ``goal``."""
    for k in range(goal.shape[0]):
        goal[k] = np.sqrt(real[k] * real[k] + imag[k] * imag[k])


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
