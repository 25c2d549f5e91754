# Everything here works from a clone alone: Python 3.11 and make, no root, no Docker.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell command -v python3.11 || echo python3)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: $(READY) ## Collect, build and print the figures with their chains, under Airflow; ALL=1 takes all that is bundled
	@$(BIN)/sanad run $(if $(ALL),--all)

.PHONY: up
up: $(READY) .venv-bi/.ready ## Keep Airflow and the dashboards running, until Ctrl-C; LIVE=1 collects from the real sites
	@$(BIN)/sanad up $(if $(LIVE),--live)

.PHONY: down
down: $(READY) ## Stop what `make up` keeps running
	@$(BIN)/sanad down

.PHONY: test
test: $(READY) ## Run the tests; ARGS="-k periods" is handed to pytest
	@$(BIN)/python -m pytest -n 2 $(ARGS)

.PHONY: test-machine
test-machine: $(READY) ## Run the slow tests: interrupted, killed and hung-up runs, for some minutes
	@$(BIN)/python -m pytest -m slow tests/machine $(ARGS)

.PHONY: test-tools
test-tools: .venv-bench/.ready ## Run the recipes of docs/bi-tools.md, with ADBC and DuckDB too
	@.venv-bench/bin/python -m pytest tests/tools $(ARGS)

.PHONY: secrets
secrets: ## Make the passwords and keys of a deployment by docker-compose.yml, to secrets/
	@docker/make-secrets

.PHONY: test-stack
test-stack: $(READY) ## Build, boot, break and restore docker-compose.yml for real, a quarter of an hour; needs a Docker engine or root
	@$(BIN)/python -m pytest -m slow tests/stack -x -s $(ARGS)

.PHONY: test-bi
test-bi: $(READY) .venv-bi/.ready ## Run the tests of the dashboards in a browser, on a whole Superset, for some minutes
	@$(BIN)/python -m pytest -m bi tests/bi $(ARGS)

.PHONY: doctor
doctor: $(READY) ## Check the machine, the environment and the state folder
	@$(BIN)/sanad doctor

.PHONY: docs
docs: $(READY) ## Write pages of the models and of which column comes from which, to .sanad/docs
	@$(BIN)/sanad docs

.PHONY: bench
bench: .venv-bench/.ready ## Measure it beside its peers, half an hour; NAME=stage for one: stage extract build run ...
	@.venv-bench/bin/python -m bench $(NAME)

# What bench/ needs beside the product, in an environment of its own that git does not see.
.venv-bench/.ready: $(READY) requirements-bench.txt pyproject.toml
	@[ -x .venv-bench/bin/python ] || $(PYTHON) -m venv .venv-bench
	@echo '*' > .venv-bench/.gitignore
	@VIRTUAL_ENV=.venv-bench $(BIN)/uv pip sync --quiet --require-hashes requirements-bench.txt
	@VIRTUAL_ENV=.venv-bench $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# What the dashboards run on: it cannot share Airflow's libraries, so it has an environment of its own.
.venv-bi/.ready: $(READY) requirements-bi.txt
	@[ -x .venv-bi/bin/python ] || $(PYTHON) -m venv .venv-bi
	@echo '*' > .venv-bi/.gitignore
	@VIRTUAL_ENV=.venv-bi $(BIN)/uv pip sync --quiet --require-hashes requirements-bi.txt
	@touch $@

.PHONY: dashboards
dashboards: $(READY) ## Write superset/bundle anew from its datasets, its dashboards and dbt's contracts
	@$(BIN)/python superset/generate.py

.PHONY: lint
lint: $(READY) ## Check style, types, the order of the rooms, SQL, YAML and the size of DAGs
	@$(BIN)/ruff check --quiet . && echo "ruff check     ok"
	@$(BIN)/ruff format --check --quiet . && echo "ruff format    ok"
	@$(BIN)/mypy --no-error-summary && echo "mypy           ok"
	@$(BIN)/lint-imports --no-logo > .venv/lint-imports.log 2>&1 || { cat .venv/lint-imports.log; exit 1; }; echo "lint-imports   ok"
	@$(BIN)/sqlfluff lint --nocolor --disable-progress-bar dbt_project/models > .venv/sqlfluff.log 2>&1 || { cat .venv/sqlfluff.log; exit 1; }; echo "sqlfluff       ok"
	@$(BIN)/yamllint --strict include/sources include/corrections dbt_project .pre-commit-config.yaml && echo "yamllint       ok"
	@$(BIN)/python -m pytest --quiet tests/dags/test_inventory.py -k thin > .venv/dag-size.log 2>&1 || { cat .venv/dag-size.log; exit 1; }; echo "DAG size       ok"

.PHONY: lock
lock: $(READY) ## Pin the newest of everything in requirements.in, with hashes
	@$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header -p 3.11 requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-header -p 3.11 requirements-stack.in -o requirements-stack.txt
	@echo "locked; now: make test"

.PHONY: clean
clean: ## Remove the virtual environment and caches; the archive and the warehouse in .sanad stay
	@if [ -x $(BIN)/sanad ]; then $(BIN)/sanad down; fi
	@rm -rf .venv .venv-bench .venv-bi .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache include/sanad.egg-info dbt_project/target dbt_project/logs
	@echo "removed .venv and caches"

# The environment, made again when what it is made of changes; an interrupted one is made anew.
$(READY): requirements-bootstrap.txt requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
	  { echo "sanad: Python 3.11 is needed, and $(PYTHON) is not: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) include/sanad/local/bootstrap.py .venv
