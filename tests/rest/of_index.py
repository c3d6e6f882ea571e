#!/usr/bin/env python3
"""Recorded answers as lines (record.py says of what form): of_index.py DIR, a folder with index.json and one file an answer.

The index has "recordings": method, path, status and file of each. What is no JSON is left out."""
import json
import os
import sys

folder = sys.argv[1]
with open(f"{folder}/index.json", encoding="utf-8") as file:
    recordings = json.load(file)["recordings"]
for r in recordings:
    try:
        with open(os.path.join(folder, r["file"]), encoding="utf-8") as file:
            body = json.dumps(json.load(file), ensure_ascii=False)
    except (ValueError, KeyError, OSError):
        continue
    print(r.get("method", "GET"), r["path"].removeprefix("/v1"), r["status"], "application/json", body, sep="\t")
