output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.ingest.function_name
}

output "role_arn" {
  description = "Role of the function."
  value       = aws_iam_role.function.arn
}

output "dead_letters_url" {
  description = "Queue of records that cannot be used, each with the reason."
  value       = aws_sqs_queue.records.url
}

output "queue_names" {
  description = "Names of the queues that should stay empty."
  value       = { records = aws_sqs_queue.records.name, batches = aws_sqs_queue.batches.name }
}
