#!/bin/sh
# Tries a running server by its own description: scripts/fuzz/schemathesis.sh [ADDRESS]
# schemathesis is no dependency of the project: pip install schemathesis in an environment of its own.
exec schemathesis run "${1:-http://127.0.0.1:8000}/openapi.json" \
    --checks not_a_server_error,response_schema_conformance --max-examples "${EXAMPLES:-50}"
