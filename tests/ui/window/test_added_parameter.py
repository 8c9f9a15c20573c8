"""A parameter from outside the package: one entry in the registry gives it a control, a lock and MIDI learn."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from synth_app.params import ParamSpec
from synth_app.patch import SetPatch
from synth_app.session import MidiLearn
from tests.ui.conftest import Rig, param_controls


def test_the_window_shows_a_control_that_reaches_the_engine(dummy: ParamSpec, rig: Rig) -> None:
    control = param_controls(rig)["dummy"]
    assert control.value == dummy.default
    QTest.keyClick(control, Qt.Key.Key_Home)
    assert rig.store.patch.value("dummy") == -6.0
    rig.store.set_param("dummy", -3.0)
    assert control.value == -3.0
    handle = MidiLearn(rig.store).control("dummy")
    assert handle is not None
    assert (handle.title, handle.read()) == ("Dummy", 0.25)


def test_the_engine_is_sent_its_value(dummy: ParamSpec, rig: Rig) -> None:
    rig.store.set_param(dummy.name, 2.0)
    sent = [each for each in rig.audio.sent if isinstance(each, SetPatch)]
    assert sent[-1].patch.value("dummy") == 2.0
