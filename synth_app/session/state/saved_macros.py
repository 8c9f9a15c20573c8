"""The names of the macros in files."""

from typing import Annotated

from pydantic import Field, StringConstraints

from synth_app.params import MACROS
from synth_app.params.macros import MAX_MACRO_NAME

MacroName = Annotated[str, StringConstraints(max_length=MAX_MACRO_NAME)]
MacroNames = Annotated[tuple[MacroName, ...], Field(min_length=len(MACROS), max_length=len(MACROS))]
NO_NAMES = ("",) * len(MACROS)
