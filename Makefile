# Targets for development; `./run` sets up the environment and runs the program.
PYTHON ?= .venv/bin/python
# Real articles to measure with, if there are any beside the examples: make bench ARTICLES=folder
ARTICLES ?=

.PHONY: bench
bench:  ## speed, growth and memory of a build: the table of docs/performance.md (more: scripts/bench.py --help)
	$(PYTHON) scripts/bench.py $(ARTICLES) --articles 200 --sizes 100 1000 10000 --write
