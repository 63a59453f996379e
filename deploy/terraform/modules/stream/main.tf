# The stream that the Fluent Bits of all clusters write to. Records of one partition key keep their order; what
# cannot be written to OpenSearch for a while waits here, for as long as the retention says.

resource "aws_kinesis_stream" "logs" {
  name             = var.name
  shard_count      = var.shards > 0 ? var.shards : null
  retention_period = var.retention_hours
  encryption_type  = "KMS"
  kms_key_id       = coalesce(var.kms_key_arn, "alias/aws/kinesis")
  tags             = var.tags

  stream_mode_details {
    stream_mode = var.shards > 0 ? "PROVISIONED" : "ON_DEMAND"
  }
}

# Clusters in other accounts: their Fluent Bit's role is named here, and has a policy of its own there.
data "aws_iam_policy_document" "writers" {
  count = length(var.writer_role_arns) > 0 ? 1 : 0

  statement {
    sid       = "WriteLogRecords"
    actions   = ["kinesis:PutRecords"]
    resources = [aws_kinesis_stream.logs.arn]

    principals {
      type        = "AWS"
      identifiers = var.writer_role_arns
    }
  }
}

resource "aws_kinesis_resource_policy" "writers" {
  count = length(var.writer_role_arns) > 0 ? 1 : 0

  resource_arn = aws_kinesis_stream.logs.arn
  policy       = data.aws_iam_policy_document.writers[0].json

  lifecycle {
    precondition {
      condition     = var.kms_key_arn != null
      error_message = "Roles of other accounts cannot use alias/aws/kinesis: give the stream a key of your own in kms_key_arn, whose policy lets them kms:GenerateDataKey."
    }
  }
}
