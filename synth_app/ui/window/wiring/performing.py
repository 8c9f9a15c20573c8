"""What runs that no sound may disturb that is only tried out or previewed."""

from typing import Protocol

from PySide6.QtCore import QObject, Signal

from synth_app.ui.automation.automation_control import AutomationControl
from synth_app.ui.files.record_button import RecordButton
from synth_app.ui.window.midi_control import MidiControl
from synth_app.ui.window.window_pages import WindowPages


class PerformingHost(Protocol):
    """The parts of the window that record or play. ``record`` and the recorders of ``pages`` change on a rebuild."""

    automation: AutomationControl
    midi: MidiControl
    pages: WindowPages
    record: RecordButton


class Performing(QObject):
    """Tells whether something is recorded, or a sequencer plays.

    Signals:
        begins: a recording is about to start, or something else has begun: what is previewed must end now.

    Args:
        host: the window; it may be incomplete until the first call.
        parent: Qt's parent.
    """

    begins = Signal()

    def __init__(self, host: PerformingHost, parent: QObject) -> None:
        super().__init__(parent)
        self._host, self._shown = host, ""

    def reason(self) -> str:
        """Return what runs as a sentence; "" if nothing does."""
        host = self._host
        if host.record.recording or host.pages.recording:
            return "A recording runs"
        if host.automation.recorder.armed:
            return "Automation is being recorded"
        return "A sequencer plays" if host.midi.sequencer_runs else ""

    def follow_recorders(self) -> None:
        """Follow the record button and the recorders of the pages; called each time they were made again."""
        pages = self._host.pages
        for recorder in (self._host.record, pages.recorder, pages.find.recorder):
            recorder.starting.connect(self.begins)

    def check(self) -> None:
        """Emit ``begins`` if something runs now that did not at the last check, whose recording may be over."""
        before, self._shown = self._shown, self.reason()
        if self._shown not in ("", before):
            self.begins.emit()
