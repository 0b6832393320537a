# make run    the service on http://127.0.0.1:8000 with a database of its own (PORT, DATA_DIR, DATABASE_URL)
# make test   the whole suite
# make check  what must be green before a commit
# make lock   newest versions allowed by pyproject.toml into requirements.lock

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help env run test check format lock

BIN := .venv/bin

help:
	@sed -n 's/^# //p' Makefile

# The stamp says what .venv was made from: the lock, pyproject.toml and this place (scripts in
# .venv name it). It is written last, so an environment whose making was interrupted has none
# and is made anew. Nothing is asked of the network while it holds.
STAMP := .venv/made-from
MADE_FROM := $(shell { cat requirements.lock pyproject.toml; pwd -P; } | cksum | tr ' ' -)

env:
	@if [ "$$(cat $(STAMP) 2>/dev/null)" != "$(MADE_FROM)" ] || ! $(BIN)/python -c '' 2>/dev/null; then \
	    set -e; \
	    for python in $${PYTHON:-python3 python3.13 python3.12 python3.11}; do \
	        "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	        python=; \
	    done; \
	    [ -n "$$python" ] || { echo 'Python 3.11 or newer is needed (set PYTHON to its path).' >&2; exit 1; }; \
	    echo "Making .venv with $$($$python --version) (about a minute, once) ..."; \
	    rm -f $(STAMP); \
	    "$$python" -m venv --clear .venv; \
	    $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-input \
	        --require-hashes -r requirements.lock; \
	    $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-input \
	        --no-deps --no-build-isolation --editable .; \
	    echo "$(MADE_FROM)" > $(STAMP).new; \
	    mv $(STAMP).new $(STAMP); \
	fi

run: env
	@exec $(BIN)/eighthours serve

test: env
	@$(BIN)/python -m pytest

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	# $(BIN)/eighthours contracts --check
	$(BIN)/python -m pytest

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: env
	$(BIN)/python -m pip --disable-pip-version-check install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --extra dev --no-header --no-annotate --output-file requirements.lock pyproject.toml
