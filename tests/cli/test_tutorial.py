"""docs/tutorial.md is what happens: its files are saved, its commands run, its outputs compared."""

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from engine.cli.practice_process import stop_practice

Bridgework = Callable[..., Result]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
#: A file that the page shows, with its name before it; or commands with what they print.
BLOCK = re.compile(
    r"(?:Save this as `([^`]+)`[^`]*(?:`[^`]*`[^`]*)?)?```(yaml|console)\n(.*?)```", re.DOTALL
)
COMMAND = re.compile(r"^\$ bridgework (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
#: What differs from one time to the next: ports, sizes, and how many checks there are.
VARYING = re.compile(r"127\.0\.0\.1:\d+|[\d,]+ bytes|all \d+ checks")


@pytest.fixture
def fresh(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with nothing in it, where the home is the usual one."""
    monkeypatch.delenv("BRIDGEWORK_HOME")
    yield Path.cwd()
    for name in ("deskbook", "mailchimp"):
        stop_practice(Path.cwd() / ".bridgework", name)


def lines(text: str) -> list[str]:
    plain = VARYING.sub("~", text.replace(f"{Path.cwd()}/", ""))
    return [line.rstrip() for line in plain.splitlines() if line.strip()]


def test_the_page_is_what_happens(fresh: Path, bridgework: Bridgework, command: Command) -> None:
    def run(line: str) -> tuple[int, str]:
        words = shlex.split(line)
        if "--practice" in words:  # what it starts outlives it, which is not for this process
            ended = command(*words)
            return ended.returncode, ended.stdout + ended.stderr
        result = bridgework(*words)
        return result.exit_code, result.output

    ran = []
    for name, kind, content in BLOCK.findall(PAGE):
        if kind == "yaml":
            path = fresh / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
            continue
        for line, shown in COMMAND.findall(content):
            code, output = run(line)
            assert code == 0, f"{line}\n{output}"
            printed = lines(output)
            expected = [line for line in lines(shown) if line != "…"]
            if "…" not in shown:
                assert printed == expected, line
            places = iter(printed)  # in the page's order, with others between them
            for wanted in expected:
                assert wanted in places, f"{line} doesn't print: {wanted}\n{output}"
            ran.append(line)
    assert len(ran) == 12
    assert ran[0] == "connectors new deskbook --from deskbook.yaml"
