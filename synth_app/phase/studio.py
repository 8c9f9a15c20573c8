"""Studio: Sweep, then iterations that fit the last two frames to each other and to the output so far.

Real-time iterative spectrogram inversion (Beauregard, Zhu & Wyse 2005; Zhu, Beauregard & Wyse 2007) without look-ahead:
frames are overlap-added, analysed again, and given the wanted magnitudes with the phases found. There are four
differences.

* The iterations start from Sweep's phases and return the change of phase, so that Sweep goes on from it.
* Only samples that have been played are fixed, not the frames sent: the later part of a frame has not been played when
  the next frame comes. So the previous frame takes part in the iterations, and the new frame is sent with a correction
  of what the previous one's tail has already put into the overlap-add.
* Frames are weighted by window^2, which trusts the middle of a frame more than its tails.
* Every iteration extrapolates the phases found by ``MOMENTUM`` times their last change, as in fast Griffin-Lim
  (Perraudin, Balazs & Sondergaard 2013).

With frames x, analysis window w, synthesis window v, and o = w^2, all aligned in time, one iteration is

    y = output / sum(w v) where it has been played, else (past + o x_previous + o x_new) / sum(o w)
    x = inverse(goal * F / |F|),  F = Y + MOMENTUM (Y - Y of the iteration before),  Y = transform(w y)

and the frame sent makes the overlap-add sum(v x) equal y sum(w v), as far as v is not too small.
The wanted magnitudes are those after the noise split, so noise stays noise.
"""

import numpy as np

from synth_app.phase.fft import irfft, rfft
from synth_app.phase.state import StereoSum, SweepState, copy_row
from synth_app.phase.studio_state import StudioState
from synth_app.phase.sweep import sweep_add
from synth_app.phase.tables import Float32s, Int32s, KernelTables
from synth_app.support.kernels import internal, internal_fast, public, public_fast

_f = np.float32
STUDIO_ITERATIONS = 4
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
    mag: Float32s, state: SweepState, studio: StudioState, voice: int, tables: KernelTables, iterations: int,
    out: StereoSum,
) -> None:  # fmt: skip
    """Add the next frame of one voice with ``iterations`` iterations; other arguments as ``sweep_add``.

    ``iterations`` may change from frame to frame; with 0 the frame is Sweep's.
    """
    left, right = studio.left, studio.right
    left[:] = _f(0)
    right[:] = _f(0)
    sweep_add(mag, state, voice, tables, StereoSum(_f(1), _f(1), left, right))
    _subtract(right[0], left[0])  # from here on, the difference of the right side from the left
    _subtract(right[1], left[1])
    _magnitudes(left[0], left[1], studio.goal)
    real, imag = studio.real, studio.imag
    _alternate(left[0], real)  # phases relative to the frame's start, for the transforms
    _alternate(left[1], imag)
    irfft(real, imag, studio.plan, studio.wave)
    if iterations > 0:
        _fix_played(studio, voice)
        for i in range(iterations):
            _iterate(studio, voice, MOMENTUM if i else _f(0))
        _alternate(real, real)
        _alternate(imag, imag)
        _return_phase_change(state.phase[voice], left[0], left[1], real, imag)
        _compensate(studio, voice, left)
    else:
        copy_row(studio.wave, studio.frame)
    _advance(studio, voice)
    for plane in range(2):
        _add(out.left[plane], out.gain_left, left[plane])
        _add(out.right[plane], out.gain_right, left[plane])
        _add(out.right[plane], out.gain_right, right[plane])


@internal
def _fix_played(studio: StudioState, voice: int) -> None:
    """Compute what the iterations do not change: ``sound = fixed + free_weight (o previous + o new)``."""
    hop, n, begun = studio.hop, studio.wave.shape[0], studio.begun[voice]
    fixed, free_weight = studio.fixed, studio.free_weight
    for i in range(n):
        fixed[i] = studio.past[voice, i]
        free_weight[i] = studio.past_weight[voice, i] + begun * studio.window_cubed[i]
    fixed[n:] = _f(0)
    free_weight[n:] = _f(0)
    for i in range(n):
        free_weight[hop + i] += studio.window_cubed[i]
    for i in range(n + hop):
        free_weight[i] = _f(1) / max(free_weight[i], _MIN_WEIGHT)
        fixed[i] *= free_weight[i]
    output, weight = studio.output[voice], studio.output_weight[voice]
    for i in range(hop + studio.played):
        if weight[i] > _MIN_WEIGHT:
            fixed[i] = output[i] / weight[i]
            free_weight[i] = _f(0)


@internal
def _iterate(studio: StudioState, voice: int, momentum: np.float32) -> None:
    """Analyse the sum of the frames, and give the previous and the new frame their magnitudes again."""
    hop, n, last_spectra = studio.hop, studio.wave.shape[0], studio.last_spectra
    _sum_frames(studio, voice)
    if studio.begun[voice] > _f(0):
        _window(studio.sound[:n], studio.analysis, studio.frame)
        _project(studio, studio.previous_goal[voice], momentum, last_spectra[:2], studio.previous[voice])
    _window(studio.sound[hop:], studio.analysis, studio.frame)
    _project(studio, studio.goal, momentum, last_spectra[2:], studio.wave)


