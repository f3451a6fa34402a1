.DEFAULT_GOAL := help
.PHONY: help setup lock run test lint soak bench messages

VENV ?= .venv
PYTHON := $(VENV)/bin/python
SCALE ?= 100k
DB ?= sqlite

help:
	@echo "make setup   virtual environment in $(VENV), locked packages with hashes"
	@echo "make run     database brought up to date, pages and worker in one process"
	@echo "make test    the whole suite on SQLite, then on PostgreSQL"
	@echo "make lint    ruff, mypy, djlint, import rules"
	@echo "make soak    the full reliability figures, written to docs/reliability.md"
	@echo "make bench   SCALE=10k|100k|1m DB=sqlite|postgresql"
	@echo "make lock    the lock files made anew from requirements/*.in"

setup:
	@bash scripts/setup $(VENV)

lock:
	@bash scripts/lock

run: $(PYTHON)
	@$(PYTHON) manage.py migrate
	@$(PYTHON) manage.py up

test: $(PYTHON)
	@$(PYTHON) -m tests.run $(ARGS)

soak: $(PYTHON)
	@$(PYTHON) -m tests.run --soak $(ARGS)

lint: $(PYTHON)
	@bash scripts/lint $(VENV)

bench: $(PYTHON)
	@$(PYTHON) -m benchmarks --scale $(SCALE) --db $(DB)

messages: $(PYTHON)
	@bash scripts/messages $(VENV)

$(PYTHON):
	@bash scripts/setup $(VENV)
