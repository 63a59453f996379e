"""Fluent Bit's configurations as it reads them, and records as its inputs, filters and outputs make them.

No registry has Fluent Bit, so the shapes are those of its source: src/multiline/flb_ml.c, the plugins
filter_kubernetes, in_kubernetes_events, in_systemd and out_kinesis_streams, of 3.0 to 5.1.
"""

from pathlib import Path
from typing import Any

import orjson
import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "fluent-bit" / "config"
Record = dict[str, Any]
Config = dict[str, Any]


def load(name: str) -> Config:
    """A configuration with what it includes; a plugin's options by their names."""
    found: Config = {"env": {}, "service": {}, "inputs": [], "filters": [], "outputs": []}
    content = yaml.load((FOLDER / f"{name}.yaml").read_text(), yaml.BaseLoader)  # noqa: S506 (texts only)
    parts = [load(include.removesuffix(".yaml")) for include in content.pop("includes", [])]
    parts.append({**content.pop("pipeline", {}), **content})
    for part in parts:
        for section in ("env", "service"):
            found[section] |= part.get(section, {})
        for section in ("inputs", "filters", "outputs"):
            found[section] += part.get(section, [])
        assert part.keys() <= found.keys(), f"{name}: sections {part.keys()}"
    return found


def find(config: Config, section: str, name: str) -> Config:
    """The first plugin of a name."""
    return next(plugin for plugin in config[section] if plugin["name"] == name)


class Node:
    """What a configuration makes of what a node says, up to the output."""

    def __init__(self, config: Config, cluster: str = "main", node: str = "node-a") -> None:
        self._config, self._variables = config, {"CLUSTER": cluster, "NODE_NAME": node, **config["env"]}

    def container(self, *lines: tuple[str, str, str], parsed: Record | None = None) -> Record:
        """Lines of one container (time, P or F, text) as one record: cut by the runtime, or a stack trace.

        ``parsed`` is what the kubernetes filter's parser made of them.
        """
        time, mark, _ = lines[0]
        text = "".join(text + ("" if end == "P" else "\n") for _, end, text in lines).removesuffix("\n")
        record: Record = {"time": time, "stream": "stderr", "_p": mark, "log": text}
        kubernetes = find(self._config, "filters", "kubernetes")
        if parsed is not None and self._expand(kubernetes["merge_log"]) == "on":
            record[kubernetes["merge_log_key"]] = parsed
            if kubernetes["keep_log"] == "off":
                del record["log"]
        record["kubernetes"] = {
            "pod_name": "web-7d9f8c7b6d-x2k4p",
            "namespace_name": "shop",
            "pod_id": "0c2d2bd5-57b1-4bd3-9d7a-4c8e8a5d3a11",
            "labels": {"app.kubernetes.io/name": "webshop", "pod-template-hash": "7d9f8c7b6d"},
            "host": "node-a",
            "pod_ip": "10.244.1.7",
            "container_name": "web",
            "docker_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "container_hash": "registry.local/web@sha256:0f1e",
            "container_image": "registry.local/web:1",
        }
        return self._modify(record, "kube.var.log.containers.web")

    def journal(self, message: str) -> Record:
        """An entry of the kubelet's journal."""
        record = {
            "_TRANSPORT": "stdout",
            "PRIORITY": "6",
            "SYSLOG_FACILITY": "3",
            "SYSLOG_IDENTIFIER": "kubelet",
            "_UID": "0",
            "_COMM": "kubelet",
            "_EXE": "/usr/bin/kubelet",
            "_CMDLINE": "/usr/bin/kubelet --config=/etc/kubernetes/kubelet.json",
            "_SYSTEMD_CGROUP": "/system.slice/kubelet.service",
            "_SYSTEMD_UNIT": "kubelet.service",
            "_BOOT_ID": "9f86d081884c7d659a2feaa0c55ad015",
            "_MACHINE_ID": "3bf2c7f1a4e94f6e8f1f6d3b2a1c0d9e",
            "_HOSTNAME": "ip-10-0-1-7",
            "_STREAM_ID": "5b1c",
            "MESSAGE": message,
        }
        return self._modify(record, "host.kubelet.service")

    def event(self, item: Record) -> Record:
        """An Event as the API server's list holds it: without kind and apiVersion."""
        return self._modify(dict(item), "events")

    def _modify(self, record: Record, tag: str) -> Record:
        for plugin in self._config["filters"]:
            if plugin["name"] == "record_modifier" and _matches(plugin["match"], tag):
                allowed = plugin.get("allowlist_key")
                record = {key: value for key, value in record.items() if not allowed or key in allowed}
                added = (self._expand(pair).split(" ", 1) for pair in plugin["record"])
                record |= {key: value for key, value in added}
        return record

    def _expand(self, text: str) -> str:
        for name, value in self._variables.items():
            text = text.replace(f"${{{name}}}", value)
        return text


def put_to_kinesis(config: Config, record: Record, time: str) -> bytes:
    """The Data of a stream record: JSON, Fluent Bit's time after all else, a line break."""
    output = find(config, "outputs", "kinesis_streams")
    assert output["time_key"] not in record, "the key would be there twice"
    return orjson.dumps(record | {output["time_key"]: time}) + b"\n"


def _matches(pattern: str, tag: str) -> bool:
    return tag.startswith(pattern.removesuffix("*")) if pattern.endswith("*") else tag == pattern
