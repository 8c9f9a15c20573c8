"""Effects after the mixed voices: tilt EQ, chorus, delay, reverb and limiter.

Each effect is one compiled loop over samples, so the block size does not change the result. An effect that is off, or
has no tail left, sleeps: it costs nothing and changes no bit. ``synth_app.params.effects`` lists the effects.
"""
