"""The same executions and policies for every engine, made by chance from a seed.

A condition is (field, how, value); `how` is one of: in, not_in, matches (a regular expression), over, under (numbers), or the
condition is ("any", [[condition, ...], ...]). All conditions of a policy have to hold. They ask only what every engine can ask:
nothing of classes, chains and ages, which Mendflow alone has.
"""
import datetime
import json
import random

FLOWS = ["BenchFlow%07d" % number for number in range(50)]
CODES = ["503", "502", "429", "401", "404", "ECONNRESET", "ETIMEDOUT"]
NODES = ["n8n-nodes-base.httpRequest", "n8n-nodes-base.postgres", "n8n-nodes-base.code"]
END = datetime.datetime(2026, 11, 28, tzinfo=datetime.timezone.utc)


def moment(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time.microsecond // 1000)


def executions(count, failed_percent=4, days=30):
    """Oldest first, as dictionaries with what engines ask for."""
    dice = random.Random(20261129)
    step = datetime.timedelta(days=days) / count
    for number in range(count):
        failed = dice.random() * 100 < failed_percent
        status = dice.choices(["error", "crashed", "canceled"], [90, 6, 4])[0] if failed else "success"
        took = dice.randrange(20, 900_000)
        start = END - step * (count - number) - datetime.timedelta(minutes=20)
        row = {
            "id": str(1_000_000 + number), "status": status, "workflowId": dice.choice(FLOWS),
            "mode": dice.choice(["webhook", "trigger", "manual", "chat"]), "ranFor": took,
            "startedAt": moment(start), "stoppedAt": moment(start + datetime.timedelta(milliseconds=took)),
        }
        if status == "error":
            row["httpCode"] = dice.choice(CODES)
            row["nodeType"] = dice.choice(NODES)
        yield row


def listed(row):
    """The row as n8n's list shows it."""
    return {
        "id": row["id"], "finished": row["status"] == "success", "mode": row["mode"], "retryOf": None,
        "retrySuccessId": None, "status": row["status"], "startedAt": row["startedAt"], "stoppedAt": row["stoppedAt"],
        "workflowId": row["workflowId"], "waitTill": None,
    }


def detailed(row):
    """The execution with its data, as far as anybody looks at it."""
    node = {"id": "a", "name": "Call", "type": row["nodeType"], "parameters": {}, "position": [0, 0], "typeVersion": 1}
    error = {"name": "NodeApiError", "message": "it failed", "httpCode": row["httpCode"], "node": node}
    return dict(
        listed(row), workflowData={"id": row["workflowId"], "name": "Flow", "nodes": [node], "connections": {}},
        data={"resultData": {"error": error, "lastNodeExecuted": "Call", "runData": {}}})


def policies(count):
    """(name, [condition, ...]): ten kinds, varied over workflows and lengths of time."""
    dice = random.Random(7)
    made = []
    for number in range(count):
        flows = dice.sample(FLOWS, 3)
        long = dice.choice([30_000, 120_000, 300_000, 600_000])
        kinds = [
            [("status", "in", ["error"]), ("httpCode", "in", ["502", "503", "429"])],
            [("status", "in", ["error"]), ("workflowId", "in", flows), ("httpCode", "matches", "^E")],
            [("status", "in", ["error", "crashed"]), ("mode", "in", ["webhook", "chat"]), ("ranFor", "under", long)],
            [("status", "in", ["canceled"]), ("ranFor", "over", long)],
            [("status", "in", ["error"]), ("nodeType", "in", [NODES[number % 3]]), ("mode", "not_in", ["manual"])],
            [("status", "in", ["success"]), ("workflowId", "in", flows[:1]), ("ranFor", "over", 850_000)],
            [("status", "in", ["error"]), ("workflowId", "matches", "000%d[0-4]$" % (number % 5)), ("ranFor", "over", long)],
            [("any", [[("status", "in", ["crashed"]), ("mode", "in", ["trigger"])],
                      [("status", "in", ["error"]), ("httpCode", "in", ["401"])]]), ("ranFor", "over", long)],
            [("status", "in", ["error"]), ("workflowId", "not_in", flows), ("httpCode", "in", ["404"])],
            [("status", "in", ["crashed", "canceled"]), ("workflowId", "in", flows), ("mode", "in", ["trigger", "webhook"])],
        ]
        made.append(("p%03d" % number, kinds[number % len(kinds)]))
    return made


def holds(row, condition):
    """What a condition means."""
    if condition[0] == "any":
        return any(all(holds(row, part) for part in parts) for parts in condition[1])
    field, how, value = condition
    found = row.get(field)
    if found is None:
        return False
    if how == "in":
        return found in value
    if how == "not_in":
        return found not in value
    if how == "matches":
        return _compiled(value).search(found) is not None
    return found > value if how == "over" else found < value


_patterns = {}


def _compiled(pattern):
    import re
    return _patterns.setdefault(pattern, re.compile(pattern))


# What each engine reads.

def mendflow(policies):
    """Policies in Mendflow's language."""
    names = {
        "status": "status: %s", "workflowId": "workflow: {id: %s}", "mode": "execution_mode: %s",
        "httpCode": "error: {http_code: %s}", "nodeType": "error: {node_type: %s}", "ranFor": "ran_for: %s",
    }

    def value(how, value):
        if how in ("over", "under"):
            return "{%s: %dms}" % ("gt" if how == "over" else "lt", value)
        return {"in": json.dumps(value), "not_in": "{not_in: %s}" % json.dumps(value),
                "matches": "{matches: %s}" % json.dumps(value)}[how]

    def parts(conditions):
        found = []
        for one in conditions:
            if one[0] == "any":
                found.append("any: [%s]" % ", ".join("{%s}" % ", ".join(parts(way)) for way in one[1]))
            else:
                found.append(names[one[0]] % value(one[1], one[2]))
        return found

    text = "policies:\n"
    for name, conditions in policies:
        asked = parts(conditions)
        if not any(one.startswith("execution_mode") for one in asked):
            asked.append("execution_mode: any")
        text += "  - name: %s\n    mode: enforce\n    match: {%s}\n    actions: [{tag: [seen]}]\n" % (name, ", ".join(asked))
    return text


def c7n(policies):
    """Filters of Cloud Custodian."""
    def one(condition):
        if condition[0] == "any":
            return {"or": [{"and": [one(part) for part in parts]} for parts in condition[1]]}
        field, how, value = condition
        op = {"in": "in", "not_in": "not-in", "matches": "regex", "over": "gt", "under": "lt"}[how]
        # Its regular expressions are anchored at the beginning.
        value = ".*" + value if how == "matches" and not value.startswith("^") else value
        return {"type": "value", "key": field, "op": op, "value": value}
    return {name: [one(condition) for condition in conditions] for name, conditions in policies}


def cel(policies):
    """Expressions of CEL."""
    def one(condition):
        if condition[0] == "any":
            return "(%s)" % " || ".join("(%s)" % " && ".join(map(one, parts)) for parts in condition[1])
        field, how, value = condition
        name = "e." + field
        text = {
            "in": "%s in %s" % (name, json.dumps(value)), "not_in": "!(%s in %s)" % (name, json.dumps(value)),
            "matches": "%s.matches(%s)" % (name, json.dumps(value)), "over": "%s > %s" % (name, value),
            "under": "%s < %s" % (name, value),
        }[how]
        return "has(%s) && %s" % (name, text) if field in ("httpCode", "nodeType") else text
    return {name: " && ".join(map(one, conditions)) for name, conditions in policies}


def rego(policies):
    """A module of Rego."""
    def line(condition):
        field, how, value = condition
        name = "input." + field
        return {
            "in": "%s in {%s}" % (name, json.dumps(value)[1:-1]),
            "not_in": "%s; not %s in {%s}" % (name, name, json.dumps(value)[1:-1]),
            "matches": "regex.match(%s, %s)" % (json.dumps(value), name), "over": "%s > %s" % (name, value),
            "under": "%s < %s" % (name, value),
        }[how]

    text = "package bench\nimport rego.v1\n"
    for name, conditions in policies:
        ways = [[]]
        for condition in conditions:
            more = condition[1] if condition[0] == "any" else [[condition]]
            ways = [way + part for way in ways for part in more]
        for way in ways:
            text += 'hit contains "%s" if { %s }\n' % (name, "; ".join(map(line, way)))
    return text
