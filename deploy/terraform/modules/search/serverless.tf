# A collection of type SEARCH: it takes documents under ids of ours, which is what makes a line that is delivered
# twice one line. It has no vectors: set embeddings_use = "none". Old indices are deleted by a lifecycle policy.

resource "aws_opensearchserverless_security_policy" "encryption" {
  count = local.managed ? 0 : 1

  name = var.name
  type = "encryption"
  policy = jsonencode({ for key, value in {
    Rules       = [{ ResourceType = "collection", Resource = ["collection/${var.name}"] }]
    AWSOwnedKey = var.kms_key_arn == null
    KmsARN      = var.kms_key_arn
  } : key => value if value != null })
}

resource "aws_opensearchserverless_security_policy" "network" {
  count = local.managed ? 0 : 1

  name = var.name
  type = "network"
  policy = jsonencode([
    { for key, value in {
      Rules           = [{ ResourceType = "collection", Resource = ["collection/${var.name}"] }]
      AllowFromPublic = length(var.vpc_endpoint_ids) == 0
      SourceVPCEs     = length(var.vpc_endpoint_ids) > 0 ? var.vpc_endpoint_ids : null
    } : key => value if value != null }
  ])
}

resource "aws_opensearchserverless_access_policy" "data" {
  count = local.managed ? 0 : 1

  name = var.name
  type = "data"
  policy = jsonencode([
    for who in [
      {
        roles      = var.serverless_reader_role_arns
        collection = ["aoss:DescribeCollectionItems"]
        index      = ["aoss:DescribeIndex", "aoss:ReadDocument"]
      },
      {
        roles      = var.serverless_writer_role_arns
        collection = ["aoss:CreateCollectionItems", "aoss:DescribeCollectionItems", "aoss:UpdateCollectionItems"]
        index      = ["aoss:CreateIndex", "aoss:DescribeIndex", "aoss:ReadDocument", "aoss:UpdateIndex", "aoss:WriteDocument"]
      },
      ] : {
      Rules = [
        { ResourceType = "collection", Resource = ["collection/${var.name}"], Permission = who.collection },
        # Indices are named after services and dates: none of them is known beforehand.
        { ResourceType = "index", Resource = ["index/${var.name}/*"], Permission = who.index },
      ]
      Principal = who.roles
    } if length(who.roles) > 0
  ])
}

resource "aws_opensearchserverless_lifecycle_policy" "retention" {
  count = local.managed ? 0 : 1

  name = var.name
  type = "retention"
  policy = jsonencode({
    Rules = [{ ResourceType = "index", Resource = ["index/${var.name}/*"], MinIndexRetention = "${var.retention_days}d" }]
  })
}

resource "aws_opensearchserverless_collection" "logs" {
  count = local.managed ? 0 : 1

  name             = var.name
  type             = "SEARCH"
  standby_replicas = var.standby_replicas ? "ENABLED" : "DISABLED"
  tags             = var.tags

  depends_on = [aws_opensearchserverless_security_policy.encryption]
}
