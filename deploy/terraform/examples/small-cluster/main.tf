# A small EKS cluster to try Kubewhy on: two nodes in private subnets of two zones, one NAT gateway, the add-ons
# that Pods need, and the one that gives them roles. Then apply examples/eks with its name.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge({ application = "kubewhy", "managed-by" = "terraform" }, var.tags)
  }
}

data "aws_partition" "current" {}

resource "aws_eks_cluster" "this" {
  name                      = var.name
  version                   = var.kubernetes_version
  role_arn                  = aws_iam_role.control_plane.arn
  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]

  vpc_config {
    subnet_ids              = [for subnet in aws_subnet.private : subnet.id]
    endpoint_private_access = true
    endpoint_public_access  = length(var.allowed_cidrs) > 0
    public_access_cidrs     = length(var.allowed_cidrs) > 0 ? var.allowed_cidrs : null
  }

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = true
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.secrets.arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.control_plane]
}

resource "aws_kms_key" "secrets" {
  #checkov:skip=CKV2_AWS_64:Without a policy, the account's own IAM decides who may use it

  description         = "Secrets of the cluster ${var.name}."
  enable_key_rotation = true
}

resource "aws_eks_node_group" "this" {
  cluster_name    = aws_eks_cluster.this.name
  node_group_name = "default"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for subnet in aws_subnet.private : subnet.id]
  instance_types  = [var.instance_type]
  ami_type        = var.ami_type

  scaling_config {
    min_size     = 1
    desired_size = var.nodes
    max_size     = var.nodes + 1
  }

  depends_on = [aws_iam_role_policy_attachment.node, aws_route.out]
}

resource "aws_eks_addon" "this" {
  for_each = toset(["vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "metrics-server"])

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  resolve_conflicts_on_update = "OVERWRITE"

  # It enforces NetworkPolicies, which both charts bring.
  configuration_values = each.key == "vpc-cni" ? jsonencode({ enableNetworkPolicy = "true" }) : null

  depends_on = [aws_eks_node_group.this]
}
