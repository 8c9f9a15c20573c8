"""The pencil on the spectrum: what is drawn becomes the nearest sound, in one undo step."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from synth_app.ui.analyzers.spectrum_canvas import SpectrumCanvas
from synth_app.ui.analyzers.spectrum_view import SpectrumView
from tests.ui.conftest import Rig

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(rig: Rig) -> SpectrumCanvas:
    rig.window.feed.tick()
    panel = rig.window.work.views[0]
    pencil = next(each for each in panel.findChildren(QToolButton) if each.accessibleName().startswith("Draw the"))
    pencil.click()
    return rig.window.work.view_of(SpectrumView).canvas


def _at(canvas: SpectrumCanvas, hz: float, db: float) -> QPoint:
    return QPointF(float(canvas.x_of(np.array([hz]))[0]), float(canvas.y_of(np.array([db]))[0])).toPoint()


def _stroke(rig: Rig, canvas: SpectrumCanvas, points: list[tuple[float, float]]) -> None:
    history = rig.window.presets.service.history
    history.press()  # as the window does for a real mouse
    QTest.mousePress(canvas, LEFT, NO_KEYS, _at(canvas, *points[0]))
    for point in points[1:]:
        QTest.mouseMove(canvas, _at(canvas, *point))
    QTest.mouseRelease(canvas, LEFT, NO_KEYS, _at(canvas, *points[-1]))
    history.release()


def test_positions_and_levels_belong_together(canvas: SpectrumCanvas) -> None:
    for hz, db in ((100.0, -20.0), (5000.0, -70.0)):
        found = canvas.hz_and_db_at(QPointF(_at(canvas, hz, db)))
        assert found[0] == pytest.approx(hz, rel=0.03)
        assert found[1] == pytest.approx(db, abs=1.0)
    assert canvas.hz_and_db_at(QPointF(-50.0, -50.0))[1] == pytest.approx(8.0)


def test_a_stroke_moves_the_sound_to_what_is_drawn_in_one_undo_step(rig: Rig, canvas: SpectrumCanvas) -> None:
    store, view = rig.store, rig.window.work.view_of(SpectrumView)
    before = store.patch
    view.show_decoded()
    assert canvas.decoded is not None
    hz, start = canvas.decoded
    inside = (hz > 400.0) & (hz < 1600.0)
    top = float(start[inside].max())
    _stroke(rig, canvas, [(400.0, top - 25.0), (800.0, top - 25.0), (1600.0, top - 25.0)])
    assert any(store.patch.offset)
    view.show_decoded()
    after = canvas.decoded[1]
    assert after[inside].max() < top - 10.0
    assert canvas.drawn is not None
    assert "drawn" in canvas.legend()
    history = rig.window.presets.service.history
    history.undo()
    assert store.patch == before
    assert not history.undo_label or history.undo_label != "Handle"


def test_where_the_sound_cannot_follow_is_told(rig: Rig, canvas: SpectrumCanvas) -> None:
    _stroke(rig, canvas, [(60.0, 8.0), (90.0, -100.0), (120.0, 8.0), (180.0, -100.0), (240.0, 8.0)])
    assert canvas.drawn is not None
    assert canvas.drawn[2].any()
    assert "out of reach" in canvas.legend()
    canvas.grab()  # both pieces of the stroke are painted


def test_without_the_pencil_and_without_a_model_nothing_is_drawn(rig: Rig, canvas: SpectrumCanvas) -> None:
    canvas.set_pencil(on=False)
    before = rig.store.patch
    _stroke(rig, canvas, [(400.0, -60.0), (1600.0, -60.0)])
    assert rig.store.patch == before
    assert canvas.drawn is None


def test_another_model_forgets_the_stroke(rig: Rig, canvas: SpectrumCanvas) -> None:
    _stroke(rig, canvas, [(400.0, -60.0), (1600.0, -60.0)])
    assert canvas.drawn is not None
    assert rig.store.model is not None
    rig.store.load_model_data(rig.store.model, rig.store.patch.model)
    assert canvas.drawn is None
