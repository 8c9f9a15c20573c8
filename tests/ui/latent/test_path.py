"""The path panel: strokes, tools, loop marks and drawn morphs change the patch, and the panel follows it."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtTest import QTest

from synth_app.session.edit.path_edit import morph_over_time
from synth_app.ui.window.demo.scripted_input import send_mouse
from tests.ui.conftest import Rig

PRESS, MOVE, RELEASE = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease


def shown(rig: Rig) -> Rig:
    rig.window.work.deck.show_page("time")
    return rig


def test_the_curve_is_the_notes_path_and_a_stroke_changes_it(rig: Rig) -> None:
    panel, store = shown(rig).window.work.path, rig.store
    canvas, note = panel.canvas, store.bank[store.patch.slot_a]
    np.testing.assert_allclose(canvas.curve, note.z[:, 0], atol=1e-6)
    low, high = canvas.range
    for kind, frame, fraction in ((PRESS, 5, 0.5), (MOVE, 9, 0.75), (RELEASE, 9, 0.75)):
        send_mouse(canvas, kind, canvas.pixel(frame, low + fraction * (high - low)))
    custom = rig.audio.patch.user_notes[0]
    assert custom is not None
    wanted = low + np.linspace(0.5, 0.75, 5) * (high - low)
    np.testing.assert_allclose(custom.codes()[5:10, 0], wanted, atol=0.02 * (high - low))
    np.testing.assert_array_equal(custom.codes()[:, 1:], note.z[:, 1:])
    np.testing.assert_allclose(canvas.curve, custom.codes()[:, 0], atol=1e-6)


def test_tools_and_keys(rig: Rig) -> None:
    panel = shown(rig).window.work.path
    before = panel.canvas.curve.copy()
    panel.buttons["Up"].click()
    low, high = panel.canvas.range
    np.testing.assert_allclose(panel.canvas.curve, before + 0.05 * (high - low), atol=1e-5)
    panel.buttons["Down"].click()
    spread = np.ptp(panel.canvas.curve)
    panel.buttons["Less"].click()
    assert np.ptp(panel.canvas.curve) == pytest.approx(spread / 1.25, rel=1e-4)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Right)
    at = panel.canvas.pen
    height = panel.canvas.curve[at]
    QTest.keyClick(panel.canvas, Qt.Key.Key_Up)
    assert panel.canvas.curve[at] > height


def test_loop_marks_are_dragged(rig: Rig) -> None:
    canvas = shown(rig).window.work.path.canvas
    start, end = canvas.marks[1:3]
    bottom = canvas.height() - 8
    grip = QPointF(canvas.pixel(start, 0).x(), bottom)
    send_mouse(canvas, PRESS, grip)
    send_mouse(canvas, MOVE, QPointF(canvas.pixel(start + 3, 0).x(), bottom))
    send_mouse(canvas, RELEASE, grip)
    custom = rig.store.patch.user_notes[0]
    assert custom is not None
    assert custom.marks[1:3] == (start + 3, end)


def test_a_morph_is_drawn_between_the_slots(rig: Rig) -> None:
    panel, store = shown(rig).window.work.path, rig.store
    a, b = store.slots.note("a"), store.slots.note("b")
    assert a is not None
    assert b is not None
    panel.chooser.setCurrentIndex(0)
    panel.show_state()
    n = len(a.z)
    panel.canvas.drawn.emit([(0, 0.0), (n - 1, 1.5)])
    custom = store.patch.user_notes[0]
    assert custom is not None
    from synth_app.patch import UserNote

    expected = morph_over_time(UserNote.of(a), UserNote.of(b), [(0.0, 0.0), (1.0, 1.5)])
    np.testing.assert_allclose(custom.codes(), expected.codes(), atol=1e-4)
    panel.canvas.drawn.emit([(0, 0.0), (n - 1, 0.0)])
    flat = store.patch.user_notes[0]
    assert flat is not None
    np.testing.assert_allclose(flat.codes(), a.z, atol=1e-5)
    store.slots.choose("a", 20)
    assert not panel.canvas.curve.any(), "another note starts without a morph"
