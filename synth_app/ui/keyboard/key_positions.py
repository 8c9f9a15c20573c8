"""Positions of keys on a computer keyboard, which do not depend on the layout, and the letters printed there.

A position is named by the letter that the US layout prints on it.
"""

from PySide6.QtGui import QGuiApplication, QKeyEvent

from synth_app.ui.keyboard.layout_letters import system_letters

PLAY_KEYS = "AWSEDFTGYHUJKOLP"  # positions, semitones upwards from C
OCTAVE_KEYS, VELOCITY_KEYS = "ZX", "CV"  # positions: down, up
_POSITIONS = frozenset(PLAY_KEYS + OCTAVE_KEYS + VELOCITY_KEYS)
# The three rows of letters: scan codes of a PC keyboard, and the virtual key codes of macOS, which are positions.
_PC_CODES = {
    first + i: letter
    for first, row in ((16, "QWERTYUIOP"), (30, "ASDFGHJKL"), (44, "ZXCVBNM"))
    for i, letter in enumerate(row)
}
_MAC_CODES = dict(enumerate("ASDFHGZXCV")) | {
    11: "B", 12: "Q", 13: "W", 14: "E", 15: "R", 16: "Y", 17: "T", 31: "O", 32: "U", 34: "I", 35: "P", 37: "L",
    38: "J", 40: "K", 45: "N", 46: "M",
}  # fmt: skip
X11_OFFSET = 8  # X11 and Wayland add this to the scan code


def position_of(event: QKeyEvent) -> str | None:
    """Return the position of a key, of the keys that play or set octave and velocity; None for any other key.

    An event without a scan code, which remote desktops and scripts send, counts by its letter.
    """
    platform, scan = QGuiApplication.platformName(), event.nativeScanCode()
    if platform == "cocoa" and event.spontaneous():
        found = _MAC_CODES.get(event.nativeVirtualKey())
    elif scan:
        found = _PC_CODES.get(scan if platform == "windows" else scan - X11_OFFSET)
    else:
        key = event.key()
        found = chr(key) if 0x20 < key < 0x7F else None
    return found if found in _POSITIONS else None


class KeyLetters:
    """The letters that the present layout prints on the keys; those of the US layout until the layout is known."""

    def __init__(self) -> None:
        self._letters = {position: position for position in _POSITIONS}
        self.read()

    def of(self, position: str) -> str:
        """Return the letter at a position."""
        return self._letters[position]

    def row(self, positions: str) -> str:
        """Return the letters at several positions, with spaces between them."""
        return " ".join(map(self.of, positions))

    def read(self) -> bool:
        """Ask the system for the present layout; return whether a letter changed."""
        codes = {position: code for code, position in _PC_CODES.items() if position in _POSITIONS}
        read = {position: _shown(text) for position, text in system_letters(codes).items() if _shown(text)}
        return self._replace({**self._letters, **read})

    def learn(self, position: str, text: str) -> bool:
        """Take over the text that a key has just typed; return whether a letter changed.

        If it did, the user has chosen another layout, so that the system is asked for the other keys.
        """
        letter = _shown(text)
        if not letter or letter == self._letters[position]:
            return False
        self.read()
        self._replace({**self._letters, position: letter})
        return True

    def _replace(self, letters: dict[str, str]) -> bool:
        changed, self._letters = letters != self._letters, letters
        return changed


def _shown(text: str) -> str:
    """Return a typed text as printed on a key; "" for one that is not printed there."""
    if len(text) != 1 or not text.isprintable() or text.isspace():
        return ""
    return text.upper() if text.upper().lower() == text.lower() else text  # not ß, and not the final sigma
