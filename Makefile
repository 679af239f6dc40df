# Everything a newcomer types. Each target makes the environment it needs, so a fresh clone is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo install serve test check bench clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.demo ## run the main job on practice servers and print its import report
	@$(BIN)/bridgework demo

install: $(VENV)/.demo ## make or renew the environment with the command bridgework, and no more

serve: $(VENV)/.demo ## the web pages, worker and scheduler, on http://127.0.0.1:8080
	@$(BIN)/bridgework serve

# The long files come first, or they would keep one process busy at the end. One process more than
# there are cores, for tests wait a third of their time: for a page, a stop, a schedule. Byte code is
# written even where the environment forbids it: tests start a hundred processes, which would each
# compile all of Bridgework anew.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST := PYTHONDONTWRITEBYTECODE= scripts/in-memory $(BIN)/python -m pytest -n $(WORKERS) \
	--dist loadfile --no-loadscope-reorder -o tmp_path_retention_policy=failed

test: $(VENV)/.dev ## the whole test suite, browser included; what stores things on PostgreSQL, too
	@BRIDGEWORK_CHROMIUM="$$(scripts/chromium $(BIN))" $(PYTEST)
	@$(PYTEST) --postgres tests/engine/run tests/engine/store

check: $(VENV)/.dev ## format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict engine plugins web
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## speed and memory beside hand-written loops
	@$(BIN)/python -m bench

clean: ## remove what these targets made
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# An environment of another Python, or half a one (on Debian, without python3-venv), would stay in the way.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("Bridgework needs \
	Python 3.11 or newer; this is %d.%d. Name another: make PYTHON=python3.13 …" % v)'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.demo
