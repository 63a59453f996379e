resource "aws_cloudwatch_log_group" "domain" {
  count = local.managed ? 1 : 0

  name              = "/aws/opensearch/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

data "aws_iam_policy_document" "domain_logs" {
  count = local.managed ? 1 : 0

  statement {
    actions   = ["logs:PutLogEvents", "logs:CreateLogStream"]
    resources = ["${aws_cloudwatch_log_group.domain[0].arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["es.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.domain_arn]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "domain" {
  count = local.managed ? 1 : 0

  policy_name     = "opensearch-${var.name}"
  policy_document = data.aws_iam_policy_document.domain_logs[0].json
}

resource "aws_opensearch_domain" "logs" {
  #checkov:skip=CKV_AWS_317:Audit logs take fine-grained access control
  #checkov:skip=CKV2_AWS_52:Requests are signed, and every path is named in the roles' policies; fine-grained control would need roles mapped inside OpenSearch

  count = local.managed ? 1 : 0

  domain_name    = var.name
  engine_version = var.engine_version
  tags           = var.tags

  cluster_config {
    instance_type            = var.instance_type
    instance_count           = var.instance_count
    dedicated_master_enabled = var.dedicated_masters
    dedicated_master_count   = var.dedicated_masters ? 3 : null
    dedicated_master_type    = var.dedicated_masters ? var.master_type : null
    zone_awareness_enabled   = var.instance_count > 1

    dynamic "zone_awareness_config" {
      for_each = var.instance_count > 1 ? [1] : []

      content {
        availability_zone_count = var.instance_count % 3 == 0 ? 3 : 2
      }
    }
  }

  ebs_options {
    ebs_enabled = true
    volume_type = "gp3"
    volume_size = var.volume_gib
  }

  encrypt_at_rest {
    enabled    = true
    kms_key_id = var.kms_key_arn
  }

  node_to_node_encryption {
    enabled = true
  }

  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-PFS-2023-10"
  }

  software_update_options {
    auto_software_update_enabled = true
  }

  dynamic "vpc_options" {
    for_each = length(var.subnet_ids) > 0 ? [1] : []

    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = var.security_group_ids
    }
  }

  dynamic "log_publishing_options" {
    for_each = ["ES_APPLICATION_LOGS", "SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS"]

    content {
      log_type                 = log_publishing_options.value
      cloudwatch_log_group_arn = aws_cloudwatch_log_group.domain[0].arn
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.domain]
}

# Requests are signed: a role of this account is let in by its own policy (outputs reader_policy and
# writer_policy), one of another account by its name here as well.
data "aws_iam_policy_document" "domain" {
  count = local.managed && length(var.reader_role_arns) > 0 ? 1 : 0

  dynamic "statement" {
    for_each = local.reads

    content {
      sid       = "Read${trimprefix(statement.key, "es:ESHttp")}"
      actions   = [statement.key]
      resources = [for path in statement.value : "${local.domain_arn}${path}"]

      principals {
        type        = "AWS"
        identifiers = var.reader_role_arns
      }
    }
  }
}

resource "aws_opensearch_domain_policy" "logs" {
  count = local.managed && length(var.reader_role_arns) > 0 ? 1 : 0

  domain_name     = aws_opensearch_domain.logs[0].domain_name
  access_policies = data.aws_iam_policy_document.domain[0].json
}
