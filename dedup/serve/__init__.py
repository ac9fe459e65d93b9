"""A small HTTP service over an index, for crawlers in any language."""

from dedup.serve.options import ServeConfig, read_token
from dedup.serve.server import serve

__all__ = ["ServeConfig", "read_token", "serve"]
