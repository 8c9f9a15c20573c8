"""The point editor: every gesture of the mouse and every key, by real events."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from synth_app.ui.graphs.axis import GraphAxis
from synth_app.ui.graphs.point_editor import Handle, PointEditor
from synth_app.ui.graphs.snap_grid import SnapGrid
from tests.ui.graphs.graph_events import CTRL, LEFT, NONE, SHIFT, double_click, drag_to, place, press_key


class Owner(QWidget):
    """Moves its three points as asked, the first up and down only."""

    def __init__(self) -> None:
        super().__init__()
        self.before, self.after = QPushButton("before"), QPushButton("after")
        self.editor = PointEditor("Test", GraphAxis("bottom", "x"), GraphAxis("left", "y"))
        box = QVBoxLayout(self)
        for widget in (self.before, self.editor, self.after):
            box.addWidget(widget)
        self.points = [(0.0, 0.0), (4.0, 0.5), (10.0, 1.0)]
        self.calls: list[tuple[object, ...]] = []
        self.editor.set_extent((0.0, 10.0), (0.0, 1.0))
        self.editor.grid = SnapGrid(1.0, 0.25)
        self.editor.moved.connect(self._moved)
        self.editor.added.connect(self._added)
        self.editor.removed.connect(self._removed)
        for name in ("reset", "value_requested", "drag_started", "drag_ended", "stroked"):
            getattr(self.editor, name).connect(lambda *args, name=name: self.calls.append((name, *args)))
        self.show_points()
        self.resize(700, 400)

    def show_points(self) -> None:
        x, y = zip(*self.points, strict=True)
        handles = [
            Handle(a, b, f"at {a:.2f}", moves_x=i != 0, removable=i == 1) for i, (a, b) in enumerate(self.points)
        ]
        self.editor.show_curve(np.array(x), np.array(y), handles)

    def _moved(self, which: int, x: float, y: float) -> None:
        self.points[which] = (x, y)
        self.show_points()

    def _added(self, x: float, y: float) -> None:
        self.points = sorted([*self.points, (x, y)])
        self.show_points()

    def _removed(self, which: int) -> None:
        del self.points[which]
        self.show_points()


@pytest.fixture
def owner(qtbot: QtBot) -> Owner:
    made = Owner()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    return made


def mouse(editor: PointEditor, kind: QEvent.Type, at: QPointF, keys: Qt.KeyboardModifier) -> None:
    viewport = editor.viewport()
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    QApplication.sendEvent(viewport, QMouseEvent(kind, at, viewport.mapToGlobal(at), button, LEFT, keys))


def drag_with(editor: PointEditor, start: QPointF, end: QPointF, keys: Qt.KeyboardModifier) -> None:
    mouse(editor, QEvent.Type.MouseButtonPress, start, keys)
    for i in range(1, 5):
        mouse(editor, QEvent.Type.MouseMove, start + (end - start) * (i / 4), keys)
    mouse(editor, QEvent.Type.MouseButtonRelease, end, keys)


def test_a_drag_moves_a_point_by_the_distance_of_the_mouse(owner: Owner) -> None:
    editor = owner.editor
    start = place(editor, 1) + QPointF(4, -3)  # beside its middle: the point must not jump
    end = editor.position_of(7.0, 0.8) + QPointF(4, -3)
    drag_to(editor, start, end)
    assert owner.points[1] == pytest.approx((7.0, 0.8), abs=0.03)
    assert [call[0] for call in owner.calls] == ["drag_started", "drag_ended"]
    assert editor.selection == 1
    assert editor.accessibleDescription() == f"Point 2 of 3: at {owner.points[1][0]:.2f}"
    drag_to(editor, place(editor, 0), editor.position_of(5.0, 0.4))
    assert owner.points[0] == pytest.approx((0.0, 0.4), abs=0.01), "it moves up and down only"


def test_shift_moves_finely_and_ctrl_snaps(owner: Owner) -> None:
    editor = owner.editor
    drag_with(editor, place(editor, 1), editor.position_of(7.0, 0.8), SHIFT)
    assert owner.points[1] == pytest.approx((4.3, 0.53), abs=0.02)
    drag_with(editor, place(editor, 1), editor.position_of(6.8, 0.7), CTRL)
    assert owner.points[1] == (7.0, 0.75)
    editor.snaps = True
    drag_with(editor, place(editor, 1), editor.position_of(2.2, 0.3), NONE)
    assert owner.points[1] == (2.0, 0.25)
    drag_with(editor, place(editor, 1), editor.position_of(3.4, 0.4), CTRL)
    assert owner.points[1] == pytest.approx((3.4, 0.4), abs=0.02), "Ctrl does the opposite"


def test_escape_cancels_a_drag(owner: Owner) -> None:
    editor = owner.editor
    editor.setFocus()
    at = place(editor, 1)
    mouse(editor, QEvent.Type.MouseButtonPress, at, NONE)
    mouse(editor, QEvent.Type.MouseMove, editor.position_of(8.0, 0.9), NONE)
    assert owner.points[1][0] > 7.0
    press_key(editor, Qt.Key.Key_Escape)
    assert owner.points[1] == (4.0, 0.5)
    mouse(editor, QEvent.Type.MouseMove, editor.position_of(2.0, 0.9), NONE)
    assert owner.points[1] == (4.0, 0.5), "the drag is over"
    mouse(editor, QEvent.Type.MouseButtonRelease, at, NONE)


def test_double_clicks_add_and_reset(owner: Owner) -> None:
    editor = owner.editor
    double_click(editor, editor.position_of(7.0, 0.2))
    assert owner.points[2] == pytest.approx((7.0, 0.2), abs=0.03)
    assert editor.selection == 2, "the new point is chosen"
    double_click(editor, place(editor, 2))
    assert ("reset", 2) in owner.calls
    assert len(owner.points) == 4
    double_click(editor, QPointF(3, 3))
    assert len(owner.points) == 4, "nothing beside the axes"


def test_tab_goes_through_the_points_and_on(owner: Owner) -> None:
    editor = owner.editor
    owner.before.setFocus()
    QTest.keyClick(owner.before, Qt.Key.Key_Tab)
    assert editor.hasFocus()
    assert editor.focus_visible
    chosen = [editor.selection]
    for _ in range(2):
        press_key(editor, Qt.Key.Key_Tab)
        chosen.append(editor.selection)
    assert chosen == [0, 1, 2]
    press_key(editor, Qt.Key.Key_Tab)
    assert owner.after.hasFocus()
    QTest.keyClick(owner.after, Qt.Key.Key_Backtab, SHIFT)
    assert editor.hasFocus()
    assert editor.selection == 2
    press_key(editor, Qt.Key.Key_Home)
    assert editor.selection == 0
    press_key(editor, Qt.Key.Key_End)
    assert editor.selection == 2


def test_arrows_move_the_chosen_point(owner: Owner) -> None:
    editor = owner.editor
    editor.setFocus()
    editor.select(1)
    press_key(editor, Qt.Key.Key_Right)
    assert owner.points[1] == pytest.approx((4.104, 0.5), abs=1e-3), "a hundredth of the view, 10.4 wide"
    press_key(editor, Qt.Key.Key_Up, SHIFT)
    assert owner.points[1] == pytest.approx((4.104, 0.50112), abs=1e-4)
    press_key(editor, Qt.Key.Key_Left, CTRL)
    press_key(editor, Qt.Key.Key_Down, CTRL)
    assert owner.points[1] == pytest.approx((4.0, 0.5))
    press_key(editor, Qt.Key.Key_Right, CTRL)
    press_key(editor, Qt.Key.Key_Up, CTRL)
    assert owner.points[1] == pytest.approx((5.0, 0.75))


def test_keys_add_remove_reset_and_ask_for_a_value(owner: Owner) -> None:
    editor = owner.editor
    editor.setFocus()
    editor.select(0)
    press_key(editor, Qt.Key.Key_Insert)
    assert owner.points[1] == pytest.approx((2.0, 0.25)), "on the curve, half-way to the next point"
    assert editor.selection == 1
    press_key(editor, Qt.Key.Key_Delete)
    assert len(owner.points) == 3
    press_key(editor, Qt.Key.Key_End)
    press_key(editor, Qt.Key.Key_Delete)
    assert len(owner.points) == 3, "an end stays"
    press_key(editor, Qt.Key.Key_Backspace)
    press_key(editor, Qt.Key.Key_Return)
    assert owner.calls[-2:] == [("reset", 2), ("value_requested", 2)]


def test_keys_and_wheel_zoom_and_zero_shows_all(owner: Owner) -> None:
    editor = owner.editor
    whole = editor.visible_range()
    QTest.keyClicks(editor, "+")
    (left, right), height = editor.visible_range()
    assert right - left == pytest.approx(0.8 * (whole[0][1] - whole[0][0]))
    assert height == pytest.approx(whole[1])
    assert not editor.shows_all
    QTest.keyClicks(editor, "0")
    for shown, before in zip(editor.visible_range(), whole, strict=True):
        assert shown == pytest.approx(before)
    at = editor.position_of(5.0, 0.5)
    for keys, axis in ((NONE, 0), (CTRL, 1)):
        turn = QWheelEvent(
            at, editor.viewport().mapToGlobal(at), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, keys,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(editor.viewport(), turn)
        shown = editor.visible_range()[axis]
        assert shown[1] - shown[0] < 0.95 * (whole[axis][1] - whole[axis][0])
    assert editor.value_at(at).x() == pytest.approx(5.0, abs=0.05), "the place under the mouse stays"
    QTest.keyClicks(editor, "-")
    QTest.keyClicks(editor, "0")
    assert editor.visible_range()[0] == pytest.approx(whole[0])


def test_a_drag_beside_the_points_moves_the_view(owner: Owner) -> None:
    editor = owner.editor
    for _ in range(6):
        editor.zoom(0.8)
    (left, _), _ = editor.visible_range()
    middle = QPointF(editor.viewport().rect().center()) + QPointF(0, 60)
    drag_to(editor, middle, middle + QPointF(-90, 0))
    assert editor.visible_range()[0][0] > left + 0.1
    assert owner.points[1] == (4.0, 0.5)


def test_the_menu_is_that_of_the_point_or_of_the_place(owner: Owner) -> None:
    editor = owner.editor
    on_point = {action.text().split("\t")[0]: action for action in editor.menu(place(editor, 1)).actions()}
    assert list(on_point)[:3] == ["Enter value…", "Reset point", "Remove point"]
    on_point["Remove point"].trigger()
    assert len(owner.points) == 2
    beside = {action.text().split("\t")[0]: action for action in editor.menu(editor.position_of(6.0, 0.1)).actions()}
    beside["Add point here"].trigger()
    assert owner.points[1] == pytest.approx((6.0, 0.1), abs=0.03)
    beside["Zoom in"].trigger()
    assert not editor.shows_all
    beside["Show all"].trigger()
    assert editor.shows_all
    assert "Remove point" not in [a.text().split("\t")[0] for a in editor.menu(place(editor, 0)).actions()]


def test_the_cursor_tells_how_a_point_moves(owner: Owner) -> None:
    editor = owner.editor
    for at, shape in (
        (place(editor, 0), Qt.CursorShape.SizeVerCursor),
        (place(editor, 1), Qt.CursorShape.SizeAllCursor),
        (editor.position_of(7.0, 0.2), Qt.CursorShape.ArrowCursor),
    ):
        QApplication.sendEvent(
            editor.viewport(),
            QMouseEvent(
                QEvent.Type.MouseMove, at, editor.viewport().mapToGlobal(at), Qt.MouseButton.NoButton,
                Qt.MouseButton.NoButton, NONE,
            ),
        )  # fmt: skip
        assert editor.viewport().cursor().shape() == shape


def test_drawing_reports_strokes_instead_of_moving_points(owner: Owner) -> None:
    editor = owner.editor
    editor.draws = True
    drag_with(editor, place(editor, 1), editor.position_of(6.0, 0.9), NONE)
    strokes = [call[1] for call in owner.calls if call[0] == "stroked"]
    assert len(strokes) == 4
    assert strokes[0][0] == pytest.approx((4.0, 0.5), abs=0.03)  # type: ignore[index]
    assert strokes[-1][1] == pytest.approx((6.0, 0.9), abs=0.03)  # type: ignore[index]
    assert owner.points[1] == (4.0, 0.5)


def test_of_points_at_one_place_the_chosen_one_is_taken(owner: Owner) -> None:
    owner.points = [(0.0, 0.0), (4.0, 0.5), (4.0, 0.5), (10.0, 1.0)]
    owner.show_points()
    assert owner.editor.handle_at(place(owner.editor, 1)) == 2
    owner.editor.select(1)
    assert owner.editor.handle_at(place(owner.editor, 1)) == 1


@pytest.mark.parametrize("draws", [False, True])
def test_a_press_whose_release_another_window_takes_is_cancelled(owner: Owner, draws: bool) -> None:
    editor = owner.editor
    editor.draws = draws
    at = editor.position_of(4.0, 0.5)
    mouse(editor, QEvent.Type.MouseButtonPress, at, NONE)
    editor.cancel_press()
    assert owner.calls == [("drag_started",), ("drag_ended",)]
    mouse(editor, QEvent.Type.MouseMove, at + QPointF(40.0, 0.0), NONE)
    assert owner.points[1] == (4.0, 0.5), "the mouse moves nothing any more"
    assert owner.calls == [("drag_started",), ("drag_ended",)]
