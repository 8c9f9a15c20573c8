"""The text of "Copy diagnostics": versions, device, model, load and log. No Qt here.

The home folder, the user name and the host name are removed. Other personal data can remain, such as names of files,
folders outside of the home folder, and devices, so the user is asked to read the text (``PRIVACY_NOTE``).
"""

import getpass
import platform
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from synth_app import __version__
from synth_app.audio.protocol.messages import DeviceState, Meters
from synth_app.modelfile import ModelCard

_PACKAGES = (("Qt", "PySide6-Essentials"), ("numba", "numba"), ("numpy", "numpy"))
PRIVACY_NOTE = "Paths in your home folder, user and host name are removed. Read the text before you send it."
_REMOVED = "(name removed)"
_QUOTED = re.compile(r"""(?<!\w)(?:'[^'\n]*'|"[^"\n]*")""")
_MIN_NAME_LENGTH = 3  # shorter user and host names would also match parts of ordinary words


@dataclass(frozen=True)
class Identity:
    """Names that must not appear in the text.

    Attributes:
        home: home folder; replaced by ``~``.
        user: login name; replaced by ``USER``.
        host: name of the computer; replaced by ``HOST``.
    """

    home: str
    user: str
    host: str

    @classmethod
    def current(cls) -> "Identity":
        """Return the identity of the running process; "" for an unknown user name."""
        try:
            user = getpass.getuser()
        except (ImportError, KeyError, OSError):  # Windows without a user name in the environment has no module pwd
            user = ""
        return cls(str(Path.home()), user, socket.gethostname())


def diagnostics_text(
    device: DeviceState | None,
    meters: Meters | None,
    model: ModelCard | None,
    log: Iterable[str],
    identity: Identity,
) -> str:
    """Describe the running program for a bug report.

    Args:
        device: the last reported output device; None before the first report.
        meters: the latest meter values; None before the audio process runs.
        model: card of the loaded model; None without one.
        log: the last lines of the log, oldest first.
        identity: personal names to replace in the whole text.
    """
    lines = [
        f"synth_app {__version__}",
        f"Python {platform.python_version()}, {_package_versions()}",
        f"System {platform.system()} {platform.release()}, {platform.machine()}",
        f"Device {_device_text(device)}",
        f"Model {_model_text(model)}",
        f"Audio {_meters_text(meters)}",
        "Log",
        *(f"  {line.rstrip()}" for line in log),
    ]
    names = {device.name, device.settings.device or ""} if device else set[str]()
    return remove_identity("\n".join(lines), identity, names) + "\n"


def remove_identity(text: str, identity: Identity, device_names: Iterable[str] = ()) -> str:
    """Replace the home folder, the user name and the host name, in any case of letters.

    A device name, or a quoted text such as a MIDI port in the log, is removed as a whole if the user name is in it:
    it can hold the family name, too, or the user name as a part of a word.
    """
    if len(identity.home) > 1:
        text = re.sub(re.escape(identity.home), "~", text, flags=re.IGNORECASE)
    user = identity.user.lower()
    if len(user) >= _MIN_NAME_LENGTH:
        for name in sorted(device_names, key=len, reverse=True):  # a short name can be a part of a long one
            if user in name.lower():
                text = text.replace(name, _REMOVED)
        text = _QUOTED.sub(lambda found: _REMOVED if user in found[0].lower() else found[0], text)
    for name, placeholder in ((identity.host, "HOST"), (identity.host.split(".")[0], "HOST"), (identity.user, "USER")):
        if len(name) >= _MIN_NAME_LENGTH:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", placeholder, text, flags=re.IGNORECASE)
    return text


def _package_versions() -> str:
    return ", ".join(f"{title} {_version(package)}" for title, package in _PACKAGES)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not found"


def _device_text(device: DeviceState | None) -> str:
    if device is None:
        return "not reported yet"
    settings = device.settings
    requested = f"{settings.rate} Hz, block {settings.block} frames, reserve {settings.reserve_ms} ms"
    if device.running:
        return f"{device.name}, {requested}, latency {device.latency_ms:.1f} ms"
    return f"silent, {requested}" + (f"; {device.problem}" if device.problem else "")


def _model_text(model: ModelCard | None) -> str:
    if model is None:
        return "none loaded"
    return f"{model.title} ({model.name}), {model.family}, {model.latent_size} latent dimensions"


def _meters_text(meters: Meters | None) -> str:
    if meters is None:
        return "not running"
    load = f"load {100 * meters.load:.0f} %, priority {meters.priority or 'unknown'}, relief {meters.relief}"
    counts = f"dropouts {meters.underruns}, late blocks {meters.late_blocks}, faults {meters.faults}"
    return f"{load}, voices {meters.voices}, {counts}"
