"""Playing with the computer keyboard and the piano; no note gets stuck."""

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from synth_app.patch import NoteOff, NoteOn, Panic
from synth_app.ui.keyboard.piano import FIRST_NOTE, LAST_NOTE, key_at_center
from synth_app.ui.window.demo.scripted_input import send_mouse
from tests.ui.conftest import Rig

# The design's key row, and the notes of a piano from middle C upwards: W E over the gap C-D-E, none over E-F.
LAYOUT = dict(zip("AWSEDFTGYHUJKOLP", range(60, 76), strict=True))


def key(window: QWidget, letter: str, *, down: bool, repeat: bool = False, time_ms: int = 0) -> None:
    """Send a key event to the native window, as the window system does."""
    kind = QEvent.Type.KeyPress if down else QEvent.Type.KeyRelease
    event = QKeyEvent(kind, ord(letter), Qt.KeyboardModifier.NoModifier, letter.lower(), repeat)
    event.setTimestamp(time_ms)
    QApplication.sendEvent(window.windowHandle(), event)


def test_layout(rig: Rig) -> None:
    for letter, note in LAYOUT.items():
        rig.audio.sent.clear()
        key(rig.window, letter, down=True)
        key(rig.window, letter, down=False)
        assert rig.audio.notes == [NoteOn(note, 100), NoteOff(note)], letter


def test_auto_repeat_plays_once(rig: Rig) -> None:
    key(rig.window, "A", down=True)
    for _ in range(3):  # how X11 repeats
        key(rig.window, "A", down=False, repeat=True)
        key(rig.window, "A", down=True, repeat=True)
    assert rig.audio.notes == [NoteOn(60, 100)]
    key(rig.window, "A", down=False)
    assert rig.audio.notes[1:] == [NoteOff(60)]


