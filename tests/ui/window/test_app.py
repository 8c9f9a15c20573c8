"""What joins the parts: keeping the session, showing the unexpected, refusing without a display."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from synth_app.app import Application, SessionKeeper, require_display
from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.session import load_session
from synth_app.support.errors import UserError


@pytest.fixture
def instrument(qapp: QApplication) -> Iterator[Application]:
    """Wired as in the app, its audio process not started."""
    made = Application()
    yield made
    made.close()
    made.window.deleteLater()


def test_no_display_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(UserError, match="synth-app demo"):
        require_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    require_display()


def test_session_is_kept_when_it_changed(
    instrument: Application, model: Model, model_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "config" / "session.json"
    keeper = SessionKeeper(instrument, path)
    keeper.finish()
    written = path.stat().st_mtime_ns
    keeper.finish()
    assert path.stat().st_mtime_ns == written, "nothing changed, nothing written"
    instrument.store.load_model_data(model, model_path)
    instrument.store.set_morph(0.25)
    instrument.store.set_device(DeviceSettings("", 44_100, 512))
    instrument.window.show()
    instrument.window.close()
    saved, problem = load_session(path)
    assert problem == ""
    assert saved.params["morph"] == 0.25
    assert saved.device == DeviceSettings("", 44_100, 512)
    assert saved.model == str(model_path)
    keeper.stop()


def test_the_model_of_the_session_is_expected_before_the_window_is_ready(
    instrument: Application, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the default one; else none, and the audio process starts all the same."""
    started: list[tuple[DeviceSettings, tuple[str, str] | None]] = []
    monkeypatch.setattr(instrument.client, "start", lambda *given: started.append(given))
    instrument.get_ready(str(model_path))
    monkeypatch.setattr("synth_app.app.find_model", lambda name: Path(f"/models/{name}"))
    instrument.get_ready(str(model_path.with_name("gone.safetensors")))

    def no_model(name: str) -> Path:
        raise UserError(f"no model {name}")

    monkeypatch.setattr("synth_app.app.find_model", no_model)
    instrument.get_ready()
    quality, device = instrument.store.patch.quality, instrument.store.state.device
    wanted = [(str(model_path), quality), (f"/models/{DEFAULT_MODEL}", quality), None]
    assert started == [(device, each) for each in wanted]


def test_session_that_cannot_be_written_is_said_once(instrument: Application, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keeper = SessionKeeper(instrument, tmp_path / "file" / "session.json")
    problems: list[str] = []
    instrument.window.problem.connect(problems.append)
    keeper.finish()
    keeper.finish()
    QApplication.processEvents()
    assert len(problems) == 1
    assert "settings are not kept" in problems[0]
    keeper.stop()


def test_the_unexpected_is_shown_and_printed(instrument: Application, capsys: pytest.CaptureFixture[str]) -> None:
    problems: list[str] = []
    instrument.window.problem.connect(problems.append)
    error = ZeroDivisionError("over nothing")
    instrument.show_exception(ZeroDivisionError, error, None)
    instrument.show_exception(UserError, UserError("mend this"), None)
    assert "over nothing" in problems[0]
    assert problems[1] == "mend this"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_reports_cross_from_threads(instrument: Application, model: Model) -> None:
    import threading

    from synth_app.audio.protocol.messages import Fault

    thread = threading.Thread(target=lambda: instrument.bridge.report.emit(Fault("a block failed")))
    thread.start()
    thread.join()
    assert instrument.window.work.status.message.text() == "", "not before the window's own thread runs"
    QApplication.processEvents()
    assert instrument.window.work.status.message.text() == "a block failed"


def test_saved_file_is_readable_json(instrument: Application, tmp_path: Path) -> None:
    keeper = SessionKeeper(instrument, tmp_path / "session.json")
    keeper.save()
    keeper.stop()  # writes what is left
    assert json.loads((tmp_path / "session.json").read_text())["version"] == 1
