"""Part of pytest while ``bridgework connectors test`` runs it: tells what became of each check."""

import json
import os
from pathlib import Path

import pytest

#: The environment variable that names the file the verdicts are written to.
VERDICTS = "BRIDGEWORK_VERDICTS"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]"):  # type: ignore[no-untyped-def]  # pytest's generator
    """Write a line for each check, as soon as it is made."""
    report = yield
    if report.when == "call" or report.failed:
        about = (
            (getattr(item, "obj", None).__doc__ or "").strip().partition("\n")[0].replace("``", "`")
        )
        check, _, operation = item.name.removeprefix("test_").partition("[")
        _tell(
            {
                "check": check,
                "operation": operation.removesuffix("]"),
                "about": about,
                "passed": report.passed,
                "message": "" if report.passed else report.longreprtext.strip(),
            }
        )
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Write down why there is nothing to check."""
    if report.failed:
        text = report.longreprtext.strip()
        _tell(
            {
                "check": "it_can_be_tested",
                "operation": "",
                "about": "The suite finds the connector and understands its examples.",
                "passed": False,
                "message": text.rpartition("\nE  ")[2].strip() or text,
            }
        )


def _tell(verdict: dict[str, object]) -> None:
    with Path(os.environ[VERDICTS]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(verdict) + "\n")