@internal
def _project(studio: StudioState, goal: Float32s, momentum: np.float32, last_spectra: Float32s, wave: Float32s) -> None:
    """Compute the frame with the magnitudes of ``goal`` and the phases of the frame in ``frame``."""
    real, imag = studio.real, studio.imag
    rfft(studio.frame, studio.plan, real, imag)
    _add_momentum(real, last_spectra[0], momentum)
    _add_momentum(imag, last_spectra[1], momentum)
    _impose(goal, real, imag)
    irfft(real, imag, studio.plan, wave)


@internal
def _sum_frames(studio: StudioState, voice: int) -> None:
    """Compute the sound of all frames together."""
    hop, n = studio.hop, studio.wave.shape[0]
    copy_row(studio.fixed, studio.sound)
    if studio.begun[voice] > _f(0):
        _add_overlap(studio.sound[:n], studio.free_weight[:n], studio.window_squared, studio.previous[voice])
    _add_overlap(studio.sound[hop:], studio.free_weight[hop:], studio.window_squared, studio.wave)


@internal
def _compensate(studio: StudioState, voice: int, spectrum: Float32s) -> None:
    """Compute the frame to send, in ``frame`` and ``spectrum``: it makes the overlap-add equal ``sound`` so far."""
    hop, frame, output, weight = studio.hop, studio.frame, studio.output[voice], studio.output_weight[voice]
    _sum_frames(studio, voice)
    for i in range(frame.shape[0]):
        own = studio.sound[hop + i] * studio.analysis[i]
        missing = studio.sound[hop + i] * weight[hop + i] - output[hop + i]
        frame[i] = own + missing * studio.inverse_synthesis[i]
    rfft(frame, studio.plan, spectrum[0], spectrum[1])
    _alternate(spectrum[0], spectrum[0])
    _alternate(spectrum[1], spectrum[1])


@internal
def _advance(studio: StudioState, voice: int) -> None:
    """Close the previous frame, make the new one the previous, and move on by one hop."""
    hop, n, begun = studio.hop, studio.wave.shape[0], studio.begun[voice]
    output, output_weight = studio.output[voice], studio.output_weight[voice]
    past, past_weight, previous = studio.past[voice], studio.past_weight[voice], studio.previous[voice]
    for i in range(n):
        output[hop + i] += studio.frame[i] * studio.synthesis[i]
        output_weight[hop + i] += studio.analysis[i] * studio.synthesis[i]
        past[i] += begun * previous[i] * studio.window_squared[i]
        past_weight[i] += begun * studio.window_cubed[i]
    for row in (output, output_weight, past, past_weight):
        _shift(row, hop)
    copy_row(studio.wave, previous)
    copy_row(studio.goal, studio.previous_goal[voice])
    studio.begun[voice] = _f(1)


@internal
def _shift(row: Float32s, hop: int) -> None:
    """Move a row by ``hop`` samples."""
    remaining = row.shape[0] - hop
    for i in range(remaining):
        row[i] = row[i + hop]
    row[remaining:] = _f(0)


@internal_fast
def _add_overlap(sound: Float32s, free_weight: Float32s, window_squared: Float32s, wave: Float32s) -> None:
    """Compute sound += free_weight window_squared wave."""
    for i in range(wave.shape[0]):
        sound[i] += free_weight[i] * window_squared[i] * wave[i]


@internal_fast
def _window(sound: Float32s, analysis: Float32s, frame: Float32s) -> None:
    """Cut out a windowed frame."""
    for i in range(frame.shape[0]):
        frame[i] = sound[i] * analysis[i]


@internal_fast
def _add_momentum(part: Float32s, last: Float32s, momentum: np.float32) -> None:
    """Compute part + momentum (part - last); ``last`` becomes the part."""
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
    """Compute target = (-1)^k source."""
    for k in range(source.shape[0]):
        target[k] = source[k] * (_f(1) - _f(2) * _f(k & 1))


@internal_fast
def _magnitudes(real: Float32s, imag: Float32s, goal: Float32s) -> None:
    """Write magnitudes into ``goal``."""
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
def _return_phase_change(phase: Int32s, old_re: Float32s, old_im: Float32s, real: Float32s, imag: Float32s) -> None:
    """Rotate the voice's phases by as much as the iterations rotated its bins."""
    for k in range(phase.shape[0]):
        x = real[k] * old_re[k] + imag[k] * old_im[k]
        y = imag[k] * old_re[k] - real[k] * old_im[k]
        phase[k] += np.int32(half_turns(x, y) * _TURN31)


@public_fast
def half_turns(x: np.float32, y: np.float32) -> np.float32:
    """Return the angle of (x, y) in half turns, within +-1; minimax polynomial, error below 2e-6; 0 at the origin."""
    ax, ay = abs(x), abs(y)
    a = min(ax, ay) / max(max(ax, ay), _TINY)
    z = a * a
    r = a * (_A1 + z * (_A3 + z * (_A5 + z * (_A7 + z * (_A9 + z * _A11)))))
    r = _f(0.5) - r if ay > ax else r
    r = _f(1) - r if x < _f(0) else r
    return -r if y < _f(0) else r
