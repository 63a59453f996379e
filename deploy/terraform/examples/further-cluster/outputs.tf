output "fluent_bit_role_arn" {
  description = "Role of Fluent Bit here."
  value       = module.identity.fluent_bit_role_arn
}
