"""Fixtures that several packages' tests use: a sound device without hardware, no device at all, a separate log."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synth_app.params import PARAMS, ParamSpec
from synth_app.support.blas_threads import BlasThreadLimit
from synth_app.support.logging import ROOT
from tests.audio.null_sink import NullSink

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


@pytest.fixture(scope="session")
def qapp() -> "QApplication":
    """The application in its theme; replaces the plain one of pytest-qt."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from synth_app.ui.window.application import make_application  # Qt: most tests do without

    return make_application([])


@pytest.fixture(scope="session", autouse=True)
def _one_blas_thread() -> Iterator[None]:
    """Run the tests with one BLAS thread, as the audio process runs."""
    with BlasThreadLimit():
        yield


@pytest.fixture(scope="session", autouse=True)
def _log_outside_the_user_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the log of the tests, and of the programs that they start, out of the user's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def dummy() -> Iterator[ParamSpec]:
    """A parameter that is added to the registry."""
    spec = ParamSpec("dummy", "Dummy", "dB", -6.0, 6.0, 1.0, "linear", 10.0, "output", "Does nothing.")
    PARAMS.add(spec)
    yield spec
    PARAMS.remove_last(spec.name)


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


@pytest.fixture
def own_log(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the log out of the user's folder, and leave the program's loggers as they were."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    root = logging.getLogger(ROOT)
    handlers, level = list(root.handlers), root.level
    yield
    for each in root.handlers:
        if each not in handlers:
            each.close()
    root.handlers[:] = handlers
    root.setLevel(level)
