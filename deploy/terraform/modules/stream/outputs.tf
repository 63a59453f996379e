output "name" {
  description = "Name of the stream."
  value       = aws_kinesis_stream.logs.name
}

output "arn" {
  description = "ARN of the stream."
  value       = aws_kinesis_stream.logs.arn
}

output "kms_key_arn" {
  description = "The key of your own that encrypts it; null: that of AWS."
  value       = var.kms_key_arn
}
