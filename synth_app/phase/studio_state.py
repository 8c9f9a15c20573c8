"""State of the studio setting for every voice between frames, with its windows and work rows."""

from typing import NamedTuple

import numpy as np

from synth_app.phase.fft import FftPlan, fft_plan
from synth_app.phase.overlap import synthesis_window
from synth_app.phase.state import copy_row
from synth_app.phase.tables import Float32s, Float64s, PhaseTables
from synth_app.spectrum.windows import window
from synth_app.support.kernels import public

_f = np.float32
EDGE = 1e-4  # relative to the synthesis window's squared maximum; corrections fade where the window is smaller


class StudioState(NamedTuple):
    """State of the studio setting beside the ``SweepState``, with its windows and work rows.

    Time rows begin at the first sample of the previous frame.

    Attributes:
        output: float32 [voices, n_fft + hop], overlap-add of all frames sent.
        output_weight: float32 [voices, n_fft + hop], sum of analysis times synthesis windows in ``output``.
        past: float32 [voices, n_fft], overlap-add of frames older than the previous one, times window^2.
        past_weight: float32 [voices, n_fft], sum of window^3 in ``past``.
        previous: float32 [voices, n_fft], the previous frame as last revised.
        previous_goal: float32 [voices, bins], its magnitudes.
        begun: float32 [voices], 1 if there is a previous frame, else 0.
        hop: samples.
        played: samples of a new frame, from its first on, that were played before it came.
        analysis, window_squared, window_cubed: float32 [n_fft], window w, w^2 and w^3.
        synthesis: float32 [n_fft], window for the frames sent, with zeros around a shorter one.
        inverse_synthesis: float32 [n_fft], inverse of ``synthesis``, fading to 0 where that is small.
        silent_output: float32 [n_fft + hop], silent_past: float32 [n_fft]; the weights after silence alone.
        plan: of the transforms.
        left, right: float32 [2, bins], scratch.
        goal, real, imag: float32 [bins], scratch.
        last_spectra: float32 [4, bins], spectra of the last iteration, scratch.
        wave: float32 [n_fft], the new frame, scratch.
        sound, fixed, free_weight: float32 [n_fft + hop], scratch.
        frame: float32 [n_fft], scratch.
    """

    output: Float32s
    output_weight: Float32s
    past: Float32s
    past_weight: Float32s
    previous: Float32s
    previous_goal: Float32s
    begun: Float32s
    hop: int
    played: int
    analysis: Float32s
    window_squared: Float32s
    window_cubed: Float32s
    synthesis: Float32s
    inverse_synthesis: Float32s
    silent_output: Float32s
    silent_past: Float32s
    plan: FftPlan
    left: Float32s
    right: Float32s
    goal: Float32s
    real: Float32s
    imag: Float32s
    last_spectra: Float32s
    wave: Float32s
    sound: Float32s
    fixed: Float32s
    free_weight: Float32s
    frame: Float32s


def new_studio(n_voices: int, tables: PhaseTables, length: int | None = None) -> StudioState:
    """Allocate the state of the studio setting for ``n_voices`` voices.

    Args:
        n_voices: rows.
        tables: of the lane.
        length: of the lane's synthesis window, in samples of the model's rate; None for n_fft.

    Raises:
        UserError: n_fft is not a power of two, or the length does not fit.
    """
    n, bins, hop = tables.n_fft, tables.bins, tables.hop
    span = n + hop
    w = window(tables.window_name, n)
    middle = synthesis_window(tables.window_name, n, hop, length)
    played = (n - len(middle)) // 2
    v = np.pad(middle.astype(np.float64), played)

    def rows(*shape: int) -> Float32s:
        return np.zeros(shape, np.float32)

    return StudioState(
        output=rows(n_voices, span), output_weight=rows(n_voices, span),
        past=rows(n_voices, n), past_weight=rows(n_voices, n),
        previous=rows(n_voices, n), previous_goal=rows(n_voices, bins), begun=rows(n_voices),
        hop=hop, played=played,
        analysis=w.astype(np.float32), window_squared=(w**2).astype(np.float32), window_cubed=(w**3).astype(np.float32),
        synthesis=v.astype(np.float32), inverse_synthesis=(v / (v**2 + EDGE * v.max() ** 2)).astype(np.float32),
        silent_output=_sum_of_older(w * v, hop, 0, span), silent_past=_sum_of_older(w**3, hop, 1, n),
        plan=fft_plan(n), left=rows(2, bins), right=rows(2, bins), goal=rows(bins), real=rows(bins),
        imag=rows(bins), last_spectra=rows(4, bins), wave=rows(n), sound=rows(span), fixed=rows(span),
        free_weight=rows(span), frame=rows(n),
    )  # fmt: skip


def _sum_of_older(shape: Float64s, hop: int, youngest: int, length: int) -> Float32s:
    """Return the sum, float32 [length], of windows that began ``youngest``, ``youngest + 1``, ... hops ago."""
    total = np.zeros(length)
    for start in range(youngest * hop, len(shape), hop):
        total[: len(shape) - start] += shape[start:]
    return total.astype(np.float32)


@public
def reset_studio(studio: StudioState, voice: int) -> None:
    """Clear all frames of a voice; call it beside ``reset``, and after frames that bypassed the studio setting.

    The earlier output counts as unknown; see ``begin_from_silence``.
    """
    studio.output[voice, :] = _f(0)
    studio.output_weight[voice, :] = _f(0)
    studio.past[voice, :] = _f(0)
    studio.past_weight[voice, :] = _f(0)
    studio.begun[voice] = _f(0)


@public
def begin_from_silence(studio: StudioState, voice: int) -> None:
    """Clear all frames of a voice and set silence as the output up to its next frame.

    The state is as if silent frames had been added. Call it after ``reset``, without ``prime``.
    """
    studio.output[voice, :] = _f(0)
    studio.past[voice, :] = _f(0)
    studio.previous[voice, :] = _f(0)
    studio.previous_goal[voice, :] = _f(0)
    copy_row(studio.silent_output, studio.output_weight[voice])
    copy_row(studio.silent_past, studio.past_weight[voice])
    studio.begun[voice] = _f(1)
