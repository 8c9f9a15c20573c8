"""What the mixed voices go through before they leave: tilt EQ, chorus, delay, reverb, limiter.

Each effect is one compiled loop over samples with a few numbers of state, so the same samples come out however they are
cut into blocks. An effect that is off, or has nothing left to ring, sleeps: it costs nothing and changes no bit.
"""
