.DEFAULT_GOAL := help
.PHONY: help setup lock run test lint soak bench messages

VENV ?= .venv
PY := $(VENV)/bin/python
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

run: $(PY)
	@$(PY) manage.py migrate
	@$(PY) manage.py up

test: $(PY)
	@$(PY) -m tests.run $(ARGS)

soak: $(PY)
	@$(PY) -m tests.run --soak $(ARGS)

lint: $(PY)
	@bash scripts/lint $(VENV)

bench: $(PY)
	@$(PY) -m benchmarks --scale $(SCALE) --db $(DB)

messages: $(PY)
	@$(PY) scripts/messages.py

$(PY):
	@bash scripts/setup $(VENV)
