"""What the application and the audio process exchange: messages, channel, shared telemetry."""
