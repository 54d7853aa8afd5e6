# make run: set up and watch the demonstration; make test: every check and test. See README.md.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.done
CONSOLE := dashboards/console
PYTHON ?= $(shell command -v python3.11 || command -v python3)

.PHONY: help setup run test lint bench lock system

help:
	@echo "make setup   install what is missing (a second time: at once)"
	@echo "make run     set up, start everything, feed two demonstration cities; Ctrl-C stops it"
	@echo "make test    set up, lint, and run the whole suite"
	@echo "make lint    format, lint, strict types, imports between rooms, catalogues"
	@echo "make bench   the pipeline's speed against bare inserts and an ordinary Faust program"
	@echo "make lock    resolve pyproject.toml anew into requirements.lock"

setup: $(DONE)/system $(DONE)/install $(DONE)/console $(DONE)/kafka

run: setup
	@$(BIN)/granary up --demo

test: setup lint
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: setup
	@echo "lint: format, rules, types, imports, catalogues"
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo | tail -n 3
	@for city in catalog/*/city.yaml; do $(BIN)/granary catalog check "$$(dirname "$$city")"; done

bench: setup
	@$(BIN)/granary bench pipeline

$(DONE)/system: deploy/setup/system_packages.sh
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "setup: Python 3.11 or later is needed"; exit 1; }
	@test -x $(BIN)/python || { echo "setup: creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@deploy/setup/system_packages.sh
	@mkdir -p $(DONE) && touch $@

$(DONE)/python: requirements.lock | $(DONE)/system
	@echo "setup: installing Python packages (about 500 MB the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DONE)/install: pyproject.toml $(DONE)/python
	@echo "setup: installing granary"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DONE)/console: $(CONSOLE)/package-lock.json | $(DONE)/system
	@echo "setup: installing the page's chart library"
	@cd $(CONSOLE) && npm ci --silent
	@touch $@

$(DONE)/kafka: deploy/kafka/pom.xml | $(DONE)/install
	@echo "setup: fetching the Kafka broker"
	@$(BIN)/python -m granary.local.jars >/dev/null
	@touch $@

lock:
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --extra demo --upgrade --generate-hashes \
		--no-header --no-annotate --python-version 3.11 -o requirements.lock
