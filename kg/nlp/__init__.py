"""From an article's text to extraction records: one spaCy pipeline, one module for each layer. Imports no RDF."""
