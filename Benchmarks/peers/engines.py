"""Engines that match executions with policies: each is prepared, and then counts the matches of each policy when it is run."""
import json
import os
import shutil
import tempfile

import cases


def python(policies, rows):
    """What the conditions mean, written down in Python: what no engine in Python can do without."""
    def run():
        return {
            name: sum(all(cases.holds(row, one) for one in conditions) for row in rows) for name, conditions in policies}
    return run


def c7n(policies, rows):
    """The filter engine of Cloud Custodian, without its clouds."""
    from c7n.filters import FilterRegistry
    from c7n.manager import iter_filters

    class Model:
        id = "id"

    class Manager:
        data = {"name": "bench", "resource": "n8n.execution"}

        def get_model(self):
            return Model

        def iter_filters(self, block_end=False):
            return iter_filters(self.filters, block_end)

    registry = FilterRegistry("n8n.filters")
    managers = {}
    for name, filters in cases.c7n(policies).items():
        manager = Manager()
        manager.filters = registry.parse(json.loads(json.dumps(filters)), manager)
        for one in manager.filters:
            one.validate()
        managers[name] = manager.filters

    def run():
        counts = {}
        for name, filters in managers.items():
            left = rows
            for one in filters:
                left = one.process(left) if left else left
            counts[name] = len(left)
        return counts
    return run


def cel(policies, rows):
    """CEL in C++; rows are converted beforehand."""
    from cel_expr_python import cel as engine
    environment = engine.NewEnv(variables={"e": engine.Type.Map(engine.Type.STRING, engine.Type.DYN)})
    programs = {name: environment.compile(text) for name, text in cases.cel(policies).items()}
    asked = [{"e": row} for row in rows]

    def run():
        return {name: sum(bool(one.eval(data=row).value()) for row in asked) for name, one in programs.items()}
    return run


def rego(policies, rows):
    """Rego by regorus; rows go in as JSON, all policies at once."""
    import opa_eval
    with tempfile.NamedTemporaryFile("w", suffix=".rego", delete=False) as file:
        file.write(cases.rego(policies))
    engine = opa_eval.OpaEval(file.name, query="data.bench.hit")
    os.remove(file.name)
    asked = [json.dumps(row) for row in rows]

    def run():
        counts = {}
        for row in asked:
            for name in engine.evaluate_parsed(row) or []:
                counts[name] = counts.get(name, 0) + 1
        return counts
    return run


def zen(policies, rows):
    """ZEN's expressions; all policies of a row at once."""
    import zen as engine

    def one(condition):
        if condition[0] == "any":
            return "(%s)" % " or ".join("(%s)" % " and ".join(map(one, parts)) for parts in condition[1])
        field, how, value = condition
        return {
            "in": "%s in %s" % (field, json.dumps(value)), "not_in": "%s not in %s" % (field, json.dumps(value)),
            "matches": "matches(%s, %s)" % (field, json.dumps(value)), "over": "%s > %s" % (field, value),
            "under": "%s < %s" % (field, value),
        }[how]

    programs = {
        name: engine.compile_expression(" and ".join(map(one, conditions))) for name, conditions in policies}
    asked = [dict({"httpCode": "", "nodeType": ""}, **row) for row in rows]

    def run():
        return {name: sum(bool(one.evaluate(row)) for row in asked) for name, one in programs.items()}
    return run


def drools(policies, rows):
    """Drools, as ansible-rulebook runs it: every event meets all rules; warm, after some passes. Needs a Java runtime."""
    if not os.environ.get("JAVA_HOME"):
        java = shutil.which("java")
        if not java:
            raise ImportError(name="java")
        os.environ["JAVA_HOME"] = os.path.dirname(os.path.dirname(os.path.realpath(java)))
    from drools import ruleset as engine
    from drools.rule import Rule

    def value(one):
        return {"String": one} if isinstance(one, str) else {"Integer": one}

    def both(kind, parts):
        tree = parts[0]
        for part in parts[1:]:
            tree = {kind: {"lhs": tree, "rhs": part}}
        return tree

    def one(condition):
        if condition[0] == "any":
            return both("OrExpression", [both("AndExpression", list(map(one, parts))) for parts in condition[1]])
        field, how, wanted = condition
        event = {"Event": field}
        if how == "matches":
            kind = {"SearchType": {"kind": {"String": "search"}, "pattern": {"String": wanted}}}
            return {"SearchMatchesExpression": {"lhs": event, "rhs": kind}}
        if how in ("in", "not_in"):
            kind = "ItemInListExpression" if how == "in" else "ItemNotInListExpression"
            return {kind: {"lhs": event, "rhs": list(map(value, wanted))}}
        return {"GreaterThanExpression" if how == "over" else "LessThanExpression": {"lhs": event, "rhs": value(wanted)}}

    counts = {}

    def counter(name):
        def count(_):
            counts[name] = counts.get(name, 0) + 1
        return count

    rules = [{"Rule": {
        "name": name, "enabled": True, "actions": [{"Action": {"action": "none", "action_args": {}}}],
        "condition": {"AllCondition": [both("AndExpression", list(map(one, conditions)))]}}} for name, conditions in policies]
    book = {"name": "bench", "hosts": ["all"], "sources": [], "rules": rules, "match_multiple_rules": True,
            "default_events_ttl": "1 seconds"}
    rulebook = engine.Ruleset(name="bench", serialized_ruleset=json.dumps(book))
    for name, _ in policies:
        rulebook.add_rule(Rule(name, counter(name)))
    asked = [json.dumps(row) for row in rows]

    def run():
        counts.clear()
        for row in asked:
            engine.assert_event("bench", row)
        return dict(counts)
    # The machine's compiler needs some passes.
    for _ in range(5 if len(rows) <= 10_000 else 1):
        run()
    return run


ALL = [
    ("plain Python", python), ("Cloud Custodian's filters (c7n)", c7n), ("CEL in C++ (cel-expr-python)", cel),
    ("Rego by regorus (opa-eval)", rego), ("ZEN's expressions (zen-engine)", zen), ("Drools, warm (drools-jpy)", drools),
]
