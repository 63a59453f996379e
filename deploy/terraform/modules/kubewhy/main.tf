# The two charts: Fluent Bit on every node of a cluster, and Kubewhy in one of them.

locals {
  settings = merge(
    var.settings,
    { clusters = merge({ (var.cluster_name) = { in_cluster = true } }, try(var.settings.clusters, {})) },
    var.opensearch_url == null ? {} : {
      opensearch = merge(
        { url = var.opensearch_url, auth = "sigv4", region = var.region, service = var.opensearch_service },
        try(var.settings.opensearch, {}),
      )
    },
  )
}

resource "helm_release" "fluent_bit" {
  count = var.stream_name == null ? 0 : 1

  name             = "kubewhy-fluent-bit"
  chart            = coalesce(var.fluent_bit_chart, "${path.module}/../../../fluent-bit")
  namespace        = var.namespace
  create_namespace = true
  atomic           = true
  timeout          = 600

  values = [yamlencode({
    output         = "kinesis"
    cluster        = var.cluster_name
    kinesis        = { region = coalesce(var.stream_region, var.region), stream = var.stream_name }
    serviceAccount = { annotations = lookup(var.service_account_annotations, "fluent-bit", {}) }
  }), var.fluent_bit_values]
}

resource "helm_release" "kubewhy" {
  count = var.image_repository == null ? 0 : 1

  name             = "kubewhy"
  chart            = coalesce(var.kubewhy_chart, "${path.module}/../../../helm/kubewhy")
  namespace        = var.namespace
  create_namespace = true
  atomic           = true
  timeout          = 600

  values = [yamlencode({
    image          = { repository = var.image_repository, digest = var.image_digest }
    settings       = local.settings
    slack          = { existingSecret = var.slack_secret }
    serviceAccount = { name = "kubewhy", annotations = lookup(var.service_account_annotations, "kubewhy", {}) }
  }), var.kubewhy_values]
}
