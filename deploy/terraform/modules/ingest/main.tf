# The function that reads the stream and writes into OpenSearch: pipeline.handler.handler, from the image.

data "aws_region" "current" {}
data "aws_partition" "current" {}

locals {
  environment = merge(
    {
      KUBEWHY_OPENSEARCH__URL        = var.opensearch_url
      KUBEWHY_OPENSEARCH__AUTH       = "sigv4"
      KUBEWHY_OPENSEARCH__REGION     = data.aws_region.current.id
      KUBEWHY_OPENSEARCH__SERVICE    = var.opensearch_service
      KUBEWHY_INGEST__DEAD_LETTERS   = aws_sqs_queue.records.url
      KUBEWHY_INGEST__REGION         = data.aws_region.current.id
      KUBEWHY_EMBEDDINGS__USE        = var.embeddings_use
      KUBEWHY_EMBEDDINGS__DIMENSIONS = tostring(var.embeddings_dimensions)
      KUBEWHY_EMBEDDINGS__REGION     = coalesce(var.embeddings_region, data.aws_region.current.id)
    },
    var.environment,
  )

  embedding_model = "arn:${data.aws_partition.current.partition}:bedrock:${coalesce(var.embeddings_region, data.aws_region.current.id)}::foundation-model/amazon.titan-embed-text-v2:0"
}

# Records that no repetition will make good, each with the reason: the function itself puts them there.
resource "aws_sqs_queue" "records" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  tags                      = var.tags
}

# Batches that were tried too often or for too long: where in the stream they lie. Lambda puts them there.
resource "aws_sqs_queue" "batches" {
  name                      = "${var.name}-given-up"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
  tags                      = var.tags
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "ingest" {
  #checkov:skip=CKV_AWS_116:A dead letter queue of a function is for asynchronous calls; the mapping below has an on-failure destination
  #checkov:skip=CKV_AWS_115:The shards of the stream bound it; an account that is new has nothing to reserve
  #checkov:skip=CKV_AWS_272:Lambda signs packages, not images; the image is named by digest

  function_name                  = var.name
  description                    = "Writes logs of Kubernetes from Kinesis into OpenSearch: cleaned, redacted, joined."
  package_type                   = "Image"
  image_uri                      = var.image_uri
  architectures                  = [var.architecture]
  role                           = aws_iam_role.function.arn
  memory_size                    = var.memory_mib
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn
  tags                           = var.tags

  image_config {
    entry_point = length(var.image_entry_point) > 0 ? var.image_entry_point : null
    command     = ["pipeline.handler.handler"]
  }

  environment {
    variables = local.environment
  }

  logging_config {
    log_format = "Text" # the metrics are lines of EMF, which the JSON format would wrap
    log_group  = aws_cloudwatch_log_group.function.name
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = length(var.subnet_ids) > 0 ? [1] : []

    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = var.security_group_ids
    }
  }

  lifecycle {
    precondition {
      condition     = !(var.opensearch_service == "aoss" && var.embeddings_use != "none")
      error_message = "A collection of type SEARCH has no vectors: set embeddings_use = \"none\"."
    }
  }

  depends_on = [aws_iam_role_policy.function]
}

resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn  = var.stream_arn
  function_name     = aws_lambda_function.ingest.arn
  starting_position = "TRIM_HORIZON"
  tags              = var.tags

  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batching_seconds
  parallelization_factor             = var.parallelization

  # The function tells which records to deliver again; what raises is halved until the culprit is alone.
  function_response_types        = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error = true
  maximum_retry_attempts         = var.retry_attempts
  maximum_record_age_in_seconds  = var.record_age_seconds

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.batches.arn
    }
  }
}
