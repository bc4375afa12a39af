"""Lints the chart and holds what it renders against Kubernetes' schemas; values that it must refuse are refused."""

import sys

import helm_python.chart
import kubernetes_validate
import yaml

CHART = sys.argv[1]

RENDERED = {
    "as it is": {},
    "with everything": {
        "policies": {"a.yaml": "policies: []\n", "b.yml": "policies: []"},
        "persistence": {"existingClaim": "ledger"},
        "imagePullSecrets": [{"name": "registry"}],
        "podAnnotations": {"team": "automation"},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "batch", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "config": {"look_back": "3d"},
        "service": {"existingSecret": "mendflow-service"},
        "instanceConfig": {"limits": {"max_in_flight": 2}},
    },
    "with a storage class": {"persistence": {"size": "2Gi", "storageClass": "fast"}},
    "with two agents on PostgreSQL": {
        "agents": 2,
        "ledger": {
            "url": "postgres://mendflow@db/mendflow?sslrootcert=/run/secrets/mendflow-ledger/ca.crt",
            "existingSecret": "ledger",
        },
        "instances": {"berlin.yaml": "name: berlin\nurl: http://n8n.berlin:5678\napi_key_file: /run/secrets/mendflow-instances/b\n"},
        "instanceSecret": "keys",
    },
}
REFUSED = {
    "a mode in two places": {"config": {"mode": "enforce"}},
    "an address without a scheme": {"n8n": {"url": "n8n:5678"}},
    "a misspelt key": {"polices": {}},
    "another instance's address": {"instanceConfig": {"url": "http://elsewhere"}},
    "a port that only root may have": {"service": {"port": 80}},
    "no policy": {"policies": {"retry-transient-errors.yaml": None}},
    "two agents on a file": {"agents": 2},
    "a password in the ledger's address": {"ledger": {"url": "postgres://mendflow:secret@db/mendflow"}},
    "instances in two places": {"config": {"instances_from": "elsewhere/"}},
    "a policy file that is none": {"policies": {"notes.txt": "-"}},
}


def fail(words):
    sys.exit(f"FAILED: the chart {words}")


def configuration(manifests):
    return yaml.safe_load(manifests["mendflow/templates/configmap.yaml"])["data"]["mendflow.yaml"]


found = helm_python.chart.lint(CHART, strict=True)
problems = found["errors"] + [m for m in found["messages"] if m["severity"] > 1]
if problems:
    fail(f"has {problems}")

for name, values in RENDERED.items():
    manifests = helm_python.chart.Chart.load(CHART).render(values, name="release")
    for path, text in manifests.items():
        if path.endswith(".txt"):
            continue
        for document in yaml.safe_load_all(text):
            if document:
                kubernetes_validate.validate(document, "1.29", strict=True)
    if "api-key" not in configuration(manifests):
        fail(f"{name} names no key")
    shares = "ledger" in values
    if ("PersistentVolumeClaim" in str(manifests)) == (shares or "existingClaim" in values.get("persistence", {})):
        fail(f"{name} has a claim that nobody needs, or none")
    if ("replicas: 2" in str(manifests)) != shares or ("postgres://" in configuration(manifests)) != shares:
        fail(f"{name} does not share its ledger as it should")
    print(f"ok: the chart {name}")

for name, values in REFUSED.items():
    try:
        helm_python.chart.Chart.load(CHART).render(values, name="release")
    except Exception:
        continue
    fail(f"takes {name}")
print(f"ok: {len(REFUSED)} kinds of wrong values are refused")
