"""The shipped recipes with random changes, as slips of the hand make them: told, never a crash."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plugins.casestatus
import plugins.clio
import plugins.csv
import plugins.mailchimp
from engine.host import Host, build_host
from engine.recipe.checking.check import check_text
from engine.recipe.yaml.nodes import split_lines

HERE = Path(__file__).parents[4]
TEXTS = [path.read_text(encoding="utf-8") for path in sorted((HERE / "recipes").rglob("*.yaml"))]
#: The steps that the pages show, one kind after the other, each in a recipe of its own.
TEXTS += [
    f"name: A\ntrigger: {{use: clio.matter_changed, as: matter}}\n{block}"
    for page in sorted((HERE / "docs").glob("*.md"))
    for block in re.findall(r"```yaml\n(steps:.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]
TOKENS = (
    "{{", "}}", "{%", "[", "]", "{", "}", ":", ": ", "- ", "? ", "|", ">", "&a", "*a", "!t", "#", " #", '"', "'", "\t",
    "\r", "\0", "\ufeff", "\\", "%", "@", "`", "~", "use:", "with:", "if:", "steps:", "for_each:", "choose:", "set:",
    "parallel:", "until:", "wait:", "collect:", "call:", "join:", "answer:", "reject:", "inputs:", "translate:", "as: if",
    "| map('nmae')", "| first", "| each('x')", "| where('a', over=1)", "| extract('{a}{b}')", "is date", "not ", "(((", "0",
    "\ud800", "\u2028", "...", "---", "null", "~: ~", "{a: {b: [c]}}",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    lines = draw(st.sampled_from(TEXTS)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(
            st.sampled_from(
                ["drop", "double", "indent", "outdent", "swap", "insert", "cut", "move"]
            )
        ):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "indent":
                lines[at] = " " * draw(st.integers(1, 5)) + lines[at]
            case "outdent":
                lines[at] = lines[at][draw(st.integers(1, 4)) :]
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "insert":
                place = draw(st.integers(0, len(lines[at])))
                token = draw(st.sampled_from(TOKENS) | st.text(max_size=4))
                lines[at] = lines[at][:place] + token + lines[at][place:]
            case "cut":
                place = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:place] + lines[at][place + draw(st.integers(1, 8)) :]
            case "move":
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
    return "\n".join(lines)


@pytest.fixture(scope="module")
def shipped() -> Host:
    connectors = [plugins.clio, plugins.casestatus, plugins.mailchimp, plugins.csv]
    return build_host(connectors, strict=True)


@given(text=mutated())
def test_no_slip_of_the_hand_is_too_much(shipped: Host, text: str) -> None:
    started = time.process_time()
    found = check_text(text, Path("recipes/r.yaml"), shipped, hints=True)
    assert time.process_time() - started < 1
    lines = split_lines(text.removeprefix("\ufeff"))
    for one in found:
        assert one.message
        assert one.as_text()
        assert 1 <= one.position.line <= len(lines)
        assert 1 <= one.position.column <= len(lines[one.position.line - 1]) + 1
