"""``python -m derandkit``: the command line without the installed script."""

from derandkit.cli import main

if __name__ == "__main__":
    main(prog_name="derandkit")
