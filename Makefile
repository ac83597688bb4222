# Tongzhou: `make run` serves the console, `make test` proves it. Both install what they need into .venv.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 5006
ARGS ?=

.PHONY: run test test-compile test-data test-console test-commands test-routing test-browser test-rest check bench bench-network bench-deploy bench-peers bench-growth bench-console bench-store bench-replan bench-dispatch bench-isolate bench-hold bench-evacuate soak notebooks lock schema clean help

help:            ## list the targets
	@grep -E '^[a-z-]+: .*## ' Makefile | sed -E 's/:.*## /  /' || true

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11 to 3.13 is needed, {sys.version.split()[0]} found. Set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Could not make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing into $(VENV) (once)"
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime requirements-test.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-test.lock
	@touch $@

run: $(VENV)/.runtime  ## install and serve the Zhoushan demo at a loopback address
	@$(BIN)/tongzhou warm-up
	@$(BIN)/tongzhou serve --port $(PORT) $(ARGS)

# The tests wait more than they work, so four runs share the cores. What most would compile is compiled once, while those
# that need no compiled code run. A run that fails stops none of the others; its output comes whole at its end where make
# can do that. With ARGS there is one run: make test ARGS="-k word".
APART := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) --no-print-directory -k -j4
test: $(VENV)/.test  ## install what the tests need (with root: system packages too) and run them all
	@$(BIN)/python tests/system_packages.py
ifdef ARGS
	$(BIN)/python -m pytest $(ARGS)
else
	$(MAKE) $(APART) test-compile test-data test-browser test-console test-routing test-commands test-rest
endif

test-compile:
	TONGZHOU_CACHE=$(CURDIR)/.pytest_cache/warm $(BIN)/tongzhou warm-up

test-data:
	$(BIN)/python -m pytest tests/data tests/proof -o cache_dir=.pytest_cache/$@ --durations=15

test-routing test-browser: test-compile
	$(BIN)/python -m pytest tests/$(@:test-%=%) -o cache_dir=.pytest_cache/$@ --durations=15

test-console: test-compile
	$(BIN)/python -m pytest tests/console --ignore-glob='*/test_cli*.py' -o cache_dir=.pytest_cache/$@ --durations=15

test-commands: test-compile
	$(BIN)/python -m pytest tests/console/test_cli*.py -o cache_dir=.pytest_cache/$@ --durations=15

test-rest: test-compile
	$(BIN)/python -m pytest tests $(APART_FROM:%=--ignore=tests/%) -o cache_dir=.pytest_cache/$@ --durations=15

APART_FROM := browser console data proof routing

check: $(VENV)/.test  ## lint, format, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_floors.py

bench: bench-network bench-deploy bench-dispatch bench-isolate bench-hold bench-evacuate bench-console bench-store  ## print every figure beside its target and the naive baseline

bench-network: $(VENV)/.test
	$(BIN)/python -m tests.bench.network

bench-deploy: $(VENV)/.test
	$(BIN)/python -m tests.bench.deploy

$(VENV)/.bench: $(VENV)/.test requirements-bench.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-bench.lock
	@touch $@

bench-peers: $(VENV)/.bench  ## set our plans beside nearest-first, greedy, cold CP-SAT, PyVRP and VROOM (40 minutes)
	$(BIN)/python -m tests.bench.instances
	$(BIN)/python -m tests.bench.peers $(ARGS)

bench-growth: $(VENV)/.test  ## what deployments cost as they grow, and the memory of all processes
	$(BIN)/python -m tests.bench.growth $(ARGS)

bench-replan: $(VENV)/.test  ## re-planning: repair, re-optimisation, changes with and without their price
	$(BIN)/python -m tests.bench.replan

bench-dispatch: $(VENV)/.test  ## dispatch, rings and positioning beside their targets
	$(BIN)/python -m tests.bench.dispatch

bench-isolate: $(VENV)/.test  ## the isolation forecast of the whole archipelago for 72 hours
	$(BIN)/python -m tests.bench.isolate

bench-hold: $(VENV)/.bench  ## self-defence plans beside their bounds, one-person jobs beside VROOM
	$(BIN)/python -m tests.bench.hold

bench-evacuate: $(VENV)/.test  ## evacuations beside their bounds, published sizes to proof
	$(BIN)/python -m tests.bench.evacuate

bench-console: $(VENV)/.test
	$(BIN)/python -m tests.bench.console

bench-store: $(VENV)/.test
	$(BIN)/python tests/system_packages.py
	$(BIN)/python -m tests.bench.store
	$(BIN)/python -m tests.bench.positions
	$(BIN)/python -m tests.bench.positions --postgis --minutes 5 --rows 1000000
	$(BIN)/python -m tests.bench.keeping
	$(BIN)/python -m tests.bench.push
	$(BIN)/python -m tests.bench.seats

MINUTES ?= 30
soak: $(VENV)/.test  ## kill, cut, fill and race both stores for half an hour (MINUTES=30); nothing may be lost
	$(BIN)/python tests/system_packages.py
	$(BIN)/python -m tests.proof.soak --minutes $(MINUTES) --report soak.json $(ARGS)

notebooks: $(VENV)/.test  ## run every notebook from top to bottom
	$(BIN)/python -m pytest -q tests/test_notebooks.py

schema: $(VENV)/.runtime  ## write docs/plan.schema.json from the plan's types
	$(BIN)/tongzhou plan-schema > docs/plan.schema.json

lock: $(VENV)/.test  ## resolve the versions again for Python 3.11 to 3.13 (needs uv)
	uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --no-header --no-annotate pyproject.toml --extra test --extra coastline -o requirements-test.lock
	uv pip compile -q --universal --fork-strategy fewest --python-version 3.11 --no-header --no-annotate pyproject.toml --extra bench -c requirements-test.lock -o requirements-bench.lock

clean:           ## remove what the project made (not the journals)
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis tests/artefacts
