"""Planted copies are counted as found in either table, and as right by their grade."""

from __future__ import annotations

from pathlib import Path

from recall import score


def written(folder: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, "utf-8-sig")
    return folder


def test_copies_count_as_found_in_a_pair_or_in_a_cluster(tmp_path: Path) -> None:
    planted = "kind,a,b\nidentical,b,a\nlight,d,c\nlight,e,c\nrewritten,g,f\nquotation,i,h\n"
    pairs = "a,b,grade\na,b,exact\nc,d,near_duplicate\nd,e,near_duplicate\nf,g,excerpt\nh,i,same_event\na,f,rewrite\n"
    clusters = "cluster_id,copy_group,article_id\none,,a\none,,b\ntwo,,c\ntwo,,d\ntwo,,e\n"
    kinds, mistakes = score(written(tmp_path, pairs=pairs, clusters=clusters), written(tmp_path, planted=planted))
    assert kinds["identical"] == {"planted": 1, "pair": 1, "cluster": 1, "found": 1, "right": 1}
    assert kinds["light"] == {"planted": 2, "pair": 1, "cluster": 2, "found": 2, "right": 1}
    assert kinds["rewritten"] == {"planted": 1, "pair": 1, "cluster": 0, "found": 1, "right": 0}
    assert kinds["quotation"] == {"planted": 1, "pair": 0, "cluster": 0, "found": 0, "right": 0}
    assert mistakes == 1  # a and f; d and e follow from what is planted
