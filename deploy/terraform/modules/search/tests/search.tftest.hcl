provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}


override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

run "a_domain_is_encrypted_and_takes_signed_requests_over_tls" {
  command = plan

  assert {
    condition     = aws_opensearch_domain.logs[0].domain_endpoint_options[0].enforce_https && aws_opensearch_domain.logs[0].node_to_node_encryption[0].enabled && aws_opensearch_domain.logs[0].encrypt_at_rest[0].enabled
    error_message = "Nothing goes or lies unencrypted."
  }

  assert {
    condition     = aws_opensearch_domain.logs[0].cluster_config[0].zone_awareness_config[0].availability_zone_count == 3
    error_message = "Three nodes are in three zones."
  }

  assert {
    condition     = output.service == "es"
    error_message = "Requests are signed for a domain."
  }
}

run "who_searches_may_not_write" {
  command = plan

  assert {
    condition     = toset(flatten([for statement in jsondecode(output.reader_policy).Statement : statement.Action])) == toset(["es:ESHttpGet", "es:ESHttpPost"])
    error_message = "Searches are GET and POST."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(output.reader_policy).Statement : alltrue([
        for path in flatten([statement.Resource]) : endswith(path, "/_search")
      ]) if statement.Action == "es:ESHttpPost"
    ])
    error_message = "Of POST requests, who searches may send searches alone."
  }

  assert {
    condition     = !strcontains(output.reader_policy, "*") && !strcontains(output.writer_policy, "*")
    error_message = "Every path is named."
  }
}

run "one_node_has_one_zone" {
  command = plan

  variables {
    instance_count    = 1
    dedicated_masters = false
  }

  assert {
    condition     = !aws_opensearch_domain.logs[0].cluster_config[0].zone_awareness_enabled
    error_message = "One node cannot be in two zones."
  }
}

run "a_collection_lets_each_role_do_its_own" {
  command = plan

  variables {
    kind                        = "serverless"
    serverless_reader_role_arns = ["arn:aws:iam::123456789012:role/kubewhy"]
    serverless_writer_role_arns = ["arn:aws:iam::123456789012:role/ingest"]
  }

  assert {
    condition     = aws_opensearchserverless_collection.logs[0].type == "SEARCH"
    error_message = "Only this type takes ids of ours."
  }

  assert {
    condition     = !strcontains(jsonencode(jsondecode(aws_opensearchserverless_access_policy.data[0].policy)[0]), "Write")
    error_message = "Who searches may not write."
  }

  assert {
    condition     = jsondecode(aws_opensearchserverless_security_policy.network[0].policy)[0].AllowFromPublic && jsondecode(aws_opensearchserverless_security_policy.encryption[0].policy).AWSOwnedKey
    error_message = "Without endpoints and a key of one's own, the address is public and the key AWS's."
  }

  assert {
    condition     = jsondecode(aws_opensearchserverless_lifecycle_policy.retention[0].policy).Rules[0].MinIndexRetention == "14d"
    error_message = "A collection deletes by a lifecycle policy."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    kind           = "elastic"
    name           = "Logs"
    alias          = "*"
    engine_version = "Elasticsearch_7.10"
    instance_count = 5
    volume_gib     = 1
    retention_days = 0
  }

  expect_failures = [var.kind, var.name, var.alias, var.engine_version, var.instance_count, var.volume_gib, var.retention_days]
}
