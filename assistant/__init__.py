"""mimo-assistant: a private voice assistant for the home that says why."""

__version__ = "0.1.0"
