"""Keys and mouse buttons as an X server sends them: keyboard layouts, and menus that open while something is held."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.ui.model_fixture import make_model
from tests.ui.running_program import x_server

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(300)]

# The real window with a fake audio process. It sends itself real events with xdotool and prints what they did.
RUNNER = """
import json, subprocess, sys, threading, time
from pathlib import Path
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QApplication
from synth_app.decoder import load_model
from synth_app.patch import NoteOn
from synth_app.session import SessionStore
from synth_app.ui.keyboard.key_positions import PLAY_KEYS
from synth_app.ui.window.application import make_application
from synth_app.ui.window.main_window import MainWindow
from tests.ui.fakes import make_fakes

app = make_application([])
model, folder = Path(sys.argv[1]), Path(sys.argv[2])
fakes, store = make_fakes(folder), SessionStore()
window = MainWindow(store, fakes.services)
store.load_model_data(load_model(model), model)
window.move(0, 0)
window.show()
history, piano, found = window.presets.service.history, window.work.play.piano, {}

class Caller(QObject):
    call = Signal(object)

caller = Caller()
caller.call.connect(lambda act: act(), Qt.ConnectionType.QueuedConnection)

def gui(act):
    done, answer = threading.Event(), []
    caller.call.emit(lambda: (answer.append(act()), done.set()))
    assert done.wait(20)
    return answer[0]

def run(*words, wait=150):
    subprocess.run([str(word) for word in words], check=True, timeout=20)
    time.sleep(wait / 1000)

def xdo(*words, wait=150):
    run("xdotool", *words, wait=wait)

def at(widget, x=None, y=None):
    point = gui(lambda: widget.mapToGlobal(QPoint(int(widget.width() / 2 if x is None else x),
                                                  int(widget.height() / 2 if y is None else y))))
    return point.x(), point.y()

def key_of(note):
    rect = gui(lambda: piano.key_rect(note))
    return at(piano, rect.left() + 4, rect.height() - 8)

def held():
    return sorted(window.notes.held)

def popup():
    return gui(lambda: QApplication.activePopupWidget() is not None)

def close_popup():
    if QApplication.activePopupWidget() is not None:
        QApplication.activePopupWidget().close()

def scenario():
    xdo("windowfocus", "--sync", int(window.winId()), wait=300)
    found["layouts"] = {}
    for layout in ("us", "fr", "de", "us -variant dvorak", "ru", "gr"):
        run("setxkbmap", *layout.split(), wait=200)
        fakes.audio.sent.clear()
        xdo("key", 38)
        xdo("key", 25)
        xdo("key", 54)
        xdo("key", 55)
        notes = [message.note for message in fakes.audio.notes if isinstance(message, NoteOn)]
        found["layouts"][layout] = [notes, held(), window.qwerty.velocity, window.qwerty.letters.row(PLAY_KEYS)]
    run("setxkbmap", "us")
    gui(lambda: window.qwerty.set_velocity(100))

    xdo("keydown", 38)
    found["before the layout changes"] = held()
    run("setxkbmap", "ru")
    xdo("keyup", 38)
    found["after the layout changed"] = held()
    run("setxkbmap", "us")

    xdo("keydown", 38)
    xdo("mousemove", *at(window.work.bar.menu_button), "click", 1, wait=900)
    found["a menu is open"] = popup()
    found["held over the menu"] = held()
    xdo("keyup", 38)
    found["released over the menu"] = held()
    xdo("key", "Escape")
    found["the menu is closed"] = not popup()

    gui(lambda: store.set_param("sustain", 0.5))
    time.sleep(1)
    gui(lambda: store.set_param("gain_db", -3.0))
    found["undo steps after a popup by mouse"] = [step.label for step in history.steps]

    xdo("mousemove", *key_of(60), "mousedown", 1)
    found["mouse down"] = held()
    gui(window.dialogs.open_palette)
    time.sleep(0.2)
    found["held while the palette opens"] = held()
    xdo("mousemove", 5, 5, "mouseup", 1, wait=300)
    found["released over the palette"] = held()
    gui(close_popup)
    time.sleep(0.1)

    xdo("mousemove", *key_of(60), "mousedown", 1)
    gui(window.notes.panic)
    xdo("mouseup", 1)
    fakes.audio.sent.clear()
    xdo("mousemove", *key_of(60), "click", 1)
    found["key after panic"] = len(fakes.audio.notes)

    knob = window.work.envelope.knobs["sustain"]
    xdo("mousemove", *at(knob), "mousedown", 1)
    gui(window.dialogs.open_palette)
    xdo("mousemove", 5, 5, "mouseup", 1, wait=300)
    gui(close_popup)
    time.sleep(0.05)
    value = knob.value
    xdo("mousemove", *at(knob), "mousemove", *at(knob, 10, 10))
    found["a knob follows without a button"] = knob.value != value
    print(json.dumps(found), flush=True)
    gui(window.close)

def play():
    time.sleep(0.5)
    try:
        scenario()
    finally:
        caller.call.emit(app.quit)

app.setQuitOnLastWindowClosed(False)  # the thread ends the program, so that its signal still has a source
window.winId()
threading.Thread(target=play, daemon=True).start()
app.exec()
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the real events did."""
    if shutil.which("setxkbmap") is None:
        pytest.skip("setxkbmap is not installed")
    folder = tmp_path_factory.mktemp("real")
    model = make_model(folder / "m.safetensors")
    root = Path(__file__).parents[3]
    with x_server() as display:
        env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "PYTHONPATH": str(root)}
        command = [sys.executable, "-c", RUNNER, str(model), str(folder / "music")]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240, cwd=root)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize(
    ("layout", "letters"),
    [
        ("us", "A W S E D F T G Y H U J K O L P"),
        ("fr", "Q Z S E D F T G Y H U J K O L P"),
        ("de", "A W S E D F T G Z H U J K O L P"),
        ("us -variant dvorak", "A , O . E U Y I F D G H T R N L"),
        ("ru", "Ф Ц Ы У В А Е П Н Р Г О Л Щ Д З"),
        ("gr", "Α ς Σ Ε Δ Φ Τ Γ Υ Η Θ Ξ Κ Ο Λ Π"),
    ],
)
def test_keys_play_by_position_and_show_the_letters_of_the_layout(
    found: dict[str, Any], layout: str, letters: str
) -> None:
    notes, held, velocity, shown = found["layouts"][layout]
    assert notes == [60, 61], "the keys at the positions of A and W"
    assert held == []
    assert velocity == 100, "the keys at the positions of C and V: softer and harder"
    assert shown == letters


def test_a_key_held_across_a_change_of_layout_ends(found: dict[str, Any]) -> None:
    assert found["before the layout changes"] == [60]
    assert found["after the layout changed"] == []


def test_a_menu_does_not_end_a_held_note_but_the_release_over_it_does(found: dict[str, Any]) -> None:
    assert found["a menu is open"]
    assert found["held over the menu"] == [60]
    assert found["released over the menu"] == []
    assert found["the menu is closed"]


def test_changes_after_a_popup_that_the_mouse_opened_are_separate_undo_steps(found: dict[str, Any]) -> None:
    assert found["undo steps after a popup by mouse"] == ["Sustain", "Output"]


def test_a_release_over_a_popup_ends_the_press_below_it(found: dict[str, Any]) -> None:
    assert found["mouse down"] == found["held while the palette opens"] == [60]
    assert found["released over the palette"] == []
    assert not found["a knob follows without a button"]


def test_a_key_plays_again_after_panic(found: dict[str, Any]) -> None:
    assert found["key after panic"] == 2
