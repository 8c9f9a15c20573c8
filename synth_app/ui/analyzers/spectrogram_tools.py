"""The spectrogram's buttons: a menu of scales and ranges, and freeze."""

from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from synth_app.ui.analyzers.spectrogram_view import RANGES_DB, SpectrogramView
from synth_app.ui.analyzers.view_panel import ViewPanel


def add_spectrogram_tools(panel: ViewPanel, view: SpectrogramView) -> None:
    """Add the spectrogram's buttons to the panel's header."""
    menu = QMenu(panel)
    scales = QActionGroup(menu)
    for scale, text in (("log", "Logarithmic frequency"), ("mel", "Mel frequency")):
        _choice(menu, scales, text, scale == view.scale, partial(view.set_scale, scale))
    menu.addSeparator()
    ranges = QActionGroup(menu)
    for range_db in RANGES_DB:
        _choice(menu, ranges, f"{range_db} dB", range_db == view.range_db, partial(view.set_range, range_db))
    panel.add_tool("settings", "Spectrogram: scale and range", menu, only="spectrogram")
    panel.add_tool("freeze", "Freeze the spectrogram", view.set_frozen, checkable=True, only="spectrogram")


def _choice(menu: QMenu, group: QActionGroup, text: str, chosen: bool, act: partial[None]) -> None:
    action = QAction(text, menu)
    action.setCheckable(True)
    action.setChecked(chosen)
    action.triggered.connect(lambda _=False: act())
    group.addAction(action)
    menu.addAction(action)
