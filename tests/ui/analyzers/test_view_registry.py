"""A view from outside the package appears in its panel, in the palette and under a shortcut."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from synth_app.session import SessionStore
from synth_app.ui.analyzers.view_panel import ViewPanel
from synth_app.ui.analyzers.view_registry import VIEWS, ViewSources, ViewSpec
from synth_app.ui.window.command_palette import window_commands
from synth_app.ui.window.main_window import MainWindow
from tests.ui.fakes import make_fakes


class ClockView(QLabel):
    """A dummy view that counts the ticks of the telemetry."""

    def __init__(self, sources: ViewSources) -> None:
        super().__init__("0")
        self.ticks = 0
        sources.feed.ticked.connect(self.count)

    def count(self) -> None:
        """Count one tick."""
        self.ticks += 1
        self.setText(str(self.ticks))


def add_tools(panel: ViewPanel, view: ClockView) -> None:
    """Add a button that resets the count."""
    panel.add_tool("close", "Reset the clock", lambda: view.setText("0"), only="clock")


CLOCK = ViewSpec("clock", "Clock", "time", ClockView, add_tools)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window with the dummy view."""
    fakes = make_fakes(tmp_path)
    made = MainWindow(SessionStore(), fakes.services, views=(*VIEWS, CLOCK))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


def test_a_new_view_needs_only_its_entry(window: MainWindow) -> None:
    view = window.work.view_of(ClockView)
    command = next(each for each in window_commands(window) if each.name == "View: clock")
    assert command.keys == f"Ctrl+{4 + len(VIEWS)}", "after the built-in views"
    assert not view.isVisible()
    command.run()
    assert view.isVisible()
    reset = [button for button in window.work.findChildren(QWidget) if button.accessibleName() == "Reset the clock"]
    assert reset[0].isVisible(), "its button is shown with it"
    window.feed.tick()
    assert view.text() == "1"


def test_a_new_view_survives_a_rebuild(window: MainWindow) -> None:
    before = window.work.view_of(ClockView)
    window.appearance.set_fixed_zoom(1.25)
    assert window.work.view_of(ClockView) is not before
    window.appearance.set_fixed_zoom(None)


def test_keys_are_unique() -> None:
    keys = [spec.key for spec in VIEWS]
    assert len(keys) == len(set(keys))
