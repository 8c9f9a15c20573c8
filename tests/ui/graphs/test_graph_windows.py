"""Graph windows: opened from panels and shortcuts, they follow theme, undo and keys, and close with the main window."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from synth_app.patch import NoteOn
from synth_app.session.state.session_file import ThemeName
from synth_app.ui.graphs.graph_window import GraphWindow
from synth_app.ui.graphs.point_editor import PointEditor
from synth_app.ui.latent.path_page import PathPage
from synth_app.ui.modulation.shapes_page import ShapesPage
from synth_app.ui.theme.theme import colors, qcolor
from synth_app.ui.widgets.toast import toast_of
from synth_app.ui.window.demo.scripted_input import send_mouse
from tests.ui.conftest import Rig
from tests.ui.graphs.graph_events import drag_to, place, settle


def shapes(rig: Rig, shape: str = "amplitude") -> ShapesPage:
    window = rig.window.graphs.open("shapes", shape)
    settle(window)
    page = window.page
    assert isinstance(page, ShapesPage)
    return page


def test_panels_open_what_they_show(rig: Rig) -> None:
    work, graphs = rig.window.work, rig.window.graphs
    button = next(b for b in work.envelope.findChildren(type(work.automation.edit_button)) if "graph" in b.toolTip())
    button.click()
    page = graphs.window_of("shapes").page  # type: ignore[union-attr]
    assert isinstance(page, ShapesPage)
    assert page.chosen() == "amplitude"
    work.mod_sources.show_source("lfo3")
    work.mod_sources.edit_button.click()
    assert graphs.window_of("shapes").page.chosen() == "lfo3"  # type: ignore[union-attr]
    work.mod_sources.show_source("env2")
    canvas = work.mod_sources.envelope.canvas
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, canvas.rect().center())
    assert graphs.window_of("shapes").page.chosen() == "env2"  # type: ignore[union-attr]
    work.path.chooser.setCurrentIndex(3)
    work.path.edit_button.click()
    assert graphs.window_of("path").page.chosen() == "a2"  # type: ignore[union-attr]
    work.automation.edit_button.click()
    assert graphs.window_of("automation") is not None
    for panel, key in ((work.views[0], "spectrum"), (work.views[1], "spectrogram")):
        panel.pop.click()
        assert graphs.window_of("analyzer", key) is not None
    assert len(rig.window.findChildren(GraphWindow)) == 5, "one of each kind"


@pytest.mark.parametrize(
    ("key", "kind"), [(Qt.Key.Key_E, "shapes"), (Qt.Key.Key_P, "path"), (Qt.Key.Key_A, "automation")]
)
def test_shortcuts_open_the_graphs(rig: Rig, key: Qt.Key, kind: str) -> None:
    QTest.keyClick(rig.window, key, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    window = rig.window.graphs.window_of(kind)
    assert window is not None
    assert window.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert rig.window.graphs.window_of(kind) is None


def test_a_drag_is_heard_at_once_and_is_one_undo_step(rig: Rig) -> None:
    editor, history = shapes(rig).amplitude, rig.window.presets.service.history
    before = len(history.steps)
    sent = len(rig.audio.sent)
    drag_to(editor, place(editor, 1), editor.position_of(0.5, 0.4), steps=8, pause_ms=1000)
    assert rig.audio.patch.value("sustain") == pytest.approx(0.4, abs=0.02)
    assert rig.audio.patch.value("decay_s") == pytest.approx(0.498, abs=0.02)
    assert len(rig.audio.sent) - sent >= 8, "while it is dragged"
    assert len(history.steps) == before + 1
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rig.store.patch.value("sustain") == 1.0
    assert editor.handles[1].y == 1.0, "the graph follows"
    QTest.keyClick(editor, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert rig.store.patch.value("sustain") == pytest.approx(0.4, abs=0.02)


def test_keys_play_in_a_graph_window(rig: Rig) -> None:
    window = shapes(rig).window().windowHandle()
    QTest.keyPress(window, Qt.Key.Key_A)
    QTest.keyRelease(window, Qt.Key.Key_A)
    assert any(isinstance(note, NoteOn) and note.note == 60 for note in rig.audio.notes)


def test_another_theme_and_zoom_make_the_page_again(rig: Rig) -> None:
    page = shapes(rig, "lfo2")
    width = page.amplitude.minimumWidth()
    rig.window.appearance.set_theme("light")
    new = rig.window.graphs.window_of("shapes").page  # type: ignore[union-attr]
    assert isinstance(new, ShapesPage)
    assert new is not page
    assert new.chosen() == "lfo2"
    QApplication.processEvents()
    picture = new.lfo.grab().toImage()
    assert picture.pixelColor(picture.width() - 3, 3) == qcolor("well")
    rig.store.set_param("attack_s", 0.5)
    rig.window.appearance.set_fixed_zoom(2.0)
    largest = rig.window.graphs.window_of("shapes").page  # type: ignore[union-attr]
    assert isinstance(largest, ShapesPage)
    assert largest.amplitude.minimumWidth() == 2 * width
    rig.window.appearance.set_fixed_zoom(1.0)
    rig.window.appearance.set_theme("dark")


def test_a_notice_appears_in_the_window_that_is_used_and_in_its_theme(rig: Rig, qtbot: QtBot) -> None:
    window = shapes(rig).window()
    qtbot.waitUntil(window.isActiveWindow)
    themes: tuple[ThemeName, ...] = ("dark", "light")
    try:
        for theme in themes:
            rig.window.appearance.set_theme(theme)
            rig.window.offer_action("Moved", "Undo", lambda: None)
            toast = toast_of(window)
            assert toast.isVisible()
            assert not rig.window.toast.isVisible(), "it would be behind this window"
            assert colors().raised in toast.styleSheet()
    finally:
        rig.window.appearance.set_theme("dark")


def test_old_pages_are_gone_after_another_theme(rig: Rig) -> None:
    graphs, feed = rig.window.graphs, rig.window.feed
    for kind, chosen in (("shapes", ""), ("path", ""), ("automation", ""), ("analyzer", "level")):
        graphs.open(kind, chosen)
    old = [window.page for window in rig.window.findChildren(GraphWindow)]
    rig.window.appearance.set_theme("light")
    assert len(rig.window.findChildren(GraphWindow)) == 4
    assert not any(isValid(page) for page in old)
    rig.store.set_param("attack_s", 0.3)
    rig.window.automation.changed.emit()
    rig.audio.telemetry.play(np.ones(9600, np.float32))
    feed.tick()
    rig.window.appearance.set_theme("dark")


def test_escape_in_the_graph_closes_its_window(rig: Rig) -> None:
    editor = shapes(rig).amplitude
    assert editor.hasFocus(), "the keyboard edits at once"
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert rig.window.graphs.window_of("shapes") is None


def test_closed_pages_no_longer_follow_the_session(rig: Rig) -> None:
    observers = len(rig.store._observers)
    window = rig.window.graphs.open("path")
    page = window.page
    assert isinstance(page, PathPage)
    assert len(rig.store._observers) > observers
    window.close()
    assert len(rig.store._observers) == observers
    rig.window.graphs.open("analyzer", "scope").close()
    assert len(rig.store._observers) == observers


def test_graphs_open_without_a_model(empty_rig: Rig) -> None:
    for kind, chosen in (("shapes", ""), ("path", ""), ("automation", ""), ("analyzer", "spectrum")):
        window = empty_rig.window.graphs.open(kind, chosen)
        editor = window.findChild(PointEditor)
        assert editor is not None
        for _ in range(3):
            QTest.keyClick(editor, Qt.Key.Key_Insert)
            QTest.keyClick(editor, Qt.Key.Key_Right)
            QTest.keyClick(editor, Qt.Key.Key_Delete)
            QTest.keyClick(editor, Qt.Key.Key_Return)
    empty_rig.window.close()
    assert empty_rig.window.graphs.window_of("path") is None


def test_every_control_of_a_graph_window_has_a_name_and_can_be_reached(rig: Rig) -> None:
    for kind, chosen in (("shapes", "lfo1"), ("path", ""), ("automation", ""), ("analyzer", "spectrogram")):
        window = rig.window.graphs.open(kind, chosen)
        QApplication.processEvents()
        seen: list[QWidget] = []
        widget = window.nextInFocusChain()
        while widget is not None and widget not in seen:
            seen.append(widget)
            reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisibleTo(window)
            if reached and widget is not window:
                text = widget.text() if isinstance(widget, QAbstractButton) else ""
                parent = widget.parentWidget()
                assert widget.accessibleName() or text or (parent and parent.accessibleName()), (kind, widget)
            widget = widget.nextInFocusChain()
        assert any(isinstance(each, PointEditor) for each in seen)


def test_the_main_window_starts_without_pyqtgraph(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from synth_app.session import SessionStore\n"
        "from synth_app.ui.window.application import make_application; app = make_application([])\n"
        "from synth_app.ui.window.main_window import MainWindow; from tests.ui.fakes import make_fakes\n"
        "window = MainWindow(SessionStore(), make_fakes(Path(sys.argv[1])).services); window.show()\n"
        "assert 'pyqtgraph' not in sys.modules; window.graphs.open('shapes'); assert 'pyqtgraph' in sys.modules\n"
        "window.close(); print('closed')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "closed\n"


def test_the_mouse_button_may_be_released_outside(rig: Rig) -> None:
    editor = shapes(rig).amplitude
    at = place(editor, 2)
    send_mouse(editor.viewport(), QEvent.Type.MouseButtonPress, at)
    send_mouse(editor.viewport(), QEvent.Type.MouseMove, QPointF(-500, -500))
    send_mouse(editor.viewport(), QEvent.Type.MouseButtonRelease, QPointF(-500, -500))
    assert not editor.dragging
    assert rig.store.patch.value("release_s") == pytest.approx(0.02), "the shortest"
