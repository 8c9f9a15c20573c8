"""What the studio setting remembers of every voice between frames, with its windows and work rows."""

from typing import NamedTuple

import numpy as np

from synth_app.phase.fft import FftPlan, fft_plan
from synth_app.phase.overlap import synthesis_window
from synth_app.phase.state import copy_row
from synth_app.phase.tables import Float32s, Float64s, PhaseTables
from synth_app.spectrum.windows import window
from synth_app.support.kernels import public

_f = np.float32
EDGE = 1e-4  # of the synthesis window's squared maximum: where it is smaller, corrections fade


class StudioState(NamedTuple):
    """What the studio setting remembers besides the ``SweepState``, and its windows and work rows.

    Time rows begin at the first sample of the previous frame.

    Attributes:
        heard: float32 [voices, n_fft + hop], all frames sent, overlap-added as they sound.
        heard_weight: float32 [voices, n_fft + hop], sum of analysis times synthesis windows in ``heard``.
        past: float32 [voices, n_fft], frames older than the previous one, times window^2, overlap-added.
        past_weight: float32 [voices, n_fft], sum of window^3 in ``past``.
        previous: float32 [voices, n_fft], the previous frame as last revised.
        previous_goal: float32 [voices, bins], its magnitudes.
        begun: float32 [voices], 1 when there is a previous frame, else 0.
        hop: samples.
        settled: samples of a new frame, from its first on, that were heard before it came.
        analysis, overlap, both: float32 [n_fft], window w, w^2 and w^3.
        synthesis: float32 [n_fft], window that the frames will be sent through, with zeros around a shorter one.
        undo: float32 [n_fft], inverse of ``synthesis``, fading to 0 where that is small.
        silent_heard: float32 [n_fft + hop], silent_past: float32 [n_fft]: the weights after nothing but silence.
        plan: of the transforms.
        left, right: float32 [2, bins]. goal, real, imag: float32 [bins]. found: float32 [4, bins], of the last
            round. wave: float32 [n_fft], the new frame. sound, fixed, share: float32 [n_fft + hop]. frame:
            float32 [n_fft]. Scratch.
    """

    heard: Float32s
    heard_weight: Float32s
    past: Float32s
    past_weight: Float32s
    previous: Float32s
    previous_goal: Float32s
    begun: Float32s
    hop: int
    settled: int
    analysis: Float32s
    overlap: Float32s
    both: Float32s
    synthesis: Float32s
    undo: Float32s
    silent_heard: Float32s
    silent_past: Float32s
    plan: FftPlan
    left: Float32s
    right: Float32s
    goal: Float32s
    real: Float32s
    imag: Float32s
    found: Float32s
    wave: Float32s
    sound: Float32s
    fixed: Float32s
    share: Float32s
    frame: Float32s


def new_studio(n_voices: int, tables: PhaseTables, length: int | None = None) -> StudioState:
    """Allocate the studio setting's state for ``n_voices`` voices.

    Args:
        n_voices: rows.
        tables: of the lane.
        length: of the synthesis window that the lane plays through, in samples of the model's rate; None for
            n_fft.

    Raises:
        UserError: n_fft is not a power of two, or the length does not fit.
    """
    n, bins, hop = tables.n_fft, tables.bins, tables.hop
    span = n + hop
    w = window(tables.window_name, n)
    middle = synthesis_window(tables.window_name, n, hop, length)
    settled = (n - len(middle)) // 2
    v = np.pad(middle.astype(np.float64), settled)

    def rows(*shape: int) -> Float32s:
        return np.zeros(shape, np.float32)

    return StudioState(
        heard=rows(n_voices, span), heard_weight=rows(n_voices, span),
        past=rows(n_voices, n), past_weight=rows(n_voices, n),
        previous=rows(n_voices, n), previous_goal=rows(n_voices, bins), begun=rows(n_voices),
        hop=hop, settled=settled,
        analysis=w.astype(np.float32), overlap=(w**2).astype(np.float32), both=(w**3).astype(np.float32),
        synthesis=v.astype(np.float32), undo=(v / (v**2 + EDGE * v.max() ** 2)).astype(np.float32),
        silent_heard=_sum_of_older(w * v, hop, 0, span), silent_past=_sum_of_older(w**3, hop, 1, n),
        plan=fft_plan(n), left=rows(2, bins), right=rows(2, bins), goal=rows(bins), real=rows(bins),
        imag=rows(bins), found=rows(4, bins), wave=rows(n), sound=rows(span), fixed=rows(span), share=rows(span),
        frame=rows(n),
    )  # fmt: skip


def _sum_of_older(shape: Float64s, hop: int, youngest: int, length: int) -> Float32s:
    """Overlap of frames that began ``youngest``, ``youngest + 1``, ... hops ago, from now on, float32 [length]."""
    total = np.zeros(length)
    for start in range(youngest * hop, len(shape), hop):
        total[: len(shape) - start] += shape[start:]
    return total.astype(np.float32)


@public
def reset_studio(studio: StudioState, voice: int) -> None:
    """Forget all frames of a voice; call it beside ``reset``, and after frames that did not pass through here.

    Nothing is assumed of what was heard before; see ``begin_from_silence``.
    """
    studio.heard[voice, :] = _f(0)
    studio.heard_weight[voice, :] = _f(0)
    studio.past[voice, :] = _f(0)
    studio.past_weight[voice, :] = _f(0)
    studio.begun[voice] = _f(0)


@public
def begin_from_silence(studio: StudioState, voice: int) -> None:
    """Forget all frames of a voice and take it that silence was heard up to its next frame.

    As if silent frames had been added; call it after ``reset``, without ``prime``.
    """
    studio.heard[voice, :] = _f(0)
    studio.past[voice, :] = _f(0)
    studio.previous[voice, :] = _f(0)
    studio.previous_goal[voice, :] = _f(0)
    copy_row(studio.silent_heard, studio.heard_weight[voice])
    copy_row(studio.silent_past, studio.past_weight[voice])
    studio.begun[voice] = _f(1)
