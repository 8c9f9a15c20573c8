"""The macros: knobs that move what the modulation matrix connects them to."""

MACRO_COUNT = 8
MACROS = tuple(f"macro{i + 1}" for i in range(MACRO_COUNT))  # names of the parameters and of the sources
MAX_MACRO_NAME = 16  # letters of a name that the user gives
