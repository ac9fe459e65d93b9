"""The house: imports go down, the front door is light, the library is silent."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dedup

ROOT = Path(dedup.__file__).parent
LAYERS = {
    0: ("records", "config", "errors", "corpus", "store"),
    1: (
        *("bounds", "decisions"),
        *("tokens", "words", "minhash", "winnow", "align", "similarity", "quotes", "background", "trees", "cache"),
        *("codepoints", "graph", "links", "naming", "neighbours", "facts", "literals", "utf8", "telling", "threads"),
    ),
    2: (
        *("readers", "clean", "sketch", "candidates", "verify", "grade"),
        *("cluster", "provenance", "report", "evaluate", "events"),
    ),
    3: (
        *("batch", "ingest", "assemble", "lineage", "explain", "guard", "related", "judging", "kernels"),
        *("desk", "rulings", "remarks", "review"),
        *("pipeline", "result", "index", "engines", "intake", "serve"),
        *("filing", "verdicts", "watch"),
    ),
    4: ("__main__", "cli", "integrations"),
}
LAYER = {part: layer for layer, parts in LAYERS.items() for part in parts}
#: The one thing that stages take from each other: the record that `sketch` makes.
ALLOWED = {(stage, "dedup.sketch", "Sketches") for stage in ("candidates", "events", "verify")}
MODULES = sorted(path for path in ROOT.rglob("*.py") if "__pycache__" not in path.parts)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def part_of(module: str) -> str:
    """`dedup.report.page` -> `report`."""
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[tuple[str, str, bool]]:
    """(module, name, only for types) of every import of ours, inside functions too."""
    tree = ast.parse(path.read_text("utf-8"))
    typed = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((a.name, "", id(node) in typed) for a in node.names if a.name.split(".")[0] == "dedup")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module and node.module.split(".")[0] == "dedup":
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}" if node.module == "dedup" else node.module
                    yield whole, alias.name, id(node) in typed


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_has_a_layer_and_imports_only_downwards(path: Path) -> None:
    own = name_of(path).split(".")[0]
    if own == "__init__":
        return
    layer = LAYER[own]
    for module, name, typed in imports(path):
        other = part_of(module)
        if other == "__version__" or other == own or (typed and layer == 4):
            continue
        assert LAYER[other] <= layer, f"{own} (layer {layer}) imports {module} (layer {LAYER[other]})"
        if layer == LAYER[other] == 2:
            assert (own, module, name) in ALLOWED, f"stage {own} imports stage {other}"
        if layer == 0:
            facts = ("dedup.errors", "dedup.records", "dedup.store")
            assert module in facts, f"{own} must import nothing of ours but facts"


def test_the_public_list_is_complete_sorted_and_works() -> None:
    assert sorted(dedup.__all__) == dedup.__all__
    assert set(dedup.__all__) >= {"Article", "Config", "Result", "compare", "find_duplicates"}
    for name in dedup.__all__:
        assert getattr(dedup, name).__name__ == name
    with pytest.raises(AttributeError, match="nonsense"):
        dedup.nonsense  # noqa: B018
    assert set(dedup.__all__) <= set(dir(dedup))


def declared(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            found: list[str] = ast.literal_eval(node.value)
            return found
    return None


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_what_it_offers_and_has_it(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    offered = declared(tree)
    assert offered is not None
    assert len(set(offered)) == len(offered)
    if path == ROOT / "__init__.py":
        return
    bound = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    bound |= {
        t.id
        for n in tree.body
        if isinstance(n, ast.Assign | ast.AnnAssign)
        for t in (n.targets if isinstance(n, ast.Assign) else [n.target])
        for t in (t.elts if isinstance(t, ast.Tuple) else [t])
        if isinstance(t, ast.Name)
    }
    bound |= {a.asname or a.name for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) for a in n.names}
    assert set(offered) <= bound


@pytest.mark.parametrize("statement", ["import dedup", "from dedup.cli import app"])
def test_heavy_packages_are_loaded_only_when_they_are_needed(statement: str) -> None:
    code = f"import sys; {statement}; print(*(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


HEAVY = ("numba", "pandas", "trafilatura", "scipy", "sklearn", "datasketch", "numpy")


@pytest.mark.parametrize("path", [p for p in MODULES if "cli" not in p.parts], ids=name_of)
def test_the_library_is_silent(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "logging.basicConfig", "sys.exit", "exit", "breakpoint"), called
            assert not called.startswith(("sys.stdout.", "sys.stderr.")), called


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_depends_on_hash_or_pickle(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) != "hash"
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert "pickle" not in {alias.name for alias in node.names} | {getattr(node, "module", None)}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_small_enough_to_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 420
