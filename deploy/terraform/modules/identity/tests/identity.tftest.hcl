provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}


override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

variables {
  cluster_name             = "production"
  stream_arn               = "arn:aws:kinesis:eu-central-1:123456789012:stream/kubewhy-logs"
  models                   = ["eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "deepseek.v3.2"]
  opensearch_reader_policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"ReadPost\",\"Effect\":\"Allow\",\"Action\":\"es:ESHttpPost\",\"Resource\":\"arn:aws:es:eu-central-1:123456789012:domain/logs/kubewhy-logs/_search\"}]}"
}

run "fluent_bit_may_put_records_into_one_stream" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role_policy.fluent_bit[0].policy).Statement == [{ Sid = "WriteLogRecords", Effect = "Allow", Action = "kinesis:PutRecords", Resource = var.stream_arn }]
    error_message = "And nothing else."
  }
}

run "kubewhy_may_invoke_named_models_and_search" {
  command = plan

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_iam_role_policy.kubewhy[0].policy).Statement : statement.Action])) == toset(["bedrock:InvokeModel", "es:ESHttpPost"])
    error_message = "And nothing else."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.kubewhy[0].policy, "*")
    error_message = "Every model is named."
  }

  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_iam_role_policy.kubewhy[0].policy).Statement : statement.Resource]), "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0")
    error_message = "A profile's model may be invoked in the regions of the profile."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.kubewhy[0].policy).Statement : try(statement.Condition.StringEquals["bedrock:InferenceProfileArn"], "") == "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0" if startswith(statement.Sid, "InvokeBehindProfile")])
    error_message = "Through the profile alone."
  }
}

run "pod_identity_trusts_the_pods_of_one_cluster" {
  command = plan

  assert {
    condition     = keys(aws_eks_pod_identity_association.pod) == ["kubewhy", "kubewhy-fluent-bit", "kubewhy-fluent-bit-events"]
    error_message = "Each ServiceAccount has its association."
  }

  assert {
    condition     = jsondecode(aws_iam_role.pod["kubewhy"].assume_role_policy).Statement[0].Condition.StringEquals["aws:RequestTag/eks-cluster-name"] == "production"
    error_message = "Pods of another cluster do not get the role."
  }
}

run "irsa_trusts_named_service_accounts" {
  command = plan

  variables {
    method            = "irsa"
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/ABC"
  }

  assert {
    condition     = toset(jsondecode(aws_iam_role.pod["fluent-bit"].assume_role_policy).Statement[0].Condition.StringEquals["oidc.eks.eu-central-1.amazonaws.com/id/ABC:sub"]) == toset(["system:serviceaccount:kubewhy:kubewhy-fluent-bit", "system:serviceaccount:kubewhy:kubewhy-fluent-bit-events"])
    error_message = "Fluent Bit's accounts, and no other."
  }

  assert {
    condition     = length(aws_eks_pod_identity_association.pod) == 0
    error_message = "There is one way at a time."
  }
}

run "irsa_needs_a_provider" {
  command = plan

  variables {
    method = "irsa"
  }

  expect_failures = [var.oidc_provider_arn]
}

run "a_cluster_may_only_ship_its_logs" {
  command = plan

  variables {
    kubewhy_service_account  = null
    models                   = []
    opensearch_reader_policy = null
  }

  assert {
    condition     = keys(aws_iam_role.pod) == ["fluent-bit"]
    error_message = "Then Kubewhy has no role in it."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    cluster_name    = "arn:aws:eks:eu-central-1:123456789012:cluster/production"
    method          = "keys"
    stream_arn      = "arn:aws:kinesis:eu-central-1:123456789012:stream/*"
    models          = ["anthropic.*"]
    profile_regions = { eu = ["*"] }
  }

  expect_failures = [var.cluster_name, var.method, var.stream_arn, var.models, var.profile_regions]
}
