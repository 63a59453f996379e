# Kubewhy on an EKS cluster that exists: logs go through Kinesis and a function into OpenSearch, questions are
# answered in Slack, with models of Bedrock where the playbook is unsure.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_eks_cluster" "this" {
  name = var.cluster_name
}

data "aws_subnet" "search" {
  for_each = toset(var.search_subnet_ids)

  id = each.value
}

locals {
  tags = merge({ application = "kubewhy", "managed-by" = "terraform" }, var.tags)

  # By name, since a collection's access policy names the roles that come to it, and these its address.
  role_arn      = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role"
  function_role = "${local.role_arn}/kubewhy-ingest"
  kubewhy_role  = "${local.role_arn}/kubewhy-kubewhy-${var.cluster_name}"
  embedding     = var.embeddings_use == "titan" ? ["amazon.titan-embed-text-v2:0"] : []
}

module "stream" {
  source = "../../modules/stream"

  kms_key_arn      = var.kms_key_arn
  writer_role_arns = var.further_fluent_bit_role_arns
  tags             = local.tags
}

module "search" {
  source = "../../modules/search"

  kind                        = var.search_kind
  kms_key_arn                 = var.kms_key_arn
  instance_count              = var.search_instance_count
  subnet_ids                  = var.search_subnet_ids
  security_group_ids          = var.search_security_group_ids
  serverless_reader_role_arns = [local.kubewhy_role]
  serverless_writer_role_arns = [local.function_role]
  tags                        = local.tags
}

module "ingest" {
  source = "../../modules/ingest"

  image_uri                = var.ingest_image_uri
  architecture             = var.ingest_architecture
  stream_arn               = module.stream.arn
  stream_kms_key_arn       = module.stream.kms_key_arn
  opensearch_url           = module.search.url
  opensearch_service       = module.search.service
  opensearch_writer_policy = module.search.writer_policy
  embeddings_use           = var.embeddings_use
  subnet_ids               = var.search_subnet_ids
  security_group_ids       = var.search_security_group_ids
  kms_key_arn              = var.kms_key_arn
  tags                     = local.tags
}

module "identity" {
  source = "../../modules/identity"

  cluster_name             = var.cluster_name
  method                   = var.identity_method
  oidc_provider_arn        = var.oidc_provider_arn
  stream_arn               = module.stream.arn
  stream_kms_key_arn       = module.stream.kms_key_arn
  models                   = concat(var.models, local.embedding)
  opensearch_reader_policy = module.search.reader_policy
  tags                     = local.tags
}

module "observability" {
  source = "../../modules/observability"

  function_name = module.ingest.function_name
  stream_name   = module.stream.name
  queue_names   = module.ingest.queue_names
  domain_name   = module.search.domain_name
  topic_arns    = var.alarm_topic_arns
  tags          = local.tags
}

module "kubewhy" {
  source = "../../modules/kubewhy"

  cluster_name                = var.cluster_name
  region                      = var.region
  stream_name                 = module.stream.name
  opensearch_url              = module.search.url
  opensearch_service          = module.search.service
  image_repository            = var.image_repository
  image_digest                = var.image_digest
  service_account_annotations = module.identity.service_account_annotations

  # A domain within the network is let through by the chart's NetworkPolicy.
  kubewhy_values = length(var.search_subnet_ids) == 0 ? "{}" : yamlencode({
    networkPolicy = { private = [for subnet in data.aws_subnet.search : { cidr = subnet.cidr_block, port = 443 }] }
  })

  settings = merge({
    models = merge(
      { use = length(var.models) > 0 ? "unsettled" : "never", region = var.region, classifier = "" },
      length(var.models) > 0 ? { routes = { default = var.models } } : {},
    )
    embeddings = { use = var.embeddings_use, region = var.region }
    slack      = { channels = { for channel in var.slack_channels : channel => { clusters = [var.cluster_name] } } }
  }, var.settings)

  # Pods take on the roles when they start.
  depends_on = [module.identity, module.ingest]
}
