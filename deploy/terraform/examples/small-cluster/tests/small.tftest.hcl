provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_availability_zones.available
  values = { names = ["eu-central-1a", "eu-central-1b", "eu-central-1c"] }
}

run "two_zones_and_the_add_ons_that_pods_need" {
  command = plan

  variables {
    region        = "eu-central-1"
    allowed_cidrs = []
  }

  assert {
    condition     = keys(aws_subnet.private) == ["eu-central-1a", "eu-central-1b"]
    error_message = "A cluster takes two zones."
  }

  assert {
    condition     = contains(keys(aws_eks_addon.this), "eks-pod-identity-agent") && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "Pods can take on roles, and the API server is private unless networks are named."
  }
}

run "the_whole_internet_is_refused" {
  command = plan

  variables {
    region        = "eu-central-1"
    allowed_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.allowed_cidrs]
}
