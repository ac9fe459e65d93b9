# Everything runs in .venv, which the first target that needs it makes: with uv if that is on the PATH, else with
# venv and pip. A machine with Python 3.11 or later, make and bash needs no other preparation.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python of 3.11 or later; `make PYTHON=/path/to/python3.12 ...` chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
UV := $(shell command -v uv)
BIN := .venv/bin
STAMP := .venv/.installed
LOCK := requirements-dev.lock

# A test that takes longer hangs: its process is ended, and every thread of it says where it stood.
HANG := -o faulthandler_timeout=600 -o faulthandler_exit_on_timeout=true --max-worker-restart 0
# What the report over samples/ may not fall below: names as in `dedup evaluate --json`.
FLOORS ?= precision=1.0 recall=0.98 f1=0.99 macro_f1=0.95 bcubed_precision=1.0 bcubed_recall=0.98 ari=0.97
# For `make bench`: parts to run, sizes of the newsrooms (SIZES=1k,3k,10k,40k,100k,300k,1M for all), rounds, the share of
# the sizes of the worst cases, web pages, and a file of articles for the comparison with other libraries.
ONLY ?=
SIZES ?= 1k,3k,10k,40k,100k
ROUNDS ?= 3
SCALE ?= 1
PAGES ?= 1k
DOCS ?=
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.PHONY: help install lock fmt lint types test test-all cov bench demo quality gate check smoke docs build clean screenshots

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Make .venv with the locked versions, if it is missing or out of date

$(STAMP): pyproject.toml $(LOCK)
	@if [ -z "$(PYTHON)" ]; then echo "dedup needs Python 3.11 or later, and none is on the PATH" >&2; exit 1; fi
	@if [ -n "$(UV)" ]; then \
		echo "Installing into .venv with uv and $$($(PYTHON) --version) ..."; \
		"$(UV)" venv --quiet --allow-existing --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv; \
		"$(UV)" pip install --quiet --python $(BIN)/python -r $(LOCK); \
		"$(UV)" pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		echo "Installing into .venv with pip and $$($(PYTHON) --version); this takes about a minute ..."; \
		$(PYTHON) -m venv .venv || { echo "Python's venv module is incomplete; install python3-venv, or uv" >&2; exit 1; }; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(LOCK); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
	@echo "Installed: $$($(BIN)/dedup --version) in .venv"

lock: ## Renew requirements-dev.lock: the newest versions that pyproject.toml allows
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --upgrade pip
	build/lock/bin/python -m pip install --quiet --group dev .
	@echo "# Versions for development: everything that \`make install\` puts into .venv. Made by \`make lock\`; do not edit by hand." > $(LOCK)
	build/lock/bin/python -m pip freeze --exclude dedup-news >> $(LOCK)
	@echo "$(LOCK): $$(grep -c == $(LOCK)) packages"

fmt: install ## Format the code and fix what ruff can fix
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

lint: install ## Check style and formatting (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## Check types (mypy --strict)
	$(BIN)/mypy

test: install ## Run the tests, without the slow ones; ARGS="-k furniture" is handed to pytest
	$(BIN)/pytest -m "not slow" --numprocesses auto --maxprocesses 4 --dist loadfile $(HANG) $(ARGS)

test-all: install ## Run all tests, the slow ones too
	$(BIN)/pytest $(ARGS)

cov: install ## Run all tests and show which lines none of them reaches
	@mkdir -p build
	$(BIN)/pytest --cov --cov-report=term-missing:skip-covered $(ARGS)

demo: install ## Scan the sample newsroom and write the reports to reports/
	@echo "Scanning samples/drop (the first run compiles the kernels, which takes up to a minute) ..."
	@$(BIN)/dedup scan samples/drop --out reports
	@echo "Open reports/report.html in a browser."

quality: demo ## Score the samples' report against the graded pairs and stories; fails below FLOORS
	$(BIN)/dedup evaluate reports --pairs samples/gold.csv --clusters samples/clusters.csv $(foreach f,$(FLOORS),--floor $(f))

gate: quality ## The same as quality

check: lint types test quality ## What a change must pass

bench: install build/peers/.installed ## Measure time and memory, renew docs/performance.json and its tables: make bench ONLY=peers,scaling
	$(BIN)/python benchmarks/bench.py --sizes $(SIZES) --rounds $(ROUNDS) --scale $(SCALE) --pages $(PAGES) \
		$(if $(ONLY),--only $(ONLY)) $(if $(DOCS),--docs $(DOCS))

# The libraries that `make bench` compares with; where they cannot be installed it leaves them out and says so.
build/peers/.installed: benchmarks/peers.txt
	@mkdir -p build
	@$(PYTHON) -m venv build/peers && build/peers/bin/python -m pip install --quiet --disable-pip-version-check -r $< \
		&& touch $@ || echo "Not all of $< could be installed into build/peers." >&2

build: install ## Build the wheel and the source archive into dist/
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist

smoke: build ## Install the wheel without any development tool, import it and scan two files with it
	rm -rf build/smoke
	mkdir -p build/smoke/drop
	$(PYTHON) -m venv build/smoke/venv
	build/smoke/venv/bin/python -m pip install --quiet --disable-pip-version-check -c $(LOCK) dist/*.whl
	cp samples/drop/harbour-courier/astrid-moen-afloat.txt samples/drop/valmora-times/ferrin-sound-ship.html build/smoke/drop/
	cd build/smoke && venv/bin/python -c 'import dedup; [getattr(dedup, name) for name in dedup.__all__]; print(dedup.__file__)'
	cd build/smoke && venv/bin/dedup --help > /dev/null
	cd build/smoke && { venv/bin/dedup scan drop --out reports --strict --fail-on-duplicates || test $$? = 1; }
	cd build/smoke && venv/bin/dedup report reports --format md > /dev/null
	grep -q ',near_duplicate,\|,exact,' build/smoke/reports/pairs.csv
	@echo "The wheel works on its own: it found the copy."

docs: install ## Check the documentation: run its code, follow its links, compare it with the command
	$(BIN)/pytest tests/docs

screenshots: demo ## Take the pictures in docs/images/ from reports/report.html, when Chromium is there
	@if [ -z "$(CHROMIUM)" ]; then echo "No Chromium on the PATH: docs/images/ stays as it is."; exit 0; fi; \
	$(BIN)/python docs/images/take.py reports/report.html "$(CHROMIUM)"

clean: ## Remove reports, caches and builds; .venv stays
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis reports/*
	find dedup tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
