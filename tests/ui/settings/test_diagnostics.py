"""The text of "Copy diagnostics": complete, readable before anything runs, without names of person and computer."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from synth_app import __version__
from synth_app.audio.protocol.messages import DeviceSettings, DeviceState
from synth_app.decoder import Model
from synth_app.ui.settings.diagnostics import Identity, diagnostics_text, remove_identity
from tests.ui.conftest import Rig
from tests.ui.fakes import QUIET

ANNA = Identity("/home/anna", "anna", "anna-laptop.lan")
DEVICE = DeviceState(DeviceSettings("USB Audio", 44_100, 128, 20), True, "USB Audio", 8.3)


def test_it_describes_the_running_program(model: Model) -> None:
    meters = replace(QUIET, load=0.42, underruns=3, voices=5, late_blocks=2, priority="real-time")
    text = diagnostics_text(DEVICE, meters, model.card, ["12:00 device opened\n", "12:01 dropout"], ANNA)
    for part in (
        f"synth_app {__version__}",
        "Python 3.",
        "Qt 6.",
        "numba 0.",
        "System ",
        "USB Audio, 44100 Hz, block 128 frames, reserve 20 ms, latency 8.3 ms",
        "Test PCA 16 (test-pca), pca, 16 latent dimensions",
        "load 42 %, priority real-time",
        "voices 5, dropouts 3, late blocks 2",
        "Log\n  12:00 device opened\n  12:01 dropout\n",
    ):
        assert part in text, part


def test_it_works_before_anything_runs() -> None:
    text = diagnostics_text(None, None, None, [], ANNA)
    assert "Device not reported yet" in text
    assert "Model none loaded" in text
    assert "Audio not running" in text


def test_a_silent_device_says_why() -> None:
    state = DeviceState(DeviceSettings("HDMI"), False, "", 0.0, "HDMI refuses 44100 Hz")
    assert "silent, 48000 Hz" in diagnostics_text(state, None, None, [], ANNA)
    assert "HDMI refuses 44100 Hz" in diagnostics_text(state, None, None, [], ANNA)


def test_names_of_person_and_computer_are_replaced() -> None:
    log = [
        "cannot write /home/anna/Music/a.wav",
        "C:\\Users\\ANNA\\a.wav",
        "connected to anna-laptop.lan as Anna",
        "anna-laptop is here",
        "a savannah of bananas",
    ]
    text = diagnostics_text(DEVICE, None, None, log, ANNA)
    assert "anna" not in text.replace("savannah", "").replace("bananas", "").lower()
    assert "cannot write ~/Music/a.wav" in text
    assert "connected to HOST as USER" in text
    assert "savannah of bananas" in text, "ordinary words stay"


def test_unknown_or_short_names_replace_nothing() -> None:
    text = "the root of / is at io"
    assert remove_identity(text, Identity("/", "", "io")) == text


def test_the_identity_is_that_of_the_process() -> None:
    found = Identity.current()
    assert found.home
    assert found.host


@pytest.mark.parametrize("error", [ImportError, KeyError, OSError])
def test_an_unknown_user_name_is_no_error(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr("getpass.getuser", fail)
    assert Identity.current().user == ""


def test_names_of_devices_and_ports_that_hold_the_user_name_are_removed() -> None:
    name = "AnnasAirPods Meier"
    device = DeviceState(DeviceSettings(name), True, name, 8.3)
    log = [
        f"output {name} plays: 44100 Hz",
        """MIDI inputs open: ["Anna Meier's Keys"] of ['Piano', "Anna Meier's Keys"]; no problem""",
        "it isn't a savannah; that isn't one",
    ]
    text = diagnostics_text(device, None, None, log, ANNA)
    assert "Meier" not in text
    assert "AirPods" not in text
    assert "Device (name removed), 48000 Hz" in text
    assert "output (name removed) plays: 44100 Hz" in text
    assert "open: [(name removed)] of ['Piano', (name removed)]; no problem" in text
    assert "it isn't a savannah; that isn't one" in text


def test_menu_and_audio_settings_copy_it(rig: Rig) -> None:
    clipboard = QGuiApplication.clipboard()
    rig.window.handle_report(DEVICE)
    clipboard.clear()
    rig.window.dialogs.copy_diagnostics()
    assert "USB Audio, 44100 Hz" in clipboard.text()
    assert "Test PCA 16" in clipboard.text()
    assert "copied" in rig.window.work.status.message.text()
    assert "Read the text before you send it" in rig.window.work.status.message.text()
    clipboard.clear()
    rig.window.dialogs.open_audio().diagnostics.click()
    assert "USB Audio" in clipboard.text()
    QTest.qWait(0)
