"""The application: saving the session, showing unexpected errors, starting without a display."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from synth_app.app import Application, autosave_session, open_application, require_display
from synth_app.audio.protocol.messages import DeviceSettings
from synth_app.decoder import Model
from synth_app.modelfile.catalog import DEFAULT_MODEL
from synth_app.session import SavedMidi, SavedSession, load_session
from synth_app.support.errors import UserError
from synth_app.ui.files.instance_lock import InstanceLock


@pytest.fixture
def application(qapp: QApplication) -> Iterator[Application]:
    """An application whose audio process is not started."""
    made = Application()
    yield made
    made.close()
    made.window.deleteLater()


def test_a_missing_display_raises_a_user_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(UserError, match="synth-app demo"):
        require_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    require_display()


def test_a_changed_session_is_saved(application: Application, model: Model, model_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "config" / "session.json"
    autosave = autosave_session(application, path)
    autosave.finish()
    written = path.stat().st_mtime_ns
    autosave.finish()
    assert path.stat().st_mtime_ns == written, "nothing changed, nothing written"
    application.store.load_model_data(model, model_path)
    application.store.set_morph(0.25)
    application.store.set_device(DeviceSettings("", 44_100, 512))
    application.window.show()
    application.window.close()
    saved, problem = load_session(path)
    assert problem == ""
    assert saved.params["morph"] == 0.25
    assert saved.device == DeviceSettings("", 44_100, 512)
    assert saved.model == str(model_path)
    autosave.stop()


def test_a_crash_while_a_sound_is_tried_out_loses_nothing(
    application: Application, model: Model, model_path: Path, tmp_path: Path
) -> None:
    store, presets = application.store, application.window.presets
    store.load_model_data(model, model_path)
    store.slots.choose("a", 12)
    presets.library.save_new("Deep", "bass", ())
    store.slots.choose("a", 26)
    autosave = autosave_session(application, tmp_path / "session.json")
    store.set_morph(0.25)  # not saved yet
    assert application.window.auditions.hear_preset(presets.state.current_key()) is not None
    assert store.patch.slot_a == 12
    store.set_device(DeviceSettings("", 44_100, 512))
    autosave.save()
    autosave.stop()  # as a crash: nothing else is saved
    saved, _ = load_session(tmp_path / "session.json")
    assert (saved.slot_a, saved.params["morph"]) == (model.bank[26].name, 0.25), "what was there before"
    assert saved.device == DeviceSettings("", 44_100, 512), "what was set meanwhile"


def test_the_audio_process_preloads_the_model_of_the_session(
    application: Application, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without that model it preloads the default one. Without any model it starts anyway."""
    started: list[tuple[DeviceSettings, tuple[str, str] | None]] = []
    monkeypatch.setattr(application.client, "start", lambda *given: started.append(given))
    application.start_audio(str(model_path))
    monkeypatch.setattr("synth_app.app.find_model", lambda name: Path(f"/models/{name}"))
    application.start_audio(str(model_path.with_name("gone.safetensors")))

    def no_model(name: str) -> Path:
        raise UserError(f"no model {name}")

    monkeypatch.setattr("synth_app.app.find_model", no_model)
    application.start_audio()
    quality, device = application.store.patch.quality, application.store.state.device
    wanted = [(str(model_path), quality), (f"/models/{DEFAULT_MODEL}", quality), None]
    assert started == [(device, each) for each in wanted]


def test_a_session_that_cannot_be_written_is_reported_once(application: Application, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    autosave = autosave_session(application, tmp_path / "file" / "session.json")
    problems: list[str] = []
    application.window.problem.connect(problems.append)
    autosave.finish()
    autosave.finish()
    QApplication.processEvents()
    assert len(problems) == 1
    assert "settings are not kept" in problems[0]
    autosave.stop()


def test_an_unexpected_error_is_shown_and_printed(application: Application, capsys: pytest.CaptureFixture[str]) -> None:
    problems: list[str] = []
    application.window.problem.connect(problems.append)
    error = ZeroDivisionError("over nothing")
    application.show_exception(ZeroDivisionError, error, None)
    application.show_exception(UserError, UserError("mend this"), None)
    assert "over nothing" in problems[0]
    assert problems[1] == "mend this"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_reports_cross_from_threads(application: Application, model: Model) -> None:
    import threading

    from synth_app.audio.protocol.messages import Fault

    thread = threading.Thread(target=lambda: application.bridge.report.emit(Fault("a block failed")))
    thread.start()
    thread.join()
    assert application.window.work.status.message.text() == "", "not before the window's own thread runs"
    QApplication.processEvents()
    assert application.window.work.status.message.text() == "A block failed"


def test_saved_file_is_readable_json(application: Application, tmp_path: Path) -> None:
    autosave = autosave_session(application, tmp_path / "session.json")
    autosave.save()
    autosave.stop()  # writes what is left
    assert json.loads((tmp_path / "session.json").read_text())["version"] == 1


def test_an_exception_is_logged_once_and_an_interruption_not_at_all(
    application: Application, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(application.window, "close", lambda: closed.append(True))
    with caplog.at_level("WARNING", logger="synth_app"):
        application.show_exception(UserError, UserError("mend this"), None)
        application.window.show_problem("another problem")
        application.show_exception(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert closed == [True]
    monkeypatch.undo()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"locks": {"z9": "x"}}, {"locks": {"z" + "9" * 5000: True}}, {"device": {"rate": 0}},
        {"device": {"block": 10**30}}, {"device": None}, {"model": "x" * 5000}, {"model": "a\0b"},
        {"offset": [1e300] * 16}, {"field": {"pitch": 10**40}}, {"params": {"gain_db": 1e308}},
        {"window": {"zoom": 1e9}},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_an_odd_session_opens(
    change: dict[str, object], tmp_path: Path, model: Model, model_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "session.json"
    path.write_text(json.dumps(json.loads(SavedSession().model_dump_json()) | change))
    saved, problem = load_session(path)
    application, refused = open_application(saved, SavedMidi())
    assert not refused
    assert bool(problem) == (not path.exists()), "what is not used is set aside and told"
    monkeypatch.setattr(application.client, "start", lambda *_: None)
    application.start_audio(saved.model)
    application.show()
    application.store.load_model_data(model, model_path)
    application.window.dialogs.open_audio()
    application.close()
    application.window.deleteLater()


def test_a_session_that_cannot_be_restored_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "session.json"
    path.write_text("{}")
    monkeypatch.setattr("synth_app.app.session_path", lambda: path)
    monkeypatch.setattr("synth_app.session.store.store.restore_state", lambda _: 1 / 0)
    application, problem = open_application(SavedSession(), SavedMidi())
    assert "session.damaged.json" in problem
    assert path.with_name("session.damaged.json").exists()
    application.close()
    application.window.deleteLater()


def test_a_second_program_knows_that_it_is_not_the_first(tmp_path: Path) -> None:
    first = InstanceLock(tmp_path / "config" / "running.lock")
    second = InstanceLock(tmp_path / "config" / "running.lock")
    assert (first.first, second.first) == (True, False)
    first.release()
    third = InstanceLock(tmp_path / "config" / "running.lock")
    assert third.first
    third.release()
    (tmp_path / "file").write_text("")
    assert InstanceLock(tmp_path / "file" / "running.lock").first, "a folder that cannot be made stops nothing"
