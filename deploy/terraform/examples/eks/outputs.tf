output "check" {
  description = "The command that checks it all."
  value       = module.kubewhy.check
}

output "stream_arn" {
  description = "What further clusters write to."
  value       = module.stream.arn
}

output "opensearch_url" {
  description = "Where the logs are."
  value       = module.search.url
}

output "dead_letters_url" {
  description = "Queue of the records that cannot be used."
  value       = module.ingest.dead_letters_url
}
