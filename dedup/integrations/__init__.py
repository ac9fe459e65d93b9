"""dedup inside other programs: each module needs the program it is for, and nothing else needs the module."""

__all__ = ()
