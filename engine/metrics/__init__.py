"""Figures for those who watch many programs at once (Prometheus): see docs/metrics.md."""
