output "fluent_bit_role_arn" {
  description = "Role of Fluent Bit; null: it has none here."
  value       = local.fluent_bit ? aws_iam_role.pod["fluent-bit"].arn : null
}

output "kubewhy_role_arn" {
  description = "Role of Kubewhy; null: it has none here."
  value       = local.kubewhy ? aws_iam_role.pod["kubewhy"].arn : null
}

output "service_account_annotations" {
  description = "Annotations that the ServiceAccounts need, by role: those of IRSA; none for pod identity."
  value       = { for role in local.roles : role => local.irsa ? { "eks.amazonaws.com/role-arn" = aws_iam_role.pod[role].arn } : {} }
}
