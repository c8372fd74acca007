# Everything happens in the checkout's own environment, .venv, made on first use.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

# Bytecode is kept: the tests start hundreds of processes, and each would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

# Each environment has what a lock of its name lists, with hashes: .ci/locks/dev.txt for .venv, .ci/locks/NAME.txt for .venvs/NAME,
# where clients live that this project did not write. `make lock` makes the locks.
LOCKS := .ci/locks
OTHERS := .venvs
EXISTING := $(OTHERS)/existing
UV := $(OTHERS)/uv/bin/uv
# Packages for IBM's client, in whose environments this library stands in for it.
PACKAGES := experiments mcp mthree pennylane pytket qbraid

# What takes pip minutes takes uv seconds. It knows nothing of the settings of pip: where it finds no packages, pip does.
INSTALL = $(UV) pip install --quiet --python $(@D)/bin/python --no-deps --require-hashes --requirement $(LOCK) || $(INSTALL_BY_PIP)
INSTALL_BY_PIP = $(OTHERS)/uv/bin/pip --python $(@D)/bin/python install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement $(LOCK)

SRC := src tests benchmarks docs hatch_build.py

# What `make test` may be given: make test TESTS=tests/core
TESTS ?=

# What `make promises`, `make laws` and `make mutants` may be given: make mutants N=300 SEED=7 ROOMS="core wire"
SIZE ?= full
SEED := $(or $(SEED),$(shell $(PYTHON) -c "import random; print(random.randrange(10**6))"))
N ?= 100
ROOMS ?=

.PHONY: help demo test check laws promises mutants clients compat bench docs pictures reference lock clean cassettes

help:
	@echo "make demo      run the main job on the embedded emulated cloud"
	@echo "make test      run the tests"
	@echo "make check     lint, format, strict types, import rules, unused names"
	@echo "make laws      run every law by itself, with a fresh seed (SEED=...)"
	@echo "make promises  run the laws and promises at full size, or the promises alone with SIZE=tenth, with a fresh seed"
	@echo "make mutants   plant N bugs and list those that no test sees (N=300 SEED=7 ROOMS=\"core wire\")"
	@echo "make compat    run the tests that ask other clients: IBM's own of three ages, QRMI, IBM's QDMI device, prefect-qiskit"
	@echo "make cassettes     record cassettes/ from the emulated cloud, over HTTP"
	@echo "make bench     measure, beside IBM's existing client"
	@echo "make docs      build the documentation into site/"
	@echo "make pictures  draw the pictures of the documentation anew"
	@echo "make reference write the pages that are made from the code: commands, names"
	@echo "make lock      write the locks of all environments anew (UPGRADE=1: with the newest versions)"
	@echo "make clean     remove what was made"

demo: $(READY)
	@$(BIN)/python -m qiskit_runtime_service.cli.demo

test: $(READY)
	$(BIN)/pytest $(TESTS)

check: $(READY)
	$(BIN)/ruff check $(SRC)
	$(BIN)/ruff format --check $(SRC)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.support.unused_names

promises: $(READY) $(OTHERS)/existing/.ready
	$(BIN)/pytest -m "promise$(if $(filter full,$(SIZE)), or hypothesis)" --hypothesis-profile=$(SIZE) --hypothesis-seed=$(SEED) --timeout=3600 \
		$(if $(filter full,$(SIZE)),--promise-table=docs/reference/promises.md)

laws: $(READY)
	@echo "the laws with seed $(SEED), file by file"
	@grep -rl "@given" tests --include="test_*.py" | sort | xargs -n 1 -P $(shell getconf _NPROCESSORS_ONLN) \
		$(BIN)/python -m pytest -n0 -q --no-header -m hypothesis --hypothesis-profile=fresh --hypothesis-seed=$(SEED)

mutants: $(READY)
	$(BIN)/python -m tests.mutants $(N) --seed $(SEED) --rooms $(ROOMS)

clients: $(foreach client,existing existing043 existing046 prefect qdmi qrmi $(PACKAGES),$(OTHERS)/$(client)/.ready)

compat: $(READY) clients
	$(BIN)/pytest -m asks --all-clients

cassettes: $(READY)
	$(BIN)/python -m tests.cassettes.record

bench: $(READY) $(EXISTING)/.ready
	@for bench in benchmarks/bench_*.py; do \
		$(BIN)/python $$bench --existing $(EXISTING)/bin/python || exit 1; echo; done

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

reference: $(READY) $(foreach client,existing existing043 existing046 qrmi $(PACKAGES),$(OTHERS)/$(client)/.ready)
	$(BIN)/python docs/reference/write_reference.py
	$(BIN)/python -m tests.compat.moving
	$(BIN)/python -m tests.compat.led
	$(BIN)/python -m tests.compat.packages_tried

pictures: $(READY)
	$(BIN)/python docs/pictures/draw_demo.py
	$(BIN)/python docs/pictures/draw_pictures.py

clean:
	rm -rf .venv $(OTHERS) .hypothesis .mypy_cache .ruff_cache .import_linter_cache .mutants site dist

$(READY): LOCK = $(LOCKS)/dev.txt
$(READY): pyproject.toml $(LOCKS)/dev.txt | $(OTHERS)/uv/.ready
	$(PYTHON) -m venv $(@D)
	$(INSTALL)
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(OTHERS)/%/.ready: LOCK = $<
$(OTHERS)/%/.ready: $(LOCKS)/%.txt | $(OTHERS)/uv/.ready
	$(UV) venv --quiet --clear --python $(PYTHON) $(@D)
	$(INSTALL)
	@touch $@

$(OTHERS)/uv/.ready: $(LOCKS)/uv.txt
	$(PYTHON) -m venv $(@D)
	$(INSTALL_BY_PIP)
	@touch $@

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-header --no-annotate --no-strip-extras \
	$(if $(UPGRADE),--upgrade)

lock: $(OTHERS)/uv/.ready
	@for name in uv existing existing043 existing046 prefect qdmi qrmi; do $(COMPILE) $(LOCKS)/$$name.in --output-file $(LOCKS)/$$name.txt || exit 1; done
	@for name in $(PACKAGES); do $(COMPILE) --override $(LOCKS)/stood-in.txt $(LOCKS)/$$name.in --output-file $(LOCKS)/$$name.txt || exit 1; done
	@$(COMPILE) pyproject.toml $(LOCKS)/dev.in --extra aer --extra cli --extra executor --group dev --output-file $(LOCKS)/dev.txt
