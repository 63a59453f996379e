# Alarms that mean that lines are late or lost. The names under namespace Kubewhy are those that the function
# counts; a test compares them with its code.

locals {
  function = { FunctionName = var.function_name }
  counted  = { service = "kubewhy-ingest" }

  alarms = merge(
    {
      iterator-age = {
        says      = "The function is behind: the oldest record that it reads is older than ${var.lag_minutes} min. OpenSearch is slow or down, or there is more than it can take."
        namespace = "AWS/Lambda", metric = "IteratorAge", dimensions = local.function
        statistic = "Maximum", threshold = var.lag_minutes * 60000, periods = 3
      }
      function-errors = {
        says      = "The function fails as a whole: it cannot start, reach OpenSearch or use its settings. See its log."
        namespace = "AWS/Lambda", metric = "Errors", dimensions = local.function
        statistic = "Sum", threshold = 0, periods = 3
      }
      function-throttles = {
        says      = "The function is not let run as often as it has to: raise reserved_concurrency or the account's limit."
        namespace = "AWS/Lambda", metric = "Throttles", dimensions = local.function
        statistic = "Sum", threshold = 0, periods = 3
      }
      stream-throttles = {
        says      = "Fluent Bit writes more than the stream takes: it buffers on the nodes. Give the stream more shards."
        namespace = "AWS/Kinesis", metric = "WriteProvisionedThroughputExceeded", dimensions = { StreamName = var.stream_name }
        statistic = "Sum", threshold = 0, periods = 3
      }
      given-up = {
        says      = "Batches were given up: their place in the stream is in the queue, and they are lost once it forgets them."
        namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = var.queue_names.batches }
        statistic = "Maximum", threshold = 0, periods = 1
      }
      dead-letters = {
        says      = "Records cannot be used: the queue holds each with the reason. Often a producer that writes no JSON."
        namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = var.queue_names.records }
        statistic = "Maximum", threshold = 0, periods = 1
      }
      dead-letter-errors = {
        says      = "Records that cannot be used could not be put aside: they hold up the stream."
        namespace = "Kubewhy", metric = "DeadLetterErrors", dimensions = local.counted
        statistic = "Sum", threshold = 0, periods = 1
      }
      redelivered = {
        says      = "OpenSearch does not take lines: records are delivered again and again."
        namespace = "Kubewhy", metric = "DeliveriesFailed", dimensions = local.counted
        statistic = "Sum", threshold = 0, periods = 3
      }
      embedding-errors = {
        says      = "Templates get no vectors: Bedrock refuses or is down. Logs are found by words meanwhile."
        namespace = "Kubewhy", metric = "EmbeddingErrors", dimensions = local.counted
        statistic = "Sum", threshold = 0, periods = 3
      }
    },
    var.domain_name == null ? {} : {
      domain-red = {
        says      = "OpenSearch has lost a primary shard: part of the logs can neither be written nor searched."
        namespace = "AWS/ES", metric = "ClusterStatus.red", dimensions = local.domain
        statistic = "Maximum", threshold = 0, periods = 1
      }
      domain-writes-blocked = {
        says      = "OpenSearch takes no writes, most often for want of disk: raise volume_gib or shorten the retention."
        namespace = "AWS/ES", metric = "ClusterIndexWritesBlocked", dimensions = local.domain
        statistic = "Maximum", threshold = 0, periods = 1
      }
    },
  )

  domain = { DomainName = coalesce(var.domain_name, "none"), ClientId = data.aws_caller_identity.current.account_id }
}

data "aws_caller_identity" "current" {}

resource "aws_cloudwatch_metric_alarm" "logs" {
  for_each = local.alarms

  alarm_name          = "${var.name_prefix}${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching" # nothing is counted where nothing is wrong
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
  tags                = var.tags
}

# Nothing at all arrives: no error is counted then, so it is told by what is missing.
resource "aws_cloudwatch_metric_alarm" "silence" {
  alarm_name          = "${var.name_prefix}silence"
  alarm_description   = "No record arrives in the stream: Fluent Bit does not run, may not write, or cannot reach Kinesis."
  namespace           = "AWS/Kinesis"
  metric_name         = "IncomingRecords"
  dimensions          = { StreamName = var.stream_name }
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "breaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
  tags                = var.tags
}
