"""Curves of moved handles are solved beside the window's thread and arrive in it."""

import threading

import pytest
from pytestqt.qtbot import QtBot

from synth_app.patch import SetPatch
from synth_app.patch.modulation_matrix import Connection, Modulation
from synth_app.session import PatchChanged
from synth_app.session.curves.handle_solver import HandleSolver, with_handle_curves
from tests.ui.conftest import Rig

LINK = Connection("lfo1", "handle_body", 1.0)


def test_a_modulated_handle_gets_its_curve_and_follows_the_sound(rig: Rig, qtbot: QtBot) -> None:
    store, threads = rig.store, set[str]()
    store.subscribe(PatchChanged, lambda _: threads.add(threading.current_thread().name))
    store.set_modulation(Modulation(connections=(LINK,)))
    qtbot.waitUntil(lambda: store.patch.handle_curves is not None, timeout=20_000)
    first = store.patch.handle_curves
    store.slots.choose("a", 30)
    assert store.patch.handle_curves == first, "the last curves serve until the new ones come"
    qtbot.waitUntil(lambda: store.patch.handle_curves != first, timeout=20_000)
    assert store.model is not None
    assert store.patch == with_handle_curves(store.patch, store.model)
    assert threads == {threading.main_thread().name}
    sent = [message for message in rig.audio.sent if isinstance(message, SetPatch)]
    assert sent[-1].patch.handle_curves == store.patch.handle_curves


def test_a_pin_follows_a_modulated_morph_as_long_as_it_is_set(rig: Rig, qtbot: QtBot) -> None:
    store = rig.store
    store.slots.choose("b", 30)
    store.set_modulation(Modulation(connections=(Connection("lfo1", "morph", 0.5),)))
    assert store.patch.handle_curves is None
    rig.window.work.latent.handles.sliders[1].lock_toggled.emit()
    qtbot.waitUntil(lambda: store.patch.handle_curves is not None, timeout=20_000)
    sent = [message for message in rig.audio.sent if isinstance(message, SetPatch)]
    assert sent[-1].patch.handle_curves is not None
    assert sent[-1].patch.handle_curves.pins
    rig.window.work.latent.handles.sliders[1].lock_toggled.emit()
    assert store.patch.handle_curves is None


def test_a_defect_is_shown(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(HandleSolver, "curves", fail)
    problems: list[str] = []
    rig.window.problem.connect(problems.append)
    rig.store.set_modulation(Modulation(connections=(LINK,)))
    qtbot.waitUntil(lambda: bool(problems), timeout=20_000)
    assert "handles cannot be modulated" in problems[0]
