# make demo | test | bench | docs: each makes the environment first, once.
.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench docs clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# One thread a process: two test workers with threads of their own would only wait for each other.
export OMP_NUM_THREADS ?= 1
# Nothing here needs the network once the environment stands.
export HF_HUB_OFFLINE ?= 1

help:
	@echo "make demo   learn real handwriting from rendered digits; writes demo/model/report.html"
	@echo "make test   ruff, mypy and the test suite"
	@echo "make bench  the figures, one run each, into benchmarks/results/"
	@echo "make docs   run the examples of README and docs, check their links"
	@echo "make clean  remove the environment and everything generated"

# Made once, and again when a dependency changes.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("headstart needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@echo "making the environment in $(VENV) (a minute or two, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY)
	@$(BIN)/python examples/learning_from_simulation.py

test: lint types
	$(BIN)/pytest -n 2

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

bench: $(READY)
	@for script in $$(grep -l '__main__' benchmarks/*.py); do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(READY)
	$(BIN)/pytest tests/test_docs_are_true.py

clean:
	rm -rf $(VENV) demo build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
