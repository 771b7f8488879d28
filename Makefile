# Everything here works on a machine with Python 3.11+, make and venv; nothing is installed by hand.
PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
PEOPLE ?= 100000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
# Settings that the tools below may import without a server or a secret being needed.
TESTS := DJANGO_SETTINGS_MODULE=tests.settings
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11
export PORT DEMO

.PHONY: help run test lint bench audit screenshots demo-data lock clean-venv chromium poppler
.DEFAULT_GOAL := help

help:
	@echo "make run         try the portal out at http://127.0.0.1:$(PORT)"
	@echo "make test        all tests, browser tests included"
	@echo "make lint        style, types, templates, translations, migrations"
	@echo "make bench       measure speed as ratios"
	@echo "make audit       heavy checks"
	@echo "make demo-data   PEOPLE=100000 people for measuring"
	@echo "make screenshots  the pictures of the handbook, of a fresh demo"
	@echo "make lock        pin the packages of pyproject.toml anew"
	@echo "make clean-venv  forget the installed packages"

# A stamp, renewed only after pip has succeeded: an interrupted installation is done again.
$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The portal needs Python 3.11 or newer; name one: make run PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python lacks venv; on Debian: apt install python3-venv"; rm -rf $(VENV); exit 1; }
	@echo "Installing packages (the first time only)…"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the tools of tests and lint (the first time only)…"
	@$(PIP) -r requirements-dev.txt
	@touch $@

run: $(VENV)/.runtime
	@exec $(BIN)/python manage.py serve

chromium: $(VENV)/.dev
	@$(BIN)/python -m tests.chromium

poppler: $(VENV)/.dev
	@$(BIN)/python -m tests.poppler

test: $(VENV)/.dev chromium poppler
	$(TESTS) $(BIN)/python manage.py messages --compile
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/codespell
	$(TESTS) $(BIN)/mypy active_citizens participants projects events reports
	$(TESTS) $(BIN)/python manage.py makemigrations --check --dry-run
	$(TESTS) $(BIN)/python manage.py check
	$(TESTS) $(BIN)/python manage.py messages --check

bench: $(VENV)/.dev
	$(BIN)/python -m tests.load.bench
	$(BIN)/python -m tests.load.bench_exports
	$(BIN)/python -m tests.load.bench_seats
	$(BIN)/python -m tests.load.bench_initiatives
	$(BIN)/python -m tests.load.bench_search

audit: $(VENV)/.dev chromium
	$(BIN)/python -m pytest -m audit

screenshots: $(VENV)/.dev chromium
	$(BIN)/python -m tests.screenshots

demo-data: $(VENV)/.runtime
	$(BIN)/python manage.py demo_data --people $(PEOPLE)

# The resolver is only needed here, so it is not among the tools.
lock: $(VENV)/.runtime
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --group dev -o requirements-dev.txt

clean-venv:
	rm -rf $(VENV)
