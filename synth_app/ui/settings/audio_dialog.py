"""The audio settings. Every choice applies at once, and the dialog shows the result."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from synth_app.audio.protocol.messages import (
    BLOCK_SIZES,
    DEVICE_RATES,
    EXCLUSIVE_HOST_API,
    RESERVES_MS,
    DeviceInfo,
    DeviceSettings,
    DeviceState,
)
from synth_app.patch.quality import QUALITIES
from synth_app.session import SessionStore
from synth_app.ui.base.boxes import Picker
from synth_app.ui.base.plain_text import sentence
from synth_app.ui.ports.audio_port import AudioPort
from synth_app.ui.settings.diagnostics import PRIVACY_NOTE
from synth_app.ui.theme.theme import GRID, px
from synth_app.ui.widgets.panel import form_layout, form_row, label, tight

_DEFAULT, _SILENT = "System default", "No output (silent)"
_Output = tuple[str | None, str | None]  # name and host API, as in DeviceSettings


class AudioDialog(QDialog):
    """A non-modal dialog: notes can be played while it is open.

    The store keeps the chosen settings; ``show_device`` shows which device was opened. ``diagnostics_requested`` is
    emitted by its button.
    """

    diagnostics_requested = Signal()

    def __init__(self, store: SessionStore, audio: AudioPort, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._audio = store, audio
        self._devices: tuple[DeviceInfo, ...] = ()
        self._outputs: list[_Output] = []  # of the rows of ``device``
        self.setWindowTitle("Audio settings")
        self.setMinimumWidth(px(520))
        self.device = self._combo("Output device")
        self.exclusive = QCheckBox("Exclusive mode: lower latency, but no other program is heard")
        self.exclusive.clicked.connect(self.apply)
        self.rate = self._combo("Sample rate")
        self.block = self._combo("Block size")
        for rate in DEVICE_RATES:
            self.rate.addItem(f"{rate / 1000:g} kHz", rate)
        for block in BLOCK_SIZES:
            self.block.addItem(f"{block} frames ({1000 * block / 48_000:.1f} ms)", block)
        self.reserve = self._combo("Reserve")
        for reserve_ms in RESERVES_MS:
            self.reserve.addItem(f"{reserve_ms} ms" if reserve_ms else "Minimum", reserve_ms)
        self.quality = Picker()
        self.quality.setAccessibleName("Quality")
        for each in QUALITIES:
            self.quality.addItem(each.name.capitalize(), each.name)
            self.quality.setItemData(self.quality.count() - 1, each.help, Qt.ItemDataRole.ToolTipRole)
        self.quality.activated.connect(self._choose_quality)
        self.quality_help = label("", "caption")
        self.result_line = label("")
        self.result_line.setWordWrap(True)
        self.result_line.setAccessibleName("State of the output")
        self.result_line.setMinimumHeight(px(48))
        self.result_line.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._lay_out()
        self.show_settings(store.state.device)
        self._show_quality()
        audio.request_devices()

    def show_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """List the available output devices."""
        self._devices = devices
        self.show_settings(self._store.state.device)

    def show_settings(self, settings: DeviceSettings) -> None:
        """Show the chosen settings in the boxes; opens nothing."""
        self._fill_devices(settings.device, settings.host_api)
        self.exclusive.setChecked(settings.exclusive)
        self.exclusive.setVisible(self._can_be_exclusive())
        chosen = ((self.rate, settings.rate), (self.block, settings.block), (self.reserve, settings.reserve_ms))
        for box, value in chosen:
            if box.findData(value) < 0:
                box.addItem(str(value), value)
            box.setCurrentIndex(box.findData(value))

    def show_device(self, state: DeviceState) -> None:
        """Show the result: the open device, or why it is silent."""
        if state.running:
            text = f"Playing on {state.name}, latency {state.latency_ms:.1f} ms."
        elif state.problem:
            text = f"{sentence(state.problem)}\nThe program runs without sound; recording and export work."
        else:
            text = "No output is chosen; recording and export work."
        self.result_line.setText(text)
        role = "problem" if state.problem else "muted"
        self.result_line.setProperty("role", role)
        self.result_line.style().unpolish(self.result_line)
        self.result_line.style().polish(self.result_line)

    def settings(self) -> DeviceSettings:
        """Return the settings of the boxes."""
        name, host_api = self._outputs[self.device.currentIndex()]
        rate, block, reserve_ms = (box.currentData() for box in (self.rate, self.block, self.reserve))
        exclusive = self._can_be_exclusive() and self.exclusive.isChecked()
        return DeviceSettings(name, rate, block, reserve_ms, host_api, exclusive)

    def apply(self) -> None:
        """Request the settings of the boxes; unchanged settings open the device again."""
        settings = self.settings()
        self.exclusive.setVisible(self._can_be_exclusive())
        self.result_line.setText("Opening…")
        self._audio.start()
        if settings == self._store.state.device:
            self._audio.open_device(settings)
        else:
            self._store.set_device(settings)

    def _choose_quality(self) -> None:
        self._store.set_quality(self.quality.currentData())
        self._show_quality()

    def _show_quality(self) -> None:
        self.quality.setCurrentIndex(self.quality.findData(self._store.patch.quality))
        self.quality_help.setText(self.quality.currentData(Qt.ItemDataRole.ToolTipRole))

    def _can_be_exclusive(self) -> bool:
        name, host_api = self._outputs[self.device.currentIndex()]
        if name is None:
            host_api = next((info.host_api for info in self._devices if info.is_default), None)
        return host_api == EXCLUSIVE_HOST_API

    def _fill_devices(self, name: str | None, host_api: str | None) -> None:
        """List the devices and select one; a device that is not connected stays in the list."""
        default = next((f": {info.name} – {info.host_api}" for info in self._devices if info.is_default), "")
        rows: list[tuple[str, _Output]] = [(f"{_DEFAULT}{default}", (None, None))]
        rows += [(f"{info.name} – {info.host_api}", (info.name, info.host_api)) for info in self._devices]
        connected = [output for _, output in rows if output[0] == name and host_api in (None, output[1])]
        if name and not connected:
            place = f" – {host_api}" if host_api else ""
            rows.append((f"{name}{place} (not connected)", (name, host_api)))
        rows.append((_SILENT, ("", None)))
        self._outputs = [output for _, output in rows]
        self.device.clear()
        self.device.addItems([text for text, _ in rows])
        selected = connected[0] if connected else (name, host_api if name else None)
        self.device.setCurrentIndex(self._outputs.index(selected))

    def _combo(self, name: str) -> Picker:
        box = Picker()
        box.setAccessibleName(name)
        box.activated.connect(self.apply)
        return box

    def _lay_out(self) -> None:
        form = form_layout()
        rows = (
            ("Sample rate", self.rate),
            ("Block size", self.block),
            ("Reserve", self.reserve),
        )
        form_row(form, "Output", self.device)
        form.addRow("", self.exclusive)
        for text, box in (*rows, ("Quality", self.quality)):
            form_row(form, text, box)
        form.addRow("", self.quality_help)
        hint = label(
            "Smaller blocks and a smaller reserve lower the latency, but need a faster computer with less other load. "
            "Changes apply at once.",
            "caption",
        )
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        tight(column, 2 * GRID, 2 * GRID)
        column.addLayout(form)
        column.addWidget(hint)
        column.addWidget(self.result_line)
        column.addLayout(self._button_row())

    def _button_row(self) -> QHBoxLayout:
        self.refresh = QPushButton("Search again")
        self.refresh.clicked.connect(self._audio.request_devices)
        self.refresh.setToolTip("Search for output devices again")
        self.retry = QPushButton("Try again")
        self.retry.setToolTip("Open the device again")
        self.retry.clicked.connect(self.apply)
        self.diagnostics = QPushButton("Copy diagnostics")
        self.diagnostics.setToolTip(f"Copy versions, device, model, load and log for a bug report. {PRIVACY_NOTE}")
        self.diagnostics.clicked.connect(self.diagnostics_requested.emit)
        close = QPushButton("Close")
        close.setProperty("kind", "primary")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        for button in (self.refresh, self.retry, self.diagnostics):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        return buttons
