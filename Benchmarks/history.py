"""A busy n8n's past, made of the recorded month: history.py COUNT FOLDER [DAYS [PERCENT]].

COUNT executions over DAYS (30), PERCENT of them failed (4), each with the data of a recorded failure; the same for the same
arguments. FOLDER gets what n8n answers: executions.jsonl, details.jsonl, workflows.json.
"""
import datetime
import gzip
import json
import os
import random
import sys

RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "CDemoHistory")


def lines(name):
    with gzip.open(os.path.join(RECORDED, name), "rt") as file:
        return [json.loads(line) for line in file]


def time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment.microsecond // 1000)


def main(count, folder, days=30.0, percent=4.0):
    os.makedirs(folder, exist_ok=True)
    dice = random.Random(20261123)
    details = {one["id"]: one for one in lines("details.jsonl.gz")}
    rows = [row for row in lines("executions.jsonl.gz") if not row["retryOf"] and not row["retrySuccessId"]]
    good = [row for row in rows if row["status"] == "success"]
    bad = [row for row in rows if row["status"] == "error" and row["id"] in details]
    end = datetime.datetime(2026, 11, 28, tzinfo=datetime.timezone.utc)
    step = datetime.timedelta(days=days) / count
    with open(folder + "/executions.jsonl", "w") as out, open(folder + "/details.jsonl", "w") as data:
        for place in range(count):
            # Newest first, as n8n lists them.
            recorded = dice.choice(bad if dice.random() * 100 < percent else good)
            start = end - step * (place + 1)
            stop = start + (time(recorded["stoppedAt"]) - time(recorded["startedAt"]))
            row = dict(recorded, id=str(count - place), startedAt=text(start), stoppedAt=text(stop))
            out.write(json.dumps(row, separators=(",", ":")) + "\n")
            if row["status"] == "error":
                detail = dict(
                    details[recorded["id"]], id=row["id"], createdAt=row["startedAt"], startedAt=row["startedAt"],
                    stoppedAt=row["stoppedAt"])
                data.write(json.dumps(detail, separators=(",", ":")) + "\n")
    with gzip.open(os.path.join(RECORDED, "workflows.json.gz")) as file, open(folder + "/workflows.json", "wb") as out:
        out.write(file.read())


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(int(sys.argv[1]), sys.argv[2], *map(float, sys.argv[3:5]))
