"""The figures of a report as files: SVG always, PNG too where the package that makes them is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dedup.errors import DedupError
from dedup.report.formats.clustermap import draw_cluster
from dedup.report.formats.flow import draw_flow
from dedup.report.formats.markdown import chosen_story
from dedup.report.formats.stored import Stored

__all__ = ["can_make_png", "write_figures"]

#: The largest stories, of which a map is drawn.
_STORIES = 6
#: Pixels of a PNG for one of the SVG.
_ZOOM = 2


def write_figures(stored: Stored, folder: Path, cluster: str = "") -> list[Path]:
    """Draw the flow between outlets and the maps of the largest stories, or of one; returns the files.

    Raises:
        ConfigError: there is no such cluster.
        DedupError: a file cannot be written.
    """
    files = []
    for name, drawn in _figures(stored, cluster):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for suffix, data in (("svg", drawn.encode()), ("png", _png(drawn))):
                if data:
                    (folder / f"{name}.{suffix}").write_bytes(data)
                    files.append(folder / f"{name}.{suffix}")
        except OSError as error:
            raise DedupError(f"cannot write the figures to {folder}: {error.strerror or error}") from error
    return files


def _figures(stored: Stored, cluster: str) -> Iterator[tuple[str, str]]:
    if not cluster and (flow := draw_flow(stored)):
        yield "flow", flow
    for story in [chosen_story(stored, cluster)] if cluster else stored.stories[:_STORIES]:
        yield f"cluster-{story.id}", draw_cluster(stored, story)


def can_make_png() -> bool:
    """Whether the package that makes PNG of SVG is installed."""
    try:
        import resvg_py  # noqa: F401
    except ImportError:
        return False
    return True


def _png(drawn: str) -> bytes:
    if not can_make_png():
        return b""
    import resvg_py

    made: bytes = resvg_py.svg_to_bytes(svg_string=drawn, zoom=_ZOOM)
    return bytes(made)
