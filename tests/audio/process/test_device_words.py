"""What the user reads about an output device that fails."""

from types import SimpleNamespace
from typing import Any

import pytest

from synth_app.audio.process import output_supervisor
from synth_app.audio.process.output_supervisor import OutputSupervisor


@pytest.mark.parametrize(("name", "spoken"), [("default", "the default device"), ("HDMI 2", "HDMI 2")])
def test_a_lost_device_is_named_as_in_a_sentence(monkeypatch: pytest.MonkeyPatch, name: str, spoken: str) -> None:
    told: list[Any] = []
    monkeypatch.setattr(output_supervisor, "NullClock", lambda *_: SimpleNamespace(close=lambda: None))
    player: Any = SimpleNamespace()
    supervisor = OutputSupervisor(player, told.append)
    lost: Any = SimpleNamespace(name=name, alive=lambda: False, close=lambda: None)
    supervisor._device = lost
    supervisor._step()
    assert told[0].problem.startswith(f"{spoken} stopped playing; ")
