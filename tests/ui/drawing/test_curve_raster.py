"""Rasterized curves against closed forms and Qt's strokes; spectrogram pixels; no repaint behind views."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from synth_app.ui.analyzers.spectrogram_view import SpectrogramView, color_table
from synth_app.ui.analyzers.spectrum_view import SpectrumView
from synth_app.ui.drawing.cached_background import picture_of
from synth_app.ui.drawing.curve_raster import Raster, raster_for
from synth_app.ui.theme.theme import qcolor
from tests.ui.analyzers.test_views import sine
from tests.ui.conftest import Rig

WIDTH, HEIGHT = 120, 80
AREA = QRectF(10, 5, WIDTH, HEIGHT)
WHITE = QColor("#ffffff")


def canvas() -> QImage:
    image = QImage(WIDTH + 20, HEIGHT + 10, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def alphas(image: QImage) -> NDArray[np.float64]:
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return pixels[..., 3] / 255.0


def painted(raster: Raster, color: QColor = WHITE) -> NDArray[np.float64]:
    image = canvas()
    painter = QPainter(image)
    raster.paint(painter, color)
    painter.end()
    return alphas(image)


def test_a_level_line_covers_its_rows(qapp: object) -> None:
    raster = Raster(AREA, 1.0)
    raster.line(np.array([10.0, 130.0]), np.array([25.5, 25.5]), 2.0)
    rows = painted(raster)[:, 10:130]
    np.testing.assert_allclose(rows[24:27], [[0.5] * WIDTH, [1.0] * WIDTH, [0.5] * WIDTH], atol=0.01)
    assert rows.sum() == pytest.approx(2 * WIDTH, rel=0.01)
    assert not painted(raster).any(), "painting clears the raster"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(8.0, 82.0), min_size=2, max_size=12))
def test_an_area_is_as_large_as_its_integral(heights: list[float]) -> None:
    x, y = np.linspace(10, 130, len(heights)), np.array(heights)
    raster = Raster(AREA, 1.0)
    raster.below(x, y, 1.0)
    integral = np.trapezoid(85.0 - y, x)
    assert painted(raster).sum() == pytest.approx(integral, rel=0.01, abs=WIDTH / 16)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_line_looks_as_qt_strokes_it(seed: int) -> None:
    """Oracle: Qt's antialiased stroke. In steep parts a column covers slightly more."""
    rng = np.random.default_rng(seed)
    x = np.linspace(10, 130, 60)
    y = 45 + np.clip(np.cumsum(rng.normal(0, 3, 60)), -30, 30)
    raster = Raster(AREA, 1.0)
    raster.line(x, y, 2.0)
    image = canvas()
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    solid, flat, rounded = Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(WHITE, 2.0, solid, flat, rounded))
    painter.drawPolyline(QPolygonF([QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]))
    painter.end()
    ours, theirs = painted(raster), alphas(image)
    assert np.abs(ours - theirs).sum() < 0.2 * theirs.sum()
    assert (ours[theirs > 0.95] > 0.4).mean() > 0.98, "no hole in the stroke"
    assert 0.85 < ours.sum() / theirs.sum() < 1.05


def test_overlapping_shapes_do_not_add_up(qapp: object) -> None:
    raster = Raster(AREA, 1.0)
    x, y = np.array([10.0, 130.0]), np.array([40.0, 40.0])
    raster.below(x, y, 0.2)
    raster.line(x, y, 2.0)
    rows = painted(raster)[:, 70]
    assert rows[40] == pytest.approx(1.0, abs=0.01)
    assert rows[60] == pytest.approx(0.2, abs=0.01)
    assert rows[30] == 0.0


def test_colours_keep_their_own_alpha_and_dashes_their_gaps(qapp: object) -> None:
    raster = Raster(AREA, 1.0)
    x, y = np.array([10.0, 130.0]), np.array([40.0, 50.0])
    raster.between(x, y, y + 10.0, 1.0)
    assert painted(raster, QColor(10, 200, 30, 51)).max() == pytest.approx(0.2, abs=0.01)
    raster.line(x, np.array([40.5, 40.5]), 1.0, dash=3)
    row = painted(raster)[40, 10:22]
    np.testing.assert_allclose(row, [1, 1, 1, 0, 0, 0] * 2, atol=0.01)


