# Everything a checkout needs, with Python 3.11 (or newer) and make alone.
#   make up     set up what is missing and start a server whose state is in memory
#   make test   set up what is missing, check the code and run every test

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UP ?= --ephemeral

.PHONY: venv up test check lint types layers fuzz journeys bench format clean

venv: $(VENV)/.runtime

$(VENV)/.runtime: requirements/local.txt pyproject.toml
	@echo "setting up $(VENV) (once) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; say which with: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements/local.txt
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@echo "adding what the tests need (once) ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

up: $(VENV)/.runtime
	@$(BIN)/rolekeeper up $(UP)

test: check
	@$(BIN)/pytest -n 2 --dist worksteal -rs

check: lint types layers

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

layers: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The evaluators are compared on this many whole requests, which takes ten minutes or so: make fuzz FUZZ=1000000
FUZZ ?= 200000

fuzz: $(VENV)/.dev
	@RK_FUZZ=1 RK_FUZZ_EXAMPLES=$(FUZZ) $(BIN)/pytest tests/properties -n 2 --dist worksteal -vv

journeys: $(VENV)/.dev
	@JOURNEYS=1 $(BIN)/pytest tests/journeys -rs

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	@echo "adding what the benchmarks compare with (once) ..."
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

bench: $(VENV)/.bench
	@$(BIN)/python bench/wire.py
	@$(BIN)/python bench/policy.py
	@$(BIN)/python bench/population.py
	@$(BIN)/python bench/metadata.py
	@$(BIN)/python bench/gateway.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
