"""Algorithms and profiles."""
