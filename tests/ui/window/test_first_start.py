"""The first start: the window says what it waits for, plays silently meanwhile, and sounds by itself."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication

from synth_app.app import Demo
from synth_app.audio.protocol.messages import Compiling, DeviceSettings, DeviceState, GaveUp, Meters, Ready
from synth_app.session import SessionStore, WindowSettings
from synth_app.ui.window.main_window import MainWindow
from tests.audio.null_sink import NullSink
from tests.ui.conftest import Rig
from tests.ui.fakes import make_fakes
from tests.ui.model_fixture import make_model
from tests.ui.running_program import START_S, RunningProgram, x_server


@pytest.mark.parametrize(("width", "height", "zoom"), [(1280, 720, None), (800, 480, 2.0), (320, 240, None)])
def test_the_progress_is_in_sight_at_every_size(
    qtbot: object, tmp_path: Path, width: int, height: int, zoom: float | None
) -> None:
    window = MainWindow(
        SessionStore(), make_fakes(tmp_path).services, WindowSettings(width=width, height=height, zoom=zoom)
    )
    window.show()
    window.resize(width, height)
    window.handle_report(Compiling(0.34))
    notice = window.compiling
    assert notice.isVisible()
    assert window.rect().contains(notice.geometry())
    for part in (notice.text, notice.percent, notice.bar):
        place = QRect(part.mapTo(window, QPoint(0, 0)), part.size())
        assert window.rect().contains(place), part
    wrapped = notice.text.wordWrap()
    needed = notice.text.heightForWidth(notice.text.width()) if wrapped else notice.text.sizeHint().height()
    assert notice.text.height() >= needed, "the text is not cut off"
    assert wrapped or notice.text.width() >= notice.text.sizeHint().width()
    assert "34 %" in notice.accessibleName()
    window.close()
    window.deleteLater()


def test_the_progress_ends_with_the_compilation_and_outlives_a_new_theme(rig: Rig) -> None:
    window = rig.window
    window.handle_report(Compiling(0.1))
    window.appearance.set_theme("light")
    assert window.compiling.isVisible()
    assert "10 %" in window.compiling.accessibleName()
    window.appearance.set_theme("dark")
    window.handle_report(Ready(1, 20.0))
    assert not window.compiling.isVisible()
    window.handle_report(Compiling(0.5))
    window.handle_report(GaveUp("the audio process ended 3 times"))
    assert not window.compiling.isVisible()
    window.handle_report(DeviceState(DeviceSettings(), running=True, name="x", latency_ms=1.0))


def test_the_demo_waits_while_kernels_compile_and_says_so(
    qapp: QApplication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(qapp, tmp_path)
    demo._patience.start(50)
    for fraction in (0.0, 0.34, 0.36, 0.41):
        demo._handle_report(Compiling(fraction))
    assert demo._patience.remainingTime() > 30_000, "a slow computer needs minutes"
    said = capsys.readouterr().out.splitlines()
    assert [line.rpartition(": ")[2] for line in said] == ["0 %", "30 %", "40 %"]
    demo.close()


def test_dropped_events_are_told_once(rig: Rig) -> None:
    rig.window.feed.meters.emit(Meters(0, 0, 0, False, 0, 0, 0, 0, dropped_events=7))
    assert rig.window.work.status.message.text().startswith("7 events came faster")
    rig.window.show_message("something else")
    rig.window.feed.meters.emit(Meters(0, 0, 0, False, 0, 0, 0, 0, dropped_events=7))
    assert rig.window.work.status.message.text() == "something else"


@pytest.mark.xvfb
@pytest.mark.device
@pytest.mark.timeout(900)
def test_keys_and_sliders_work_while_kernels_compile_and_sound_starts_by_itself(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    make_model(models / "test.safetensors")
    (tmp_path / "cache").mkdir()
    sink = NullSink()
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")  # an empty cache, as after an installation
    try:
        sink.start()
        with x_server(1024, 600) as display:
            program = RunningProgram(display, sink, tmp_path, models)
            try:
                _first_start(program)
            finally:
                program.close()
    finally:
        sink.close()
        if before is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = before


def _first_start(program: RunningProgram) -> None:
    program.wait_report("Compiling", START_S)
    program.focus()
    program.keys("Escape")  # the tour
    program.wait("W.compiling.isVisible()")
    fader, track = "w.morph.fader", "w.morph.fader.track()"
    ends = [program.position(f"at({fader}, {track}.left() + {end} * {track}.width())") for end in (0, 1)]
    program.drag(ends[0], ends[1])
    assert program.number("W._store.patch.value('morph')") > 0.9, "sliders work"
    program.keys("a", "s")  # silent: they are up again before there is sound
    assert program.number("W.services.audio.telemetry.meters().peak_left") == 0.0
    # held by the mouse: the X server repeats keys of the keyboard
    program.xdotool("mousemove", *program.position("at(w.play.piano)"), "mousedown", 1)
    program.wait_report("ModelLoaded", START_S)
    program.wait("W.services.audio.telemetry.meters().peak_left > 1e-3")  # the held key sounds
    program.wait("W.services.audio.telemetry.meters().voices == 1")  # the others were released
    program.xdotool("mouseup", 1)
    program.wait("not W.compiling.isVisible()")
