"""Makes variations of a patch as loud as the patch, measured on what the engine renders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.metrics.loudness import integrated_loudness
from synth_app.export.auditions.audition import VELOCITY, follows_gain, peak_db
from synth_app.modelfile import ModelFile
from synth_app.patch import ENGINE_RATE, NoteOff, NoteOn, Patch
from synth_app.patch.patch import MAX_OFFSET_DB
from synth_app.patch.quality import DEFAULT_QUALITY
from synth_app.style import with_style_changes

if TYPE_CHECKING:
    from synth_app.decoder import Model

HELD_S, _TAIL_S = 1.8, 0.2
_VOICES = 16  # more than a unison has
_ROUNDS, _TOLERANCE_LU = 4, 0.05
_LEAST_SLOPE = 0.1  # of the loudness over the gain
_MOST_APART_LU = 1.0  # after the last round


def level_variations(parent: Patch, variations: Sequence[Patch], key: int, model: "Model") -> list[Patch | None]:
    """Give each variation the ``offset_db`` at which it is as loud as its parent.

    Args:
        parent: the patch.
        variations: of it, with the same notes and the same style.
        key: MIDI note that is held for 1.8 s at velocity 100.
        model: of the patches.

    Returns:
        the variations; None for one that no offset makes as loud. If the parent is silent, they are unchanged.
    """
    styled = with_style_changes(parent, model)
    wanted_lufs = integrated_loudness(render_held(styled, key, model.file))
    if not np.isfinite(wanted_lufs):
        return list(variations)
    levelled = list[Patch | None]()
    for each in variations:
        played = replace(each, style_changes=styled.style_changes)
        offset_db = _matching_offset_db(played, key, model.file, wanted_lufs)
        levelled.append(None if offset_db is None else replace(each, offset_db=offset_db))
    return levelled


def render_held(patch: Patch, key: int, file: ModelFile) -> NDArray[np.float32]:
    """Return what the engine plays in quality *live* while a key is held for 1.8 s, and 0.2 s more.

    Args:
        patch: to play.
        key: MIDI note, at velocity 100.
        file: the model.

    Returns:
        float32 [samples, 2] at ``ENGINE_RATE``.
    """
    from synth_app.engine.engine import Engine  # compiled kernels: import only to render
    from synth_app.engine.instrument import Instrument

    instrument = Instrument(file, patch.model, DEFAULT_QUALITY, _VOICES, seed=0)
    engine, held = Engine(_VOICES), round(HELD_S * ENGINE_RATE)
    engine.install(instrument, replace(patch, quality=DEFAULT_QUALITY))
    out = np.zeros((held + round(_TAIL_S * ENGINE_RATE), 2), np.float32)
    engine.post(NoteOn(key, VELOCITY))
    engine.render(out[:held])
    engine.post(NoteOff(key))
    engine.render(out[held:])
    return out


def _matching_offset_db(patch: Patch, key: int, file: ModelFile, wanted_lufs: float) -> float | None:
    """Return the ``offset_db`` that gives a patch a loudness; None if none of its range does.

    Where drive or a limiter answers a gain with less, the next gain follows from the last two.
    """
    best: tuple[float, float] = np.inf, patch.offset_db  # distance from the loudness in LU, and the gain
    slope = 1.0
    before: tuple[float, float] | None = None
    for _ in range(_ROUNDS):
        audio = render_held(patch, key, file)
        offset_db, loudness_lufs = patch.offset_db, integrated_loudness(audio)
        by_lu = wanted_lufs - loudness_lufs
        if not np.isfinite(by_lu):
            return None
        best = min(best, (abs(by_lu), offset_db))
        if abs(by_lu) < _TOLERANCE_LU:
            break
        if before is not None and offset_db != before[0]:
            slope = min(max((loudness_lufs - before[1]) / (offset_db - before[0]), _LEAST_SLOPE), 1.0)
        after_db = min(max(offset_db + by_lu / slope, -MAX_OFFSET_DB), MAX_OFFSET_DB)
        peak = peak_db(audio)
        if follows_gain(patch, max(peak, peak + after_db - offset_db)):
            best = min(best, (abs(by_lu - (after_db - offset_db)), after_db))
            break
        before, patch = (offset_db, loudness_lufs), replace(patch, offset_db=after_db)
    return best[1] if best[0] <= _MOST_APART_LU else None
