# One way to do each thing. Every target does its own set-up from a bare checkout (Python >= 3.11 with venv, and make).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .make

.PHONY: demo test lint bench soak clean lock docs messages pictures
demo: $(STAMPS)/core
	$(BIN)/trucewatch demo demo

test: $(STAMPS)/test
	$(BIN)/python -m pytest -n 2 -m "not soak" tests

lint: $(STAMPS)/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/reference.py --check
	$(BIN)/python scripts/tidy.py

bench: $(STAMPS)/bench
	$(BIN)/python -m benchmarks

soak: $(STAMPS)/test
	$(BIN)/python -m pytest -n 2 -m soak tests

docs: $(STAMPS)/core
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/tutorial.py

# After new English words: every language's catalogue gets the entry, and what is to be translated is told (docs/how-to/languages.md).
messages: $(STAMPS)/core
	$(BIN)/python scripts/messages.py

# Needs Chromium; run by a person after the look of the report has changed.
pictures: demo
	$(BIN)/python scripts/pictures.py demo

$(STAMPS)/venv:
	@mkdir -p $(STAMPS)
	$(PYTHON) scripts/bootstrap.py $(VENV)
	@touch $@

$(STAMPS)/core: $(STAMPS)/venv requirements/core.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/core.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/%: $(STAMPS)/core requirements/%.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/$*.txt
	@touch $@

# Re-compiles the locks: names, versions and hashes, never an address. Needs uv; run by a person, the difference is read.
lock:
	for g in core test lint bench; do sh scripts/lock.sh $$g; done

clean:
	rm -rf $(VENV) $(STAMPS) demo build dist
