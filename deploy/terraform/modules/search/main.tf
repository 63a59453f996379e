# OpenSearch: a managed domain, or a serverless collection. Who may do what follows from requests that the code
# sends and nothing else: the function writes lines, templates and their retention; Kubewhy searches.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  managed    = var.kind == "managed"
  region     = data.aws_region.current.id
  account    = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  domain_arn = "arn:${local.partition}:es:${local.region}:${local.account}:domain/${var.name}"

  # The paths that are asked for, by method. There is no wildcard in them: `*/_search` would also stand for a
  # document of that name, and writing one is a POST too.
  reads = {
    "es:ESHttpGet"  = ["/", "/${var.alias}/_field_caps", "/${var.templates}/_mapping"]
    "es:ESHttpPost" = ["/${var.alias}/_search", "/${var.templates}/_search"]
  }
  writes = {
    "es:ESHttpGet"  = ["/_plugins/_ism/policies/kubewhy-logs"]
    "es:ESHttpPost" = ["/_bulk", "/${var.templates}/_mget"]
    "es:ESHttpPut"  = ["/_index_template/kubewhy-logs", "/_index_template/${var.templates}", "/_plugins/_ism/policies/kubewhy-logs"]
  }
}

data "aws_iam_policy_document" "reader" {
  dynamic "statement" {
    for_each = local.managed ? local.reads : {}

    content {
      sid       = "Read${trimprefix(statement.key, "es:ESHttp")}"
      actions   = [statement.key]
      resources = [for path in statement.value : "${local.domain_arn}${path}"]
    }
  }

  dynamic "statement" {
    for_each = local.managed && var.audit_log ? [1] : []

    content {
      sid       = "WriteTheAuditLog"
      actions   = ["es:ESHttpPost"]
      resources = ["${local.domain_arn}/_bulk"]
    }
  }

  # What may be done in a collection is said by its data access policy below.
  dynamic "statement" {
    for_each = aws_opensearchserverless_collection.logs

    content {
      sid       = "ReachTheCollection"
      actions   = ["aoss:APIAccessAll"]
      resources = [statement.value.arn]
    }
  }
}

data "aws_iam_policy_document" "writer" {
  dynamic "statement" {
    for_each = local.managed ? local.writes : {}

    content {
      sid       = "Write${trimprefix(statement.key, "es:ESHttp")}"
      actions   = [statement.key]
      resources = [for path in statement.value : "${local.domain_arn}${path}"]
    }
  }

  dynamic "statement" {
    for_each = aws_opensearchserverless_collection.logs

    content {
      sid       = "ReachTheCollection"
      actions   = ["aoss:APIAccessAll"]
      resources = [statement.value.arn]
    }
  }
}
