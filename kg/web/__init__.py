"""The server: SPARQL endpoint, graph store, saved queries and pages. Imports no NLP; queries run in `kg.query`'s
workers."""
