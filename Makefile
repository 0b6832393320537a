# make run    the service on http://127.0.0.1:8000 with a database of its own (PORT, DATA_DIR, DATABASE_URL)
# make env    just the environment, .venv (PYTHON names another python3)
# make test   the whole suite (TESTS=tests/domain for a part, EIGHTHOURS_TEST_DATABASE_URL for another server)
# make bench  peers and ours in one run, into tests/benchmarks/results (bench-quick: 3 minutes)
# make faults kills, broken connections, clock jumps, a full disk under load; 25 minutes, Ctrl-C and again
# make check  what must be green before a commit
# make lock   newest versions allowed by pyproject.toml into requirements.lock

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help env run test bench bench-quick faults check format lock

BIN := .venv/bin

help:
	@sed -n 's/^# make /make /p' Makefile

# The stamp says what .venv was made from: the lock, pyproject.toml and this place (scripts in
# .venv name it). It is written last, so an environment whose making was interrupted has none
# and is made anew. Nothing is asked of the network while it holds.
STAMP := .venv/made-from
MADE_FROM := $(shell { cat requirements.lock; sed '/^\[tool/,$$d' pyproject.toml; pwd -P; } | cksum | tr ' ' -)
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet

env:
	@if [ "$$(cat $(STAMP) 2>/dev/null)" != "$(MADE_FROM)" ] || ! $(BIN)/python -c '' 2>/dev/null; then \
	    set -e; \
	    for python in $${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do \
	        "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	        python=; \
	    done; \
	    [ -n "$$python" ] || { echo 'Python 3.11 or newer is needed (set PYTHON to its path).' >&2; exit 1; }; \
	    echo "Making .venv with $$("$$python" --version) (about a minute, once) ..."; \
	    rm -f $(STAMP); \
	    "$$python" -m venv --clear .venv; \
	    $(PIP) install --require-hashes -r requirements.lock; \
	    $(PIP) install --no-deps --no-build-isolation --editable .; \
	    echo "$(MADE_FROM)" > $(STAMP).new; \
	    mv $(STAMP).new $(STAMP); \
	fi

# exec: a signal to make reaches the service itself and no shell in between.
run: env
	@exec $(BIN)/eighthours serve --demo

# One file goes to one worker, so what a file prepares for all of its tests is prepared once; how
# many workers there are and which files come first is said in tests/conftest.py.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile \
    --no-loadscope-reorder

test: env
	@$(PYTEST) $(TESTS)

# The peers come on top of what .venv holds, by a lock of their own.
bench bench-quick: env
	@$(PIP) install --require-hashes -r requirements-bench.lock
	@$(BIN)/python -m tests.benchmarks $(if $(filter bench-quick,$@),--quick)

# What is done already is not repeated after Ctrl-C (FAULTS='--only disk' for a part, --afresh).
faults: env
	@$(BIN)/python -m tests.faults $(FAULTS)

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/eighthours contracts --check
	$(PYTEST)

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: env
	@[ -x $(BIN)/uv ] || $(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --extra dev --no-header --no-annotate --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --group bench --constraints requirements.lock --no-header --no-annotate \
	    --output-file requirements-bench.lock
