"""What is remembered: the dialogue and the journal."""
