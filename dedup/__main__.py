"""`python -m dedup` is the command `dedup`."""

from dedup.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
