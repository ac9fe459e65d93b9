"""The load on the service: every request answered, and the crowd turned away."""

from __future__ import annotations

from pathlib import Path

import pytest
import serve_load


@pytest.mark.parametrize("tool", [pytest.param("wrk", marks=pytest.mark.slow), "threads"])
def test_every_row_is_measured_and_only_the_crowd_is_turned_away(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tool == "threads":
        monkeypatch.setattr(serve_load.shutil, "which", lambda name: None)
    elif not serve_load.shutil.which("wrk"):
        pytest.skip("wrk is not installed")
    monkeypatch.setattr(serve_load, "CROWD", 150)
    rows = {
        (row.what, row.connections): row for row in serve_load.measured(tmp_path, 300, 4 if tool == "wrk" else 1, "2")
    }
    assert set(rows) == {
        ("check", 2),
        ("crowd", 150),
        ("check-and-add", 1),
        ("check-and-add", 16),
        ("add, 200 a request", 1),
    }
    assert all(row.requests > 0 and 0 < row.p50 <= row.p99 for row in rows.values())
    assert {what for (what, _), row in rows.items() if row.refused} == {"crowd"}
    assert not any(row.broken for row in rows.values())
