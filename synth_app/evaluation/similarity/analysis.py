"""The shape of a sound from its samples."""

import numpy as np
from numpy.typing import NDArray

from synth_app.evaluation.similarity.features import SoundShape, shape_of_frames
from synth_app.spectrum import FrameSpec, db_frames
from synth_app.support.errors import UserError

ANALYSIS = FrameSpec(48_000, 2048, 512, "hann")
_HEARD_S = 2.5  # of a sound; the features look no further
_LEAST_FRAMES = 4


def shape_of_audio(samples: NDArray[np.float32], rate: int, pitch: float) -> SoundShape:
    """Return the shape of a sound from its first audible moment on.

    Args:
        samples: float32 [n], mono. rate: Hz.
        pitch: MIDI, fractions allowed.

    Raises:
        UserError: almost all of it is silent.
    """
    from synth_app.dataset.audio_io import resample
    from synth_app.training.data.frame_cache import active_frames

    frames_db = db_frames(resample(samples, rate, ANALYSIS.sample_rate), ANALYSIS)
    kept = np.flatnonzero(active_frames(frames_db.max(axis=1)))
    if len(kept) < _LEAST_FRAMES:
        raise UserError("almost only silence; use a recording of at least a tenth of a second")
    last = min(int(kept[-1]) + 1, int(kept[0]) + round(_HEARD_S / ANALYSIS.hop_seconds))
    return shape_of_frames(frames_db[kept[0] : last], ANALYSIS, pitch)
