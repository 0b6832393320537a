"""Algorithms: the one place that says which are used, behind a port with two profiles."""
