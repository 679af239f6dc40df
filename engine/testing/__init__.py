"""Contract tests for connectors: ``TestClio = connector_suite("clio")``."""

from engine.testing.suite import connector_suite

__all__ = ["connector_suite"]
