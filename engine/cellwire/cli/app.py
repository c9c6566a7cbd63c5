"""The command ``cellwire``: its commands are in files of their own."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cellwire.cli import commands
from cellwire.cli.exit_codes import ExitCode
from cellwire.version import __version__

DEBUG = "CELLWIRE_DEBUG"


class SpeakingGroup(TyperGroup):
    """Commands that are loaded when they are called; errors become a sentence and an exit code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "commands": commands.outlines()})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a command by its name and load it."""
        if args and args[0] in commands.COMMANDS:
            self.commands[args[0]] = commands.load(args[0])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _say("Interrupted; the results that were told of are complete.")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:  # the reader of our output went away, such as head
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
            raise typer.Exit(ExitCode.DONE) from None
        except Exception as problem:
            if _belongs_to_typer(problem):
                raise
            from cellwire.cli.failures import explain

            failure = explain(problem, debug=debugging())
            _say(failure.text)
            raise typer.Exit(failure.code) from None


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return bool(os.environ.get(DEBUG))


def _say(text: str) -> None:
    from cellwire.cli.terminal import error

    error(text)


def _belongs_to_typer(problem: Exception) -> bool:
    names = {f"{each.__module__}.{each.__name__}" for each in type(problem).__mro__}
    return any(
        name.endswith((".exceptions.Exit", ".exceptions.Abort", ".exceptions.ClickException"))
        for name in names
    )


app = typer.Typer(
    cls=SpeakingGroup,
    name="cellwire",
    help="Segment cells with Cellpose models, here or on an engine that serves many desktops.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cellwire {__version__}")
        raise typer.Exit


@app.callback()
def _globals(
    debug: Annotated[bool, typer.Option("--debug", help="Show the details of a fault.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Segment cells with Cellpose models, here or on an engine that serves many desktops."""
    if debug:
        os.environ[DEBUG] = "1"


def main() -> None:
    """Run the command; the process ends with one of `ExitCode`."""
    try:
        app()
    except SystemExit as end:
        if end.code != ExitCode.INTERRUPTED:
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ExitCode.INTERRUPTED)  # threads may be deep in a network; nothing is kept


if __name__ == "__main__":
    main()
