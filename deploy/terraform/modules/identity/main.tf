# Who Fluent Bit and Kubewhy are to AWS: roles that a Pod's ServiceAccount takes on, by EKS Pod Identity or by
# IAM roles for service accounts (IRSA). One call of this module for each cluster.

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  irsa       = var.method == "irsa"
  partition  = data.aws_partition.current.partition
  region     = coalesce(var.bedrock_region, data.aws_region.current.id)
  fluent_bit = length(var.fluent_bit_service_accounts) > 0
  kubewhy    = var.kubewhy_service_account != null
  provider   = local.irsa ? try(split("oidc-provider/", var.oidc_provider_arn)[1], "") : ""

  # A model that is reached through an inference profile (us.anthropic...) is invoked in the regions of that
  # profile, and may be invoked there through the profile alone.
  profiles = { for id in var.models : id => split(".", id)[0] if contains(keys(var.profile_regions), split(".", id)[0]) }
  plain    = [for id in var.models : id if !contains(keys(local.profiles), id)]

  plain_arns   = [for id in local.plain : "arn:${local.partition}:bedrock:${local.region}::foundation-model/${id}"]
  profile_arns = { for id in keys(local.profiles) : id => "arn:${local.partition}:bedrock:${local.region}:${data.aws_caller_identity.current.account_id}:inference-profile/${id}" }
  behind_arns = {
    for id, prefix in local.profiles : id => [
      for region in distinct(concat(var.profile_regions[prefix], [local.region])) : "arn:${local.partition}:bedrock:${region}::foundation-model/${trimprefix(id, "${prefix}.")}"
    ]
  }

  accounts = merge(
    { for account in var.fluent_bit_service_accounts : account => "fluent-bit" },
    local.kubewhy ? { (var.kubewhy_service_account) = "kubewhy" } : {},
  )
  roles = toset(values(local.accounts))
}

data "aws_iam_policy_document" "assume" {
  for_each = local.roles

  statement {
    actions = local.irsa ? ["sts:AssumeRoleWithWebIdentity"] : ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = local.irsa ? "Federated" : "Service"
      identifiers = [local.irsa ? var.oidc_provider_arn : "pods.eks.amazonaws.com"]
    }

    dynamic "condition" {
      for_each = local.irsa ? {
        sub = [for account, role in local.accounts : "system:serviceaccount:${var.namespace}:${account}" if role == each.key]
        aud = ["sts.amazonaws.com"]
      } : {}

      content {
        test     = "StringEquals"
        variable = "${local.provider}:${condition.key}"
        values   = condition.value
      }
    }

    # Only Pods of this cluster, wherever else the role's name is known.
    dynamic "condition" {
      for_each = local.irsa ? [] : [1]

      content {
        test     = "StringEquals"
        variable = "aws:RequestTag/eks-cluster-name"
        values   = [var.cluster_name]
      }
    }
  }
}

resource "aws_iam_role" "pod" {
  for_each = local.roles

  name                 = "${var.name_prefix}${each.key}-${var.cluster_name}"
  description          = "${each.key} of Kubewhy in cluster ${var.cluster_name}."
  assume_role_policy   = data.aws_iam_policy_document.assume[each.key].json
  permissions_boundary = var.permissions_boundary_arn
  tags                 = var.tags

  lifecycle {
    precondition {
      condition     = !local.fluent_bit || var.stream_arn != null
      error_message = "Fluent Bit writes to a stream: set stream_arn, or fluent_bit_service_accounts = []."
    }
  }
}

resource "aws_eks_pod_identity_association" "pod" {
  for_each = local.irsa ? {} : local.accounts

  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = each.key
  role_arn        = aws_iam_role.pod[each.value].arn
  tags            = var.tags
}
