"""Reads ``curl`` commands as people paste them, from documentation or a browser's developer tools."""

import argparse
import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import parse_qsl, urlsplit

from engine.errors import SetupError

#: Characters of a pasted text that are read.
LARGEST = 2_000_000

#: A command begins at a line of its own, perhaps behind a prompt.
_BEGIN = re.compile(r"^[ \t]*(?:\$[ \t]+)?(?=curl(?:\.exe)?[ \t])", re.MULTILINE)
#: Bash's way to write any character, which browsers use: $'It\'s'.
_ANSI = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": ""}

#: Options that say nothing about the API: with a value, and without.
VALUED = ("-A --user-agent", "-e --referer", "-b --cookie", "-c --cookie-jar", "-o --output",
          "-m --max-time", "--connect-timeout", "--retry", "-x --proxy", "-w --write-out", "--cacert",
          "-E --cert", "--key", "--ciphers")  # fmt: skip
FLAGS = ("-s --silent", "-S --show-error", "-L --location", "-i --include", "-v --verbose",
         "-k --insecure", "-f --fail", "-g --globoff", "-N --no-buffer", "--compressed", "--http1.1",
         "--http2", "-# --progress-bar", "-4", "-6")  # fmt: skip

HINT = "Give a whole command, such as --from-curl 'curl -H \"X-Api-Key: …\" https://api.example.com/notes'."


@dataclass(frozen=True)
class Pasted:
    """One request as it was pasted.

    :param headers: names in small letters.
    :param body: JSON, or a form's fields; None: nothing is sent.
    :param form: the body is a form.
    :param user: of ``-u``: name and password; None without.
    :param answer: what stood below the command; None: nothing.
    :param ignored: options that mean nothing here.
    """

    method: str
    url: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: Any = None
    form: bool = False
    user: tuple[str, str] | None = None
    answer: Any = None
    ignored: tuple[str, ...] = ()


def read_commands(text: str) -> list[Pasted]:
    """Return the requests of a text: ``curl`` commands, each perhaps with its answer below it.

    :raises SetupError: there is none, or one can't be read.
    """
    if len(text) > LARGEST:
        raise SetupError("That is more text than is read of commands.", hint=HINT)
    places = [match.start() for match in _BEGIN.finditer(text)]
    if not places:
        raise SetupError("There is no `curl` command in this.", hint=HINT)
    found = []
    for begin, end in zip(places, [*places[1:], len(text)], strict=True):
        command, answer = _cut(text[begin:end].strip().removeprefix("$").strip())
        found.append(_read(command, answer))
    return found


def _cut(text: str) -> tuple[str, Any]:
    """Return a command, and the JSON that stands below it."""
    for match in re.finditer(r"\n\s*(?=[{\[])", text):
        try:
            answer = json.loads(text[match.end() :])
        except (ValueError, RecursionError):
            continue
        return text[: match.start()], answer
    return text, None


def _read(command: str, answer: Any) -> Pasted:
    try:
        words = shlex.split(_joined(command))
    except ValueError as error:
        raise SetupError(
            f"This command isn't complete: {str(error).lower()}.",
            hint="Copy it whole; a quote that opens has to close.",
        ) from error
    given, rest = _parser().parse_known_args(words[1:])
    urls = [*given.url, *(word for word in rest if not word.startswith("-"))]
    ignored = [_option(word) for word in rest if word.startswith("-")]
    if len(urls) != 1:
        what = "no address" if not urls else f"{len(urls)} addresses"
        raise SetupError(f"This command has {what}: `{_short(words)}`.", hint=HINT)
    address = urls[0] if "://" in urls[0] else f"https://{urls[0]}"
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(f"{parts.scheme}://… is no address of an API.", hint=HINT)
    headers = _headers(given.header)
    query = parse_qsl(parts.query, keep_blank_values=True)
    body, form = _body(given, headers)
    if given.get and isinstance(body, dict):
        query += [(name, str(value)) for name, value in body.items()]
        body, form = None, False
    user = None
    login = given.user or (parts.username and f"{parts.username}:{parts.password or ''}")
    if login:
        name, _, password = login.partition(":")
        user = (name, password)
    method = (given.request or ("GET" if body is None else "POST")).upper()
    host = parts.netloc.rpartition("@")[2]
    return Pasted(
        method,
        f"{parts.scheme}://{host}{parts.path}",
        tuple(query),
        headers,
        body,
        form,
        user,
        answer,
        tuple(ignored),
    )


def _option(word: str) -> str:
    """Return an option without its value, which may be a secret: ``--pass=…``, ``-Uname:…``."""
    return word.partition("=")[0] if word.startswith("--") else word[:2]


def _joined(command: str) -> str:
    """Return a command on one line, with bash's escapes written out."""
    command = re.sub(r"[\\^`]\r?\n", " ", command)

    def plain(match: re.Match[str]) -> str:
        def one(escape: re.Match[str]) -> str:
            code = escape[1]
            if code[0] in "ux" and len(code) > 1:
                return chr(int(code[1:], 16))
            return _ESCAPED.get(code, code)

        return shlex.quote(_ESCAPE.sub(one, match[1]))

    return _ANSI.sub(plain, command)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SetupError(f"This `curl` command can't be read: {message}.", hint=HINT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("-X", "--request")
    parser.add_argument("-H", "--header", action="append", default=[])
    data = ("-d", "--data", "--data-ascii", "--data-raw", "--data-binary")
    parser.add_argument(*data, dest="data", action="append", default=[])
    parser.add_argument("--data-urlencode", dest="encoded", action="append", default=[])
    parser.add_argument("--json", action="append", default=[])
    parser.add_argument("-F", "--form", "--form-string", dest="form", action="append", default=[])
    parser.add_argument("-u", "--user")
    parser.add_argument("-G", "--get", action="store_true")
    parser.add_argument("--url", action="append", default=[])
    for names in VALUED:
        parser.add_argument(*names.split(), dest="unused", action="append")
    for names in FLAGS:
        parser.add_argument(*names.split(), dest="flag", action="store_true")
    return parser


def _headers(lines: Sequence[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found[name.strip().lower()] = value.strip()
    return found


def _body(given: argparse.Namespace, headers: dict[str, str]) -> tuple[Any, bool]:
    """Return what is sent, and whether it is a form."""
    for text in (*given.data, *given.json, *given.encoded):
        if text.startswith("@"):
            raise SetupError(
                f"This command sends the file {text[1:]!r}, which isn't here.",
                hint="Put the file's text in its place.",
            )
    if given.form:
        raise SetupError(
            "This command sends a form of several parts (-F), which isn't turned into an action.",
            hint="See docs/files.md for actions that send files.",
        )
    if not (given.data or given.json or given.encoded):
        return None, False
    text = "".join(given.json) or "&".join(given.data)
    kind = headers.get("content-type", "")
    if given.json or "json" in kind or (not given.encoded and text.lstrip()[:1] in ("{", "[")):
        try:
            return json.loads(text), False
        except (ValueError, RecursionError) as error:
            raise SetupError(
                f"What this command sends isn't JSON: {str(error)[:100]}.",
                hint="Names and texts stand in double quotes; placeholders such as <id> in them, too.",
            ) from error
    pairs = parse_qsl("&".join([*given.data]), keep_blank_values=True)
    for part in given.encoded:
        name, equals, value = part.partition("=")
        pairs.append((name, value) if equals else (name, ""))
    if not pairs:
        raise SetupError("What this command sends is neither JSON nor a form.", hint=HINT)
    return dict(pairs), True


def _short(words: Sequence[str]) -> str:
    return f"{words[0]} … ({len(words) - 1} more words)"
