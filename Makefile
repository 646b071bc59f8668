# The doors of the repository: `make demo`, `make app`, `make test`. Needs Python 3.11+ and a package registry.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
STAMP_DEV := $(VENV)/.installed-dev

.PHONY: help demo app test check bench clean
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(STAMP_DEV): $(STAMP) requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off -r requirements-dev.txt
	@touch $@

demo: $(STAMP) ## audit the shipped sample week through the real path
	@$(BIN)/python -m audit demo

app: $(STAMP) ## open the review app on the demo's store
	@$(BIN)/python -m audit app --demo

test: $(STAMP_DEV) ## lint, types, import contract, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(STAMP_DEV) ## speed as ratios to named baselines
	$(BIN)/python -m benchmarks

clean: ## remove the demo's output, not the virtual environment
	rm -rf demo build dist *.egg-info
