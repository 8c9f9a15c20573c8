"""Communication between application and audio process: messages, channel, shared telemetry."""
