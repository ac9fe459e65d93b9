"""A drop folder that is watched: each article is flagged once, as it lands."""

from dedup.watch.plan import Plan
from dedup.watch.watcher import Tell, watch

__all__ = ["Plan", "Tell", "watch"]
