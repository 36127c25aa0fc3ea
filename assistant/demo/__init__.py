"""A house to try the assistant on: its own broker and virtual devices."""
