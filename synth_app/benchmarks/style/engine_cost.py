"""What the knob *Style* costs while the engine plays: the same voices at amount 1 and at amount 0."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from synth_app.benchmarks.correction_cost import BLOCK, VOICES, holding, times_in_turns
from synth_app.decoder import Model
from synth_app.modelfile import load_model_file
from synth_app.patch import ENGINE_RATE, UserNote
from synth_app.patch.initial_patch import initial_patch
from synth_app.style import Style, texture_of, with_style_changes

_BLOCKS = 1500  # 4 s


def engine_cost_us(model: Model, path: Path, content: UserNote, style: Style) -> float:
    """Return the microseconds that the style adds to a voice and frame, the median over blocks rendered in turns."""
    plain = replace(
        initial_patch(str(path), model.card), user_notes=(content, content), style_texture=texture_of(model, style)
    )
    plain = with_style_changes(plain, model)
    file = load_model_file(path)
    engines = tuple(holding(file, plain.with_param("style", amount)) for amount in (1.0, 0.0))
    times = times_in_turns(engines, _BLOCKS)
    frames = VOICES * BLOCK / ENGINE_RATE / model.spec.hop_seconds
    return float(np.median(times[:, 0] - times[:, 1])) * 1e6 / frames
