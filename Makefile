# The lake's front door. `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE # else every start of Python compiles every module again, and takes five times as long

.DEFAULT_GOAL := help
.PHONY: help setup sam demo demo-push test check quick datasets scan audit bench docs format lock clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install everything inside the clone (the others do it by themselves)
	@$(PYTHON) tools/install

sam: ## Install SAM CLI as well, for `sam local invoke` without Docker
	@$(PYTHON) tools/install sam

demo: setup ## Real flights, from files in a bucket to an answer from Athena, on a local AWS
	@$(BIN)/python -m lakectl.demo

demo-push: setup ## Push to deploy on a local AWS: bootstrap, a push, a dataset more, a broken one
	@$(BIN)/python -m lakectl.demo.push

check: setup ## Lint, types, import walls, unit and template tests: fast, before every commit
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest -m "not slow" -n 2 tests

quick: setup ## Lint, and validate every file and template: seconds, for a pipeline that must be fast
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/python -m lakectl.main validate

datasets: setup ## Validate and try the datasets, all or a team's (OWNER=aviation), as its pipeline does
	@$(if $(CODEBUILD_SRC_DIR_Commit),$(BIN)/python -m lakectl.cicd.joined $(OWNER) "$(CODEBUILD_SRC_DIR_Commit)")
	@$(BIN)/python -m lakectl.main validate
	@$(BIN)/python -m lakectl.main test $(if $(OWNER),--team $(OWNER))

test: setup ## Everything: check, then the slow tests and stories on the local cloud
	@$(PYTHON) tools/install sam audit checkov classes > .lake/install.log 2>&1 & more=$$!; \
	$(MAKE) --no-print-directory check || { kill $$more; exit 1; }; \
	wait $$more || { cat .lake/install.log; exit 1; }
	@$(BIN)/pytest -m slow -n 4 --dist loadgroup --no-loadscope-reorder tests

scan: setup ## Judge the templates by checkov, offline: what it finds is mended, or says beside it why not
	@$(PYTHON) tools/install checkov
	@$(BIN)/python tools/scan

audit: setup ## Ask PyPI for known weaknesses of all that is pinned
	@$(PYTHON) tools/install audit
	@$(BIN)/python tools/audit

bench: setup ## Speed, size and price beside those of the things to beat (BENCH="csv rules" for some)
	@$(BIN)/python -m bench $(BENCH)

docs: setup ## The reference written from the code, and the documents as a site: .lake/site/index.html
	@$(PYTHON) tools/install docs
	@$(BIN)/python tools/reference
	@.lake/envs/docs/bin/zensical build

format: setup ## Put the code in its usual form
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .

lock: setup ## Pin and hash the requirements again, after a change to requirements/*.in
	@tools/lock

clean: ## Remove what the targets made (the local cloud's state as well)
	@if [ -x $(BIN)/lake ]; then $(BIN)/lake local down; fi
	@rm -rf .venv .lake
