"""The command line: ``bridgework …``. Its commands, exit codes and JSON are a contract."""

from engine.cli.starting import end_at_once


def main() -> None:
    """Run the command line; the ``bridgework`` script is this."""
    end_at_once()  # first: what is imported next takes most of the time until a command is there
    from engine.cli.commands import carry_out

    carry_out()
