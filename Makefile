# Every target makes .venv in this checkout and uses it, so .venv/bin/voicedr is the program.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test check bench soak clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt scripts/setup
	@PYTHON="$(PYTHON)" scripts/setup

demo: setup
	@$(BIN)/voicedr demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest -n 4 --dist loadscope --no-loadscope-reorder $(ARGS)

check: setup
	@scripts/check

bench: setup
	@$(BIN)/python -m bench $(ARGS)

soak: setup
	@scripts/soak

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache
