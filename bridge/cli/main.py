"""The program: all commands and what happens to their errors."""

import sys

from bridge import __version__
from bridge.cli import absences, accounts, checkins, contacts, feeds, sources, storage, timetables, users
from bridge.cli.audit import audit
from bridge.cli.check import check
from bridge.cli.commands import command, group
from bridge.cli.demo import demo
from bridge.cli.init import init
from bridge.cli.invocation import Invocation, verbose
from bridge.cli.login import login
from bridge.cli.refresh import refresh
from bridge.cli.serve import serve
from bridge.cli.terminal import tell
from bridge.errors import BridgeError

app = group("roosterbridge", "School timetables as calendar feeds.")
for function in (demo, init, check, serve, refresh, audit):
    command(app)(function)
command(accounts.app)(login)
for room in (users, accounts, feeds, absences, contacts, timetables, checkins, sources, storage):
    app.add_typer(room.app)
app.add_typer(storage.keys)


@command(app)
def version(invocation: Invocation) -> None:
    """Print the version."""
    invocation.answer({"version": __version__}, __version__)


def main() -> None:
    """Run a command. An error ends it with one sentence on standard error."""
    try:
        app()
    except BridgeError as error:
        tell(error.sentence)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if verbose():
            raise
        kind = type(error).__name__
        tell(f"Something unexpected went wrong ({kind}); BRIDGE_LOGGING__LEVEL=debug shows more.")
        sys.exit(1)
