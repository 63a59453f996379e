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

variables {
  function_name = "kubewhy-ingest"
  stream_name   = "kubewhy-logs"
  queue_names   = { records = "kubewhy-ingest-dead-letters", batches = "kubewhy-ingest-given-up" }
}

run "what_is_late_or_lost_is_told" {
  command = plan

  variables {
    topic_arns = ["arn:aws:sns:eu-central-1:123456789012:on-call"]
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.logs["iterator-age"].threshold == 600000
    error_message = "The age of the iterator is in milliseconds."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.logs : alarm.alarm_actions == toset(["arn:aws:sns:eu-central-1:123456789012:on-call"])])
    error_message = "Every alarm is told."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.silence.treat_missing_data == "breaching"
    error_message = "A stream that nobody writes to has no numbers."
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.logs), "domain-red")
    error_message = "Without a domain none is watched."
  }
}

run "a_domain_is_watched" {
  command = plan

  variables {
    domain_name = "kubewhy-logs"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.logs["domain-red"].dimensions == tomap({ DomainName = "kubewhy-logs", ClientId = "123456789012" })
    error_message = "OpenSearch counts by domain and account."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    lag_minutes = 0
    topic_arns  = ["on-call@example.com"]
  }

  expect_failures = [var.lag_minutes, var.topic_arns]
}
