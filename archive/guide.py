"""The `README.txt` of every archive: how to read and check it without this program."""

from typing import Final

GUIDE_FILE: Final = "README.txt"
GUIDE: Final = """枣应归档 · How to check this archive with nothing but standard tools

每份历史是一件工单（或单位台账、日历更新）在流程引擎中的完整记录，清单逐条以哈希相连。
Each history is the complete record of one workflow; the manifest's lines are chained by hash.

  INSTALLATION.json          whose archive it is
  manifest/*.jsonl           the manifest: one entry per line; files in order of their names
  histories/Y/M/D/*.json.gz  the histories, by the day (UTC) on which they closed
  HEAD.json                  how many entries there are, and the last one's "hash"

1. 一份历史 One history: its entry has "sha256" (the file's) and "content_sha256" (of what is in it).
     sha256sum histories/2026/11/24/claim-….json.gz
     gunzip -c histories/2026/11/24/claim-….json.gz | sha256sum
   All of them at once:
     cat manifest/*.jsonl | jq -r '.sha256 + "  " + .file' | sha256sum --check --quiet
2. 一条 One entry: its "hash" is the SHA-256 of the line without the part  "hash":"…",  and without the line's end.
     sed -n 1p manifest/000000000.jsonl | sed 's/"hash":"[0-9a-f]*",//' | tr -d '\\n' | sha256sum
3. 相连 The chain: each entry's "previous" is the "hash" of the line before; the first one's is that of
     sha256sum INSTALLATION.json
   "index" counts from 0 without a gap.
   Where a file is missing, an entry of "workflow_type":"Erasure" names its run, ten years or more after it closed (R70).
   Such an entry also names the papers and uploaded files of claims that were erased, by their hashes ("files").
4. 末尾 The end: HEAD.json has the number of lines and the last line's "hash". Heads that were noted elsewhere
   (the records database, the results of the archive-sweep workflows, paper) must be found in the manifest:
   the entry with "index" = count - 1 has that "hash".

Lines are canonical JSON: keys in order of their code points, no white space, UTF-8, integers as digits. Instants are UTC
(RFC 3339), sizes bytes, hashes SHA-256 in lower-case hex. The histories are JSON as Temporal writes it; payloads are
base64 and, where an entry names "payload_key_ids", encrypted under those keys.
"""
