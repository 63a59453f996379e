mock_provider "helm" {}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_eks_cluster.this
  values = {
    endpoint              = "https://0123.gr7.eu-central-1.eks.amazonaws.com"
    certificate_authority = [{ data = "bm9uZQ==" }]
  }
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.search.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.identity.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.observability.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_subnet.search
  values = { cidr_block = "10.0.8.0/24" }
}

variables {
  region           = "eu-central-1"
  cluster_name     = "production"
  image_repository = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/kubewhy"
  ingest_image_uri = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/kubewhy-ingest:0.1.0"
  slack_channels   = ["C0123456789"]
}

run "without_an_account_everything_can_be_planned" {
  command = plan

  variables {
    models         = ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0"]
    embeddings_use = "titan"
  }

  assert {
    condition     = output.check == "kubectl exec -n kubewhy deploy/kubewhy -- kubewhy doctor"
    error_message = "The command that checks it is told."
  }
}

run "a_collection_and_a_key_of_ones_own" {
  command = plan

  variables {
    search_kind                  = "serverless"
    kms_key_arn                  = "arn:aws:kms:eu-central-1:123456789012:key/0f2c"
    further_fluent_bit_role_arns = ["arn:aws:iam::210987654321:role/kubewhy-fluent-bit-staging"]
  }
}

run "a_domain_within_the_network" {
  command = plan

  variables {
    search_subnet_ids         = ["subnet-1", "subnet-2", "subnet-3"]
    search_security_group_ids = ["sg-1"]
    identity_method           = "irsa"
    oidc_provider_arn         = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC"
  }
}

run "somebody_has_to_be_let_ask" {
  command = plan

  variables {
    slack_channels = []
  }

  expect_failures = [var.slack_channels]
}
