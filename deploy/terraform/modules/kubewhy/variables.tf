variable "cluster_name" {
  description = "The name that the cluster has in Kubewhy: in questions, and in the lines that Fluent Bit ships."
  type        = string

  validation {
    condition     = length(trimspace(var.cluster_name)) > 0
    error_message = "cluster_name is not empty: lines of several clusters are told apart by it."
  }
}

variable "region" {
  description = "AWS region of OpenSearch and Bedrock."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region is one such as eu-central-1."
  }
}

variable "namespace" {
  description = "Namespace of both; it is made if it does not exist."
  type        = string
  default     = "kubewhy"
}

variable "stream_name" {
  description = "Stream that Fluent Bit writes to; null: it is not installed."
  type        = string
  default     = null
}

variable "stream_region" {
  description = "Region of that stream; null: `region`."
  type        = string
  default     = null
}

variable "opensearch_url" {
  description = "[opensearch] url, for signed requests; null: Kubewhy reads the clusters' own logs."
  type        = string
  default     = null
}

variable "opensearch_service" {
  description = "[opensearch] service: es or aoss."
  type        = string
  default     = "es"

  validation {
    condition     = contains(["es", "aoss"], var.opensearch_service)
    error_message = "opensearch_service is es or aoss."
  }
}

variable "image_repository" {
  description = "Image of the app; null: Kubewhy is not installed in this cluster, which only ships its logs."
  type        = string
  default     = null
}

variable "image_digest" {
  description = "Digest of the image (sha256:...); empty: the chart's tag."
  type        = string
  default     = ""

  validation {
    condition     = var.image_digest == "" || can(regex("^sha256:[0-9a-f]{64}$", var.image_digest))
    error_message = "image_digest is sha256: and 64 digits."
  }
}

variable "slack_secret" {
  description = "Name of the Secret with the keys bot-token and app-token, in `namespace`. Terraform never sees the tokens."
  type        = string
  default     = "kubewhy-slack"
}

variable "settings" {
  description = "kubewhy.toml as an object: who may ask in Slack, which models are asked. See docs/configuration.md."
  type        = any
  default     = {}
}

variable "service_account_annotations" {
  description = "Annotations of the ServiceAccounts: the output of that name of module identity."
  type        = map(map(string))
  default     = {}
}

variable "fluent_bit_values" {
  description = "More values of Fluent Bit's chart, as YAML."
  type        = string
  default     = "{}"
}

variable "kubewhy_values" {
  description = "More values of Kubewhy's chart, as YAML."
  type        = string
  default     = "{}"
}

variable "fluent_bit_chart" {
  description = "Another place of Fluent Bit's chart; null: deploy/fluent-bit of this repository."
  type        = string
  default     = null
}

variable "kubewhy_chart" {
  description = "Another place of Kubewhy's chart; null: deploy/helm/kubewhy of this repository."
  type        = string
  default     = null
}
