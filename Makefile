# Every target says what it does; `make help` lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
RANDOM_POINTS ?=

.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

packages: ## Install the Debian packages that are missing (asks for sudo if needed)
	@scripts/ensure-packages

setup: packages $(VENV)/runtime ## Prepare everything to run: packages, virtual environment, keys, database, texts
	@$(BIN)/python -m civiparoisse.keys
	@$(BIN)/python scripts/compile_texts.py
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0

$(VENV)/runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: setup ## Run the main job on real input: two parishes provisioned, one damaged and restored
	@$(BIN)/python scripts/demo.py run

demo-stop: ## Stop all that the demo started
	@test ! -x $(BIN)/python || $(BIN)/python scripts/demo.py stop

drill: packages $(VENV)/development ## The disaster drill: everything deleted, all back from a bucket and the printed key
	@$(BIN)/python scripts/drill.py run

run: setup ## Serve the manager in the foreground (web, worker, beat); Ctrl-C stops it
	@$(BIN)/python scripts/services.py foreground

gates: packages $(VENV)/development ## Style, arrows, types, migrations
	@scripts/gates

test: packages $(VENV)/development ## All gates and all tests
	@scripts/gates
	@$(BIN)/python scripts/compile_texts.py
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --reruns 1

test-cluster: packages $(VENV)/development ## The proofs on a Kubernetes cluster: TEST_KUBECONFIG's, or one of its own
	@$(BIN)/python scripts/compile_texts.py
	@tests/cluster/run

test-long: packages $(VENV)/development ## The proofs at random points, many more of them
	@seed=$${RANDOM_SEED:-$$RANDOM} && echo "RANDOM_SEED=$$seed" && RANDOM_SEED=$$seed CIVIPAROISSE_API_SEED=$$seed RANDOM_POINTS=$(or $(RANDOM_POINTS),200) CIVIPAROISSE_API_EXAMPLES=$(or $(EXAMPLES),100) $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

test-mutants: packages $(VENV)/development ## Change the code one expression at a time: does a test notice? (MOST=40: so many of each module)
	@$(BIN)/python scripts/mutants.py $(if $(MOST),--most $(MOST)) --workers $(WORKERS) $(MODULES)

texts: packages $(VENV)/development ## Collect the texts for the translators (locale/fr)
	@$(BIN)/python scripts/collect_texts.py

golden: $(VENV)/development ## Write the golden files of Kubernetes objects again and show what changed
	@GOLDEN_UPDATE=1 $(BIN)/python -m pytest -q tests/manifests/test_golden.py
	@git --no-pager diff -- tests/manifests/golden

lock: ## Pin the dependencies again from pyproject.toml (needs uv)
	@uv lock --quiet
	@uv export --quiet --frozen --no-dev --no-emit-project --no-header -o requirements.txt
	@uv export --quiet --frozen --all-groups --no-emit-project --no-header -o requirements-dev.txt

screenshot: ## Take the README's pictures of a running demo in a headless Chromium
	@CIVIPAROISSE_PICTURES=1 scripts/ensure-packages
	@$(BIN)/python scripts/screenshot.py
	@$(BIN)/python scripts/sample_year.py

clean: ## Remove the demo's state and the virtual environment, after asking
	@scripts/clean

.PHONY: help packages setup demo demo-stop drill run gates test test-cluster test-long test-mutants texts golden lock screenshot clean
