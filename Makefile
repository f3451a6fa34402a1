.DEFAULT_GOAL := help
.PHONY: help setup lock run test e2e lint soak bench messages

VENV ?= .venv
PY := $(VENV)/bin/python
SCALE ?= 100k
DB ?= sqlite
DEMO ?= yes
PORT ?= 8000

help:
	@echo "make setup   virtual environment in $(VENV), locked packages with hashes"
	@echo "make run     packages, database, a demo market the first time; pages and worker in one process (DEMO=no PORT=8000)"
	@echo "make test    the whole suite on SQLite, then on PostgreSQL"
	@echo "make e2e     the browser tests alone, in Chromium (installed if missing)"
	@echo "make lint    ruff, mypy, djlint, import rules"
	@echo "make soak    the full reliability figures, written to docs/reliability.md"
	@echo "make bench   SCALE=10k|100k|1m DB=sqlite|postgresql"
	@echo "make lock    the lock files made anew from requirements/*.in"

setup:
	@bash scripts/setup $(VENV)

lock:
	@bash scripts/lock

run: $(PY)
	@echo "bringing the database up to date"
	@$(PY) manage.py migrate --verbosity 0
ifneq ($(DEMO),no)
	@$(PY) manage.py seed_demo --if-empty
endif
	@$(PY) manage.py up --port $(PORT)

test: $(PY)
	@$(PY) -m tests.run $(ARGS)

e2e: $(PY)
	@bash scripts/browser
	@$(PY) -m pytest -n 0 tests/browser $(ARGS)

soak: $(PY)
	@$(PY) -m tests.run --soak $(ARGS)

lint: $(PY)
	@bash scripts/lint $(VENV)

bench: $(PY)
	@$(PY) -m benchmarks --scale $(SCALE) --db $(DB)

messages: $(PY)
	@$(PY) scripts/messages.py

$(PY):
	@echo "installing the locked packages into $(VENV)"
	@bash scripts/setup $(VENV)
