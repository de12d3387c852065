# Everything runs in .venv, made from files that lock every dependency by hash.
PYTHON ?= python3
BIN := .venv/bin

# Compiled once, not in each of the many processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint bench bench-scale soak simulate lock clean

demo: .venv/runtime
	$(BIN)/roosterbridge demo

# COVERAGE=1 also prints which lines no test ran. It takes a third longer and fails under 95 %.
test: .venv/dev
ifdef COVERAGE
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
else
	$(BIN)/python -m pytest
endif

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.audit

bench: .venv/dev
	$(BIN)/python -m tests.bench

# A crowd of accounts at one school, and hosts that share it: hours at 20,000, so ACCOUNTS=1000 measures fewer.
ACCOUNTS ?= 20000

bench-scale: .venv/dev
	$(BIN)/python -m tests.bench.scale $(ACCOUNTS)

# Ten minutes of the service beside a school that fails in every way and 200 readers.
soak: .venv/dev
	$(BIN)/python -m tests.soak

# 10,000 days of three hosts and a school in trouble, in a simulated time. DAYS=100 simulates fewer.
DAYS ?= 10000
simulate: .venv/dev
	$(BIN)/python -m tests.simulation $(DAYS)

# Needs uv on the PATH; run it after changing a dependency in pyproject.toml.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" pyproject.toml requirements-build.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" pyproject.toml requirements-build.in --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv .coverage* .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/runtime: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

.venv/dev: .venv/runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@
