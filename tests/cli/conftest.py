"""Fixtures: a folder with exact models, and the command line run in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from synth_app.cli.main import main
from synth_app.modelfile import save_model_file
from tests.engine.conftest import SPECS, exact_model


@dataclass(frozen=True)
class Outcome:
    """Exit status and output of a command."""

    status: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    save_model_file(folder / "exact.safetensors", exact_model(SPECS[48_000]))
    save_model_file(folder / "exact16.safetensors", exact_model(SPECS[16_000]))
    return folder


@pytest.fixture
def synth(
    own_log: None, model_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """``synth("render", "--model", ...)`` -> Outcome."""
    monkeypatch.setenv("SYNTH_APP_MODELS", str(model_folder))

    def run(*args: object) -> Outcome:
        monkeypatch.setattr("sys.argv", ["synth-app", *map(str, args)])
        with pytest.raises(SystemExit) as exit_:
            main()
        captured = capsys.readouterr()
        return Outcome(int(exit_.value.code or 0), captured.out, captured.err)

    return run
