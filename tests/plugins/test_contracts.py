"""Every installed connector keeps the contract that engine.testing checks."""

from engine.declared_schema import file_of
from engine.host import build_host
from engine.testing import connector_suite

HOST = build_host(strict=True)

for name, connector in HOST.connectors.items():
    globals()[f"Test{name.title()}"] = connector_suite(connector)


def test_every_connector_keeps_what_recipes_can_name() -> None:
    """``bridgework connectors test NAME --accept`` writes its schema.json."""
    files = {name: file_of(connector) for name, connector in HOST.connectors.items()}
    assert [name for name, file in files.items() if file is None or not file.exists()] == []


def test_every_connector_is_tested() -> None:
    assert {"casestatus", "clio", "csv", "mailchimp"} < set(HOST.connectors)
    assert all(f"Test{name.title()}" in globals() for name in HOST.connectors)
