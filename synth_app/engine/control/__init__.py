"""Control signals of the engine: smoothed parameters, expression, held keys, automation."""
