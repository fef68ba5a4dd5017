# `make` lists all targets. Requires Python 3.11 or newer, make, and a package index that pip can reach.

PYTHON ?= python3
VENV ?= .venv

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif

STAMP := $(VENV)/installed
# `-qq` keeps pip from printing the address of the package index, since logs are shared.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
# Test modules and the sources that tests run in new processes are compiled once, not at every start.
unexport PYTHONDONTWRITEBYTECODE
# One version of each package for every system and every Python. All but the client of Spark, which is nothing but Python,
# are there as wheels.
COMPILE := $(BIN)/uv --quiet pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --annotation-style line --custom-compile-command "make lock"
LOCK := $(COMPILE) --no-build
# Systems and Pythons of a wheelhouse, such as `FOR="windows-3.12 linux-3.13"`; without it, this machine's.
FOR ?=
# Workers as tests/conftest.py says. The tests of a module stay on one, so that what they share is made once. In the order of
# their names, modules with long tests come first, and no worker is left with one of them at the end.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test quick slow lint types format coverage vectors tables bench-quality bench-speed attacks wheelhouse lock clean

help: ## Show this list.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /: /' | while IFS=: read -r name what; do \
	    printf '  make %-14s%s\n' "$$name" "$$what"; done

$(STAMP): pyproject.toml requirements-dev.lock requirements-cluster.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "Setting up $(VENV); this takes some minutes the first time."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --require-hashes --no-deps --requirement requirements-dev.lock
	@$(PIP) install --require-hashes --no-deps --no-build-isolation --requirement requirements-cluster.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(PIP) check
	@touch $@

demo: $(STAMP) ## Run the main job end to end: case files of several reporters to a count of unique persons.
	$(BIN)/python examples/demo.py

test: lint types ## Run linters, type checks and all tests but the slow ones.
	$(PYTEST) -m "not slow"

# Those of the benchmarks are left out: loading what they need takes longer than many tests.
quick: $(STAMP) ## Run the quick tests of the library.
	$(PYTEST) -q -m quick --ignore tests/benchmarks

slow: $(STAMP) ## Run the tests that are long and rarely needed: before a release, or after a change of what they test.
	$(PYTEST) -m slow
	$(PYTEST) -m "not slow" --hypothesis-profile thorough tests/property

lint: $(STAMP) ## Check style and formatting.
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP) ## Check types.
	$(BIN)/mypy

format: $(STAMP) ## Fix what the linters can fix.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

coverage: $(STAMP) ## Run all tests but the slow ones and show which lines and branches they leave out.
	$(PYTEST) -q -m "not slow" --cov --cov-report=term

vectors: $(STAMP) ## Regenerate the test vectors, without the library.
	$(BIN)/python -m tests.vectors.generate

tables: $(STAMP) ## Check that the tables and the codebook match their scripts.
	$(BIN)/python tools/make_tables.py --check
	$(BIN)/python -m tools.make_codebook --check

bench-quality: $(STAMP) ## Measure linking quality on the smaller data sets (some minutes).
	$(BIN)/python -m benchmarks.quality all --quick --no-peers

bench-speed: $(STAMP) ## Measure encoding beside clkhash, all pairs beside anonlink and FAISS, and linking of a million records.
	$(BIN)/python -m benchmarks.speed encode
	$(BIN)/python -m benchmarks.speed seal
	$(BIN)/python -m benchmarks.speed pairs
	$(BIN)/python -m benchmarks.speed link --profile case-registry --records 10000 --records 50000
	$(BIN)/python -m benchmarks.speed link --profile population

# Two at a time: with one core it takes as long as their `cpu_seconds` together, a quarter of an hour.
attacks: $(STAMP) ## Attack the default profile; fails where a gate is missed or an attack is broken (10 minutes on two cores).
	@printf '%s\n' "--suite quick" stolen settled probing forging | \
	    xargs -P 2 -I WORDS sh -c '$(BIN)/python -m benchmarks.attacks WORDS --check'

wheelhouse: $(STAMP) ## Put the package and all that it needs, by locked digest, into dist/wheelhouse, to install without network.
	$(BIN)/python -m tools.make_wheelhouse $(FOR)

lock: $(STAMP) ## Rewrite the lock files with the newest versions that pyproject.toml allows, and their digests.
	@$(LOCK) --upgrade --extra registry --extra classic --extra benchmarks --extra dev --group build --group lock \
	    --output-file requirements-dev.lock
	@$(LOCK) --upgrade --extra registry --constraint requirements-dev.lock --output-file requirements-registry.lock
	@$(LOCK) --upgrade --constraint requirements-dev.lock --output-file requirements-reporter.lock
	@$(COMPILE) --upgrade --extra spark --extra sail --constraint requirements-dev.lock \
	    --output-file requirements-cluster.lock

clean: ## Remove the environment and all build products.
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
