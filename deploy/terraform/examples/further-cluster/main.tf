# One more cluster, in this or another account or region: it only ships its logs into the stream of the first.
# Where that is in another account, name the output `fluent_bit_role_arn` in its further_fluent_bit_role_arns.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
    helm = {
      source  = "hashicorp/helm"
      version = ">= 3.0, < 4.0"
    }
  }
}

provider "aws" {
  region = var.region
}

provider "helm" {
  kubernetes = {
    host                   = data.aws_eks_cluster.this.endpoint
    cluster_ca_certificate = base64decode(data.aws_eks_cluster.this.certificate_authority[0].data)

    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", var.cluster_name, "--region", var.region]
    }
  }
}

data "aws_eks_cluster" "this" {
  name = var.cluster_name
}

locals {
  stream = split(":", var.stream_arn)
  tags   = merge({ application = "kubewhy", "managed-by" = "terraform" }, var.tags)
}

module "identity" {
  source = "../../modules/identity"

  cluster_name            = var.cluster_name
  stream_arn              = var.stream_arn
  stream_kms_key_arn      = var.stream_kms_key_arn
  kubewhy_service_account = null
  tags                    = local.tags
}

module "kubewhy" {
  source = "../../modules/kubewhy"

  cluster_name                = var.cluster_name
  region                      = var.region
  stream_region               = local.stream[3]
  stream_name                 = trimprefix(local.stream[5], "stream/")
  service_account_annotations = module.identity.service_account_annotations

  depends_on = [module.identity]
}
