"""Mendflow beside what a user would pick instead, in one run: peers.py MENDFLOW [ROUNDS].

Counts which of some executions some policies match, with the same executions, the same policies and the same counts, checked,
in every engine; and checks policy files. Processor time of one process each, medians of ROUNDS (3). Prints Markdown.

Needs: pip install c7n cel-expr-python opa-eval zen-engine drools-jpy, and a Java runtime; what is not there is left out.
"""
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases
import engines

# A tenth of a second for Mendflow is minutes for others: of the many executions they get so many.
SAMPLE = 20_000


def child(arguments):
    """Processor time and memory of a process, and what it prints."""
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    if process.returncode not in (0, 2):
        sys.exit("%s: %s" % (" ".join(arguments), err.decode()))
    return out


def timed(arguments):
    pid = os.posix_spawn(
        arguments[0], arguments, os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                      (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 2), arguments
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def apart(work, *arguments):
    """Does something in a process of its own: what ours takes in memory is counted as its children's, too."""
    sys.stdout.flush()
    if os.fork() == 0:
        work(*arguments)
        sys.stdout.flush()
        os._exit(0)
    if os.wait()[1] != 0:
        sys.exit(1)


def write(count, number, folder, first=None):
    """The files that Mendflow reads."""
    os.makedirs(folder + "/past", exist_ok=True)
    with open(folder + "/past/executions.jsonl", "w") as listed, open(folder + "/past/details.jsonl", "w") as detailed:
        for row in itertools.islice(cases.executions(count), first):
            listed.write(json.dumps(cases.listed(row), separators=(",", ":")) + "\n")
            if row["status"] == "error":
                detailed.write(json.dumps(cases.detailed(row), separators=(",", ":")) + "\n")
    with open(folder + "/policies.yaml", "w") as file:
        file.write(cases.mendflow(cases.policies(number)))


def median(values):
    return statistics.median(values)


def mendflow(binary, folder, rounds):
    """Counts, and processor time and memory: reading the files, and reading the columns beside them."""
    ask = [binary, "backtest", "--history", folder + "/past", "--matches-only", "--output", "json",
           folder + "/policies.yaml"]
    columns = folder + "/past/history.columns"
    read, kept = [], []
    for _ in range(rounds):
        if os.path.exists(columns):
            os.remove(columns)
        read.append(timed(ask))
        kept += [timed(ask) for _ in range(3)]
    counts = {one["policy"]: one["matched"] for one in json.loads(child(ask))["policies"]}
    return counts, read, kept


def row(name, seconds, pairs, base, note):
    factor = "%.1f" % (seconds / pairs / base) if seconds / pairs / base < 10 else "%.0f" % (seconds / pairs / base)
    print("| %s | %.1f ms | %s | %s | %s |" % (
        name, seconds * 1000, "{:,.0f}".format(pairs / seconds), factor, note))


def matching(binary, count, number, rounds, folder):
    apart(write, count, number, folder)
    apart(write, count, number, folder + "/one", 1)
    counts, read, kept = mendflow(binary, folder, rounds)
    _, _, start = mendflow(binary, folder + "/one", rounds)
    print("\n%s executions x %d policies\n" % ("{:,}".format(count), number))
    print("| Engine | Processor time | Pairs per second | Times as long per pair as Mendflow alone | |")
    print("| --- | --- | --- | --- | --- |")
    pairs = count * number
    first, again, least = (median([one[0] for one in some]) for some in (read, kept, start))
    base = max(again - least, 0.0001) / pairs
    row("Mendflow, the whole process, from lines of JSON", first, pairs, base,
        "%d MB, data of failures included" % max(one[1] for one in read))
    row("the same with columns beside the files", again, pairs, base, "%d MB" % max(one[1] for one in kept))
    row("Mendflow alone: less what the process takes with one execution", again - least, pairs, base,
        "reading columns included")
    peers(binary, count, number, rounds, folder, base, counts)


def peers(binary, count, number, rounds, folder, base, counts):
    taken = min(count, SAMPLE)
    if taken < count:
        apart(write, count, number, folder + "/some", taken)
        counts, _, _ = mendflow(binary, folder + "/some", 1)
    counts = {key: value for key, value in counts.items() if value}
    sample = list(itertools.islice(cases.executions(count), taken))
    note = "matching alone, counts equal" + (", {:,} of the executions".format(taken) if taken < count else "")
    for name, prepare in engines.ALL:
        try:
            run = prepare(cases.policies(number), sample)
        except ImportError as error:
            print("| %s | not installed (%s) | | | |" % (name, error.name))
            continue
        times = []
        for _ in range(rounds if taken == count else 1):
            start = time.process_time()
            found = {key: value for key, value in run().items() if value}
            times.append(time.process_time() - start)
        if found != counts:
            sys.exit("%s counts otherwise: %s instead of %s" % (name, found, counts))
        row(name, median(times), taken * number, base, note)


def validating(binary, rounds, folder):
    print("\nChecking policy files, a process each\n\n| Engine | 10 policies | 100 policies |\n| --- | --- | --- |")
    times = {"Mendflow": [], "Cloud Custodian": []}
    for number in (10, 100):
        policies = cases.policies(number)
        with open(folder + "/ours.yaml", "w") as file:
            file.write(cases.mendflow(policies))
        times["Mendflow"].append(median([timed([binary, "validate", folder + "/ours.yaml"])[0] for _ in range(5 * rounds)]))
        custodian = os.path.join(os.path.dirname(sys.executable), "custodian")
        if os.path.exists(custodian):
            theirs = {"policies": [
                {"name": name, "resource": "c7n.data", "source": "disk", "query": [{"path": folder + "/theirs.json"}], "filters": filters}
                for name, filters in cases.c7n(policies).items()]}
            with open(folder + "/theirs.json", "w") as file:
                json.dump(theirs, file)
            times["Cloud Custodian"].append(median([
                timed([custodian, "validate", folder + "/theirs.json"])[0] for _ in range(rounds)]))
    for name, found in times.items():
        print("| %s | %s |" % (name, " | ".join("%.1f ms" % (one * 1000) for one in found)))


def main(binary, rounds=3):
    binary = os.path.abspath(binary)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        apart(matching, binary, 10_000, 10, rounds, folder + "/small")
        apart(matching, binary, 1_000_000, 100, rounds, folder + "/large")
        validating(binary, rounds, folder)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:3]))
