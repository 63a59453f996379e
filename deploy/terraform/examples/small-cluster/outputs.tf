output "cluster_name" {
  description = "What examples/eks takes as cluster_name."
  value       = aws_eks_cluster.this.name
}

output "kubeconfig" {
  description = "The command that makes kubectl speak to it."
  value       = "aws eks update-kubeconfig --name ${aws_eks_cluster.this.name} --region ${var.region}"
}
