"""The audio demo of the README is a short file that plays."""

import numpy as np
import soundfile

from tests.docs.pages import DOCS, ROOT

_DEMO = DOCS / "audio" / "demo.ogg"


def test_audio_demo_is_short_and_sounds() -> None:
    assert _DEMO.stat().st_size < 300_000
    audio, rate = soundfile.read(_DEMO)
    assert 10.0 <= len(audio) / rate <= 20.0
    assert 0.5 < np.abs(audio).max() <= 1.0
    seconds = audio[: len(audio) // rate * rate].reshape(-1, rate, 2)
    assert np.sqrt(np.mean(np.square(seconds), axis=(1, 2))).min() > 1e-3  # every second sounds


def test_the_readme_links_to_it() -> None:
    assert "docs/audio/demo.ogg" in (ROOT / "README.md").read_text(encoding="utf-8")
