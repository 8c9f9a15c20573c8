"""What begins to record or to play ends previews, also where one thing follows another without a report between."""

from types import SimpleNamespace
from typing import cast

from PySide6.QtCore import QObject
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QApplication

from synth_app.ui.window.wiring.performing import Performing, PerformingHost


def test_automation_after_a_recording_ends_previews_too(qapp: QApplication) -> None:
    host = SimpleNamespace(
        record=SimpleNamespace(recording=True),
        pages=SimpleNamespace(recording=False),
        automation=SimpleNamespace(recorder=SimpleNamespace(armed=False)),
        midi=SimpleNamespace(sequencer_runs=False),
    )
    parent = QObject()
    performing = Performing(cast("PerformingHost", host), parent)
    begun = QSignalSpy(performing.begins)
    performing.check()
    performing.check()
    assert begun.count() == 1
    host.record.recording = False  # nothing tells of the end
    host.automation.recorder.armed = True
    performing.check()
    assert begun.count() == 2
