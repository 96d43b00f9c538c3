"""``python -m derandkit``, and the installed script: signals are listened to before anything heavy is imported."""

from __future__ import annotations

import os

# until the handlers stand, Ctrl-C raises, and Python would print where
try:
    from derandkit.runtime.signals import listen, settle
except KeyboardInterrupt:
    try:
        os.write(2, b"derandkit: interrupted before there was an answer\n")
    finally:
        os._exit(130)


def run() -> None:
    """Run the command line."""
    listen()
    from derandkit.runtime.streams import reserve

    reserve()
    from derandkit.cli import main

    try:
        main(prog_name="derandkit")
    finally:
        settle()


if __name__ == "__main__":
    run()
