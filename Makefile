# mini.hypervisor: `make lab` builds the lab and its report, `make test` tests everything. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
COLLECTIONS := $(CURDIR)/build/collections
INVENTORY ?= inventories/lab
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
lab: setup ## Build the hypervisor and its guest, benchmark both, write the report
	ansible-playbook -i $(INVENTORY) playbooks/site.yml
	ansible-playbook -i $(INVENTORY) playbooks/bench.yml

.PHONY: teardown
teardown: setup ## Remove all that the lab made
	ansible-playbook -i $(INVENTORY) playbooks/teardown.yml
