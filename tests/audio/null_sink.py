"""A private PulseAudio server with a null sink and a recorder: a sound card for tests without hardware."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PROGRAMS = ("pulseaudio", "pactl", "parec")
APT = "apt-get install pulseaudio pulseaudio-utils libportaudio2 libasound2-plugins"
RATE = 48_000
_LATEST_S = 10.0


class NullSink:
    """The server, its folder, and the environment in which programs play into it.

    ``norewinds`` keeps the sink's buffer at 50 ms; else it opens with a stall of a second and more.
    """

    def __init__(self) -> None:
        missing = [program for program in PROGRAMS if shutil.which(program) is None]
        if missing:
            raise RuntimeError(f"{', '.join(missing)} missing: {APT}")
        self._folder = Path(tempfile.mkdtemp(prefix="null-sink-"))  # short: a socket's path has at most 107 characters
        self._folder.chmod(0o700)
        self._server: subprocess.Popen[bytes] | None = None
        socket = self._folder / "socket"
        alsa = self._folder / "alsa.conf"
        alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        self.environment = {
            "XDG_RUNTIME_DIR": str(self._folder),
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "ALSA_CONFIG_PATH": str(alsa),
        }
        self._load = (
            f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
            f"--load=module-null-sink sink_name=out rate={RATE} format=float32le norewinds=1",
        )

    def start(self) -> None:
        """Start the server and wait for it."""
        log = (self._folder / "log").open("wb")
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *self._load]
        environment = {**self._env(), "HOME": str(self._folder)}  # programs keep theirs, with the cache of kernels
        self._server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        log.close()
        end = time.monotonic() + 10
        while self.pactl("info").returncode != 0:
            if time.monotonic() > end or self._server.poll() is not None:
                raise RuntimeError(f"PulseAudio did not start: {(self._folder / 'log').read_text()}; needed: {APT}")
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill the server."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def close(self) -> None:
        """End the server and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder)

    def pactl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run a pactl command against the server."""
        return subprocess.run(["pactl", *arguments], env=self._env(), capture_output=True, check=False, timeout=10)

    @contextmanager
    def recording(self) -> Iterator["Recording"]:
        """Record what the sink plays while the block runs."""
        path = self._folder / f"recording-{time.monotonic_ns()}.raw"
        command = ["parec", "-d", "out.monitor", "--format=float32le", "--channels=2", "--raw", "--latency-msec=10"]
        with path.open("wb") as file:
            parec = subprocess.Popen([*command, f"--rate={RATE}"], env=self._env(), stdout=file)
            try:
                while path.stat().st_size == 0:  # until it records
                    time.sleep(0.005)
                yield Recording(path, time.monotonic())
                time.sleep(0.1)
            finally:
                parec.send_signal(signal.SIGKILL)
                parec.wait()

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


class Recording:
    """A growing file of raw float32 samples with the time.monotonic() of its start."""

    def __init__(self, path: Path, began_s: float) -> None:
        self._path, self._began_s = path, began_s

    def go_on(self, seconds: float) -> None:
        """Wait until the file holds the sound of the next so many seconds."""
        end_s = time.monotonic() + seconds
        while len(self.samples()) / RATE < end_s - self._began_s:
            if time.monotonic() > end_s + _LATEST_S:
                raise RuntimeError(f"the recording lags by more than {_LATEST_S:g} s: this machine is too busy for it")
            time.sleep(0.02)

    def samples(self) -> NDArray[np.float32]:
        """Return all samples so far, float32 [n, 2]."""
        data = np.fromfile(self._path, np.float32)
        return data[: len(data) // 2 * 2].reshape(-1, 2)
