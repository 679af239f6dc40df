"""Clio takes a field out of its API: the run says so, `drift` names what it breaks, nothing is blanked."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack

import pytest

from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess
from engine.host import build_host
from engine.loopback import on_loopback
from engine.store.database import open_store
from tests.acceptance.conftest import MATTERS, ROOT


@pytest.fixture
def office(tmp_path):
    """The two practice apps, and the command line as users run it."""
    recipes, home = tmp_path / "recipes", tmp_path / "home"
    recipes.mkdir()
    shutil.copy(ROOT / "recipes" / f"{MATTERS}.yaml", recipes)
    store, host = open_store(home), build_host()
    servers = {}
    with ExitStack() as stack:
        for name, options in (
            ("clio", {"matters": 248, "requests_per_minute": 1_000_000}),
            ("casestatus", {}),
        ):
            connector = host.connector(name)
            servers[name] = connector.practice_function(1, **options)
            url = stack.enter_context(on_loopback(servers[name], threads=8))
            known = PracticeProcess(name, url, 0, servers[name].credentials())
            connect(store, connector, name, {}, practice=known)
        store.close()

        def bridgework(*arguments):
            options = ["--home", str(home), "--recipes", str(recipes)]
            return subprocess.run(
                [sys.executable, "-m", "engine.cli", *arguments, *options],
                capture_output=True,
                text=True,
                timeout=60,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )

        yield bridgework, servers, recipes / f"{MATTERS}.yaml"


def test_a_field_that_clio_takes_away_is_named_with_recipe_step_and_field(office):
    bridgework, servers, recipe = office
    text = recipe.read_text("utf-8").replace("_number, matter.description]", "_number]")
    recipe.write_text(text, "utf-8")
    assert bridgework("run", MATTERS).returncode in (0, 1)
    cases = servers["casestatus"].cases.values()
    before = {case["integration_id"]: case["description"] for case in cases}
    assert any(before.values())

    servers["clio"].remove_fields("description")
    run = bridgework("run", MATTERS, "--full")

    paused = "step 'case', field 'description' is paused"
    assert f"Field 'description' no longer comes from Clio: {paused}." in run.stdout
    assert {case["integration_id"]: case["description"] for case in cases} == before

    preview = json.loads(bridgework("run", MATTERS, "--full", "--preview", "--json").stdout)
    assert any(paused in sentence for sentence in preview["changes"])

    found = bridgework("drift", "clio", "--json")
    assert found.returncode == 1
    [told] = json.loads(found.stdout)["changes"]
    assert told["sentence"].endswith("Clio no longer knows the field 'description' of a matter.")
    [hit] = told["recipes"]
    assert (hit["recipe"], hit["step"], hit["field"]) == (MATTERS, "case", "description")
    assert text.splitlines()[hit["line"] - 1].strip() == 'description: "{{ matter.description }}"'
