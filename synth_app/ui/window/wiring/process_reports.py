"""Shows what the audio process reports: compiling, the output, MIDI, recordings beside the engine, and problems."""

from typing import Protocol

from PySide6.QtCore import QObject, QTimer

from synth_app.audio.protocol.messages import (
    Compiling,
    DeviceList,
    DeviceState,
    Fault,
    GaveUp,
    Meters,
    MidiPlayed,
    MidiState,
    ModelRefused,
    Ready,
    Report,
    Restarted,
    SampleState,
)
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.ports.samples import Samples
from synth_app.ui.ports.shell import Messages
from synth_app.ui.widgets.progress_notice import ProgressNotice
from synth_app.ui.window.midi_control import MidiControl
from synth_app.ui.window.notices import Notices
from synth_app.ui.window.window_dialogs import WindowDialogs
from synth_app.ui.window.workspace import Workspace

_COMPILING = (
    "Compiling the sound engine for this computer, once after an installation or update. Sound starts by itself"
)
_SLOW_START_MS = 4000  # a start of the audio process that takes longer is explained


class ReportHost(Messages, Protocol):
    """The parts of the window that show reports. ``work`` and ``compiling`` change when the window is rebuilt."""

    compiling: ProgressNotice
    dialogs: WindowDialogs
    midi: MidiControl
    notices: Notices
    samples: Samples
    work: Workspace


class ProcessReports(QObject):
    """Handles the reports for one window.

    Args:
        host: the window; it may be incomplete until the first call.
        parent: Qt's parent.
    """

    def __init__(self, host: ReportHost, parent: QObject) -> None:
        super().__init__(parent)
        self._host = host
        self._compiled_fraction: float | None = None  # None: nothing is being compiled
        self._device_problem = ""
        self._dropped_events = 0  # told so far

    def handle(self, report: Report) -> None:
        """Show a report."""
        match report:
            case Compiling(fraction):
                self._show_compiling(fraction)
            case Ready():
                self._show_compiling(None)
            case DeviceState():
                self._host.dialogs.show_device(report)
                self._show_device(report)
            case DeviceList():
                self._host.dialogs.show_devices(report)
            case ModelRefused(problem=problem) | Fault(problem):
                self._show_failure(problem)
            case GaveUp(problem):
                self._host.samples.forget()
                self._show_failure(problem)
            case MidiState() | MidiPlayed():
                self._host.midi.handle_report(report)
            case SampleState():
                self._host.samples.show(report)
            case Restarted(reason):
                self._host.samples.forget()
                self._host.show_message(sentence(reason))

    def explain_slow_start(self) -> None:
        """Tell the user what goes on if no output plays in a few seconds."""
        QTimer.singleShot(_SLOW_START_MS, self, self._explain_slow_start)

    def tell_dropped_events(self, meters: Meters) -> None:
        """Tell how many events the engine has dropped since the last call."""
        more, self._dropped_events = meters.dropped_events - self._dropped_events, meters.dropped_events
        if more > 0:
            self._host.show_message(
                f"{more} events came faster than they can be played and were dropped; no note hangs"
            )

    def show_again(self) -> None:
        """Show how much is compiled in the new notice of a rebuilt window."""
        self._show_compiling(self._compiled_fraction)

    def _show_failure(self, problem: str) -> None:
        self._show_compiling(None)
        self._host.show_problem(problem)

    def _show_compiling(self, fraction: float | None) -> None:
        """Show how much of the sound engine is compiled; None hides the notice."""
        self._compiled_fraction = fraction
        if fraction is None:
            self._host.compiling.hide()
        else:
            self._host.compiling.show_progress(_COMPILING, fraction)

    def _show_device(self, state: DeviceState) -> None:
        """Show the state of the output; its problem disappears once it plays again."""
        host = self._host
        host.work.status.show_device(state)
        if state.problem != self._device_problem:
            host.notices.withdraw(self._device_problem)
        self._device_problem = state.problem
        if state.problem:
            host.notices.keep_problem(state.problem)

    def _explain_slow_start(self) -> None:
        if self._host.dialogs.device_state is None and self._compiled_fraction is None:
            self._host.show_message("The audio process is starting. Everything else works already")
