# Every target makes what it needs: a virtual environment in .venv, from nothing but Python >= 3.11 and a
# package index. `demo` installs what Kubewhy needs to run; the others add the tools of its developers.
# The environment is brought up to date whenever pyproject.toml or a lock file changes.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
QUESTION := Payment service cannot start
BENCHMARKS := graph_speed import_cost model_tokens pipeline_throughput embedding_calls structured_logging log_retrieval slack_load

# Keeps `langgraph dev` on this machine: no traces and no usage numbers leave it.
OFFLINE := LANGSMITH_TRACING=false LANGCHAIN_TRACING_V2=false LANGGRAPH_CLI_NO_ANALYTICS=1

.PHONY: help demo test test-live test-models cluster-up cluster-down opensearch-up opensearch-down record-incidents fuzz lint eval \
  studio bench bench-live screens lock docs sbom audit clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## diagnose a recorded incident: no cluster, no cloud account, no model
	@echo '$$ kubewhy ask --incident missing-configmap-chain "$(QUESTION)"'
	@$(BIN)/kubewhy ask --incident missing-configmap-chain "$(QUESTION)"

test: $(DEV) ## run the tests; ARGS="-k kubectl" narrows them down
	$(BIN)/pytest $(ARGS)

test-live: $(DEV) ## run the tests against a real Kubernetes and OpenSearch (the first build takes 20 minutes)
	$(BIN)/python -m tests.live.build
	$(BIN)/python -m tests.live.opensearch build
	$(BIN)/pytest -m live tests/live $(ARGS)

test-models: $(DEV) ## run the tests against real models (KUBEWHY_LIVE_MODELS=1, an AWS account), or their cassettes
	$(BIN)/pytest -m models tests/models $(ARGS)

cluster-up: $(DEV) ## start that Kubernetes to try things on; prints its KUBECONFIG
	@$(BIN)/python -m tests.live.build
	@$(BIN)/python -m tests.live.cluster up

cluster-down: $(DEV) ## stop it
	@$(BIN)/python -m tests.live.cluster down

opensearch-up: $(DEV) ## start that OpenSearch to try things on
	@$(BIN)/python -m tests.live.opensearch up

opensearch-down: $(DEV) ## stop it
	@$(BIN)/python -m tests.live.opensearch down

record-incidents: $(DEV) ## break that Kubernetes in sixty ways and record each; ARGS="ID .." for some of them
	@$(BIN)/python -m tests.live.build
	@$(BIN)/python -m tests.live.record $(ARGS)

fuzz: $(DEV) ## fuzz the parsers, redaction and importers; ARGS="command --seconds 300"
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

lint: $(DEV) ## check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --explicit-package-bases benchmarks docs

eval: $(RUNTIME) ## diagnose every recorded incident and score the answers
	@$(BIN)/kubewhy eval run $(ARGS)

studio: $(DEV) ## serve the graphs to LangGraph Studio on http://127.0.0.1:2024
	$(OFFLINE) $(BIN)/langgraph dev --no-browser $(ARGS)

bench: $(DEV) ## measure the graph, imports, the pipeline, embeddings, retrieval, prompts and Slack
	@for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name || exit 1; done

bench-live: $(DEV) ## measure the survey of 1,000 and 5,000 Pods, and log search at 200,000 and 1,000,000 lines
	@$(BIN)/python -m benchmarks.survey_large_cluster
	@$(BIN)/python -m benchmarks.log_search

screens: $(DEV) ## draw the screens of the README from real conversations; to look at, with a Chromium
	@$(BIN)/python -m docs.screens $(ARGS)

lock: $(DEV) ## pin every dependency anew, within the bounds of pyproject.toml
	$(PIP) install 'uv>=0.9,<1'
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) --extra dev -c requirements.lock \
	  -o requirements-dev.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) --extra postgres --extra traces -c requirements.lock \
	  -o deploy/image/app.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) --extra lambda -c requirements.lock \
	  -o deploy/image/lambda.lock pyproject.toml deploy/image/lambda.in
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) -o deploy/image/build.lock deploy/image/build.in
	$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) -o tests/live/linters/requirements.lock \
	  tests/live/linters/requirements.in

docs: $(DEV) ## write what the documents say of the code: settings, the picture of the graph
	$(BIN)/python -m docs.reference

# Tools with versions of their own, and an environment that holds what the app's image holds and nothing else.
SUPPLY := $(VENV)/supply
$(SUPPLY)/.ready: deploy/image/app.lock | $(BIN)/python
	@rm -rf $(SUPPLY)
	@$(BIN)/python -m venv $(SUPPLY)/tools
	@$(BIN)/python -m venv $(SUPPLY)/app
	@$(SUPPLY)/tools/bin/pip --quiet install 'cyclonedx-bom>=7,<8' 'pip-audit>=2.10,<3'
	@$(SUPPLY)/app/bin/pip --quiet install --require-hashes --requirement deploy/image/app.lock
	@$(SUPPLY)/app/bin/pip --quiet uninstall --yes pip setuptools
	@touch $@

sbom: $(SUPPLY)/.ready $(DEV) ## write build/kubewhy.cdx.json (CycloneDX) and docs/licences.md: what a release is made of
	@mkdir -p build
	$(SUPPLY)/tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	  --output-file build/kubewhy.cdx.json $(SUPPLY)/app/bin/python
	$(BIN)/python -m docs.licences build/kubewhy.cdx.json

audit: $(SUPPLY)/.ready ## ask PyPI for known vulnerabilities of what a release is made of; takes a network
	$(SUPPLY)/tools/bin/pip-audit --strict --disable-pip --requirement deploy/image/app.lock

LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --custom-compile-command 'make lock'

clean: ## remove the environment and the caches; threads (.kubewhy) stay
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .langgraph_api
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$candidate -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$candidate --version)"; \
	    exec $$candidate -m venv --clear $(VENV); \
	  fi; \
	done; \
	echo 'Kubewhy needs Python 3.11 or later with its venv module, and found none in PATH (tried python3,' >&2; \
	echo 'python3.14 down to python3.11). Install one, for instance: apt install python3 python3-venv' >&2; \
	exit 1

$(RUNTIME): pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing what Kubewhy needs to run (requirements.lock) into $(VENV)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

$(DEV): pyproject.toml requirements-dev.lock requirements.lock | $(BIN)/python
	@echo "Installing Kubewhy and its developers' tools (requirements-dev.lock) into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --editable .
	@touch $(RUNTIME) $@
