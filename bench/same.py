#!/usr/bin/env python3
"""Are the figures of weir and of the peer the same? same.py WEIR-JSON PEER-JSON; exits 1 when not."""
import json
import sys


def figures(path):
    with open(path, encoding="utf-8") as file:
        states = [state for operator in json.load(file)["operators"] for state in operator["states"]]
    return {(s["name"], s["kind"]): (s["entries"], s["sum"]) for s in states if s["entries"]}


weir, peer = figures(sys.argv[1]), figures(sys.argv[2])
for state in sorted(weir.keys() | peer.keys()):
    if weir.get(state) != peer.get(state):
        print(f"{' '.join(state)}: weir {weir.get(state)}, peer {peer.get(state)} (entries, sum)")
sys.exit(weir != peer or not peer)
