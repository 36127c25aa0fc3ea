"""From text to what to do, and whether we may."""