def test_large_areas_are_stretched_from_fewer_pixels(qapp: object) -> None:
    wall = QRectF(0, 0, 3800, 2000)
    raster = Raster(wall, 1.0)
    image = QImage(3800, 2000, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    raster.below(np.array([0.0, 3800.0]), np.array([500.0, 500.0]), 1.0)
    raster.paint(painter, WHITE)
    painter.end()
    assert alphas(image).sum() == pytest.approx(3800 * 1500, rel=0.01)
    assert raster_for(wall, 1.0, raster) is raster
    assert raster_for(wall, 2.0, raster) is not raster


def test_spectrogram_pixels_match_the_axes(rig: Rig) -> None:
    view = rig.window.work.view_of(SpectrogramView)
    for _ in range(20):
        rig.audio.telemetry.play(sine(1000.0, 4800))
        rig.window.feed.tick()
    loud, quiet = (QColor(*color.tolist()) for color in color_table(view.range_db)[[-1, 0]])
    for scale in ("log", "mel"):
        view.set_scale(scale)
        shown, area = view.grab().toImage(), view.area()
        ratio = shown.devicePixelRatio()
        position = next(position for position, text in view._ticks if text == "1k")
        column = [shown.pixelColor(round((area.right() - 3) * ratio), y) for y in range(shown.height())]
        lit = [y for y, color in enumerate(column) if color == loud]
        assert lit, "a full-scale tone has the loudest colour"
        assert np.mean(lit) / ratio == pytest.approx(view.y_of(position), abs=3)
        early = shown.pixelColor(round((area.left() + 3) * ratio), lit[0])
        assert early == quiet, "only two of six seconds contain sound"


class _Painted(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.widgets: set[QWidget] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.widgets.add(watched)
        return False


def test_nothing_behind_a_view_is_repainted(rig: Rig, qapp: QApplication) -> None:
    work = rig.window.work
    QTest.qWait(100)
    watch = _Painted()
    qapp.installEventFilter(watch)
    moved: list[QWidget] = [
        work.latent.shown_sliders[0],
        work.view_of(SpectrumView).canvas,
        work.view_of(SpectrogramView),
        work.pad.pad,
        work.meter,
    ]
    for widget in moved:
        widget.update()
    qapp.processEvents()
    qapp.removeEventFilter(watch)
    assert set(moved) <= watch.widgets
    assert rig.window not in watch.widgets
    assert work not in watch.widgets


@pytest.mark.parametrize("name", ["pad", "spectrogram", "spectrum"])
def test_corners_show_the_panel(rig: Rig, name: str) -> None:
    work = rig.window.work
    view = {
        "pad": work.pad.pad,
        "spectrogram": work.view_of(SpectrogramView),
        "spectrum": work.view_of(SpectrumView).canvas,
    }[name]
    assert view.grab().toImage().pixelColor(0, 0) == qcolor("panel")


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_pictures_reach_the_last_pixel_at_any_ratio(qapp: object, ratio: float) -> None:
    for width in range(201, 215):
        for height in (81, 82, 83, 90, 97):
            screen = QImage(ceil(width * ratio), ceil(height * ratio), QImage.Format.Format_RGB32)
            screen.setDevicePixelRatio(ratio)
            screen.fill(QColor("#ff00ff"))
            painter = QPainter(screen)
            painter.drawPixmap(QPointF(0, 0), picture_of(QSize(width, height), ratio, "panel"))
            painter.end()
            seen = {screen.pixel(screen.width() - 1, y) for y in range(screen.height())}
            seen |= {screen.pixel(x, screen.height() - 1) for x in range(screen.width())}
            assert seen == {qcolor("panel").rgb()}, (width, height)


def test_a_click_of_one_sample_is_seen_wherever_it_falls(qapp: object) -> None:
    raster = Raster(AREA, 1.0)
    x = np.linspace(10, 130, 1920)
    for sample in range(0, 1920, 37):
        y = np.full(1920, 45.0)
        y[sample] = 8.0
        raster.line(x, y, 1.0)
        rows = painted(raster)
        column = 10 + min(int(sample / 1919 * WIDTH), WIDTH - 1)
        assert rows[8:45, column - 1 : column + 2].max(axis=1).min() > 0.9, sample
        assert rows[50:].max() == 0.0
