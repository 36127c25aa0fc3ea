"""Times as people say them: found in a sentence word by word, and brought to a moment."""
