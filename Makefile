PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EFFORT := 30
CLAIM_TRACES := 200
SECONDS := 1500
SEED := 1
# Compiled modules are kept: each process, and each workflow in its sandbox, would compile them again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo up test explore production fuzz audit-dependencies mutants lint format requirements install lock screenshots postman client bench clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: install ## Run the 25 sample claims from start to end, in virtual time
	@$(BIN)/zaoying demo $(DEMO)

up: install ## The system on real time; state under ZAOYING_HOME
	@$(BIN)/zaoying up

# Three processes have whole systems, three the rest (tests/support/processes/work_order.py): who waits leaves the processor to others.
test: install ## All tests; installs and starts what they need (TESTS=folder for some)
	@$(BIN)/python -m tools.temporal_cli --explicit "$(ZAOYING_TEMPORAL_CLI)"
ifdef TESTS
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(TESTS)
else
	@$(BIN)/python -m pytest -n 6 --dist loadfile --no-loadscope-reorder
endif

# What `make test` tries briefly, at length and with other examples at every run.
explore: install ## Long explorations: random claims, floods, frozen workers, accidents (EFFORT=30 times as many)
	@HYPOTHESIS_EFFORT=$(EFFORT) $(BIN)/python -m pytest --timeout 0 -n 2 tests/unit/exploration tests/unit/units/test_arrival.py
	@HYPOTHESIS_EFFORT=$(EFFORT) $(BIN)/python -m pytest --timeout 0 tests/e2e/storms/test_floods.py tests/e2e/test_rebuild.py \
	  tests/workflows/interruptions/test_frozen.py tests/workflows/editions/test_many_claims.py
	@HYPOTHESIS_EFFORT=2 $(BIN)/python -m pytest --timeout 0 -n 2 --dist loadfile -m explore
	@$(BIN)/python -m tests.support.archive.archive_chaos $(CLAIM_TRACES)

production: install ## All 25 stories on the topology of docker-compose.yml, without containers (root, Linux)
	@STORIES=all HYPOTHESIS_EFFORT=2 $(BIN)/python -m pytest --timeout 0 tests/e2e/test_production.py

fuzz: install ## Requests made from the API's documentation, by every role, at length (EFFORT=30 times as many)
	@HYPOTHESIS_EFFORT=$(EFFORT) $(BIN)/python -m pytest --timeout 0 tests/e2e/storms/test_generated_requests.py

audit-dependencies: install ## Known vulnerabilities of the pinned packages (DATABASE=all.zip for an export of OSV's)
	@$(BIN)/python -m tools.audit_dependencies $(if $(DATABASE),--database $(DATABASE))

# docs/mutants.md lists those that survive, and why.
mutants: install ## Generated mutants of the rules, to be killed by the unit tests (SECONDS=1500, SEED=1, MODULES=…)
	@$(BIN)/python -m tests.mutation --seconds $(SECONDS) --seed $(SEED) $(MODULES)

lint: install ## ruff, mypy, import-linter, and whether docs/requirements.md is up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.requirements --check

format: install ## Format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

screenshots: install ## Pictures of every page, into docs/screenshots (needs Chromium)
	@$(BIN)/python -m demo.screenshots docs/screenshots

postman: install ## The API as a Postman collection, into build/
	@$(BIN)/python -m api.postman_collection build/zaoying.postman_collection.json

client: install ## A typed Python client of the API, into build/zaoying-client
	@$(BIN)/python -m api.python_client build/zaoying-client

bench: install ## Measurements of speed and size
	@for program in bench/bench_*.py; do $(BIN)/python $$program; done

requirements: install ## Which test proves which rule, into docs/requirements.md
	@$(BIN)/python -m tests.requirements

install: $(VENV)/.installed ## The virtual environment, from requirements.lock

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Installing into $(VENV) from requirements.lock…"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Needs uv. The lock names versions and hashes, never where they come from.
lock: ## Write requirements.lock and requirements-production.lock anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --extra dev --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --extra s3 --custom-compile-command "make lock" --constraints requirements.lock pyproject.toml \
	  -o requirements-production.lock

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
