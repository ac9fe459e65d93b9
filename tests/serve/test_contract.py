"""The contract holds: whatever schemathesis thinks of, the service answers as /openapi.json says, and never with 5xx.

Its command is used, not its plugin for pytest: that one leans on internals of pytest, and the command also tries what
no schema calls for, such as other methods and headers.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from dedup.serve import ServeConfig
from dedup.serve.contract import contract
from tests.serve.conftest import Asked

TOKEN = "a-token-for-the-contract"


def tried(served: Asked, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What schemathesis has to say; the same examples in every run."""
    command = [
        *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
        *("run", f"{served.address}/openapi.json", "--checks", "all", "--generation-deterministic", "--no-color"),
        *("--max-examples", "20", "--warnings", "off", *options),
    ]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=folder, timeout=300, check=False
    )


def test_no_answer_is_outside_the_contract(inside: Any, tmp_path: Path) -> None:
    served = inside(tmp_path / "crawl.db")
    done = tried(served, tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    cases = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert cases, done.stdout[-3000:]
    assert cases[1] == cases[2]
    assert int(cases[1]) > 200
    assert re.search(r'^dedup_requests_total\{path="/check",status="200"\} [1-9]', served.get("/metrics").text, re.M)
    assert not re.search(r'status="5', served.get("/metrics").text)


def test_no_answer_is_outside_the_contract_of_a_service_with_a_token(inside: Any, tmp_path: Path) -> None:
    served = inside(tmp_path / "crawl.db", token=TOKEN)
    done = tried(served, tmp_path, "-H", f"Authorization: Bearer {TOKEN}", "--include-path", "/stats")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "No issues found" in done.stdout


def test_every_path_tells_every_refusal_and_needs_the_token_where_there_is_one() -> None:
    def statuses(options: ServeConfig) -> dict[str, set[str]]:
        paths = contract(options)["paths"]
        return {path: set(operation["responses"]) for path, item in paths.items() for operation in item.values()}

    free, guarded = statuses(ServeConfig()), statuses(ServeConfig(token=TOKEN))
    assert free["/check"] == {"200", "400", "408", "413", "415", "421", "422", "500", "503"}
    assert {path for path in guarded if "401" in guarded[path]} == set(free) - {"/healthz", "/openapi.json"}
    assert not any("401" in answers for answers in free.values())


def test_no_schema_lets_an_unknown_field_pass_or_leaves_one_undescribed() -> None:
    for name, schema in contract(ServeConfig())["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name
        assert set(schema["required"]) <= set(schema["properties"]), name