def test_a_held_key_goes_on_if_x11_repeats_it_in_two_parts(
    rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    key(rig.window, "A", down=True, time_ms=1000)
    for time_ms in (1500, 1540, 1580):  # read one by one, so Qt cannot mark them
        key(rig.window, "A", down=False, time_ms=time_ms)
        key(rig.window, "A", down=True, time_ms=time_ms)
    qtbot.wait(50)
    assert rig.audio.notes == [NoteOn(60, 100)]
    key(rig.window, "A", down=False, time_ms=1600)
    qtbot.waitUntil(lambda: rig.audio.notes[1:] == [NoteOff(60)], timeout=1000)


def test_a_key_pressed_again_at_once_is_a_new_note(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    for time_ms in (1000, 1020):
        key(rig.window, "A", down=True, time_ms=time_ms)
        key(rig.window, "A", down=False, time_ms=time_ms + 10)
    assert rig.audio.notes == [NoteOn(60, 100), NoteOff(60), NoteOn(60, 100)]


def test_key_repeat_neither_restarts_notes_nor_changes_octaves(rig: Rig) -> None:
    key(rig.window, "A", down=True)
    QApplication.sendEvent(rig.window.windowHandle(), QEvent(QEvent.Type.FocusOut))
    key(rig.window, "A", down=True, repeat=True)
    assert rig.audio.notes == [NoteOn(60, 100), NoteOff(60)]
    key(rig.window, "X", down=True)
    for _ in range(3):
        key(rig.window, "X", down=True, repeat=True)
    assert rig.window.qwerty.octave == 5


def test_octave_change_leaves_no_note_stuck(rig: Rig) -> None:
    key(rig.window, "A", down=True)
    key(rig.window, "X", down=True)
    key(rig.window, "S", down=True)
    key(rig.window, "A", down=False)
    key(rig.window, "S", down=False)
    assert rig.audio.notes == [NoteOn(60, 100), NoteOn(74, 100), NoteOff(60), NoteOff(74)]
    assert rig.window.work.play.octave.text() == "C5"


def test_velocity_keys(rig: Rig) -> None:
    key(rig.window, "C", down=True)
    key(rig.window, "C", down=True)
    key(rig.window, "D", down=True)
    for _ in range(20):
        key(rig.window, "V", down=True)
    key(rig.window, "F", down=True)
    assert rig.audio.notes == [NoteOn(64, 80), NoteOn(65, 127)]


def test_octaves_are_limited_to_the_midi_range(rig: Rig) -> None:
    for _ in range(20):
        key(rig.window, "X", down=True)
    for letter in LAYOUT:
        key(rig.window, letter, down=True)
    assert max(m.note for m in rig.audio.notes) == 127
    for _ in range(20):
        key(rig.window, "Z", down=True)
    rig.audio.sent.clear()
    for letter in LAYOUT:
        key(rig.window, letter, down=False)
    assert all(isinstance(m, NoteOff) for m in rig.audio.notes)
    assert rig.window.notes.held == frozenset()


@pytest.mark.parametrize("how", ["window", "application"])
def test_losing_the_focus_releases(rig: Rig, how: str) -> None:
    key(rig.window, "A", down=True)
    key(rig.window, "D", down=True)
    rig.audio.sent.clear()
    if how == "window":
        QApplication.sendEvent(rig.window.windowHandle(), QEvent(QEvent.Type.FocusOut))
    else:
        rig.window.qwerty._state_changed(Qt.ApplicationState.ApplicationInactive)
    assert set(rig.audio.notes) == {NoteOff(60), NoteOff(64)}
    key(rig.window, "A", down=False)
    assert len(rig.audio.notes) == 2


def test_typing_does_not_play_but_a_held_key_still_ends(rig: Rig, qtbot: QtBot) -> None:
    key(rig.window, "A", down=True)
    field = QLineEdit(rig.window)
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    key(rig.window, "S", down=True)
    key(rig.window, "S", down=False)
    assert field.text() == "s"
    key(rig.window, "A", down=False)
    assert rig.audio.notes == [NoteOn(60, 100), NoteOff(60)]


def test_shortcuts_are_not_notes(rig: Rig) -> None:
    QTest.keyClick(rig.window.windowHandle(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert rig.audio.notes == []


def test_two_sources_can_hold_one_note(rig: Rig) -> None:
    notes = rig.window.notes
    notes.press("keys", 60, 100)
    notes.press("mouse", 60, 50)
    notes.release("keys", 60)
    assert NoteOff(60) not in rig.audio.notes
    notes.release("mouse", 60)
    assert rig.audio.notes == [NoteOn(60, 100), NoteOn(60, 50), NoteOff(60)]


def test_panic_releases_every_key(rig: Rig) -> None:
    key(rig.window, "A", down=True)
    QTest.mouseClick(rig.window.work.bar.panic, Qt.MouseButton.LeftButton)
    assert isinstance(rig.audio.sent[-1], Panic)
    assert rig.window.notes.held == frozenset()


def test_an_audition_ends_by_itself_or_with_the_next(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synth_app.ui.keyboard.notes.AUDITION_MS", 30)
    rig.window.notes.audition(50, 90)
    rig.window.notes.audition(52, 90)
    assert rig.audio.notes == [NoteOn(50, 90), NoteOff(50), NoteOn(52, 90)]
    qtbot.waitUntil(lambda: rig.audio.notes[-1] == NoteOff(52), timeout=2000)


def test_a_click_on_a_drawn_key_finds_it(rig: Rig) -> None:
    piano = rig.window.work.play.piano
    for note in range(FIRST_NOTE, LAST_NOTE + 1):
        assert piano.note_at(QPointF(key_at_center(piano, note).center())) == note
    edges = [piano.key_rect(n) for n in range(FIRST_NOTE, LAST_NOTE + 1)]
    assert min(e.left() for e in edges) == 0
    assert max(e.right() for e in edges) == pytest.approx(piano.width())


def test_a_click_further_down_is_louder(rig: Rig) -> None:
    piano = rig.window.work.play.piano
    rect = piano.key_rect(60)
    played = []
    for fraction in (0.66, 0.8, 0.98):
        at = QPointF(rect.left() + 3, rect.height() * fraction)
        send_mouse(piano, QEvent.Type.MouseButtonPress, at)
        send_mouse(piano, QEvent.Type.MouseButtonRelease, at)
        pressed = rig.audio.notes[-2]
        assert isinstance(pressed, NoteOn)
        played.append(pressed.velocity)
    assert played == sorted(played)
    assert played[0] < played[1] < played[2] <= 127
    assert piano.velocity_at(60, QPointF(0, 0)) < 30


def test_glissando(rig: Rig) -> None:
    piano = rig.window.work.play.piano
    points = [QPointF(key_at_center(piano, note).center()) for note in (60, 62, 64)]
    send_mouse(piano, QEvent.Type.MouseButtonPress, points[0])
    for at in (points[0], points[1], points[1], points[2]):
        send_mouse(piano, QEvent.Type.MouseMove, at)
    send_mouse(piano, QEvent.Type.MouseMove, QPointF(points[2].x(), -30))
    send_mouse(piano, QEvent.Type.MouseButtonRelease, points[2])
    names = [(type(m), m.note) for m in rig.audio.notes]
    assert names == [(NoteOn, 60), (NoteOff, 60), (NoteOn, 62), (NoteOff, 62), (NoteOn, 64), (NoteOff, 64)]
