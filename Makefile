# mini.hypervisor: `make lab` builds the lab and its report, `make test` tests everything. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
COLLECTIONS := $(CURDIR)/build/collections
INVENTORY ?= inventories/lab
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),sudo)
# Asked for once, where sudo wants a password.
BECOME := $(if $(AS_ROOT),$(shell sudo -n true 2>/dev/null || echo --ask-become-pass))
TARGETS ?=
PROFILE ?=
export ANSIBLE_COLLECTIONS_PATH := $(COLLECTIONS)
export PATH := $(BIN):$(PATH)

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

.PHONY: setup
setup: ## Install what the controller needs: system packages, virtual environment, collection path
	@scripts/setup requirements.txt

.PHONY: setup-dev
setup-dev: ## The same, with what the tests need
	@scripts/setup requirements-dev.txt

.PHONY: lab
lab: setup ## Build the hypervisor and its guest, benchmark both, write the report (PROFILE=quick|standard|thorough)
	ansible-playbook $(BECOME) -i $(INVENTORY) playbooks/site.yml
	ansible-playbook $(BECOME) -i $(INVENTORY) playbooks/bench.yml $(if $(PROFILE),-e bench_profile=$(PROFILE))
	@printf '\n'; cat reports/latest/report.txt; printf '\n%s/report.html\n' "$$(readlink -f reports/latest)"

.PHONY: teardown
teardown: setup ## Remove all that the lab made
	ansible-playbook $(BECOME) -i $(INVENTORY) playbooks/teardown.yml

.PHONY: test
test: setup-dev ## Run all tests: lint, unit, sanity, artifact, report, labhost, corpus, bench, faults, integration
	@scripts/test

.PHONY: lint
lint: setup-dev ## Run the linters and type checks
	@scripts/lint

.PHONY: sanity
sanity: setup-dev ## Run ansible-test's sanity tests on every Python it finds
	@scripts/sanity

.PHONY: unit
unit: setup-dev ## Run the unit tests
	@PYTHONPATH=$(COLLECTIONS) python -m pytest -q tests/unit

.PHONY: report
report: setup-dev ## Test the reports: what the roles write, and the page in headless Chromium
	@PYTHONPATH=$(COLLECTIONS) python -m pytest -q tests/report

.PHONY: build
build: setup ## Build the collection's artifact into build/
	@ansible-galaxy collection build --force --output-path build

.PHONY: artifact
artifact: setup-dev ## Test that the artifact installs, and what is in it
	@python -m pytest -q tests/artifact

.PHONY: labhost
labhost: setup-dev ## Test the lab hosts in which the integration targets run
	@$(AS_ROOT) tests/integration/labhost $(BIN)/python -m pytest -q tests/integration/test_labhost.py

.PHONY: integration
integration: setup-dev ## Run the integration targets, or those in TARGETS="virt_pool ..."
	@$(AS_ROOT) tests/integration/run $(TARGETS)

.PHONY: corpus
corpus: setup-dev ## Run libvirt's own documents through the modules (KINDS= SEED= MUTATIONS= QUICK=1)
	@scripts/corpus $(if $(QUICK),--quick) $(if $(SEED),--seed $(SEED)) $(if $(MUTATIONS),--mutations $(MUTATIONS)) $(KINDS)

.PHONY: bench
bench: setup-dev ## Measure the modules beside virsh and community.libvirt, and guests; QUICK=1 only asserts; GUESTS="boot ..." chooses
	@scripts/bench $(if $(QUICK),--quick,$(if $(GUESTS),guests $(GUESTS)))

.PHONY: faults
faults: setup-dev ## Kill and stop libvirtd at every call of every module, or of those in SCENARIOS="..."; QUICK=1 samples
	@scripts/faults $(if $(QUICK),--quick) $(SCENARIOS)

.PHONY: kills
kills: setup-dev ## Kill runs at random moments, 50 of each kind or COUNT=, and see that the next run converges; QUICK=1 a few
	@scripts/kills $(if $(QUICK),--quick) $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED)) $(KINDS)

.PHONY: clean
clean: ## Remove what was built; the virtual environment and reports stay
	rm -rf build
