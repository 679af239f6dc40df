"""Recipes that run by the clock: what is due, and what failures do to it."""
