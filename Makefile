# Targets for development; `./run` sets up the environment and runs the program.
PYTHON ?= .venv/bin/python
# Real articles to measure with: make bench ARTICLES=folder. Without it the public news benchmarks where they stand beside the
# project, in sets of whole articles of many events; else the examples.
NEWS := geovirus geowebnews giveme5w1h gva_casualties lgl msnbc muc4_tst4 newsfair2 polnear re3d reuters128 trnews wikievents \
	worldwide_newswire
ARTICLES ?= $(wildcard $(NEWS:%=../shared/benchmarks/dev/%.jsonl))

# The server is measured beside those of these programs that are found; a target that it misses stops nothing.
OXIGRAPH ?= oxigraph
RDFLIB_ENDPOINT ?= rdflib-endpoint

.PHONY: bench
bench:  ## speed, growth and memory of a build, then the server: the tables of docs/performance.md (more: scripts/bench.py --help)
	$(PYTHON) scripts/bench.py $(ARTICLES) --articles 400 --sizes 100 1000 10000 --rounds 3 --write
	-$(PYTHON) scripts/bench_server.py --oxigraph $(OXIGRAPH) --rdflib-endpoint $(RDFLIB_ENDPOINT) --write
