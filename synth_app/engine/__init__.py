"""The sound engine, without a device: voices read latent paths, decode frames, find phases and are mixed.

Import ``synth_app.engine.engine`` for the engine itself. It loads compiled kernels.
"""
