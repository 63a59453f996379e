output "url" {
  description = "[opensearch] url of the settings."
  value       = local.managed ? "https://${aws_opensearch_domain.logs[0].endpoint}" : aws_opensearchserverless_collection.logs[0].collection_endpoint
}

output "service" {
  description = "[opensearch] service of the settings: what requests are signed for."
  value       = local.managed ? "es" : "aoss"
}

output "arn" {
  description = "ARN of the domain or collection."
  value       = local.managed ? aws_opensearch_domain.logs[0].arn : aws_opensearchserverless_collection.logs[0].arn
}

output "domain_name" {
  description = "Name of the domain, for alarms; null: there is none."
  value       = local.managed ? aws_opensearch_domain.logs[0].domain_name : null
}

output "reader_policy" {
  description = "IAM policy of who searches, as JSON."
  value       = data.aws_iam_policy_document.reader.json
}

output "writer_policy" {
  description = "IAM policy of who writes, as JSON."
  value       = data.aws_iam_policy_document.writer.json
}
