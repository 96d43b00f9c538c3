# Every target runs in the environment of $(PYTHON); the README's second command makes one in .venv-test.
PYTHON ?= .venv-test/bin/python

.PHONY: check test bench bench-gset bench-proofs docs format

check:
	$(PYTHON) -m ruff check src tests benchmarks
	$(PYTHON) -m ruff format --check src tests benchmarks
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest -q -n 2

bench:
	$(PYTHON) benchmarks/run.py

bench-gset: # every row at 5 and 60 seconds, beside other solvers: hours
	$(PYTHON) benchmarks/run.py gset

bench-proofs:
	$(PYTHON) benchmarks/run.py proofs

docs:
	$(PYTHON) -m sphinx -W -b html docs docs/_build/html

format:
	$(PYTHON) -m ruff format src tests benchmarks
	$(PYTHON) -m ruff check --fix src tests benchmarks
