"""What is written keeps the contract of connectors at once, whatever it was written from."""

from engine.host import build_host
from engine.testing import connector_suite
from tests.engine.scaffold.apis import LOG_INS
from tests.engine.scaffold.written import designs, plugins

HOST = build_host(folder=plugins())

for design in designs():
    globals()[f"Test{design.name.title()}"] = connector_suite(HOST.connector(design.name))


def test_each_kind_of_log_in_and_of_paging_was_there() -> None:
    assert len([name for name in globals() if name.startswith("Test")]) == len(designs())
    assert {design.login.kind for design in designs()} == {*LOG_INS}
    ways = {
        one.paging and type(one.paging).__name__ for design in designs() for one in design.listings
    }
    assert ways == {"Offset", "PageNumber", "NextLink", "NextToken", "LastId", None}
