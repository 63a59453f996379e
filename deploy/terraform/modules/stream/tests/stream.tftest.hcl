provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}


run "on_demand_with_the_key_of_aws" {
  command = plan

  assert {
    condition     = aws_kinesis_stream.logs.stream_mode_details[0].stream_mode == "ON_DEMAND" && aws_kinesis_stream.logs.shard_count == null
    error_message = "Without shards the stream scales by itself."
  }

  assert {
    condition     = aws_kinesis_stream.logs.encryption_type == "KMS" && aws_kinesis_stream.logs.kms_key_id == "alias/aws/kinesis"
    error_message = "It is always encrypted."
  }

  assert {
    condition     = length(aws_kinesis_resource_policy.writers) == 0
    error_message = "Nobody of another account may write unless named."
  }
}

run "shards_and_writers_of_another_account" {
  command = plan

  variables {
    shards           = 4
    kms_key_arn      = "arn:aws:kms:eu-central-1:123456789012:key/0f2c"
    writer_role_arns = ["arn:aws:iam::210987654321:role/kubewhy-fluent-bit-staging"]
  }

  assert {
    condition     = aws_kinesis_stream.logs.stream_mode_details[0].stream_mode == "PROVISIONED" && aws_kinesis_stream.logs.shard_count == 4
    error_message = "With shards it has as many."
  }

  assert {
    condition     = data.aws_iam_policy_document.writers[0].statement[0].actions == toset(["kinesis:PutRecords"])
    error_message = "Who writes from another account may put records, and nothing else."
  }
}

run "writers_of_another_account_need_a_key_that_they_can_use" {
  command = plan

  variables {
    writer_role_arns = ["arn:aws:iam::210987654321:role/kubewhy-fluent-bit-staging"]
  }

  expect_failures = [aws_kinesis_resource_policy.writers]
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    name             = "logs of all"
    shards           = 1.5
    retention_hours  = 1
    kms_key_arn      = "alias/mine"
    writer_role_arns = ["*"]
  }

  expect_failures = [var.name, var.shards, var.retention_hours, var.kms_key_arn, var.writer_role_arns]
}
