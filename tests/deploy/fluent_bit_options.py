"""Options that Fluent Bit knows from 3.0 to 5.1, of the plugins that are used (docs.fluentbit.io).

It stops at an option that it does not know.
"""

SERVICE = {
    *("flush", "grace", "log_level", "parsers_file", "http_server", "http_listen", "http_port"),
    *("health_check", "hc_errors_count", "hc_retry_failure_count", "hc_period"),
    *("storage.path", "storage.sync", "storage.checksum", "storage.max_chunks_up", "storage.metrics"),
    *("storage.backlog.mem_limit", "storage.delete_irrecoverable_chunks", "scheduler.base", "scheduler.cap"),
}

_INPUT = {"storage.type", "storage.pause_on_chunks_overlimit", "mem_buf_limit"}
_OUTPUT = {"retry_limit", "storage.total_limit_size", "workers", "host", "port", "tls", "tls.verify"}
_OUTPUT |= {"tls.ca_file", "net.keepalive", "net.keepalive_max_recycle"}

KNOWN: dict[str, set[str]] = {
    "tail": _INPUT
    | {"path", "exclude_path", "multiline.parser", "db", "db.locking", "read_from_head", "refresh_interval"}
    | {"rotate_wait", "buffer_chunk_size", "buffer_max_size", "skip_long_lines", "skip_empty_lines"},
    "systemd": _INPUT | {"path", "systemd_filter", "systemd_filter_type", "read_from_tail", "db"},
    "kubernetes_events": _INPUT
    | {"kube_url", "kube_ca_file", "kube_token_file", "kube_retention_time", "kube_request_limit", "db"}
    | {"kube_namespace", "interval_sec", "interval_nsec"},
    "multiline": {"multiline.key_content", "multiline.parser", "mode", "buffer", "flush_ms"}
    | {"emitter_name", "emitter_storage.type", "emitter_mem_buf_limit"},
    "kubernetes": {"kube_url", "kube_tag_prefix", "merge_log", "merge_log_key", "keep_log", "buffer_size"}
    | {"k8s-logging.parser", "k8s-logging.exclude", "labels", "annotations", "kube_meta_cache_ttl"},
    "grep": {"regex", "exclude", "logical_op"},
    "record_modifier": {"record", "remove_key", "allowlist_key"},
    "kinesis_streams": _OUTPUT | {"region", "stream", "time_key", "time_key_format", "role_arn", "endpoint"},
    "forward": _OUTPUT | {"require_ack_response", "compress", "time_as_integer", "shared_key"},
    "opensearch": _OUTPUT
    | {"http_user", "http_passwd", "aws_auth", "aws_region", "aws_service_name", "index", "logstash_format"}
    | {"logstash_prefix", "time_key", "time_key_nanos", "generate_id", "replace_dots", "trace_error"}
    | {"suppress_type_name", "buffer_size"},
}
