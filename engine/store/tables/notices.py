"""Notices to people, and what became of them."""
