"""The sound engine, without a device: it reads latent paths, decodes frames, finds phases and mixes the voices.

Import ``synth_app.engine.engine`` for the engine itself. It loads compiled kernels.
"""
