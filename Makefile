# Targets for development; `./run` sets up the environment and runs the program.
PYTHON ?= .venv/bin/python
# Real articles to measure with: make bench ARTICLES=folder. Without it the public news benchmarks where they stand beside the
# project, in sets of whole articles of many events; else the examples.
NEWS := geovirus geowebnews giveme5w1h gva_casualties lgl msnbc muc4_tst4 newsfair2 polnear re3d reuters128 trnews wikievents \
	worldwide_newswire
ARTICLES ?= $(wildcard $(NEWS:%=../shared/benchmarks/dev/%.jsonl))

.PHONY: bench
bench:  ## speed, growth and memory of a build: the table of docs/performance.md (more: scripts/bench.py --help)
	$(PYTHON) scripts/bench.py $(ARTICLES) --articles 400 --sizes 100 1000 10000 --rounds 3 --write
