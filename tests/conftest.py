"""Fixtures that several packages' tests use: a sound device without hardware, or no device at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audio.null_sink import NullSink


@pytest.fixture
def no_devices(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A system without any sound device."""
    (tmp_path / "alsa.conf").write_text("pcm.!default { type hw card 99 }\n")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))


@pytest.fixture
def null_sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[NullSink]:
    """A running null sink; programs started by the test play into it."""
    sink = NullSink()
    for name, value in sink.environment.items():
        monkeypatch.setenv(name, value)
    try:
        sink.start()
        yield sink
    finally:
        sink.close()
