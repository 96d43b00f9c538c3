"""``python -m derandkit``, and the installed script: signals are listened to before anything heavy is imported."""

from __future__ import annotations

from derandkit.runtime.signals import listen, settle
from derandkit.runtime.streams import reserve


def run() -> None:
    """Run the command line."""
    listen()
    reserve()
    from derandkit.cli import main

    try:
        main(prog_name="derandkit")
    finally:
        settle()


if __name__ == "__main__":
    run()
