"""The structure of the source tree: small folders, no import circles, no very large class."""

from pathlib import Path

import pytest

from tests.structure import Structure, measure

ROOT = Path(__file__).parents[1]
MOST_FILES, MOST_METHODS = 20, 40


@pytest.fixture(scope="module")
def structure() -> Structure:
    """Figures of this checkout."""
    return measure(ROOT)


def test_no_folder_is_crowded(structure: Structure) -> None:
    assert {folder: n for folder, n in structure.files.items() if n > MOST_FILES} == {}


def test_no_files_import_each_other_in_a_circle(structure: Structure) -> None:
    assert structure.circles == ()


def test_no_class_is_very_large(structure: Structure) -> None:
    assert {name: n for name, n in structure.methods.items() if n > MOST_METHODS} == {}


def test_identifiers_use_the_fields_terms(structure: Structure) -> None:
    # Names of fields in saved files and of training settings in model cards stay as they were written.
    in_files = {"gesture", "calm", "keyed", "refit"}
    assert {word: n for word, n in structure.words.items() if word not in in_files} == {}


def test_circles_and_words_are_found(tmp_path: Path) -> None:
    package = tmp_path / "synth_app" / "inner"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").write_text("")
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from synth_app.inner import b\n"
    )
    (package / "b.py").write_text(
        "from synth_app.inner.a import x\n\n\nclass ModelRig:\n    def told(self) -> None: ...\n"
    )
    found = measure(tmp_path)
    assert found.circles == (("synth_app.inner.a", "synth_app.inner.b"),)
    assert found.words == {"rig": 1, "told": 1}
    assert found.files == {"synth_app": 1, "synth_app/inner": 3}
    assert found.methods == {"synth_app.inner.b:ModelRig": 1}
