"""Every installed connector keeps the contract that engine.testing checks."""

from engine.host import build_host
from engine.testing import connector_suite

HOST = build_host(strict=True)

for name, connector in HOST.connectors.items():
    globals()[f"Test{name.title()}"] = connector_suite(connector)


def test_every_connector_is_tested() -> None:
    assert {"casestatus", "clio", "csv", "mailchimp"} < set(HOST.connectors)
    assert all(f"Test{name.title()}" in globals() for name in HOST.connectors)
