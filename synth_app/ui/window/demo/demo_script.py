"""The script of ``synth-app demo``: 20 seconds of playing and moving controls in the real window."""

import math
from collections.abc import Callable, Iterator

from PySide6.QtCore import QPointF, QTimer
from PySide6.QtWidgets import QWidget

from synth_app.ui.keyboard.piano import key_at_center
from synth_app.ui.window.demo.scripted_input import click, drag
from synth_app.ui.window.main_window import MainWindow

CHORDS = ((48, 60, 64, 67), (45, 60, 64, 69), (41, 57, 60, 65), (43, 59, 62, 67))
_MELODY = (72, 74, 76, 79, 76)
_SOURCE = "demo"


class DemoScript:
    """Runs the steps of ``demo_steps`` on Qt's event loop, then calls ``done``."""

    def __init__(self, window: MainWindow, snap: Callable[[], None], done: Callable[[], None]) -> None:
        self._steps = demo_steps(window, snap)
        self._done = done

    def start(self) -> None:
        """Run the next step."""
        wait = next(self._steps, None)
        if wait is None:
            self._done()
        else:
            QTimer.singleShot(round(1000 * wait), self.start)


def demo_steps(window: MainWindow, snap: Callable[[], None]) -> Iterator[float]:
    """Play the demo; every yield is a time to wait in seconds, about 20 in total. ``snap`` takes the picture."""
    yield from _keys(window)
    yield from _sliders(window)
    _hold(window, CHORDS[1])
    yield from _morph(window)
    _hold(window, CHORDS[2])
    yield from _pad(window)
    click(window.work.latent.reset_button, _middle(window.work.latent.reset_button))
    _hold(window, CHORDS[3])
    yield from drag(window.work.morph.fader, [_fader_at(window, 1.0), _fader_at(window, 0.4)], 1.5)
    _hold(window, CHORDS[0])
    yield 1.5
    snap()
    window.notes.release_all(_SOURCE)
    yield 1.2


def _keys(window: MainWindow) -> Iterator[float]:
    """Play a short melody on the piano."""
    piano = window.work.play.piano
    for note in _MELODY:
        at = QPointF(key_at_center(piano, note).center())
        yield from drag(piano, [at, at], 0.3)
        yield 0.05


def _sliders(window: MainWindow) -> Iterator[float]:
    """Drag the first latent sliders, then reset them."""
    for slider, fraction in zip(window.work.latent.shown_sliders[:3], (0.35, -0.3, 0.3), strict=False):
        _hold(window, CHORDS[0])  # played again: the note may have decayed
        track, middle = slider.track(), slider.height() / 2
        start = QPointF(track.center().x(), middle)
        out = start + QPointF(fraction * track.width(), 0)
        yield from drag(slider, [start, out, start + (out - start) * 0.3], 1.6)
    click(window.work.latent.reset_button, _middle(window.work.latent.reset_button))
    yield 0.4


def _morph(window: MainWindow) -> Iterator[float]:
    """Drag the morph fader from A to B."""
    yield from drag(window.work.morph.fader, [_fader_at(window, 0.0), _fader_at(window, 1.0)], 3.4)


def _pad(window: MainWindow) -> Iterator[float]:
    """Drag a circle through the notes of the pad."""
    pad = window.work.pad.pad
    center, radius = _middle(pad), 0.3 * min(pad.width(), pad.height())
    circle = [
        center + QPointF(radius * math.cos(angle), radius * math.sin(angle))
        for angle in (2 * math.pi * i / 24 for i in range(25))
    ]
    yield from drag(pad, circle, 5.0)


def _fader_at(window: MainWindow, normalized: float) -> QPointF:
    track = window.work.morph.fader.track()
    return QPointF(track.left() + normalized * track.width(), track.center().y())


def _middle(widget: QWidget) -> QPointF:
    return QPointF(widget.width() / 2, widget.height() / 2)


def _hold(window: MainWindow, chord: tuple[int, ...]) -> None:
    window.notes.release_all(_SOURCE)
    for note in chord:
        window.notes.press(_SOURCE, note, 96)
