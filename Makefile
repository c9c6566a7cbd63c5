# make demo · make test · make check · make bench · make stubs · make plugins: each does its own
# set-up.
PYTHON ?= python3.11
PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --constraint constraints.txt
PYTEST ?= OMP_NUM_THREADS=1 $(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile
PYTEST_ARGS ?=

.PHONY: help install demo test check bench stubs plugins fiji clean

help:
	@echo "make demo    install into .venv, start an engine, segment real images, leave labels, ROIs and overlays"
	@echo "make test    install what the tests need (Cellpose included) and run them all"
	@echo "make check   ruff, mypy --strict, import-linter, freshness of the stubs"
	@echo "make bench   time Cellwire and Cellpose alternately on the same weights"
	@echo "make stubs   generate the protocol's Python stubs"
	@echo "make plugins build what CellProfiler and ImageJ users take, into dist/"
	@echo "make fiji    build the ImageJ plugin with Debian's Maven and libraries, into dist/"

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --upgrade pip

.venv/installed: .venv/bin/python pyproject.toml grpc_protos/pyproject.toml constraints.txt
	$(PIP) -e grpc_protos -e .
	touch $@

# Cellpose's own requirements would hold numpy back and pull another torch: it comes alone.
.venv/installed-test: .venv/installed
	$(PIP) -e ".[test]"
	$(PIP) --no-deps cellpose==3.1.1.3
	touch $@

.venv/installed-check: .venv/installed-test
	$(PIP) -e ".[check]"
	touch $@

# One version of the generator, whose stubs load on every protobuf from 4.25 on.
.venv-stubs/installed:
	$(PYTHON) -m venv .venv-stubs
	.venv-stubs/bin/python -m pip install --quiet grpcio-tools==1.62.3 'setuptools<81'
	touch $@

install: .venv/installed

demo: .venv/installed
	$(PY) docs/demo.py

# Without Java the tests with CellProfiler skip, and say so; in CI that is a failure.
test: .venv/installed-test .venv-stubs/installed
	tests/cellprofiler/make_environment.sh || [ -z "$$CI" ]
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

check: .venv/installed-check .venv-stubs/installed
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	.venv-stubs/bin/python grpc_protos/generate_stubs.py --check

bench: .venv/installed-test
	$(PY) -m tests.bench

stubs: .venv-stubs/installed
	.venv-stubs/bin/python grpc_protos/generate_stubs.py

plugins: .venv/bin/python
	$(PY) cellprofiler_plugin/release/make_zips.py
	$(MAKE) fiji

# Debian's packages for it are in fiji_bridge/README.md; elsewhere: cd fiji_bridge && mvn package
fiji:
	rm -rf fiji_bridge/target
	mvn --batch-mode --quiet --offline --settings /etc/maven/settings-debian.xml --activate-profiles debian \
		--file fiji_bridge/pom.xml package
	mkdir -p dist
	cp fiji_bridge/target/Cellwire_-*.jar dist/

clean:
	rm -rf .venv .venv-* build dist demo-output .demo-cache fiji_bridge/target
