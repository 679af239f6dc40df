"""docs/metrics.md names every figure that /metrics has, and its alerts ask for none that it hasn't."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from engine.backup.making import make_backup
from engine.metrics.exposition import exposition

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_page_tells_what_there_is(sqlite_store, tmp_path):
    make_backup(sqlite_store, tmp_path / "recipes", tmp_path / "all.tar")
    families = text_string_to_metric_families(exposition(sqlite_store).decode())
    there = {
        family.name.removeprefix("bridgework_") + "_total" * (family.type == "counter")
        for family in families
        if family.name.startswith("bridgework_")
    }
    page = PAGE.read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)} - {"process_"}
    assert told == there
    [rules] = [text for text in re.findall(r"```yaml\n(.*?)```", page, re.S) if "alert:" in text]
    asked = {
        name
        for group in YAML(typ="safe").load(rules)["groups"]
        for rule in group["rules"]
        for name in re.findall(r"bridgework_([a-z_]+)", rule["expr"])
    }
    assert len(asked) > 8
    assert asked <= there
