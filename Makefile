# check, test and format run in the environment of $(PYTHON); the README's second command makes it, in .venv-test.
# docs and bench need other packages and make environments of their own: .venv-docs and .venv-bench.
PYTHON ?= .venv-test/bin/python

.PHONY: check ci guard links lock test test-slow test-long test-oldest release bench bench-gset bench-proofs docs format pages paper

check:
	$(PYTHON) -m ruff check src tests benchmarks examples docs/*.py
	$(PYTHON) -m ruff format --check src tests benchmarks examples docs/*.py
	$(PYTHON) docs/draw_house.py --check
	$(PYTHON) docs/draw_lemma.py --check
	$(PYTHON) docs/draw_limits.py --check
	$(PYTHON) docs/draw_summary.py --check
	$(PYTHON) docs/list_names.py --check
	$(PYTHON) -m mypy
	$(PYTHON) -m codespell_lib

ci: # what a change has to pass; makes .venv-test
	.ci/run

release: # build both archives, check them, install them in an empty environment
	.ci/release

test:
	$(PYTHON) -m pytest -q -n 2

test-slow: # what the line above leaves out, and all examples of hypothesis
	HYPOTHESIS_PROFILE=all $(PYTHON) -m pytest -q -n 2 -m "(slow or hypothesis) and not long"

test-long: # tests of which a shorter one of the same kind runs with every change: before a release
	HYPOTHESIS_PROFILE=all $(PYTHON) -m pytest -q -n 2 -m long

test-oldest: # the oldest versions that pyproject.toml admits, in an environment of their own
	python3 -m venv --clear .venv-oldest
	.venv-oldest/bin/pip install -q uv
	.venv-oldest/bin/uv pip install -q --python .venv-oldest/bin/python --resolution lowest-direct -e ".[test]"
	.venv-oldest/bin/python -m pytest -q -n 2 -W ignore::DeprecationWarning -W ignore::FutureWarning \
	  -W "ignore:os.fork:RuntimeWarning" # of old packages beside new ones

guard: # counted work and quality of a few instances against what is stored
	$(PYTHON) benchmarks/guard.py

bench: .venv-bench/made
	.venv-bench/bin/python benchmarks/run.py

bench-gset: .venv-bench/made # every row at 5 and 60 seconds, beside other solvers: hours
	.venv-bench/bin/python benchmarks/run.py gset

bench-proofs: .venv-bench/made
	.venv-bench/bin/python benchmarks/run.py proofs

pages: # tables of the pages from the stored results of the benchmarks, and the pictures and lists that the code makes
	$(PYTHON) benchmarks/pages.py
	$(PYTHON) docs/draw_house.py
	$(PYTHON) docs/draw_lemma.py
	$(PYTHON) docs/draw_limits.py
	$(PYTHON) docs/draw_summary.py
	$(PYTHON) docs/list_names.py

paper: pages # docs/paper.md, its tables and its picture from what is stored; make bench measures it again

docs: .venv-docs/made
	.venv-docs/bin/python -m sphinx -W -b html docs docs/_build/html

links: .venv-docs/made # every address that a page names; needs the internet
	.venv-docs/bin/python -m sphinx -q -b linkcheck docs docs/_build/links

.venv-bench/made: pyproject.toml benchmarks/requirements.lock
	python3 -m venv .venv-bench
	.venv-bench/bin/pip install -q --require-hashes -r benchmarks/requirements.lock
	.venv-bench/bin/pip install -q --no-deps -e .
	touch $@

lock: # the newest versions of what the benchmarks need, with the hashes of their archives
	$(PYTHON) -m uv pip compile -q --universal --python-version 3.11 --extra bench --generate-hashes \
		--no-emit-index-url --no-header pyproject.toml -o benchmarks/requirements.lock

.venv-%/made: pyproject.toml
	python3 -m venv .venv-$*
	.venv-$*/bin/pip install -q -e ".[$*]"
	touch $@

format:
	$(PYTHON) -m ruff format src tests benchmarks examples docs/*.py
	$(PYTHON) -m ruff check --fix src tests benchmarks examples docs/*.py
