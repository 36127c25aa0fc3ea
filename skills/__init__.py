"""The skills that come with the assistant: one file, one skill."""
