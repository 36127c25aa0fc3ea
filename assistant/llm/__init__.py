"""The slow path: a model that reasons in the open."""
