"""Query evaluation in contained processes: formats, workers, the pool, saved queries. Imports no web framework."""
