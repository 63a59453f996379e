provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  image_uri                = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/kubewhy-ingest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  stream_arn               = "arn:aws:kinesis:eu-central-1:123456789012:stream/kubewhy-logs"
  opensearch_url           = "https://search-logs.eu-central-1.es.amazonaws.com"
  opensearch_writer_policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
}

run "no_batch_is_lost_and_none_stops_a_shard" {
  command = plan

  assert {
    condition     = aws_lambda_event_source_mapping.stream.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "The function's answer about single records counts."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.stream.bisect_batch_on_function_error && aws_lambda_event_source_mapping.stream.maximum_retry_attempts == 1000
    error_message = "Batches are halved, and given up in the end."
  }

  assert {
    condition     = aws_sqs_queue.batches.sqs_managed_sse_enabled && aws_sqs_queue.records.message_retention_seconds == 1209600
    error_message = "Queues are encrypted and keep their letters for two weeks."
  }
}

run "the_function_runs_the_handler" {
  command = plan

  assert {
    condition     = aws_lambda_function.ingest.image_config[0].command == tolist(["pipeline.handler.handler"])
    error_message = "The image serves the app too: the command names the handler."
  }
}

run "vectors_do_not_fit_into_a_collection" {
  command = plan

  variables {
    opensearch_service = "aoss"
    embeddings_use     = "titan"
  }

  expect_failures = [aws_lambda_function.ingest]
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    image_uri            = "docker.io/kubewhy:latest"
    opensearch_url       = "http://plain"
    retry_attempts       = -1
    reserved_concurrency = 0
    batch_size           = 20000
    environment          = { AWS_REGION = "elsewhere" }
  }

  expect_failures = [var.image_uri, var.opensearch_url, var.retry_attempts, var.reserved_concurrency, var.batch_size, var.environment]
}
