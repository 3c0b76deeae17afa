# make demo    the 25 sample claims live their whole lives, in virtual time
# make test    all tests; installs and starts what they need
# make requirements    which test proves which rule, into docs/requirements.md
# make up      the system on real time; state under ZAOYING_HOME
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Compiled modules are kept: each process, and each workflow in its sandbox, would compile them again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo up test lint format requirements install lock bench clean

demo: install
	@$(BIN)/zaoying demo $(DEMO)

up: install
	@$(BIN)/zaoying up

test: install
	@$(BIN)/python -m tools.temporal_cli --explicit "$(ZAOYING_TEMPORAL_CLI)"
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(TESTS)

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.requirements --check

format: install
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: install
	@for program in bench/bench_*.py; do $(BIN)/python $$program; done

requirements: install
	@$(BIN)/python -m tests.requirements

install: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Installing into $(VENV) from requirements.lock…"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Needs uv. The lock names versions and hashes, never where they come from.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --extra dev --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
