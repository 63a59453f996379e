# The modules together, on an AWS that runs on this machine (moto): what is in it is looked at through boto3.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

variable "endpoint" {
  type = string
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "loopback"
  secret_key                  = "loopback"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    cloudwatch = var.endpoint
    iam        = var.endpoint
    kinesis    = var.endpoint
    lambda     = var.endpoint
    logs       = var.endpoint
    sqs        = var.endpoint
    sts        = var.endpoint
  }
}

# No domain: moto has none that comes to life. What module search makes is looked at in its plan.
locals {
  url    = "https://search.example"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "es:ESHttpGet", Resource = "arn:aws:es:eu-central-1:123456789012:domain/logs/" }] })
}

module "stream" {
  source = "../../../../deploy/terraform/modules/stream"

  shards = 2
  tags   = { team = "platform" }
}

module "ingest" {
  source = "../../../../deploy/terraform/modules/ingest"

  image_uri                = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/kubewhy-ingest:1"
  stream_arn               = module.stream.arn
  opensearch_url           = local.url
  opensearch_writer_policy = local.policy
  embeddings_use           = "titan"
}

module "identity" {
  source = "../../../../deploy/terraform/modules/identity"

  cluster_name             = "production"
  method                   = "irsa"
  oidc_provider_arn        = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC"
  stream_arn               = module.stream.arn
  models                   = ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "deepseek.v3.2"]
  opensearch_reader_policy = local.policy
}

module "observability" {
  source = "../../../../deploy/terraform/modules/observability"

  function_name = module.ingest.function_name
  stream_name   = module.stream.name
  queue_names   = module.ingest.queue_names
}

output "stream_arn" {
  value = module.stream.arn
}

