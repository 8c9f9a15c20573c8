"""The command that measures this machine: block times, voices, latency, dropouts, and the soak test."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synth_app.cli.values import parse_decimal
from synth_app.modelfile import find_model, list_models
from synth_app.modelfile.catalog import DEFAULT_MODEL

if TYPE_CHECKING:
    from synth_app.audio import DeviceSettings
    from synth_app.patch import Patch

_LATENCY_BLOCK, _SOAK_BLOCK = 128, 256
_LIVE_VOICES, _LIVE_BLOCK, _LIVE_CASES = 16, 256, 3  # the live run lasts _LIVE_CASES times --seconds


# typer makes one option of each parameter, so the command has as many parameters as options.
def bench(
    model: Annotated[str, typer.Option(metavar="MODEL", help="Model name or file.")] = DEFAULT_MODEL,
    seconds: Annotated[
        float, typer.Option(metavar="S", parser=parse_decimal, help="Seconds of audio rendered per case.")
    ] = 1.0,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help='Name of the output device (see `devices`); the default one if not given, "" for none.'
        ),
    ] = None,
    host_api: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Sound system of --device, if several offer the same name."),
    ] = None,
    block: Annotated[
        int | None,
        typer.Option(
            min=16, max=4096, metavar="FRAMES", help="Frames per block; 128 if not given, 256 in a soak test."
        ),
    ] = None,
    quality: Annotated[str, typer.Option(metavar="QUALITY", help="Quality: eco, fast, live or studio.")] = "live",
    trials: Annotated[
        int, typer.Option(min=1, max=1000, metavar="N", help="Number of measurements of each latency.")
    ] = 12,
    reserve: Annotated[
        int | None,
        typer.Option(min=0, max=1000, metavar="MS", help="Device buffer in ms; 0 if not given, 20 in a soak test."),
    ] = None,
    record: Annotated[bool, typer.Option("--record", help="Also measure latency in the recorded output.")] = False,
    soak: Annotated[
        float | None,
        typer.Option(metavar="MIN", parser=parse_decimal, help="Run a soak test of this many minutes instead."),
    ] = None,
    kill: Annotated[bool, typer.Option("--kill", help="Kill the audio process once in the soak test.")] = False,
    effects: Annotated[bool, typer.Option("--effects", help="Measure only the effects.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> None:
    """Measure decoding, phase and block times, voices, latency and dropouts on this machine."""
    from synth_app.audio import DeviceSettings

    usual_block, usual_reserve = (_LATENCY_BLOCK, 0) if soak is None else (_SOAK_BLOCK, DeviceSettings.reserve_ms)
    ahead_ms = usual_reserve if reserve is None else reserve
    settings = DeviceSettings(device=device, block=block or usual_block, reserve_ms=ahead_ms, host_api=host_api)
    if soak is not None:
        _soak(settings, soak, kill, as_json)
        return
    if effects:
        _effects(as_json)
        return
    path = str(find_model(Path(model) if model.endswith(".safetensors") else model))
    from synth_app.benchmarks.engine_speed import measure
    from synth_app.patch import Patch

    figures = measure(path, seconds, quality)
    live, text = _live(Patch(path, quality=quality), settings, seconds, trials, record)
    typer.echo(json.dumps({**figures.as_dict(), **live}, indent=2) if as_json else f"{figures.as_text()}\n{text}")


def _effects(as_json: bool) -> None:
    from synth_app.benchmarks.effects_speed import effects_cost
    from synth_app.patch import ENGINE_RATE

    cost = effects_cost(float(ENGINE_RATE))
    typer.echo(json.dumps(asdict(cost), indent=2) if as_json else cost.as_text())


def _live(
    patch: "Patch", settings: "DeviceSettings", seconds: float, trials: int, record: bool
) -> tuple[dict[str, Any], str]:
    """Measure latency and dropouts of the real audio process; return them as data and as text."""
    from synth_app.audio import DeviceSettings
    from synth_app.benchmarks.block_times import measure_live
    from synth_app.benchmarks.latency import measure_latency

    latency = measure_latency(patch.model, settings, trials, quality=patch.quality, record=record)
    device = settings.device if latency.running else ""
    output = DeviceSettings(device=device, block=_LIVE_BLOCK, host_api=settings.host_api)
    live = measure_live(output, patch, _LIVE_VOICES, _LIVE_CASES * seconds)
    if latency.running:
        dropouts, kind = latency.underruns + live.underruns, "underruns of the device"
    else:  # no underruns; a device with a single buffer would have one per late block
        dropouts, kind = latency.late_blocks + live.late_blocks, "late blocks: there is no device"
    text = (
        f"{latency.as_text()}\n"
        f"{_LIVE_VOICES} voices played for {_LIVE_CASES * seconds:.1f} s at {_LIVE_BLOCK} frames: block "
        f"p50 {live.p50_ms:.2f} ms, p99 {live.p99_ms:.2f}, worst {live.max_ms:.2f} of {live.deadline_ms:.2f}, "
        f"late blocks {live.late_blocks}\n"
        f"dropouts {dropouts} ({kind})"
    )
    return {**latency.as_dict(), "dropouts": dropouts, "live": asdict(live)}, text


def _soak(settings: "DeviceSettings", minutes: float, kill: bool, as_json: bool) -> None:
    from synth_app.benchmarks.soak import SoakPlan, soak

    models = tuple(str(entry.path) for entry in list_models() if entry.card is not None)
    plan = SoakPlan(models, 60.0 * minutes, settings, kill=kill)
    figures = soak(plan, lambda line: typer.echo(line, err=True))
    typer.echo(json.dumps(figures.as_dict(), indent=2) if as_json else figures.as_text())
    if not figures.passed:
        raise typer.Exit(1)
