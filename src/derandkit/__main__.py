"""``python -m derandkit``, and the installed script: signals are listened to before anything heavy is imported."""

from __future__ import annotations

from derandkit.runtime.signals import listen


def run() -> None:
    """Run the command line."""
    listen()
    from derandkit.cli import main

    main(prog_name="derandkit")


if __name__ == "__main__":
    run()
