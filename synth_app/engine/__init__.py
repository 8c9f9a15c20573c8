"""The instrument without a device: voices read latent paths, decode frames, find phases and mix.

Import ``synth_app.engine.engine`` for the engine itself. It loads compiled kernels.
"""
