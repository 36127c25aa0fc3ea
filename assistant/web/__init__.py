"""The console: a page to see it listen, think and act, and the API behind it."""
