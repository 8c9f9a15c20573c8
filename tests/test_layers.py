"""Layers: what a package loads when it is imported, and no import circle between modules."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import synth_app

QT = {"PySide6"}
HEAVY = {"torch", "librosa", "scipy", "numba", "soxr", "soundfile", "fluidsynth", "sounddevice"}

FORBIDDEN = {
    "synth_app": QT | HEAVY | {"numpy"},
    "synth_app.params": QT | HEAVY,
    "synth_app.spectrum": QT | HEAVY,
    "synth_app.modelfile": QT | HEAVY,
    "synth_app.decoder": QT | HEAVY,
    "synth_app.dataset": QT | {"torch", "sounddevice", "numba", "librosa", "fluidsynth"},
    "synth_app.phase": QT | {"torch", "sounddevice", "soundfile", "librosa"},
    "synth_app.effects.chain": QT | {"torch", "sounddevice", "soundfile", "librosa"},
    "synth_app.engine": QT | HEAVY,
    "synth_app.engine.engine": QT | {"torch", "sounddevice", "soundfile", "librosa"},
    "synth_app.training": QT | {"torch", "sounddevice", "librosa", "numba"},
    "synth_app.evaluation": QT | {"torch", "sounddevice", "librosa"},
    "synth_app.session": QT | HEAVY,
    "synth_app.export": QT | HEAVY,
    "synth_app.audio.client.audio_client": QT | (HEAVY - {"soundfile"}),
    "synth_app.audio.process.main": QT | {"torch", "librosa"},
    "synth_app.ui": HEAVY,
    "synth_app.app": HEAVY,
    "synth_app.cli": QT | HEAVY,
}


@pytest.mark.parametrize("module", FORBIDDEN)
def test_layer_loads_only_its_own(module: str) -> None:
    code = f"import {module}, sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "synth_app" in loaded
    assert not loaded & FORBIDDEN[module]


def module_imports() -> dict[str, set[str]]:
    """Return the modules of the package that each of its modules imports: in functions and for type checking too."""
    folder = Path(synth_app.__file__).parent
    files = {_module_name(path.relative_to(folder.parent)): path for path in folder.rglob("*.py")}
    return {
        module: {name for name in _imported_names(path, files) if name in files and name != module}
        for module, path in files.items()
    }


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported_names(path: Path, files: dict[str, Path]) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            assert node.level == 0, f"{path}: imports are absolute"
            submodules = [f"{node.module}.{alias.name}" for alias in node.names]
            names.update(name if name in files else node.module for name in submodules)
    return names


def test_no_module_imports_itself_in_a_circle() -> None:
    """The order of ``TopologicalSorter`` exists only without a circle."""
    imports = module_imports()
    assert "synth_app.ui.window.workspace" in imports["synth_app.ui.window.main_window"], "the walk finds imports"
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail("import circle: " + " -> ".join(error.args[1]))
