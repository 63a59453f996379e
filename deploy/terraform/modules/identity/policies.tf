# Fluent Bit: put records into the one stream. It is deploy/fluent-bit/iam-policy.json with names in it.
data "aws_iam_policy_document" "fluent_bit" {
  count = local.fluent_bit ? 1 : 0

  statement {
    sid       = "WriteLogRecords"
    actions   = ["kinesis:PutRecords"]
    resources = [var.stream_arn]
  }

  dynamic "statement" {
    for_each = compact([var.stream_kms_key_arn])

    content {
      sid       = "EncryptThem"
      actions   = ["kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "fluent_bit" {
  count = local.fluent_bit ? 1 : 0

  name   = "write-log-records"
  role   = aws_iam_role.pod["fluent-bit"].id
  policy = data.aws_iam_policy_document.fluent_bit[0].json
}

# Kubewhy: invoke the named models, search the index. It has no other right in AWS.
data "aws_iam_policy_document" "kubewhy" {
  count = local.kubewhy ? 1 : 0

  source_policy_documents = compact([var.opensearch_reader_policy])

  dynamic "statement" {
    for_each = length(local.plain) > 0 ? [1] : []

    content {
      sid       = "InvokeNamedModels"
      actions   = ["bedrock:InvokeModel"]
      resources = local.plain_arns
    }
  }

  dynamic "statement" {
    for_each = length(local.profiles) > 0 ? [1] : []

    content {
      sid       = "InvokeNamedProfiles"
      actions   = ["bedrock:InvokeModel"]
      resources = values(local.profile_arns)
    }
  }

  dynamic "statement" {
    for_each = keys(local.profiles)

    content {
      sid       = "InvokeBehindProfile${statement.key}"
      actions   = ["bedrock:InvokeModel"]
      resources = local.behind_arns[statement.value]

      condition {
        test     = "StringEquals"
        variable = "bedrock:InferenceProfileArn"
        values   = [local.profile_arns[statement.value]]
      }
    }
  }

  dynamic "statement" {
    for_each = compact([var.guardrail_arn])

    content {
      sid       = "ApplyTheGuardrail"
      actions   = ["bedrock:ApplyGuardrail"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "kubewhy" {
  count = local.kubewhy ? 1 : 0

  name   = "diagnose"
  role   = aws_iam_role.pod["kubewhy"].id
  policy = data.aws_iam_policy_document.kubewhy[0].json

  lifecycle {
    precondition {
      condition     = length(var.models) > 0 || var.opensearch_reader_policy != null
      error_message = "Kubewhy would have no right at all: name models or give opensearch_reader_policy, or set kubewhy_service_account = null."
    }
  }
}
