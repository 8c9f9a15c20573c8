"""The status line: output device, latency, load, dropouts, voices, MIDI inputs, and the latest message."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from synth_app.audio.process.midi_ports import port_title
from synth_app.audio.protocol.messages import DeviceState, Meters, MidiState
from synth_app.ui.base.plain_text import plain, plain_tip
from synth_app.ui.theme.icons import icon
from synth_app.ui.theme.theme import GRID, px, qcolor
from synth_app.ui.widgets.panel import label, rich_label, tight

_INFO_MS = 8000
_MIDI_FLASH_MS = 120
_RELIEF = ("", " · studio paused", " · eco", " · fewer voices")  # by Meters.relief
_SHOW_EVERY = 8  # meter reports, so that the figures stay readable
_LATENCY_TIP = (
    "Key: from the key to the loudspeaker. It is the median wait of the latest keys for their block, as measured, plus "
    "the buffer that the device reports.<br>Slider: the same, plus the time until half of a change is heard at this "
    "quality (measured by synth-app bench)."
)
_LOAD_TIP = "Rendering time as a fraction of the available time; near 80 % the quality is reduced for a while"


class MessageLabel(QLabel):
    """One line of text. If it is too long, its middle is left out: the end often says what to do."""

    def __init__(self) -> None:
        super().__init__("")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "muted")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(px(120))

    def fits(self) -> bool:
        """Return whether the whole text is visible."""
        return self.shown_text() == self.text()

    def shown_text(self) -> str:
        """Return the text as it is painted."""
        width = self.contentsRect().width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, width)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text in the colour of its role."""
        self.style().drawItemText(
            QPainter(self), self.contentsRect(), int(self.alignment().value), self.palette(), self.isEnabled(),
            self.shown_text(), self.foregroundRole(),
        )  # fmt: skip


