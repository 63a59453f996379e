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
  target = module.identity.data.aws_caller_identity.current
  values = { account_id = "210987654321" }
}

run "it_ships_its_logs_into_the_stream_of_the_first" {
  command = plan

  variables {
    region       = "eu-west-1"
    cluster_name = "staging"
    stream_arn   = "arn:aws:kinesis:eu-central-1:123456789012:stream/kubewhy-logs"
  }

  assert {
    condition     = local.stream[3] == "eu-central-1" && trimprefix(local.stream[5], "stream/") == "kubewhy-logs"
    error_message = "The stream's region and name are in its ARN."
  }
}
