PYTHON ?= python3
PORT ?= 5000

BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --annotation-style line $(LOCK_ARGS) pyproject.toml
SOURCES := app.py seatadmin migrations tests docs $(wildcard bench) drills gunicorn.conf.py

.DEFAULT_GOAL := help
.PHONY: help run test check format tables screenshots lock bench drill chromium

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

# One process: the sign-in throttle counts in memory unless RATELIMIT_STORAGE_URI says otherwise.
run: .venv/runtime.stamp ## Serve a demo on 127.0.0.1:5000 (PORT=); makes its environment and data first
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo
	@echo "Seat Admin: http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@$(BIN)/gunicorn --bind 127.0.0.1:$(PORT) --worker-class gthread --workers 1 --threads 8 \
		--no-control-socket --log-level warning 'app:create_app()'

test: .venv/dev.stamp chromium ## Run every test, on SQLite, on PostgreSQL and in Chromium (ARGS=)
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

check: .venv/dev.stamp ## Check format, lint, types, layers, templates and dependencies, then test
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check templates
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/deptry .
	$(BIN)/vulture
	$(MAKE) test

format: .venv/dev.stamp ## Lay out code and templates, mend what the linter can
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	-$(BIN)/djlint --quiet --reformat templates

tables: .venv/dev.stamp ## Write the README's tables anew from the rules
	$(BIN)/python -m docs.tables

screenshots: .venv/dev.stamp chromium ## Take the pictures of the README and the docs anew (ARGS="dialog print")
	$(BIN)/python -m docs.screenshots $(ARGS)

lock: .venv/dev.stamp ## Write the locks from pyproject.toml (LOCK_ARGS=--upgrade takes newer versions)
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra oidc --constraint requirements.lock --output-file requirements-oidc.lock
	$(LOCK) --extra oidc --group dev --constraint requirements-oidc.lock --output-file requirements-dev.lock

bench: .venv/dev.stamp ## Measure the speed (SIZE=10k, 100k, 1m, 10m; DB=sqlite, pg; ARGS="pages export")
	$(BIN)/python -m bench $(ARGS)

drill: .venv/dev.stamp ## Break things on purpose (SCALE=quick, session, full; DB=sqlite, pg; ARGS="seats kill")
	$(BIN)/python -W ignore -m drills $(ARGS)

# One environment serves both locks: the second holds all of the first, in the same versions.
.venv/runtime.stamp: requirements.lock
	$(call install,requirements.lock)
	@touch $@

.venv/dev.stamp: requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch .venv/runtime.stamp $@

define install
@$(PYTHON) -c 'import sys; sys.exit("Seat Admin needs Python 3.11 or newer, and $(PYTHON) is %d.%d: set PYTHON=" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
@echo "Installing $(1)"
@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(1)
endef

# The tests themselves say what they skip; in CI a skipped browser test is a failure.
chromium:
	@for name in chromium chromium-browser google-chrome; do \
		command -v $$name >/dev/null && exit 0; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends chromium fonts-dejavu-core >/dev/null && exit 0; \
		echo "Browser tests will be skipped: apt-get could not install chromium."; \
	else \
		echo "Browser tests will be skipped: no Chromium here; install it, or run as root on Debian."; \
	fi
