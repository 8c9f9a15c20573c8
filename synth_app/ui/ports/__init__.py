"""Protocols of the services that panels use."""
