"""Compile the engine's kernels into the cache: ``python -m synth_app.engine.warmup``, run at install time."""

from synth_app.engine.engine import warm_kernels

if __name__ == "__main__":
    warm_kernels()
