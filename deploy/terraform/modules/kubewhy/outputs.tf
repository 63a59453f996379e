output "settings" {
  description = "kubewhy.toml, as the app gets it."
  value       = local.settings
}

output "check" {
  description = "The command that checks it all."
  value       = var.image_repository == null ? null : "kubectl exec -n ${var.namespace} deploy/kubewhy -- kubewhy doctor"
}
