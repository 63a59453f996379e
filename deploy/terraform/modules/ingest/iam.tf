data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  name                 = var.name
  description          = "The function that writes logs of Kubernetes into OpenSearch."
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags
}

data "aws_iam_policy_document" "function" {
  source_policy_documents = [var.opensearch_writer_policy]

  statement {
    sid       = "ReadTheStream"
    actions   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    resources = [var.stream_arn]
  }

  statement {
    sid       = "PutAside"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.records.arn, aws_sqs_queue.batches.arn]
  }

  statement {
    sid       = "WriteItsLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function.arn}:*"] # the log streams of this one group
  }

  dynamic "statement" {
    for_each = var.embeddings_use == "titan" ? [1] : []

    content {
      sid       = "EmbedTemplates"
      actions   = ["bedrock:InvokeModel"]
      resources = [local.embedding_model]
    }
  }

  dynamic "statement" {
    for_each = distinct(compact([var.kms_key_arn, var.stream_kms_key_arn]))

    content {
      sid       = "UseTheKey${statement.key}"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role_policy" "function" {
  name   = "ingest"
  role   = aws_iam_role.function.id
  policy = data.aws_iam_policy_document.function.json
}

# Network interfaces and X-Ray segments have no names beforehand: AWS's own policies for them say "*".
resource "aws_iam_role_policy_attachment" "network" {
  count = length(var.subnet_ids) > 0 ? 1 : 0

  role       = aws_iam_role.function.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

resource "aws_iam_role_policy_attachment" "tracing" {
  count = var.tracing ? 1 : 0

  role       = aws_iam_role.function.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"
}