class StatusLine(QFrame):
    """The always visible bottom line of the window. Its figures change at most five times a second.

    Attributes:
        dismissed: signal; the user has read the problem shown.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.device = rich_label("Audio is starting…")
        self.latency = label("", "muted")
        self.load = label("", "muted")
        self.dropouts = label("", "muted")
        self.voices = label("", "muted")
        self.midi = rich_label("", "muted")
        self.message = MessageLabel()
        self.dismiss = _dismiss_button()
        self.dismiss.clicked.connect(self.dismissed.emit)
        names = ("Output device", "Latency", "Load", "Dropouts", "Voices", "MIDI inputs", "Message")
        row = QHBoxLayout(self)
        tight(row, 0, 2 * GRID)
        row.setContentsMargins(px(4), 0, px(4), 0)
        for name, part in zip(names, self._parts(), strict=True):
            part.setAccessibleName(name)
            row.addWidget(part, 1 if part is self.message else 0)
        row.addWidget(self.dismiss)
        self.setFixedHeight(px(24))
        self._count = 0
        self._device_ms: float | None = None
        self._half_change_ms: float | None = None
        self._key_wait_ms: float | None = None
        self._midi = ""
        self._midi_dark = QTimer(self)
        self._midi_dark.setSingleShot(True)
        self._midi_dark.timeout.connect(lambda: self._show_midi("border"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self.show_message(""))
        for part, tip in (
            (self.latency, _LATENCY_TIP),
            (
                self.load,
                _LOAD_TIP,
            ),
            (self.dropouts, "Number of times that the device ran out of samples since the start"),
            (self.voices, "Number of notes that sound now"),
        ):
            part.setToolTip(tip)

    def show_device(self, state: DeviceState) -> None:
        """Show the output device and its latency."""
        silent = state.settings.device == "" and not state.problem
        if state.running:
            self._dot("good", f"{state.name}  {state.settings.rate / 1000:g} kHz / {state.settings.block}")
        else:
            self._dot("muted" if silent else "warning", "Silent (no output chosen)" if silent else "No audio device")
        self._device_ms = state.latency_ms if state.running else None
        self._show_latency()
        self.device.setToolTip(plain_tip(state.problem or state.name))

    def show_half_change(self, seconds: float | None) -> None:
        """Set the time until half of a slider's change is heard, in seconds; None without a model."""
        self._half_change_ms = None if seconds is None else 1e3 * seconds
        self._show_latency()

    def _show_latency(self) -> None:
        """Show the latency of a key and of a slider; before the first key only that of the device."""
        if self._device_ms is None:
            text = "Latency –"
        elif self._key_wait_ms is None or self._half_change_ms is None:
            text = f"Latency {self._device_ms:.1f} ms"
        else:
            key_ms = self._device_ms + self._key_wait_ms
            text = f"Key {key_ms:.0f} ms · Slider {key_ms + self._half_change_ms:.0f} ms"
        _set(self.latency, text, "muted")

    def show_meters(self, meters: Meters) -> None:
        """Show load, dropouts and voices."""
        self._count += 1
        if self._count % _SHOW_EVERY != 1:
            return
        relief = _RELIEF[meters.relief]
        strained = meters.load > 0.8 or bool(relief)
        _set(self.load, f"Load {100 * meters.load:.0f} %{relief}", "problem" if strained else "muted")
        _set(self.dropouts, f"Dropouts {meters.underruns}", "problem" if meters.underruns else "muted")
        _set(self.voices, f"Voices {meters.voices}", "muted")
        self._key_wait_ms = meters.key_wait_ms
        self._show_latency()

    def show_midi(self, state: MidiState) -> None:
        """Show the number of open MIDI inputs."""
        count = len(state.open)
        self._midi = "MIDI" if count == 1 else f"MIDI {count}" if count else "MIDI –"
        tip = state.problem or ", ".join(map(port_title, state.open)) or "No MIDI input is connected"
        self.midi.setToolTip(plain_tip(tip))
        self.midi.setAccessibleDescription(tip)
        self._show_midi("border")

    def flash_midi(self) -> None:
        """Light the MIDI indicator for a moment."""
        if not self._midi_dark.isActive():
            self._show_midi("good")
        self._midi_dark.start(_MIDI_FLASH_MS)

    def _show_midi(self, token: str) -> None:
        self.midi.setText(f'<span style="color:{qcolor(token).name()}">●</span> {self._midi}')

    def show_message(self, text: str) -> None:
        """Show information, which disappears after a while."""
        self._write(text, "muted")
        self._timer.start(_INFO_MS)

    def show_problem(self, text: str, count: int = 1) -> None:
        """Show a problem, with a button to dismiss it; ``count`` problems wait in all."""
        self._timer.stop()
        waiting = f"1 of {count}" if count > 1 else ""
        self.dismiss.setText(waiting)
        self.dismiss.setToolTip("I have read this: show the next problem" if waiting else "I have read this")
        self.dismiss.show()
        self._write(text, "problem")

    def clear_problem(self) -> None:
        """Show no problem any more."""
        if not self.dismiss.isHidden():
            self.dismiss.hide()
            self._write("", "muted")

    def _write(self, text: str, role: str) -> None:
        one_line = " ".join(text.split())
        _set(self.message, one_line, role)
        self.message.setToolTip(plain_tip(one_line))

    def _dot(self, token: str, text: str) -> None:
        self.device.setText(f'<span style="color:{qcolor(token).name()}">●</span> {plain(text)}')

    def _parts(self) -> tuple[QLabel, ...]:
        return (self.device, self.latency, self.load, self.dropouts, self.voices, self.midi, self.message)


def _dismiss_button() -> QToolButton:
    button = QToolButton()
    button.setProperty("kind", "quiet")
    button.setIcon(icon("panic"))
    button.setIconSize(QSize(px(12), px(12)))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setAccessibleName("Dismiss the problem")
    button.setFixedHeight(px(20))
    button.setStyleSheet("padding: 0 2px;")
    button.hide()
    return button


def _set(target: QLabel, text: str, role: str) -> None:
    if target.text() != text:
        target.setText(text)
    if target.property("role") != role:
        target.setProperty("role", role)
        target.style().unpolish(target)
        target.style().polish(target)
