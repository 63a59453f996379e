mock_provider "helm" {}

variables {
  cluster_name = "production"
  region       = "eu-central-1"
}

run "kubewhy_reads_its_own_cluster_and_what_is_configured" {
  command = plan

  variables {
    image_repository            = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/kubewhy"
    opensearch_url              = "https://search.example"
    settings                    = { clusters = { staging = { context = "staging" } }, opensearch = { search = "logstash-*" } }
    service_account_annotations = { kubewhy = { "eks.amazonaws.com/role-arn" = "arn:aws:iam::123456789012:role/kubewhy" } }
  }

  assert {
    condition     = output.settings.clusters == { production = { in_cluster = true }, staging = { context = "staging" } }
    error_message = "Clusters that are configured come on top."
  }

  assert {
    condition     = output.settings.opensearch.auth == "sigv4" && output.settings.opensearch.search == "logstash-*"
    error_message = "So do settings of OpenSearch."
  }

  assert {
    condition     = yamldecode(helm_release.kubewhy[0].values[0]).serviceAccount.annotations["eks.amazonaws.com/role-arn"] == "arn:aws:iam::123456789012:role/kubewhy"
    error_message = "The ServiceAccount has its role."
  }

  assert {
    condition     = length(helm_release.fluent_bit) == 0
    error_message = "Without a stream nothing is shipped."
  }
}

run "a_further_cluster_ships_its_logs_alone" {
  command = plan

  variables {
    stream_name   = "kubewhy-logs"
    stream_region = "eu-west-1"
  }

  assert {
    condition     = yamldecode(helm_release.fluent_bit[0].values[0]).kinesis == { region = "eu-west-1", stream = "kubewhy-logs" }
    error_message = "Into the stream of the first."
  }

  assert {
    condition     = length(helm_release.kubewhy) == 0 && output.check == null
    error_message = "Kubewhy runs elsewhere."
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    cluster_name       = " "
    region             = "Frankfurt"
    opensearch_service = "elastic"
    image_digest       = "latest"
  }

  expect_failures = [var.cluster_name, var.region, var.opensearch_service, var.image_digest]
}
