"""Which models a mart passed, by the manifest that dbt wrote last."""

from __future__ import annotations

import json
import os

from sanad.lineage.project import models_passed


def _manifest(state, models):
    target = state / "dbt" / "target"
    target.mkdir(parents=True, exist_ok=True)
    nodes = {
        f"model.sanad.{name}": {
            "raw_code": code,
            "depends_on": {"nodes": [f"model.sanad.{one}" for one in read] + ["source.sanad.staging.figure"]},
        }
        for name, (code, read) in models.items()
    }
    (target / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    return target / "manifest.json"


def test_the_models_in_the_order_the_data_flows_without_those_only_waited_for(tmp_path, monkeypatch):
    monkeypatch.setenv("SANAD_STATE", str(tmp_path))
    assert models_passed("mart") == []
    waits = "-- depends_on: {{ ref('checks') }}\nselect 1 from {{ ref('facts') }}"
    models = {"stg": ("", []), "facts": ("", ["stg"]), "checks": ("", ["stg"]), "mart": (waits, ["checks", "facts"])}
    _manifest(tmp_path, models)
    assert models_passed("mart") == ["stg", "facts", "mart"]


def test_a_manifest_that_dbt_wrote_anew_is_read_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("SANAD_STATE", str(tmp_path))
    written = _manifest(tmp_path, {"stg": ("", []), "mart": ("", ["stg"])})
    assert models_passed("mart") == ["stg", "mart"]
    before = written.stat().st_mtime_ns
    _manifest(tmp_path, {"stg": ("", []), "between": ("", ["stg"]), "mart": ("", ["between"])})
    os.utime(written, ns=(before + 1, before + 1))
    assert models_passed("mart") == ["stg", "between", "mart"]
