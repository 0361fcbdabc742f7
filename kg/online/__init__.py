"""Linking by services on the network, for what the authority files at hand leave open; only ever on request."""
