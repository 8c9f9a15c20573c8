"""Asks the system which letters the present keyboard layout prints. No Qt: its interface lacks this.

X11 and Windows answer. Wayland and macOS do not, so that the letters there are known as soon as a key is pressed.
"""

import ctypes
import ctypes.util
import os
import sys
from collections.abc import Mapping

from PySide6.QtGui import QGuiApplication

_CORE_KEYBOARD = 0x0100  # XkbUseCoreKbd
_TO_CHARACTER, _TO_VIRTUAL_KEY = 2, 3  # MAPVK_VK_TO_CHAR, MAPVK_VSC_TO_VK_EX
_X11_OFFSET = 8


class _XkbState(ctypes.Structure):
    """The first fields of XkbStateRec; ``group`` is the active layout."""

    _fields_ = (("group", ctypes.c_ubyte), ("rest", ctypes.c_ubyte * 63))


def system_letters(codes: Mapping[str, int]) -> dict[str, str]:
    """Return what each key types without modifiers, in lower case.

    Args:
        codes: scan code of a PC keyboard by any name of the key.

    Returns:
        text by name; a key that types no character is left out. Empty if the system does not answer.
    """
    platform = QGuiApplication.platformName()
    if platform == "xcb":
        return _x11_letters(codes, os.environ.get("DISPLAY", ""))
    if platform == "windows":
        return _windows_letters(codes)
    return {}


def _x11_letters(codes: Mapping[str, int], display_name: str) -> dict[str, str]:
    try:
        x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        xkb = ctypes.CDLL(ctypes.util.find_library("xkbcommon") or "libxkbcommon.so.0")
    except OSError:
        return {}
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XkbKeycodeToKeysym.restype = ctypes.c_ulong
    x11.XkbKeycodeToKeysym.argtypes = (ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_uint, ctypes.c_uint)
    x11.XkbGetState.argtypes = (ctypes.c_void_p, ctypes.c_uint, ctypes.POINTER(_XkbState))
    x11.XCloseDisplay.argtypes = (ctypes.c_void_p,)
    xkb.xkb_keysym_to_utf32.restype = ctypes.c_uint32
    xkb.xkb_keysym_to_utf32.argtypes = (ctypes.c_uint32,)
    display = x11.XOpenDisplay(display_name.encode())
    if not display:
        return {}
    try:
        state = _XkbState()
        x11.XkbGetState(display, _CORE_KEYBOARD, ctypes.byref(state))
        symbols = {
            name: x11.XkbKeycodeToKeysym(display, code + _X11_OFFSET, state.group, 0) for name, code in codes.items()
        }
    finally:
        x11.XCloseDisplay(display)
    points = {name: xkb.xkb_keysym_to_utf32(symbol) for name, symbol in symbols.items()}
    return {name: chr(point) for name, point in points.items() if point}


def _windows_letters(codes: Mapping[str, int]) -> dict[str, str]:
    if sys.platform != "win32":
        return {}
    user32 = ctypes.windll.user32
    layout = user32.GetKeyboardLayout(0)
    found = {}
    for name, code in codes.items():
        virtual = user32.MapVirtualKeyExW(code, _TO_VIRTUAL_KEY, layout)
        point = user32.MapVirtualKeyExW(virtual, _TO_CHARACTER, layout) & 0xFFFF  # the top bit marks a dead key
        if point:
            found[name] = chr(point).lower()
    return found
